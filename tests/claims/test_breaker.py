"""A check gone wrong neither stops a city nor lets money out; a muted one says who muted it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.claims import models, selectors
from huanxin.claims.errors import WaiverInvalid, WaiverOver
from huanxin.claims.services import deciding, releasing, watching
from huanxin.claims.types import ClaimStage, Outcome, VerifyStatus
from huanxin.claims.types.desk import NewWaiver, StopKind, StopOutcome, WaiverSubject
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from tests import given, given_claims, given_desk_terms, given_vouchers

pytestmark = pytest.mark.django_db
NOW = given_claims.SOLD_AT + timedelta(hours=7)
CAP = {"*": {"count": 2, "share_bps": 10_000, "least": 2}}
AMOUNT = {"invoice__invoice_total_fen": 1}  # check amount_differs holds it


def handed_in(*changes):
    """Claims of as many shops with their papers in, waiting for the checks."""
    pool_id, gtin = given_vouchers.pool(quantity=len(changes)), given_claims.model()
    receipts = []
    for change in changes:
        till = given_claims.till(pool_id=pool_id, gtin=gtin)
        receipt = till.sell()
        given_claims.submit(till, receipt, **change)
        receipts.append(receipt)
    return receipts


def cards(receipts):
    return [given_claims.claim_of(one.sale_id).card for one in receipts]


def stages(receipts):
    return sorted(card.stage.value for card in cards(receipts))


def release(receipts):
    with clock.standing_at(NOW):
        ids = [card.claim_id for card in cards(receipts)]
        return len(releasing.release_claims(actor=given.system(), claim_ids=ids))


def tripped(count: int = 4):
    given_desk_terms.published(breaker=CAP)
    receipts = handed_in(*[AMOUNT] * count)
    given_claims.decide()
    return receipts


def settle(outcome):
    [stop] = selectors.list_stops(Scope())
    for _ in range(2):
        with clock.standing_at(NOW):
            ended = watching.settle_stop(
                actor=given_desk_terms.operator(), stop_id=stop.stop_id, outcome=outcome,
                note="已核对检查的写法", request_id=uuid4(),
            )  # fmt: skip
    return ended


def test_beyond_its_cap_a_check_parks_claims_instead_of_holding_them():
    receipts = tripped()

    assert stages(receipts) == ["in_review"] * 2 + ["stopped"] * 2
    [stop] = selectors.list_stops(Scope(region_path=given.CITY_PATH))
    assert (stop.kind, stop.subject, stop.claim_count) == (StopKind.CHECK, "amount_differs", 2)
    parked = next(card for card in cards(receipts) if card.stage is ClaimStage.STOPPED)
    [found] = selectors.list_findings(parked.claim_id, Scope())
    assert (found.outcome, found.evidence["outcome_was"]) == (Outcome.NOTE, "hold")
    assert parked.verify_status is VerifyStatus.PASSED
    assert release(receipts) == 0
    assert AuditEntry.objects.filter(action="claims.stopped").count() == 1


def test_without_a_cap_the_same_check_fills_the_desk():
    """The control: nothing published, every claim waits for a person."""
    receipts = handed_in(*[AMOUNT] * 4)
    given_claims.decide()

    assert stages(receipts) == ["in_review"] * 4
    assert models.Stop.objects.count() == 0


def test_the_cap_counts_an_hour_over_all_batches_and_starts_anew_after_it():
    given_desk_terms.published(breaker=CAP)
    first = handed_in(AMOUNT, AMOUNT)
    given_claims.decide()
    second, third = handed_in(AMOUNT), handed_in(AMOUNT)
    models.Claim.objects.filter(sale_id=third[0].sale_id).update(submitted_at=None)
    given_claims.decide()
    settle(StopOutcome.CHECK_WRONG)
    models.Waiver.objects.all().delete()
    models.Claim.objects.filter(sale_id=third[0].sale_id).update(submitted_at=NOW)
    with clock.standing_at(NOW + timedelta(hours=1)):
        deciding.decide_due(actor=given.system())

    assert stages(first) == ["in_review"] * 2
    assert stages(second) == ["passed"]
    assert stages(third) == ["in_review"]


def test_other_checks_go_on_holding_while_one_is_stopped():
    tripped()
    other = handed_in({"label__serial_read": "SNOTHER0001"})
    given_claims.decide()

    assert stages(other) == ["in_review"]


def test_while_a_check_is_stopped_everything_it_finds_is_parked():
    tripped()
    later = handed_in(AMOUNT)
    with clock.standing_at(NOW + timedelta(days=1)):
        deciding.decide_due(actor=given.system())

    assert stages(later) == ["stopped"]
    assert selectors.list_stops(Scope())[0].claim_count == 3


def test_a_check_found_wrong_frees_what_it_parked_and_is_muted_with_a_name():
    receipts = tripped()

    assert settle(StopOutcome.CHECK_WRONG) is True

    assert stages(receipts) == ["in_review"] * 2 + ["passed"] * 2
    assert release(receipts) == 2
    with clock.standing_at(NOW):
        [waiver] = selectors.list_waivers(Scope())
    assert (waiver.check_id, waiver.subject) == ("amount_differs", WaiverSubject.ALL)
    assert waiver.by_name
    assert waiver.until_at == NOW + timedelta(days=7)


def test_a_check_found_right_looks_again_without_a_cap():
    receipts = tripped()

    settle(StopOutcome.CHECK_RIGHT)
    assert stages(receipts) == ["checking"] * 2 + ["in_review"] * 2
    with clock.standing_at(NOW):
        assert deciding.decide_due(actor=given.system()) == 2

    assert stages(receipts) == ["in_review"] * 4
    assert [stop.kind for stop in selectors.list_stops(Scope())] == []


def test_a_parked_claim_takes_no_invoice_that_another_was_passed_with():
    given_desk_terms.published(breaker={"*": {"count": 1, "share_bps": 10_000, "least": 0}})
    number = {"invoice__invoice_number": "26372000000012345678"}
    receipts = handed_in(number, number, number)
    given_claims.decide()
    assert stages(receipts) == ["passed", "refused", "stopped"]

    settle(StopOutcome.CHECK_WRONG)

    assert stages(receipts) == ["in_review", "passed", "refused"]


def test_the_database_itself_keeps_a_parked_claim_from_being_paid():
    receipts = tripped()
    [parked] = [one for one in cards(receipts) if one.stage is ClaimStage.STOPPED][:1]

    with (
        pytest.raises(IntegrityError, match="claim_stopped_is_not_released"),
        transaction.atomic(),
    ):
        models.Claim.objects.filter(pk=parked.claim_id).update(released_at=NOW)


def waive(subject, key, *, check_id="amount_differs", days=5, at=NOW):
    with clock.standing_at(at - timedelta(hours=3)):
        return watching.waive_check(
            actor=given_desk_terms.operator(),
            waiver=NewWaiver(check_id, subject, key, "已实地核实门店", at + timedelta(days=days)),
            request_id=uuid4(),
        )


@pytest.mark.parametrize("subject", list(WaiverSubject))
def test_a_check_is_muted_for_one_subject_and_speaks_about_everyone_else(subject):
    [mine, other] = handed_in(AMOUNT, AMOUNT)
    sale = models.Sale.objects.get(pk=mine.sale_id)
    key = {
        WaiverSubject.ALL: "", WaiverSubject.MERCHANT: str(sale.merchant_id),
        WaiverSubject.MODEL: sale.gtin, WaiverSubject.PERSON: str(sale.person_id),
        WaiverSubject.REGION: given.COUNTY_PATH,
    }[subject]  # fmt: skip
    waiver_id = waive(subject, key)
    given_claims.decide()

    wide = subject in {WaiverSubject.ALL, WaiverSubject.MODEL, WaiverSubject.REGION}
    assert stages([mine]) == ["passed"]
    assert stages([other]) == (["passed"] if wide else ["in_review"])
    [found] = selectors.list_findings(cards([mine])[0].claim_id, Scope())
    assert found.evidence["waiver"] == str(waiver_id)
    with clock.standing_at(NOW):
        [card] = selectors.list_waivers(Scope())
    assert card.used_count == (2 if wide else 1)
    [line] = AuditEntry.objects.filter(action="claims.check_waived")
    assert line.facts["reason"] == "已实地核实门店"


def test_a_muted_refusal_still_asks_a_person():
    waive(WaiverSubject.ALL, "", check_id="invoice_reused")
    number = {"invoice__invoice_number": "26372000000012345678"}
    receipts = handed_in(number, number)
    given_claims.decide()

    assert stages(receipts) == ["in_review", "passed"]


def test_a_waiver_ends_by_itself_and_by_hand():
    one = handed_in(AMOUNT)
    waiver_id = waive(WaiverSubject.ALL, "", days=1)
    with clock.standing_at(NOW + timedelta(days=1)):
        deciding.decide_due(actor=given.system())
        assert stages(one) == ["in_review"]
        with pytest.raises(WaiverOver):
            watching.end_waiver(
                actor=given_desk_terms.operator(), waiver_id=waiver_id, reason="程序已修好"
            )
    second = waive(WaiverSubject.ALL, "")
    with clock.standing_at(NOW):
        watching.end_waiver(
            actor=given_desk_terms.operator(), waiver_id=second, reason="程序已修好"
        )
    two = handed_in(AMOUNT)
    with clock.standing_at(NOW + timedelta(days=2)):
        deciding.decide_due(actor=given.system())
    assert stages(two) == ["in_review"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"check_id": "nothing"}, "没有这项检查"),
        ({"days": 8}, "最长 7 天"),
        ({"days": -1}, "当前时间之后"),
        ({"key": "someone"}, "豁免对象"),
        ({"subject": WaiverSubject.MERCHANT}, "豁免对象"),
    ],
)
def test_a_waiver_without_an_end_or_a_subject_is_refused(changes, says):
    with pytest.raises(WaiverInvalid, match=says):
        waive(**{"subject": WaiverSubject.ALL, "key": ""} | changes)

    assert models.Waiver.objects.count() == 0
