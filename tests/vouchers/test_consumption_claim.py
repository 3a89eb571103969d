"""A consumption voucher is claimed like every other right: once per limit, by those it is for."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.identity.services import registering
from huanxin.identity.types import NewPersonTag, TagKind
from huanxin.kernel import clock
from huanxin.ledger.types import pool_code
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import AudienceNotMet, OutsideCircle, PositionMissing
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import (
    Audience,
    Circle,
    ClaimOutcome,
    LimitPer,
    Position,
    Tier,
    VoucherKind,
    VoucherState,
)
from tests import given, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
OUT = ClaimOutcome
SQUARE = Circle(36_450_000, 115_980_000, 3_000)
INSIDE, FAR = Position(36_460_000, 115_980_000), Position(36_550_000, 115_980_000)


def outcome(card, who, **changes):
    [answer] = given_c.claims([given_c.claim(card, who, **changes)])
    return answer.outcome


def token(card, who, position=None):
    with clock.standing_at(given_c.OPENS):
        return claiming.issue_claim_token(
            actor=given.consumer(who), pool_id=card.id, position=position,
            category_code=card.lines[0].category_code,
        )  # fmt: skip


def test_a_claimed_voucher_holds_its_face_and_the_last_one_sells_out():
    card = given_c.campaign(quantity=1)
    first, second = given.person(), given.person()

    assert outcome(card, first) is OUT.WON
    assert outcome(card, second) is OUT.SOLD_OUT

    [row] = models.Voucher.objects.all()
    assert (row.kind, row.state) == (VoucherKind.CONSUMPTION, VoucherState.USABLE)
    assert (row.worth_fen, row.reserve_fen, row.as_card().value_fen) == (60_000, 60_000, 60_000)
    assert given_c.free_fen(pool_code(card.id)) == 0


def test_one_person_gets_one_of_a_pool_but_may_have_one_of_another():
    a, b = given_c.campaign(), given_c.campaign(prefund=False)
    who = given.person()
    assert [outcome(a, who), outcome(a, who), outcome(b, who)] == [
        OUT.WON,
        OUT.ALREADY_YOURS,
        OUT.WON,
    ]


def test_a_rounds_limit_counts_over_its_pools_and_not_over_the_next_round():
    limit = {"limit_per": LimitPer.ROUND, "limit_count": 2}
    a, b = given_c.campaign(**limit), given_c.campaign(prefund=False, **limit)
    following = given_c.campaign(prefund=False, round=2, **limit)
    who = given.person()
    got = [outcome(pool, who) for pool in (a, b, a, b, following)]
    assert got == [OUT.WON, OUT.WON, OUT.ALREADY_YOURS, OUT.ALREADY_YOURS, OUT.WON]


def test_yantai_2022_one_voucher_of_each_value_per_person_per_round():
    """300/500/600 元 for single items of at least 2,000/5,000/8,000 元 (domain A3, S4)."""
    values = [(200_000, 30_000), (500_000, 50_000), (800_000, 60_000)]
    pools = [
        given_c.campaign(
            prefund=index == 0, tiers=(Tier(*value),), limit_per=LimitPer.VALUE, others_max=0
        )
        for index, value in enumerate(values)
    ]
    again = given_c.campaign(prefund=False, tiers=(Tier(200_000, 30_000),),
                             limit_per=LimitPer.VALUE)  # fmt: skip
    who = given.person()
    assert [outcome(pool, who) for pool in pools] == [OUT.WON] * 3
    assert [outcome(pool, who) for pool in (*pools, again)] == [OUT.ALREADY_YOURS] * 4
    assert models.Voucher.objects.filter(person_id=who.id).count() == 3


def test_the_young_and_the_old_are_told_apart_by_year_of_birth():
    # given.person() was born in 1954: 72 in 2026
    old, young = (
        given_c.campaign(audience=Audience(age_from=60)),
        given_c.campaign(prefund=False, audience=Audience(age_from=18, age_to=35)),
    )
    exact = given_c.campaign(prefund=False, audience=Audience(age_from=72, age_to=72))
    who = given.person()
    assert token(old, who)
    assert token(exact, who)
    with pytest.raises(AudienceNotMet, match="18 至 35 岁"):
        token(young, who)
    assert [outcome(pool, who) for pool in (old, exact, young)] == [
        OUT.WON,
        OUT.WON,
        OUT.NOT_ELIGIBLE,
    ]
    assert given_c.free_fen(pool_code(young.id)) == 10 * 60_000


def test_only_residents_of_the_named_counties():
    card = given_c.campaign(audience=Audience(residence=("371525",)))
    neighbour, resident = given.person(), given.person(region_code="371525")
    with pytest.raises(AudienceNotMet, match="居住地区"):
        token(card, neighbour)
    assert [outcome(card, neighbour), outcome(card, resident)] == [OUT.NOT_ELIGIBLE, OUT.WON]


def test_assessed_elderly_of_the_right_level_while_the_assessment_is_good():
    """Disability level by GB/T 42195-2022, from a recorded proof (domain F1)."""
    card = given_c.campaign(
        audience=Audience(
            tags=tuple(f"elderly_assessed/{level}" for level in ("moderate", "severe", "complete"))
        )
    )
    people = {name: given.person() for name in ("none", "mild", "severe", "expired")}
    for name, until in (("mild", 2027), ("severe", 2027), ("expired", 2026)):
        registering.record_person_tag(
            actor=given.system(),
            new=NewPersonTag(
                people[name].id, TagKind.ELDERLY_ASSESSED, "评估报告 1 号", date(2026, 1, 1),
                date(until, 8, 1), level="severe" if name == "expired" else name,
            ),
            request_id=uuid4(),
        )  # fmt: skip
    for name in ("none", "mild", "expired"):
        with pytest.raises(AudienceNotMet, match="GB/T 42195-2022"):
            token(card, people[name])
    got = {name: outcome(card, who) for name, who in people.items()}
    assert got == {"none": OUT.NOT_ELIGIBLE, "mild": OUT.NOT_ELIGIBLE, "severe": OUT.WON,
                   "expired": OUT.NOT_ELIGIBLE}  # fmt: skip


def test_a_voucher_of_a_place_goes_to_phones_that_are_there():
    card, who = given_c.campaign(circle=SQUARE), given.person()
    with pytest.raises(PositionMissing):
        token(card, who)
    with pytest.raises(OutsideCircle) as refusal:
        token(card, who, FAR)
    assert refusal.value.facts == {"metres": 11_119, "radius": 3_000}

    ticket = selectors.get_claim_of_token(token(card, who, INSIDE), now=given_c.OPENS)
    assert ticket.is_near
    assert outcome(card, who) is OUT.NOT_ELIGIBLE  # without a ticket nobody knows where she is
    [answer] = given_c.claims([ticket])
    assert answer.outcome is OUT.WON


def test_a_batch_answers_each_claim_of_different_kinds_by_itself():
    card = given_c.campaign(quantity=2, audience=Audience(age_to=35))
    everyone = given_c.campaign(quantity=1, prefund=False)
    right = given_vouchers.pool()
    a, b = given.person(), given.person()
    answers = given_c.claims(
        [given_c.claim(card, a), given_c.claim(everyone, a), given_vouchers.claim(right, a),
         given_c.claim(everyone, b)],
        at=given_c.OPENS + timedelta(minutes=1),
    )  # fmt: skip
    assert [one.outcome for one in answers] == [OUT.NOT_ELIGIBLE, OUT.WON, OUT.WON, OUT.SOLD_OUT]
