"""Consumption vouchers are released like rights: in stages, or by a draw anyone can recompute."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import pool_code
from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import AudienceNotMet, OutsideCircle, PoolInvalid, PositionMissing
from huanxin.vouchers.services import drawing
from huanxin.vouchers.types import (
    Audience,
    Circle,
    ClaimOutcome,
    NewLottery,
    Position,
    ReleaseMode,
    Stage,
    VoucherKind,
)
from tests import given, given_release, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
OPENS = given_c.OPENS
CLOSES, DRAWS = OPENS + timedelta(days=2), OPENS + timedelta(days=2, hours=12)
LOTTERY = NewLottery(CLOSES, DRAWS, "中国福利彩票双色球第 2026101 期开奖号码")
CIRCLE = Circle(36_450_000, 115_980_000, 3_000)
NEAR, FAR = Position(36_450_000, 115_990_000), Position(36_600_000, 115_980_000)


def drawn_pool(quantity=3, **terms):
    given_c.prefunded()
    new = given_c.new_pool(given_c.terms(**terms), quantity=quantity)
    closes_at = max(new.closes_at, DRAWS + timedelta(days=1))
    new = replace(new, mode=ReleaseMode.LOTTERY, lottery=LOTTERY, closes_at=closes_at)
    return selectors.get_pool(given_c.opened(new))


def register(card, who, position=None):
    with clock.standing_at(OPENS):
        return drawing.register_for_draw(
            actor=given.system(), pool_id=card.id, category_code=card.lines[0].category_code,
            person_id=who.id, position=position,
        )  # fmt: skip


def draw(card):
    with clock.standing_at(CLOSES):
        drawing.publish_list(actor=given.system(), pool_id=card.id)
    return given_release.draw(card.id, at=DRAWS)


def test_stages_keep_places_of_a_campaign_back():
    given_c.prefunded()
    new = replace(given_c.new_pool(quantity=4), stages=(Stage(0, 5_000), Stage(600, 5_000)))
    card = selectors.get_pool(given_c.opened(new))
    people = [given.person() for _ in range(4)]
    asked = [given_c.claim(card, who) for who in people]

    first = [one.outcome for one in given_c.claims(asked)]
    assert first == [ClaimOutcome.WON] * 2 + [ClaimOutcome.NOT_YET] * 2
    later = given_c.claims(asked[2:], at=OPENS + timedelta(seconds=600))
    assert [one.outcome for one in later] == [ClaimOutcome.WON] * 2


def test_a_campaign_is_drawn_and_its_winners_hold_the_funders_money():
    card = drawn_pool()
    assert card.mode is ReleaseMode.LOTTERY
    [refused] = given_c.claims([given_c.claim(card, given.person())])
    assert refused.outcome is ClaimOutcome.NOT_ELIGIBLE
    for _ in range(5):
        register(card, given.person())

    assert draw(card) == 3

    held = models.Voucher.objects.filter(pool_id=card.id)
    assert {one.kind for one in held} == {VoucherKind.CONSUMPTION}
    assert ledger.get_balance(pool_code(card.id)).available_fen == 0
    document = selectors.draw_document(card.id)
    audit = selectors.audit_draw(document)
    assert (audit.fault, audit.winners, audit.registered) == (None, 3, 5)
    assert ledger.sum_check().difference_fen == 0


def test_who_is_not_meant_or_not_near_is_not_registered():
    card = drawn_pool(audience=Audience(age_from=110), circle=CIRCLE)
    with pytest.raises(AudienceNotMet):
        register(card, given.person(), NEAR)
    near = drawn_pool(campaign="near-2026", circle=CIRCLE)
    for refusal, position in ((PositionMissing, None), (OutsideCircle, FAR)):
        with pytest.raises(refusal):
            register(near, given.person(), position)
    assert not models.Registration.objects.exists()
    register(near, given.person(), NEAR)
    assert draw(near) == 1  # she was near when it counted


def test_what_cannot_be_kept_is_refused_and_no_money_moves():
    given_c.prefunded()
    before = given_c.free_fen()
    new = given_c.new_pool()
    for changes in (
        {"mode": ReleaseMode.LOTTERY},
        {"lottery": LOTTERY},
        {"stages": (Stage(0, 5_000), Stage(60, 4_000))},
        {"mode": ReleaseMode.LOTTERY, "lottery": replace(LOTTERY, draws_at=OPENS)},
    ):
        with pytest.raises(PoolInvalid):
            given_c.opened(replace(new, **changes))
    assert given_c.free_fen() == before
    assert not models.Pool.objects.exists()


def test_a_consumption_vouchers_number_says_what_it_is():
    voucher = given_c.voucher()
    assert voucher.number.startswith("XQ")
    assert given_vouchers.right().number.startswith("BT")


def test_public_money_is_told_from_an_enterprises():
    assert selectors.is_public_funder("funder:city")
    assert selectors.is_public_funder("funder:campaign-wenlv-2026")
    assert not selectors.is_public_funder(f"funder:{uuid4()}")
