"""A seeded story of steps that the platform and a model in memory both take, and must agree on.

The model knows nothing of transactions or transfers: it keeps what a citizen, a shop, a funder and
the treasury would write down.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from unittest import mock
from uuid import UUID, uuid4

from django.db import connection

from huanxin.kernel import clock
from huanxin.kernel.errors import DomainError
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as ledger_services
from huanxin.ledger.types import budget_code, payable_code, pool_code
from huanxin.vouchers import _budgets, models
from huanxin.vouchers.services import (
    budgeting,
    claiming,
    funding,
    lapsing,
    moving,
    redeeming,
    releasing,
    trading_in,
)
from huanxin.vouchers.types import (
    Claim,
    ClaimOutcome,
    Device,
    NewTradeInVoucher,
    Redemption,
    Reduction,
    RightChannel,
    VoucherState,
)
from tests import given
from tests import given_vouchers as gv

LINES = {"refrigerator": (150_000, 1), "air_conditioner": (100_000, 2)}
LAPSE = timedelta(hours=48)
COUNTY, CITY = (budget_code(code, gv.PROGRAMME) for code in (given.COUNTY, "371500"))
OWNER = "campaign-model"
FUNDER = f"funder:{OWNER}"
WORTH_FEN = 6_000  # of a 焕新券
SEEN = """
SELECT (SELECT json_object_agg(a.code, b.credits_posted_fen - b.debits_posted_fen
                                       - b.debits_pending_fen)
        FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
        WHERE a.code = ANY(%(free)s)),
       (SELECT json_object_agg(
                   a.code, json_build_array(b.credits_pending_fen, b.credits_posted_fen))
        FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
        WHERE a.code = ANY(%(owed)s)),
       (SELECT json_object_agg(p.id, p.remaining) FROM vouchers_pool p),
       (SELECT coalesce(json_agg(d.serial_norm), '[]') FROM vouchers_devicelock d
        WHERE d.freed_at IS NULL)
"""


@dataclass
class Right:
    """What the model knows of one voucher; a 焕新券 has no pool, no category and no end."""

    payer: str
    person_id: UUID
    category: str
    held_fen: int
    expires_at: object
    state: VoucherState = VoucherState.USABLE
    sale_id: UUID | None = None
    channel: str = "app"
    locked_for: UUID | None = None
    locked_until: object = None
    order_id: UUID | None = None

    @property
    def is_right(self):
        return self.order_id is None

    def unlock(self):
        self.locked_for = self.locked_until = None


@dataclass
class Spent:
    """One voucher that a sale spent: what it brought, and what it had kept before."""

    right_id: UUID
    amount_fen: int
    reserve_fen: int


@dataclass
class Sale:
    """What the model knows of one sale: its right first, a 焕新券 perhaps beside it."""

    spent: list[Spent]
    shop: UUID
    serial: str
    asked: list[Redemption]
    state: str = "held"  # held, paid, cancelled, cancelled after payment
    left_fen: int = 0  # what stands of the right's amount after reductions
    told: dict[int, int] = field(default_factory=dict)  # reductions by step
    paid_fen: int = 0

    @property
    def owed_fen(self):
        return self.left_fen + sum(one.amount_fen for one in self.spent[1:])


@dataclass
class World:
    """The whole of it; `free` is what may still leave an account."""

    free: dict[str, int]
    places: dict[UUID, int]
    rights: dict[UUID, Right] = field(default_factory=dict)
    sales: dict[UUID, Sale] = field(default_factory=dict)

    def live(self, person_id, category):
        live = {VoucherState.USABLE, VoucherState.LOCKED, VoucherState.USED}
        return [
            r for r in self.rights.values()
            if (r.person_id, r.category) == (person_id, category) and r.state in live
        ]  # fmt: skip

    def locked_serials(self):
        return {s.serial for s in self.sales.values() if not s.state.startswith("cancelled")}


class Story:
    """A seeded run of steps, each taken by the platform and by the model."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now = gv.OPENS
        self.people = [given.person().id for _ in range(6)]
        self.shops = [given.organisation() for _ in range(2)]
        pools = [
            gv.pool(quantity=5, budget_fen=600_000, lines=LINES),
            gv.pool(quantity=4, budget_fen=250_000, lines=LINES, reserve_bps=5_000),
        ]
        with clock.standing_at(self.now), mock.patch.object(_budgets, "check_programme"):
            budgeting.give_budget(
                actor=given.system(), programme=gv.PROGRAMME, region_code="371500",
                shares_fen={"central": 170_000, "city": 30_000}, request_id=uuid4(),
            )  # fmt: skip
            funding.fund_funder(
                actor=given.system(), owner=OWNER, amount_fen=20_000, reference="回单1",
                request_id=uuid4(),
            )  # fmt: skip
        money = {pool_code(one): fen for one, fen in zip(pools, (600_000, 250_000), strict=True)}
        self.world = World(
            free=money | {CITY: 200_000, COUNTY: 0, FUNDER: 20_000},
            places=dict(zip(pools, (5, 4), strict=True)),
        )
        self.share = dict(zip(pools, (10_000, 5_000), strict=True))
        self.asked: list[Claim] = []
        self.done: list[tuple] = []  # calls with a request id of their own that were answered
        self.steps = [self.claim] * 5 + [self.redeem] * 4 + [self.reduce, self.cancel] * 2 + [
            self.pay, self.pay, self.wait, self.lapse, self.repeat, self.give_up, self.move,
            self.lock,
            self.unlock, self.reallocate, self.redeem_again, self.jump, self.trade_in,
            self.trade_in, self.void, self.hand_down, self.reclaim, self.add, self.again,
            self.reduce_late,
        ]  # fmt: skip

    def run(self, steps):
        for _ in range(steps):
            self.random.choice(self.steps)()
            self.agree()

    # --- claims --------------------------------------------------------------------------

    def claim(self):
        batch = [
            Claim(
                uuid4(),
                self.random.choice(list(self.world.places)),
                self.random.choice(self.people),
                self.random.choice(list(LINES)),
            )
            for _ in range(self.random.randint(1, 4))
        ]
        expected = [self._expect_claim(one) for one in batch]
        with clock.standing_at(self.now):
            answers = claiming.claim_vouchers(actor=given.system(), claims=batch)
        assert [a.outcome for a in answers] == [outcome for outcome, _ in expected]
        for answer, (outcome, right) in zip(answers, expected, strict=True):
            if outcome is ClaimOutcome.WON:
                self.world.rights[answer.voucher_id] = self.world.rights.pop(id(right))
        self.asked += batch

    def _expect_claim(self, one):
        cap_fen, limit = LINES[one.category_code]
        reserve_fen = -(-cap_fen * self.share[one.pool_id] // 10_000)
        payer = pool_code(one.pool_id)
        if len(self.world.live(one.person_id, one.category_code)) >= limit:
            return ClaimOutcome.ALREADY_YOURS, None
        if not self.world.places[one.pool_id] or self.world.free[payer] < reserve_fen:
            return ClaimOutcome.SOLD_OUT, None
        self.world.places[one.pool_id] -= 1
        self.world.free[payer] -= reserve_fen
        right = Right(payer, one.person_id, one.category_code, reserve_fen, self.now + LAPSE)
        self.world.rights[id(right)] = right  # renamed once the platform has named it
        return ClaimOutcome.WON, right

    def repeat(self):
        """Earlier claims told again, out of order and twice: winners get their first answer."""
        if not self.asked:
            return
        some = self.random.choices(self.asked, k=3)
        stored = models.Voucher.objects.filter(request_id__in=[one.request_id for one in some])
        won = dict(stored.values_list("request_id", "id"))
        again = [one for one in some if one.request_id in won]
        with clock.standing_at(self.now):
            answers = claiming.claim_vouchers(actor=given.system(), claims=again)
        assert [(a.outcome, a.voucher_id, a.is_repeat) for a in answers] == [
            (ClaimOutcome.WON, won[one.request_id], True) for one in again
        ]

    # --- sales ---------------------------------------------------------------------------

    def redeem(self):
        rights = [key for key, one in self.world.rights.items() if one.is_right]
        if not rights:
            return
        right_id = self.random.choice(rights)
        right = self.world.rights[right_id]
        cap_fen = LINES[right.category][0]
        amount_fen = self.random.choice([1, cap_fen // 2, cap_fen, cap_fen + 1])
        spent = [Spent(right_id, amount_fen, right.held_fen)]
        mine = [
            key for key, one in self.world.rights.items()
            if not one.is_right and one.person_id == right.person_id
        ]  # fmt: skip
        if mine and self.random.random() < 0.7:
            trade_in = self.random.choice(mine)
            spent.append(Spent(trade_in, WORTH_FEN, self.world.rights[trade_in].held_fen))
        self._sell(spent, f"SN{self.random.randint(1000, 1012)}")

    def _sell(self, spent, serial):
        sale_id, shop = uuid4(), self.random.choice(self.shops)
        rights = [self.world.rights[one.right_id] for one in spent]
        free = dict(self.world.free)
        for one, right in zip(spent, rights, strict=True):
            free[right.payer] += one.reserve_fen - one.amount_fen
        allowed = (
            all(self._is_free(right) and right.channel == "app" for right in rights)
            and spent[0].amount_fen <= LINES[rights[0].category][0]
            and serial not in self.world.locked_serials()
            and min(free.values()) >= 0
        )
        asked = [
            Redemption(
                sale_id, one.right_id, right.person_id, shop, one.amount_fen,
                Device("海尔", serial), self.now,
            )
            for one, right in zip(spent, rights, strict=True)
        ]  # fmt: skip
        assert self._done(redeeming.redeem_vouchers, redemptions=asked) == allowed
        if allowed:
            self.world.free = free
            left_fen = spent[0].amount_fen
            self.world.sales[sale_id] = Sale(spent, shop, serial, asked, left_fen=left_fen)
            for right in rights:
                right.state, right.sale_id, right.held_fen = VoucherState.USED, sale_id, 0
                right.unlock()

    def _is_free(self, right):
        """待使用 in its time; a lock past its deadline is none."""
        state = right.state
        if state is VoucherState.LOCKED and self.now >= right.locked_until:
            state = VoucherState.USABLE
        in_time = right.expires_at is None or self.now < right.expires_at
        return state is VoucherState.USABLE and in_time

    def redeem_again(self):
        """A duplicate of an earlier request, whatever happened since: nothing changes."""
        if self.world.sales:
            sale = self.random.choice(list(self.world.sales.values()))
            asked = self.random.sample(sale.asked, len(sale.asked))
            assert self._done(redeeming.redeem_vouchers, redemptions=asked)

    def reduce(self):
        if not self.world.sales:
            return
        sale_id = self.random.choice(list(self.world.sales))
        sale = self.world.sales[sale_id]
        left_fen = self.random.randint(0, sale.left_fen)
        allowed = not sale.state.startswith("cancelled")
        step = len(sale.told) + self.random.choice([1, 2]) + max(sale.told, default=0)
        assert self._reduce(sale_id, step, left_fen) == allowed
        if allowed:
            if sale.state == "held":
                payer = self.world.rights[sale.spent[0].right_id].payer
                self.world.free[payer] += sale.left_fen - left_fen
            sale.left_fen = sale.told[step] = left_fen

    def reduce_late(self):
        """Reductions told again, with another amount, or after a later one: nothing changes."""
        told = [key for key, sale in self.world.sales.items() if sale.told]
        if not told:
            return
        sale_id = self.random.choice(told)
        sale = self.world.sales[sale_id]
        step = self.random.randint(1, max(sale.told))
        amount_fen = self.random.choice([*sale.told.values(), 0, 1])
        is_other = step in sale.told and sale.told[step] != amount_fen
        assert self._reduce(sale_id, step, amount_fen) != is_other

    def _reduce(self, sale_id, step, amount_fen):
        asked = Reduction(sale_id, step, amount_fen, "保价")
        return self._done(redeeming.reduce_redemption, reduction=asked)

    def cancel(self):
        """The whole sale comes back: all its vouchers are free again with what money there is."""
        if not self.world.sales:
            return
        sale_id = self.random.choice(list(self.world.sales))
        sale = self.world.sales[sale_id]
        assert self._done(redeeming.cancel_redemption, sale_id=sale_id, reason="退货")
        if sale.state.startswith("cancelled"):
            return
        for one, left_fen in zip(sale.spent, self._left(sale), strict=True):
            right = self.world.rights[one.right_id]
            self.world.free[right.payer] += left_fen if sale.state == "held" else 0
        for one in sale.spent:
            right = self.world.rights[one.right_id]
            right.held_fen = min(one.reserve_fen, self.world.free[right.payer])
            self.world.free[right.payer] -= right.held_fen
            right.state, right.sale_id = VoucherState.USABLE, None
            if right.expires_at is not None:
                right.expires_at = max(right.expires_at, self.now + LAPSE)
        sale.state = "cancelled" if sale.state == "held" else "cancelled after payment"

    def _left(self, sale):
        return [sale.left_fen, *(one.amount_fen for one in sale.spent[1:])]

    def pay(self):
        held = [sale_id for sale_id, sale in self.world.sales.items() if sale.state == "held"]
        if held:
            sale_id = self.random.choice(held)
            keys = ledger.list_pending("sale", [sale_id])
            ledger_services.post_held(posts=[(key, None) for key in keys])
            sale = self.world.sales[sale_id]
            if keys:  # of a sale that was reduced to nothing nothing is paid
                sale.state, sale.paid_fen = "paid", sale.owed_fen

    # --- what holders, orders and timers do ------------------------------------------------

    def give_up(self):
        self._with_right(
            moving.give_up_right, lambda one: one.is_right and self._is_free(one), self._give_up
        )

    def _give_up(self, right):
        self.world.free[right.payer] += right.held_fen
        self.world.places[UUID(right.payer.partition(":")[2])] += 1
        right.state, right.held_fen = VoucherState.VOID, 0
        right.unlock()

    def move(self):
        channel = self.random.choice([RightChannel.APP, RightChannel.UNIONPAY])

        def moved(right):
            right.channel = channel

        self._with_right(
            moving.move_right,
            lambda one: one.channel == channel or (one.is_right and self._is_free(one)),
            moved,
            channel=channel,
        )

    def lock(self):
        sale_id = uuid4()

        def locked(right):
            right.state, right.locked_for = VoucherState.LOCKED, sale_id
            right.locked_until = self.now + timedelta(minutes=30)

        self._with_right(
            redeeming.lock_voucher,
            lambda right: self._is_free(right) and right.channel == "app",
            locked,
            sale_id=sale_id,
            org_id=uuid4(),
        )

    def _with_right(self, service, is_allowed, change, **more):
        if not self.world.rights:
            return
        right_id = self.random.choice(list(self.world.rights))
        right = self.world.rights[right_id]
        if right.state is VoucherState.VOID:  # giving up again is answered and changes nothing
            assert self._done(service, voucher_id=right_id, **more) == (
                (service is moving.give_up_right and right.is_right)
                or right.channel == more.get("channel")
            )
            return
        allowed = is_allowed(right)
        assert self._done(service, voucher_id=right_id, **more) == allowed
        if allowed:
            change(right)

    def unlock(self):
        """The timer: frees what is past its deadline."""
        due = [
            right for right in self.world.rights.values()
            if right.state is VoucherState.LOCKED and right.locked_until <= self.now
        ]  # fmt: skip
        with clock.standing_at(self.now):
            assert redeeming.free_due_locks(actor=given.system()) == len(due)
        for right in due:
            right.state = VoucherState.USABLE
            right.unlock()

    def lapse(self):
        over = [
            r for r in self.world.rights.values()
            if r.state is VoucherState.USABLE and r.expires_at and r.expires_at <= self.now
        ]  # fmt: skip
        with clock.standing_at(self.now):
            assert lapsing.lapse_due(actor=given.system()) == len(over)
        for right in over:
            self._give_up(right)
            right.state = VoucherState.LAPSED

    def trade_in(self):
        """A recycling order with a 焕新券; the unit is taken over at once or never."""
        order_id, person_id = uuid4(), self.random.choice(self.people)
        new = NewTradeInVoucher(person_id, order_id, 4_500, 1_500, FUNDER, uuid4())
        allowed = self.world.free[FUNDER] >= WORTH_FEN
        assert self._done(trading_in.issue_trade_in_vouchers, vouchers=[new]) == allowed
        if not allowed:
            return
        self.done.append((trading_in.issue_trade_in_vouchers, {"vouchers": [new]}))
        self.world.free[FUNDER] -= WORTH_FEN
        right = Right(FUNDER, person_id, "", WORTH_FEN, None, order_id=order_id)
        right.state = VoucherState.INACTIVE
        row = models.Voucher.objects.only("id").get(order_id=order_id)
        self.world.rights[row.id] = right
        if self.random.random() < 0.8:
            assert self._done(trading_in.activate_trade_in_voucher, order_id=order_id)
            right.state = VoucherState.USABLE

    def void(self):
        """The recycling order dies: the funder has its money back, unless the 焕新券 was used."""
        orders = [one for one in self.world.rights.values() if not one.is_right]
        if not orders:
            return
        right = self.random.choice(orders)
        allowed = right.state not in {VoucherState.USED, VoucherState.LOCKED}
        assert allowed == self._done(
            trading_in.void_trade_in_voucher, order_id=right.order_id, reason="订单取消"
        )
        if allowed:
            self.world.free[FUNDER] += right.held_fen
            right.state, right.held_fen = VoucherState.VOID, 0

    # --- money between the levels ----------------------------------------------------------

    def reallocate(self):
        """Places and money nobody holds move from one pool to the other."""
        giver, taker = self.random.sample(list(self.world.places), 2)
        places = self.random.randint(1, 2)
        amount_fen = self.random.choice([1, 50_000, 150_000])
        free = self.world.free[pool_code(giver)]
        allowed = places <= self.world.places[giver] and amount_fen <= free
        assert allowed == self._once(
            releasing.move_places, from_pool_id=giver, to_pool_id=taker, places=places,
            amount_fen=amount_fen, reason="调剂",
        )  # fmt: skip
        if allowed:
            self.world.places[giver] -= places
            self.world.places[taker] += places
            self._shift(pool_code(giver), pool_code(taker), amount_fen)

    def hand_down(self):
        """The city hands a part of its unused budget to the county."""
        self._budget(budgeting.allocate_budget, CITY, COUNTY)

    def reclaim(self):
        """The city takes back what the county has not put into a pool."""
        self._budget(budgeting.reclaim_budget, COUNTY, CITY)

    def _budget(self, service, payer, taker):
        amount_fen = self.random.choice([1, 999, 30_000, 90_000])
        allowed = amount_fen <= self.world.free[payer]
        assert allowed == self._once(
            service, programme=gv.PROGRAMME, region_code=given.COUNTY, amount_fen=amount_fen
        )
        if allowed:
            self._shift(payer, taker, amount_fen)

    def add(self):
        """The county puts more of its budget into a pool."""
        pool_id = self.random.choice(list(self.world.places))
        amount_fen = self.random.choice([1, 20_000, 60_000])
        allowed = amount_fen <= self.world.free[COUNTY]
        assert allowed == self._once(
            releasing.add_to_pool, pool_id=pool_id, places=1, amount_fen=amount_fen, reason="追加"
        )
        if allowed:
            self.world.places[pool_id] += 1
            self._shift(COUNTY, pool_code(pool_id), amount_fen)

    def again(self):
        """Requests that were answered, told again in any order: nothing moves."""
        for service, arguments in self.random.choices(self.done, k=2) if self.done else ():
            assert self._done(service, **arguments)

    def _shift(self, payer, taker, amount_fen):
        self.world.free[payer] -= amount_fen
        self.world.free[taker] += amount_fen

    # --- time and calls ----------------------------------------------------------------------

    def jump(self):
        """The clock is set back a little, as clocks are: what lapsed stays lapsed."""
        self.now -= timedelta(minutes=self.random.randint(1, 20))
        self.now = max(self.now, gv.OPENS)

    def wait(self):
        self.now = min(
            self.now + timedelta(minutes=self.random.choice([7, 31, 300, 1200])), gv.ENDS - LAPSE
        )

    def _once(self, service, **arguments):
        arguments["request_id"] = uuid4()
        is_done = self._done(service, **arguments)
        if is_done:
            self.done.append((service, arguments))
        return is_done

    def _done(self, service, **arguments):
        with clock.standing_at(self.now), mock.patch.object(_budgets, "check_programme"):
            try:
                service(actor=given.system(), **arguments)
            except DomainError:
                return False
            return True

    # --- agreement -----------------------------------------------------------------------

    def agree(self):
        """Everything, after every step, read in two statements."""
        world = self.world
        payables = {payable_code(shop): self._owed(shop) for shop in self.shops}
        with connection.cursor() as cursor:
            cursor.execute(SEEN, {"free": list(world.free), "owed": list(payables)})
            free, owed, places, serials = cursor.fetchone()
            cursor.execute(
                "SELECT id, state, used_sale_id, reserve_fen, expires_at, channel, locked_for"
                " FROM vouchers_voucher"
            )
            stored = {row[0]: row[1:] for row in cursor.fetchall()}
        assert world.free == free
        assert min(free.values()) >= 0
        assert {str(pool_id): left for pool_id, left in world.places.items()} == places
        assert stored == {
            right_id: (
                right.state, right.sale_id, right.held_fen, right.expires_at, right.channel,
                right.locked_for,
            )
            for right_id, right in world.rights.items()
        }  # fmt: skip
        assert sorted(serials) == sorted(world.locked_serials())
        assert {code: fen for code, fen in payables.items() if any(fen)} == {
            code: fen for code, fen in (owed or {}).items() if any(fen)
        }

    def _owed(self, shop):
        """What is held for a shop, and what it was paid."""
        sales = [one for one in self.world.sales.values() if one.shop == shop]
        return [
            sum(one.owed_fen for one in sales if one.state == "held"),
            sum(one.paid_fen for one in sales),
        ]
