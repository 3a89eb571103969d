"""A claim's stage in one word: the card and the database agree, in lists and in sums."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.claims import models, selectors
from huanxin.claims.services import returning, reviewing
from huanxin.claims.types import AuditStatus, ClaimFilter, ClaimStage, ReviewVerdict, VerifyStatus
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from tests import given, given_claims, given_vouchers
from tests.given_claims import SOLD_AT

pytestmark = pytest.mark.django_db
ALL = Scope()


def claims_of_every_stage() -> None:
    """One claim in each stage, brought there by the services."""
    pool_id = given_vouchers.pool(quantity=9)
    tills = [given_claims.till(pool_id=pool_id) for _ in range(9)]
    tills[0].sell()  # papers missing
    returned = tills[1].sell()
    with clock.standing_at(SOLD_AT + timedelta(hours=1)):
        returning.return_sale(
            actor=tills[1].manager, sale_id=returned.sale_id, reason="顾客改主意了",
            request_id=uuid4(),
        )  # fmt: skip
    passed, stopped, released, held, mending, refused, waiting = tills[2:]
    for till, changes in (
        (passed, {}), (stopped, {}), (released, {}), (held, {"label__serial_read": "SNOTHER0001"}),
        (mending, {"label__lat_e6": None}),
        (refused, {"label__grade_read": 3}),
    ):  # fmt: skip
        given_claims.decided(till, **changes)
    given_claims.submit(waiting, waiting.sell())
    sale_of = models.Sale.objects.get(merchant_id=released.sale.merchant_id)
    models.Claim.objects.filter(sale=sale_of).update(released_at=SOLD_AT)
    models.Stop.objects.create(
        id=uuid4(), kind="shop", subject=str(stopped.sale.merchant_id), facts={},
        region_path=given.COUNTY_PATH, opened_at=SOLD_AT, due_at=SOLD_AT,
    )  # fmt: skip


def test_the_card_and_the_filter_agree_on_every_stage():
    claims_of_every_stage()
    found = {
        stage: [c.stage for c in selectors.list_claims(ALL, where=ClaimFilter(stage=stage)).items]
        for stage in ClaimStage
    }
    assert found == {stage: [stage] for stage in ClaimStage}


def test_a_reviewed_claim_is_passed_or_refused_by_the_person():
    _, claim = given_claims.decided(label__serial_read="SNOTHER0001")
    assert claim.card.stage is ClaimStage.IN_REVIEW
    with clock.standing_at(SOLD_AT + timedelta(hours=7)):
        reviewing.review_claim(
            actor=given_claims.reviewer(), claim_id=claim.card.claim_id,
            verdict=ReviewVerdict.REFUSE, reason_code="R411", note="与现场情况不符",
            request_id=uuid4(),
        )  # fmt: skip
    card = given_claims.claim_of(claim.card.sale_id).card
    assert (card.verify_status, card.audit_status) == (VerifyStatus.HELD, AuditStatus.REFUSED)
    assert card.stage is ClaimStage.REFUSED


def test_sums_are_of_all_pages_and_filters_are_joined():
    pool_id = given_vouchers.pool(quantity=3)
    for at in [given_claims.till(pool_id=pool_id) for _ in range(3)]:
        at.sell()
    page = selectors.list_claims(ALL, size=2)
    sums = selectors.sum_claims(ALL)
    assert (len(page.items), page.total, page.pages) == (2, 3, 2)
    assert (sums.count, sums.price_fen, sums.subsidy_fen) == (3, 3 * 499_900, 3 * 74_985)
    assert sums.to_pay_fen == sums.price_fen - sums.subsidy_fen
    one = page.items[0]
    both = ClaimFilter(number=one.number, sold_from=date(2026, 9, 1), sold_to=date(2026, 9, 1))
    assert [c.number for c in selectors.list_claims(ALL, where=both).items] == [one.number]
    later = ClaimFilter(number=one.number, sold_from=date(2026, 9, 2))
    assert selectors.list_claims(ALL, where=later).items == []
    assert selectors.sum_claims(ALL, where=later).subsidy_fen == 0


def test_detail_says_what_is_missing_and_whether_papers_are_taken():
    at = given_claims.till()
    receipt = at.sell()
    before = given_claims.claim_of(receipt.sale_id)
    given_claims.submit(at, receipt)
    after = given_claims.claim_of(receipt.sale_id)
    assert set(before.missing) == set(before.wanted)
    assert before.takes_evidence
    assert (after.missing, after.takes_evidence) == ((), False)


def test_an_appeal_is_open_only_for_its_days():
    _, claim = given_claims.decided(label__grade_read=3)
    decided_at = claim.card.decided_at
    with clock.standing_at(decided_at + timedelta(days=6)):
        assert given_claims.claim_of(claim.card.sale_id).appeal_until == decided_at + timedelta(
            days=7
        )
    with clock.standing_at(decided_at + timedelta(days=8)):
        assert given_claims.claim_of(claim.card.sale_id).appeal_until is None
