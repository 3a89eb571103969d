"""解绑、改绑、放弃: one channel at a time, told to the other platform, place and money once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.errors import NotAllowed
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, ports, selectors
from huanxin.vouchers.errors import (
    ChannelRefuses,
    OnlyRightsMove,
    VoucherBoundElsewhere,
    VoucherExpired,
    VoucherNotUsable,
    VoucherOnHold,
)
from huanxin.vouchers.services import lapsing, moving, redeeming, till_codes
from huanxin.vouchers.types import ClaimOutcome, RightChannel, VoucherState
from tests import given, given_claims
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

NOW = gv.OPENS + timedelta(minutes=5)
APP, UNIONPAY, NONE = RightChannel.APP, RightChannel.UNIONPAY, RightChannel.NONE


class Platform:
    """A platform that writes down what it hears; `down` fails that many calls."""

    is_simulated = True
    heard: list = []
    down = 0
    answer = ports.PlatformAnswer(ports.PlatformState.UNCLAIMED)

    def query(self, **_):
        return type(self).answer

    def tell(self, message):
        if type(self).down:
            type(self).down -= 1
            raise ConnectionError("没有连接")
        type(self).heard.append(message)


@pytest.fixture
def platform(settings):
    Platform.heard, Platform.down = [], 0
    Platform.answer = ports.PlatformAnswer(ports.PlatformState.UNCLAIMED)
    settings.HUANXIN_SUBSIDY_PORT = f"{__name__}.Platform"
    return Platform


@pytest.fixture
def holder():
    who = given.person()
    return given.consumer(who), gv.right(gv.pool(), who)


def move(actor, voucher, channel, at=NOW):
    with clock.standing_at(at):
        return moving.move_right(actor=actor, voucher_id=voucher.id, channel=channel)


def send(at=NOW):
    with clock.standing_at(at):
        return moving.send_platform_notices(actor=given.system())


def test_a_right_is_spent_only_where_it_is_bound(holder, platform):
    actor, voucher = holder
    assert move(actor, voucher, UNIONPAY).channel is UNIONPAY
    at = NOW + timedelta(minutes=1)
    with pytest.raises(VoucherBoundElsewhere) as refusal:
        gv.spend(gv.redemption(voucher, at=at), at=at)
    assert refusal.value.facts["bound"] == "云闪付（省级平台）"
    with pytest.raises(VoucherBoundElsewhere), clock.standing_at(at):
        till_codes.till_code(actor=actor, voucher_ids=[voucher.id])
    with pytest.raises(VoucherBoundElsewhere), clock.standing_at(at):
        redeeming.lock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=uuid4(), org_id=uuid4()
        )
    move(actor, voucher, APP, at)
    gv.spend(gv.redemption(voucher, at=at), at=at)
    assert gv.card(voucher.id).state is VoucherState.USED


def test_unbound_it_is_spent_nowhere_and_keeps_its_money_and_time(holder):
    actor, voucher = holder
    for _ in range(2):
        with clock.standing_at(NOW):
            card = moving.unbind_right(actor=actor, voucher_id=voucher.id)
    assert (card.channel, card.state, card.expires_at) == (
        NONE, VoucherState.USABLE, voucher.expires_at,
    )  # fmt: skip
    with pytest.raises(VoucherBoundElsewhere):
        gv.spend(gv.redemption(voucher))
    assert gv.free_fen(voucher.pool_id) == 9 * gv.CAP_FEN


def test_the_other_platform_is_asked_first_and_told_afterwards(holder, platform):
    actor, voucher = holder
    platform.answer = ports.PlatformAnswer(ports.PlatformState.REDEEMED, "该资格已在其他地区使用")
    with pytest.raises(ChannelRefuses, match="已在其他地区使用"):
        move(actor, voucher, UNIONPAY)
    assert gv.card(voucher.id).channel is APP
    assert selectors.count_waiting_notices() == 0
    platform.answer = ports.PlatformAnswer(ports.PlatformState.UNCLAIMED)
    move(actor, voucher, UNIONPAY)
    move(actor, voucher, APP)
    assert send() == 2
    assert [(m.verb, m.channel) for m in platform.heard] == [
        ("bind", "unionpay"), ("unbind", "unionpay"),
    ]  # fmt: skip
    assert str(voucher.person_id) not in repr(platform.heard)


def test_a_platform_that_is_down_hears_later_in_order_and_once(holder, platform):
    actor, voucher = holder
    move(actor, voucher, UNIONPAY)
    move(actor, voucher, APP)
    platform.down = 1
    assert send() == 0  # the first fails; the second of the same right does not overtake it
    assert send(NOW + timedelta(seconds=59)) == 0
    assert send(NOW + timedelta(seconds=61)) == 2
    assert [m.verb for m in platform.heard] == ["bind", "unbind"]
    assert send(NOW + timedelta(hours=1)) == 0
    assert models.PlatformNotice.objects.filter(tries=2).count() == 1


def test_a_right_bound_outside_that_lapses_or_is_given_up_is_reported(platform):
    pool_id = gv.pool()
    for act in ("lapse", "give_up"):
        who = given.person()
        actor, voucher = given.consumer(who), gv.right(pool_id, who)
        move(actor, voucher, UNIONPAY)
        if act == "lapse":
            with clock.standing_at(voucher.expires_at):
                lapsing.lapse_due(actor=given.system())
        else:
            with clock.standing_at(NOW):
                moving.give_up_right(actor=actor, voucher_id=voucher.id)
        send(voucher.expires_at)
        assert platform.heard[-1].verb == "end"


def test_giving_up_returns_place_and_money_once_and_frees_the_ordinal():
    pool_id, who = gv.pool(quantity=1), given.person()
    actor, voucher = given.consumer(who), gv.right(pool_id, who)
    for _ in range(2):
        with clock.standing_at(NOW):
            card = moving.give_up_right(actor=actor, voucher_id=voucher.id, reason="不买了")
    assert card.state is VoucherState.VOID
    assert gv.free_fen(pool_id) == gv.CAP_FEN
    assert selectors.get_pool(pool_id).remaining == 1
    [answer] = gv.claims(gv.claim(pool_id, who), at=NOW)
    assert answer.outcome is ClaimOutcome.WON
    assert ledger.sum_check().difference_fen == 0


@pytest.mark.parametrize("verb", ["unbind_right", "give_up_right", "move_right"])
def test_what_is_not_hers_or_not_waiting_stays_as_it_is(verb, holder):
    actor, voucher = holder
    more = {"channel": UNIONPAY} if verb == "move_right" else {}

    def act(who, at=NOW):
        with clock.standing_at(at):
            getattr(moving, verb)(actor=who, voucher_id=voucher.id, **more)

    with pytest.raises(NotAllowed):
        act(given.consumer())
    with pytest.raises(VoucherExpired):
        act(actor, voucher.expires_at)
    with clock.standing_at(NOW):
        redeeming.lock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=voucher.id, org_id=voucher.id
        )
    with pytest.raises(VoucherOnHold):
        act(actor)
    with clock.standing_at(NOW):
        redeeming.unlock_voucher(
            actor=given.system(), voucher_id=voucher.id, sale_id=voucher.id, org_id=voucher.id
        )
    gv.spend(gv.redemption(voucher))
    with pytest.raises(VoucherNotUsable):
        act(actor, gv.OPENS + timedelta(hours=2))
    assert gv.card(voucher.id).channel is APP
    assert models.PlatformNotice.objects.count() == 0


def test_a_trade_in_voucher_is_neither_moved_nor_given_up():
    who, _ = given_claims.person()
    voucher_id = given_claims.trade_in(who, 6_000)
    with pytest.raises(OnlyRightsMove), clock.standing_at(NOW):
        moving.give_up_right(actor=given.consumer(who), voucher_id=voucher_id)


def test_control_the_database_knows_the_channels_and_one_of_them_only(holder):
    with pytest.raises(IntegrityError, match="voucher_channel_known"), transaction.atomic():
        models.Voucher.objects.filter(pk=holder[1].id).update(channel="app,union")


@pytest.mark.django_db(transaction=True)
def test_two_channels_at_once_and_one_of_them_spends(race):
    who, pool_id = given.person(), gv.pool()
    actor, voucher = given.consumer(who), gv.right(pool_id, who)
    shop = given.organisation()

    def act(number):
        if number:
            return move(actor, voucher, UNIONPAY)
        return gv.spend(gv.redemption(voucher, org_id=shop, at=NOW), at=NOW)

    outcomes = race(act, 2)
    card = gv.card(voucher.id)
    if card.state is VoucherState.USED:
        assert isinstance(outcomes[1], VoucherNotUsable)
        assert card.channel is APP
    else:
        assert isinstance(outcomes[0], VoucherBoundElsewhere)
        assert gv.owed_fen(shop) == 0
    assert ledger.sum_check().difference_fen == 0
