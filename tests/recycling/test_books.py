"""Differences are answered for; parts, stock and the fund's sums are held against the book."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed
from huanxin.recycling import models
from huanxin.recycling.errors import (
    CaseClosed,
    CaseNotFound,
    ClaimNotReady,
    MaterialMassInvalid,
    PartsNotMade,
    StockNeedsReason,
    UnitHeld,
)
from huanxin.recycling.selectors import case_book, floor_book, plant_book
from huanxin.recycling.services import clearing, counting, dismantling
from huanxin.recycling.types.cases import CaseState, Outcome
from huanxin.recycling.types.depot import LotReceipt, WeighIn
from huanxin.recycling.types.floor import MaterialOut, NewRun, PartCount, StockCount
from tests import given, given_recycling
from tests.recycling.test_sorting import stocked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]
JUNE = date(2026, 6, 1)
JULY = clock.moment(date(2026, 7, 2), 9)


@pytest.fixture
def here():
    return given_recycling.city()


def gate(here, codes, *scans):
    lot = given_recycling.shipped(here, codes)
    return dismantling.receive_lots(
        actor=here.clerk, receipts=[LotReceipt(lot.id, tuple(scans))], request_id=uuid4()
    )[0]


def on_floor(here, count=2):
    codes = stocked(here, count)
    gate(here, codes, *(WeighIn(code, 62_700) for code in codes))
    return codes


def run(here, codes, *, compressors=None):
    run = given_recycling.run(here, codes)
    parts = () if compressors is None else (PartCount("compressor", compressors),)
    return dismantling.dismantle(
        actor=here.clerk, request_id=uuid4(),
        runs=[NewRun(run.dismantler_org_id, tuple(codes), run.outputs, parts)],
    )[0]  # fmt: skip


def speak(actor, case, said="装车时清点有误，正在核对。"):
    return clearing.speak_in_case(actor=actor, case_id=case.id, said=said, request_id=uuid4())


def resolve(actor, case, outcome=Outcome.EXPLAINED):
    return clearing.resolve_case(
        actor=actor, case_id=case.id, outcome=outcome, said="说明成立。", request_id=uuid4()
    )


def test_every_difference_at_the_gate_is_a_case_with_owner_finder_and_deadline(here):
    first, second, stranger = stocked(here, 3)
    gate(here, (first, second), WeighIn(first, 50_000), WeighIn(stranger, 62_700))
    cases = {one.unit_code: one for one in case_book.list_cases(here.clerk.scope).items}
    assert {code: one.kind.value for code, one in cases.items()} == {
        first: "weight_off", second: "missing", stranger: "extra",
    }  # fmt: skip
    one = cases[second]
    assert (one.owner_org_id, one.finder_org_id) == (here.recycler_id, here.dismantler_id)
    assert (one.deadline_at - one.opened_at) == timedelta(days=5)
    with clock.standing_at(one.deadline_at + timedelta(hours=1)):
        assert case_book.list_cases(here.manager.scope, is_overdue=True).total >= 1


def test_the_sender_answers_and_only_the_finder_ends_it(here):
    first, _second = codes = stocked(here, 2)
    gate(here, codes, WeighIn(first, 62_700))
    [case] = case_book.list_cases(here.manager.scope).items
    stranger = given.staff(Role.RECYCLER_MANAGER, org_id=given.organisation(OrgKind.RECYCLER))
    with pytest.raises(CaseNotFound):
        speak(stranger, case)
    assert speak(here.manager, case).state is CaseState.ANSWERED
    with pytest.raises(NotAllowed):
        resolve(here.manager, case, Outcome.LOST)
    done = resolve(here.clerk, case, Outcome.LOST)
    assert (done.state, done.outcome, len(done.words)) == (CaseState.RESOLVED, Outcome.LOST, 2)
    for act in (speak, resolve):
        with pytest.raises(CaseClosed):
            act(here.clerk, case)


def test_a_thing_under_another_things_label_waits_for_its_case(here):
    [code] = stocked(here, 1)
    gate(here, [code], WeighIn(code, 62_700, seen_class="02"))
    [case] = case_book.list_cases(here.clerk.scope).items
    assert (case.kind.value, case.class_code) == ("swapped", "02")
    with pytest.raises(UnitHeld):
        run(here, [code])
    assert not models.Run.objects.exists()
    resolve(here.clerk, case, Outcome.CORRECTED)
    assert models.Unit.objects.get(unit_code=code).waste_class_code == "02"


def test_parts_that_lack_are_a_case_and_more_than_there_can_be_is_refused(here):
    codes = on_floor(here, 3)
    with pytest.raises(PartsNotMade):
        run(here, codes, compressors=4)
    assert not models.Run.objects.exists()
    card = run(here, codes, compressors=1)
    assert [(p.part_code, p.expected, p.found, p.is_off) for p in card.parts] == [
        ("compressor", 3, 1, True)
    ]
    [case] = case_book.list_cases(here.clerk.scope).items
    assert (case.kind.value, case.expected, case.found) == ("parts", 3, 1)
    with pytest.raises(NotAllowed):  # nobody ends the case of his own books
        resolve(here.clerk, case)
    assert resolve(given.system(), case).state is CaseState.RESOLVED


def test_one_unit_may_come_without_its_part(here):
    assert not run(here, on_floor(here, 2), compressors=1).parts[0].is_off
    assert not models.Case.objects.exists()


def test_the_database_refuses_more_parts_even_when_the_rule_is_off(here):
    run(here, on_floor(here, 2), compressors=2)
    row = models.RunPart.objects.get()
    new = models.RunPart(run=row.run, part_code="x", name="x", expected=2, found=3, is_off=True)
    with pytest.raises(IntegrityError, match="run_part_is_not_made"), transaction.atomic():
        new.save(force_insert=True)
    drop("recycling_runpart", "run_part_is_not_made")  # the control
    new.save(force_insert=True)


def test_negative_mass_is_refused_and_nothing_is_written(here):
    codes = on_floor(here, 1)
    outputs = (MaterialOut("iron", 63_000), MaterialOut("copper", -300))
    with pytest.raises(MaterialMassInvalid):
        dismantling.dismantle(
            actor=here.clerk, runs=[NewRun(here.dismantler_id, tuple(codes), outputs)],
            request_id=uuid4(),
        )  # fmt: skip
    assert not models.Run.objects.exists()


def count(here, *counts, request_id=None):
    return counting.count_stock(
        actor=here.clerk, dismantler_org_id=here.dismantler_id, counts=counts,
        request_id=request_id or uuid4(),
    )  # fmt: skip


def test_a_count_opens_the_next_one_and_differences_are_explained_or_become_cases(here):
    first, *_rest = codes = on_floor(here, 3)
    run(here, [first])
    [line] = plant_book.list_book_stock(here.clerk.scope)
    assert (line.opening_count, line.in_count, line.out_count, line.book_count) == (0, 3, 1, 2)
    with pytest.raises(StockNeedsReason):
        count(here, StockCount("01", 1, 62_700))
    assert not models.StockTake.objects.exists()
    count(here, StockCount("01", 1, 62_700, explanation="一台待退回"))
    [line] = plant_book.list_book_stock(here.clerk.scope)
    assert (line.opening_count, line.in_count, line.out_count, line.book_count) == (1, 0, 0, 1)
    card = count(here, StockCount("01", 2, 125_400, is_case=True))
    assert card.lines[0].case_number
    case = models.Case.objects.get()
    assert (case.kind, case.expected, case.found, codes[0] != "") == ("stock", 1, 2, True)


def test_an_uncounted_class_counts_as_empty_and_needs_a_reason(here):
    on_floor(here, 1)
    with pytest.raises(StockNeedsReason) as refusal:
        count(here)
    assert refusal.value.facts["counted_count"] == 0


def test_the_fund_owes_each_certified_unit_once_at_its_rate(here):
    run(here, on_floor(here, 3))
    [line] = plant_book.list_fund_lines(here.clerk.scope, month=JUNE)
    assert (line.unit_count, line.rate_fen, line.total_fen) == (3, 55_00, 165_00)
    units = plant_book.list_fund_units(here.clerk.scope, month=JUNE)
    certificate = floor_book.list_certificates(here.clerk.scope).items[0]
    assert {one.certificate_no for one in units} == {certificate.number}
    assert sum(one.rate_fen for one in units) == line.total_fen
    with pytest.raises(ClaimNotReady, match="还没有结束"):
        claim(here)
    with clock.standing_at(JULY):
        request_id = uuid4()
        card = claim(here, request_id)
        assert claim(here, request_id) == card
        assert (card.unit_count, card.total_fen) == (3, 165_00)
        with pytest.raises(ClaimNotReady, match="已经申报过"):
            claim(here)
    row = models.FundClaimUnit.objects.first()
    again = models.FundClaimUnit(
        claim=row.claim, run_unit_id=row.run_unit_id, class_code="01", rate_fen=1
    )
    with pytest.raises(IntegrityError, match="run_unit_id"), transaction.atomic():
        again.save(force_insert=True)


def test_open_cases_of_the_own_books_hold_the_claim(here):
    run(here, on_floor(here, 3), compressors=0)
    with clock.standing_at(JULY), pytest.raises(ClaimNotReady, match="没有办结"):
        claim(here)
    assert not models.FundClaim.objects.exists()


def test_coefficients_show_what_came_out_beside_the_published_share(here):
    run(here, on_floor(here, 2))
    lines = plant_book.list_coefficients(here.clerk.scope, month=JUNE)
    assert sum(one.expected_g for one in lines) == sum(one.found_g for one in lines) == 125_400
    assert not any(one.is_off for one in lines)
    assert all(one.source for one in lines)


def claim(here, request_id=None):
    return counting.claim_fund(
        actor=here.clerk, dismantler_org_id=here.dismantler_id, month=JUNE,
        request_id=request_id or uuid4(),
    )  # fmt: skip


def drop(table, constraint):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
