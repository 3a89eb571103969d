from datetime import timedelta

import pytest

from huanxin.identity.errors import NotAllowed
from huanxin.identity.services import restricting
from huanxin.identity.types import RestrictionKind, Role
from huanxin.kernel import clock, crypto
from huanxin.vouchers import selectors
from huanxin.vouchers.errors import ClaimTokenExpired, NotEligible
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import ClaimOutcome
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db


def token(actor, pool_id, category="refrigerator", **more):
    with clock.standing_at(gv.OPENS - timedelta(minutes=5)):
        return claiming.issue_claim_token(
            actor=actor, pool_id=pool_id, category_code=category, **more
        )


def test_a_token_is_a_claim_good_from_the_release_on_for_half_an_hour():
    pool_id, who = gv.pool(), given.person()
    text = token(given.consumer(who), pool_id, device_key="phone-1")
    claim = selectors.get_claim_of_token(text, now=gv.OPENS)
    assert (claim.pool_id, claim.person_id) == (pool_id, who.id)
    assert (claim.category_code, claim.device_key) == ("refrigerator", "phone-1")

    early, first, again = (
        gv.claims(claim, at=at)[0] for at in (gv.OPENS - timedelta(seconds=1), gv.OPENS, gv.OPENS)
    )
    assert early.outcome is ClaimOutcome.NOT_OPEN
    assert first.outcome is ClaimOutcome.WON
    assert (again.voucher_id, again.is_repeat) == (first.voucher_id, True)
    ends = gv.OPENS + timedelta(minutes=30)
    skewed = selectors.get_claim_of_token(text, now=ends + timedelta(seconds=4))
    assert skewed == claim  # another machine's clock may go a little ahead
    with pytest.raises(ClaimTokenExpired):
        selectors.get_claim_of_token(text, now=ends + timedelta(seconds=5))


def test_a_token_never_outlives_its_pool_and_a_late_one_lives_from_its_issue():
    pool_id, who = gv.pool(), given.person()
    for issued, ends in (
        (gv.OPENS + timedelta(hours=2), gv.OPENS + timedelta(hours=2, minutes=30)),
        (gv.ENDS - timedelta(minutes=10), gv.ENDS),
    ):
        with clock.standing_at(issued):
            text = claiming.issue_claim_token(
                actor=given.consumer(who), pool_id=pool_id, category_code="refrigerator"
            )
        assert selectors.get_claim_of_token(text, now=ends).person_id == who.id
        with pytest.raises(ClaimTokenExpired):
            selectors.get_claim_of_token(text, now=ends + timedelta(seconds=6))


def test_a_changed_or_foreign_token_is_no_claim():
    text = token(given.consumer(), gv.pool())
    body, _, tag = text.partition(".")
    for bad in (body[:-2] + "AA." + tag, text[:-1] + ("A" if text[-1] != "A" else "B"), "", "x.y"):
        with pytest.raises(crypto.TokenInvalid):
            selectors.get_claim_of_token(bad, now=gv.OPENS)
    for facts in ({"id": "x"}, {"for": "something else"}):
        with pytest.raises(crypto.TokenInvalid):
            selectors.get_claim_of_token(crypto.sign_token(facts), now=gv.OPENS)


def test_who_may_not_claim_gets_no_token():
    pool_id, barred = gv.pool(), given.person()
    restricting.restrict(
        actor=given.system(), kind=RestrictionKind.PERSON, key=str(barred.id),
        reason="倒卖资格", from_on=clock.business_day(gv.OPENS - timedelta(days=1)),
    )  # fmt: skip
    for actor, category in (
        (given.consumer(given.person(is_verified=False)), "refrigerator"),
        (given.consumer(barred), "refrigerator"),
        (given.consumer(), "rice_cooker"),
    ):
        with pytest.raises(NotEligible):
            token(actor, pool_id, category)


def test_a_station_gets_tokens_for_others_and_a_consumer_does_not():
    pool_id, who = gv.pool(), given.person()
    clerk = given.staff(Role.STATION_CLERK)
    claim = selectors.get_claim_of_token(token(clerk, pool_id, person_id=who.id), now=gv.OPENS)
    assert claim.person_id == who.id
    with pytest.raises(NotAllowed):
        token(given.consumer(), pool_id, person_id=who.id)
    with pytest.raises(NotEligible):
        token(clerk, pool_id)
