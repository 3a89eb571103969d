"""Every row of the state table, taken for real: state, money and place agree with it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.rules import ROLE_PERMISSIONS
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.project import state_docs
from huanxin.vouchers import models, rules, selectors
from huanxin.vouchers.rules import MoneyMove
from huanxin.vouchers.services import (
    lapsing,
    making,
    moving,
    redeeming,
    trading_in,
)
from huanxin.vouchers.types import NewRight, VoucherState
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

LATER = gv.OPENS + timedelta(minutes=10)
FUNDER = "funder:city"


class Case:
    """A pool, a person and an order for one row of the table."""

    def __init__(self):
        self.pool_id, self.who, self.order_id = gv.pool(quantity=3), given.person(), uuid4()
        self.sale_id, self.voucher_id, self.shop = uuid4(), None, given.organisation()

    def reach(self, name):
        """Bring a voucher to where the row starts."""
        starts = {
            "claim": [], "make": [], "issue": [],
            "activate": ["issue"], "void": ["issue"], "void_active": ["issue", "activate"],
            "lock": ["claim"], "unlock": ["claim", "lock"], "redeem": ["claim"],
            "redeem_locked": ["claim", "lock"], "lapse": ["claim"], "give_up": ["claim"],
            "restore": ["claim", "redeem"],
        }  # fmt: skip
        for step in starts[name]:
            self.take(step)

    def take(self, name):
        at = LATER + timedelta(hours=48) if name == "lapse" else LATER
        with clock.standing_at(at):
            getattr(self, name)(at)

    def claim(self, _):
        [won] = gv.claims(gv.claim(self.pool_id, self.who), at=LATER)
        self.voucher_id = won.voucher_id

    def make(self, _):
        new = NewRight(self.who.id, self.pool_id, "refrigerator", uuid4())
        self.voucher_id = making.make_right(actor=given.system(), right=new)

    def issue(self, _):
        self.voucher_id = trading_in.issue_trade_in_voucher(
            actor=given.system(), person_id=self.who.id, order_id=self.order_id, value_fen=4_500,
            topup_fen=1_500, funder_code=FUNDER, request_id=uuid4(),
        )  # fmt: skip

    def activate(self, _):
        trading_in.activate_trade_in_voucher(actor=given.system(), order_id=self.order_id)

    def void(self, _):
        trading_in.void_trade_in_voucher(
            actor=given.system(), order_id=self.order_id, reason="订单取消"
        )

    void_active = void

    def lock(self, _):
        redeeming.lock_voucher(
            actor=given.system(),
            voucher_id=self.voucher_id,
            sale_id=self.sale_id,
            org_id=self.sale_id,
        )

    def unlock(self, _):
        redeeming.unlock_voucher(
            actor=given.system(),
            voucher_id=self.voucher_id,
            sale_id=self.sale_id,
            org_id=self.sale_id,
        )

    def redeem(self, at):
        card = gv.card(self.voucher_id)
        spent = gv.redemption(card, sale_id=self.sale_id, org_id=self.shop, at=at)
        redeeming.redeem_vouchers(actor=given.system(), redemptions=[spent])

    redeem_locked = redeem

    def lapse(self, _):
        assert lapsing.lapse_due(actor=given.system()) == 1

    def give_up(self, _):
        moving.give_up_right(actor=given.system(), voucher_id=self.voucher_id)

    def restore(self, _):
        redeeming.cancel_redemption(actor=given.system(), sale_id=self.sale_id, reason="退货")

    def stand(self):
        row = models.Voucher.objects.filter(pk=self.voucher_id).first()
        funder = ledger.find_balance(FUNDER)
        free_fen = gv.free_fen(self.pool_id) + (funder.available_fen if funder else 0)
        return (
            VoucherState(row.state) if row else None, free_fen, row.reserve_fen if row else 0,
            gv.owed_fen(self.shop), selectors.get_pool(self.pool_id).remaining,
        )  # fmt: skip


@pytest.mark.parametrize("step", rules.STEPS, ids=lambda step: step.name)
def test_a_step_does_what_its_row_says(step):
    case = Case()
    case.reach(step.name)
    before, free_fen, held_fen, owed_fen, _ = case.stand()
    places = models.Pool.objects.get(pk=case.pool_id).remaining
    case.take(step.name)
    after, free_now, held_now, owed_now, _ = case.stand()

    assert (before, after) == (step.before, step.after)
    moved = (free_now - free_fen, held_now - held_fen, owed_now - owed_fen)
    worth = gv.card(case.voucher_id).cap_fen or gv.card(case.voucher_id).value_fen
    spent = 74_085
    assert (
        moved
        == {
            MoneyMove.HOLD: (-worth, worth, 0),
            MoneyMove.KEEP: (0, 0, 0),
            MoneyMove.FREE: (worth, -worth, 0),
            MoneyMove.SPEND: (worth - spent, -worth, spent),
            MoneyMove.REHOLD: (spent - worth, worth, -spent),
        }[step.money]
    )
    back = models.Pool.objects.get(pk=case.pool_id).remaining - places
    assert (back == 1) is step.returns_place
    assert ledger.sum_check().difference_fen == 0


def test_every_permission_of_the_table_is_somebodys_or_the_platforms():
    held = {verb for verbs in ROLE_PERMISSIONS.values() for verb in verbs}
    platform = {
        "vouchers.issue_trade_in", "vouchers.activate_trade_in", "vouchers.void_trade_in",
        "vouchers.lapse",
    }  # fmt: skip
    assert {step.permission for step in rules.STEPS} <= held | platform


def test_the_page_shows_the_table_as_it_is():
    assert state_docs.STATES_PAGE.read_text("utf-8") == state_docs.states_page()


def test_every_audited_step_has_a_word_for_the_holder():
    case = Case()
    for name in ("claim", "redeem", "restore", "lock", "unlock", "give_up"):
        case.take(name)
        case.sale_id = (
            case.sale_id if name == "redeem" else uuid4() if name == "restore" else (case.sale_id)
        )
    titles = [one.title for one in selectors.list_moments(case.voucher_id, given.system().scope)]
    assert titles == [
        "领取", "核销使用", "退货，资格恢复", "线上订单占用", "订单取消或超时，恢复可用",
        "本人放弃，作废",
    ]  # fmt: skip
