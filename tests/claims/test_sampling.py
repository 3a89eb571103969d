"""Of what the machine passes a share by risk is drawn; nobody can foresee it, anybody check it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.claims import _desk, _desk_rules, models, selectors
from huanxin.claims.errors import SamePerson, StopClosed, StopNotReady, TermsInvalid
from huanxin.claims.services import releasing, reviewing, watching
from huanxin.claims.types import AuditStatus, ClaimStage, ReviewVerdict, VerifyStatus
from huanxin.claims.types.desk import CaseKind, StopKind, StopOutcome, Stratum
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from tests import given, given_claims, given_desk_terms, given_vouchers

pytestmark = pytest.mark.django_db
NOW = given_claims.SOLD_AT + timedelta(hours=8)
ALL = given_desk_terms.ALL_SAMPLED


def shop_claims(count: int, **changes):
    """Honest claims of one shop, decided together."""
    pool_id, org_id = given_vouchers.pool(quantity=count), given.organisation()
    receipts = []
    for n in range(count):  # each at a till of its own: no burst
        till = given_claims.till(pool_id=pool_id, org_id=org_id, till_id=f"{n}号台")
        receipt = till.sell()
        given_claims.submit(till, receipt, **changes)
        receipts.append(receipt)
    given_claims.decide()
    return org_id, [given_claims.claim_of(one.sale_id) for one in receipts]


def review(claim, verdict=ReviewVerdict.PASS, reason_code="R401", actor=None):
    with clock.standing_at(NOW):
        return reviewing.review_claim(
            actor=actor or given_claims.reviewer(), claim_id=claim.card.claim_id, verdict=verdict,
            reason_code=reason_code, note="已电话核实购买人", request_id=uuid4(),
        )  # fmt: skip


def again(claim):
    return given_claims.claim_of(claim.card.sale_id)


def release(claims):
    with clock.standing_at(NOW):
        answer = releasing.release_claims(
            actor=given.system(), claim_ids=[one.card.claim_id for one in claims]
        )
    return {one.claim_id for one in answer}


def failed_sample(count: int = 4, **terms):
    """A shop of which the first claim was drawn and then refused by a person."""
    org_id, claims = shop_claims(count)
    given_desk_terms.published(sample_bps=ALL, **terms)
    pool_id = given_vouchers.pool(quantity=1)
    seller = given_claims.till(pool_id=pool_id, org_id=org_id, till_id="抽中台")
    _, drawn = given_claims.decided(seller)
    review(drawn, ReviewVerdict.REFUSE, "R412")
    return org_id, claims, drawn


def test_where_nothing_is_published_nobody_is_drawn():
    _, [claim] = shop_claims(1)

    assert claim.card.stage is ClaimStage.PASSED
    assert models.Draw.objects.count() == 0


def test_a_drawn_claim_keeps_the_machines_pass_and_waits_for_a_person_with_a_reason():
    given_desk_terms.published(sample_bps=ALL)

    _, [claim] = shop_claims(1)

    assert (claim.card.verify_status, claim.card.audit_status) == (
        VerifyStatus.PASSED, AuditStatus.WAITING,
    )  # fmt: skip
    assert (claim.card.case_kind, claim.card.is_payable) == (CaseKind.SAMPLE, False)
    [found] = selectors.list_findings(claim.card.claim_id, Scope())
    assert (found.reason_code, found.outcome) == ("R391", "note")
    assert found.say == "系统核验已通过，按风险分层随机抽中人工复核。"
    assert release([claim]) == set()
    assert review(claim) is AuditStatus.PASSED
    assert release([claim]) == {claim.card.claim_id}


def test_every_passed_claim_lies_in_one_urn_and_the_draw_follows_its_rate():
    rates = {"watched": 0, "noted": 0, "new_shop": 5000, "large": 0, "plain": 0}
    given_desk_terms.published(sample_bps=rates)

    _, claims = shop_claims(12)

    rows = list(models.Draw.objects.order_by("pk"))
    assert {row.stratum for row in rows} == {Stratum.NEW_SHOP}
    assert [row.is_drawn for row in rows] == [row.value_bps < 5000 for row in rows]
    waiting = {one.card.claim_id for one in claims if one.card.stage is ClaimStage.IN_REVIEW}
    assert waiting == {row.claim_id for row in rows if row.is_drawn}


@pytest.mark.parametrize(
    ("facts", "stratum"),
    [
        ({}, Stratum.PLAIN),
        ({"subsidy_fen": 100_000}, Stratum.LARGE),
        ({"subsidy_fen": 99_999}, Stratum.PLAIN),
        ({"decided_count": 19, "subsidy_fen": 100_000}, Stratum.NEW_SHOP),
        ({"decided_count": 20}, Stratum.PLAIN),
        ({"risk_score": 1, "decided_count": 0}, Stratum.NOTED),
        ({"is_watched": True, "risk_score": 9}, Stratum.WATCHED),
    ],
)
def test_a_claim_lies_in_the_first_stratum_that_fits(facts, stratum):
    terms = _desk_rules.read_terms(_desk_rules.shipped())
    plain = {"risk_score": 0, "subsidy_fen": 74_085, "decided_count": 50, "is_watched": False}

    assert _desk_rules.stratum(terms, **plain | facts) is stratum


def test_the_seed_is_committed_to_first_and_told_when_its_day_is_over():
    given_desk_terms.published(sample_bps=ALL)
    _, [claim] = shop_claims(1)
    on = clock.business_day(NOW)

    with clock.standing_at(NOW):
        today = selectors.get_sample_day(on)
    with clock.standing_at(NOW + timedelta(days=1)):
        after = selectors.get_sample_day(on)

    assert today.seed is None
    assert after.seed is not None
    assert _desk_rules.commitment(after.seed) == today.commitment == after.commitment
    [row] = models.Draw.objects.all()  # anyone recomputes the draw from what is told
    assert _desk_rules.draw_bps(after.seed, claim.card.claim_id, row.round) == row.value_bps
    assert today.counts == {Stratum.NEW_SHOP: (1, 1)}


def test_another_days_seed_and_another_master_key_draw_otherwise(settings):
    on = clock.business_day(NOW)
    mine = _desk.seed_of(on)

    assert _desk.seed_of(on) == mine
    assert _desk.seed_of(on + timedelta(days=1)) != mine
    assert str(on) not in mine


def test_a_draw_that_contradicts_its_value_is_refused_by_the_database():
    given_desk_terms.published(sample_bps=ALL)
    _, [claim] = shop_claims(1)
    row = models.Draw.objects.get()
    row.pk, row.round, row.is_drawn = None, 9, False

    with pytest.raises(IntegrityError, match="draw_follows_its_value"), transaction.atomic():
        row.save()

    with pytest.raises(Exception, match="append"), transaction.atomic():
        models.Draw.objects.filter(claim_id=claim.card.claim_id).update(value_bps=1)


def test_a_failed_sample_stops_everything_of_its_shop_that_is_not_paid():
    org_id, claims, drawn = failed_sample(extended_count=2)
    _, [other] = shop_claims(1)
    review(other)

    [stop] = selectors.list_stops(Scope(region_path=given.COUNTY_PATH))
    assert (stop.kind, stop.subject, stop.cause_claim_id) == (
        StopKind.SHOP, str(org_id), drawn.card.claim_id,
    )  # fmt: skip
    stages = [again(one).card.stage for one in claims]
    assert sorted(stages) == sorted([ClaimStage.IN_REVIEW] * 2 + [ClaimStage.STOPPED] * 2)
    assert stop.waiting_count == 2
    assert stop.claim_count == 2
    assert release([*claims, other]) == {other.card.claim_id}  # the other shop's goes on


def test_what_a_stopped_shop_sells_later_waits_too():
    org_id, _claims, _drawn = failed_sample()
    given_desk_terms.published()
    till, later = given_claims.decided(given_claims.till(org_id=org_id, till_id="新台"))

    assert later.card.stage is ClaimStage.STOPPED
    assert release([later]) == set()
    assert till.sale.merchant_id == org_id


def test_a_refusal_outside_the_sample_stops_nobody():
    given_desk_terms.published()
    _, claim = given_claims.decided(invoice__invoice_total_fen=1)

    review(claim, ReviewVerdict.REFUSE, "R411")

    assert models.Stop.objects.count() == 0


def test_the_database_itself_keeps_a_stopped_shops_claim_from_being_paid():
    _org, claims, _drawn = failed_sample(extended_count=0)
    rows = models.Claim.objects.filter(pk=claims[0].card.claim_id)

    with (
        pytest.raises(IntegrityError, match="claim_stopped_is_not_released"),
        transaction.atomic(),
    ):
        rows.update(released_at=NOW)

    with connection.cursor() as cursor:  # the control: without the trigger it would be paid
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_claim DISABLE TRIGGER claim_stopped_is_not_released")
    assert rows.update(released_at=NOW) == 1


def settle(stop_id, outcome, actor=None):
    with clock.standing_at(NOW):
        return watching.settle_stop(
            actor=actor or given_claims.reviewer(), stop_id=stop_id, outcome=outcome,
            note="扩大抽查未见异常", request_id=uuid4(),
        )  # fmt: skip


def test_a_shop_is_free_again_when_the_further_sample_is_clean_and_two_people_say_so():
    _org, claims, _drawn = failed_sample(extended_count=2)
    [stop] = selectors.list_stops(Scope())
    with pytest.raises(StopNotReady, match="2 件"):
        settle(stop.stop_id, StopOutcome.FREE)
    for one in claims:
        if again(one).card.stage is ClaimStage.IN_REVIEW:
            review(one)
    first = given_claims.reviewer()

    assert settle(stop.stop_id, StopOutcome.FREE, first) is False
    with pytest.raises(SamePerson):
        settle(stop.stop_id, StopOutcome.FREE, first)
    assert release(claims) == set()
    assert settle(stop.stop_id, StopOutcome.FREE) is True

    assert release(claims) == {one.card.claim_id for one in claims}
    with pytest.raises(StopClosed):
        settle(stop.stop_id, StopOutcome.FREE)


def test_a_further_sample_that_fails_too_leaves_only_a_look_at_each():
    _org, claims, _drawn = failed_sample(extended_count=1)
    [stop] = selectors.list_stops(Scope())
    [looked_at] = [one for one in claims if again(one).card.stage is ClaimStage.IN_REVIEW]
    review(looked_at, ReviewVerdict.REFUSE, "R412")

    with pytest.raises(StopNotReady, match="1 件"):
        settle(stop.stop_id, StopOutcome.FREE)
    settle(stop.stop_id, StopOutcome.REVIEW_ALL)
    assert settle(stop.stop_id, StopOutcome.REVIEW_ALL) is True

    stages = [again(one).card.stage for one in claims if one is not looked_at]
    assert stages == [ClaimStage.IN_REVIEW] * 3
    assert {again(one).card.case_kind for one in claims if one is not looked_at} == {
        CaseKind.EXTENDED
    }


def test_a_stop_ended_by_one_person_is_refused_by_the_database():
    failed_sample()
    stop = models.Stop.objects.get()
    stop.proposed_by = stop.closed_by = uuid4()
    stop.closed_at = NOW

    with pytest.raises(IntegrityError, match="stop_ends_by_two"), transaction.atomic():
        stop.save()


def test_a_failed_sample_makes_its_shop_a_watched_one():
    org_id, _claims, _drawn = failed_sample()
    till, later = given_claims.decided(given_claims.till(org_id=org_id, till_id="新台"))

    row = models.Draw.objects.get(claim_id=later.card.claim_id)
    assert (row.stratum, till.sale.merchant_id) == (Stratum.WATCHED, org_id)


@pytest.mark.parametrize(
    "wrong",
    [{"sample_bps": {**ALL, "plain": 10_001}}, {"sample_bps": {}}, {"due_hours": {"appeal": 0}}],
)
def test_numbers_that_cannot_be_are_not_proposed(wrong):
    with pytest.raises(TermsInvalid):
        watching.propose_terms(
            actor=given_desk_terms.operator(), content=given_desk_terms.content(**wrong),
            reason="调整抽查比例", request_id=uuid4(),
        )  # fmt: skip

    assert models.DeskTerms.objects.count() == 0


def test_numbers_decide_nothing_until_another_officer_agrees():
    one = given_desk_terms.operator()
    terms_id = watching.propose_terms(
        actor=one, content=given_desk_terms.content(sample_bps=ALL), reason="全部抽查",
        request_id=uuid4(),
    )  # fmt: skip

    with pytest.raises(SamePerson):
        watching.approve_terms(actor=one, terms_id=terms_id)
    _, [claim] = shop_claims(1)
    assert claim.card.stage is ClaimStage.PASSED
    row = models.DeskTerms.objects.get()
    row.approved_by, row.approved_at = row.proposed_by, NOW
    with pytest.raises(IntegrityError, match="desk_terms_by_two"), transaction.atomic():
        row.save()


def test_the_shipped_numbers_are_published_once():
    for _ in range(2):
        watching.load_reference(actor=given.system())

    [card] = selectors.list_terms()
    assert (card.number, card.terms.sample_bps[Stratum.PLAIN]) == (1, 100)
