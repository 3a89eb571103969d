"""What crosses the vouchers door: pools, claims, vouchers, devices, redemptions. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from huanxin.vouchers._terms import (
    Audience,
    Bundle,
    CampaignUse,
    Circle,
    ConsumptionTerms,
    Deduction,
    LimitPer,
    NewPurchase,
    Offer,
    OnReturn,
    Position,
    PurchaseCard,
    PurchaseQuote,
    ReturnReceipt,
    Tier,
)

__all__ = [  # of consumption vouchers, whose terms have a file of their own; the rest stands here
    "Audience", "Bundle", "CampaignUse", "Circle", "ConsumptionTerms", "Deduction", "LimitPer",
    "NewPurchase", "Offer", "OnReturn", "Position", "PurchaseCard", "PurchaseQuote",
    "ReturnReceipt", "Tier",
]  # fmt: skip


HOLD_MINUTES = 30  # the longest an unpaid online order keeps a right: the platform's parameter


class VoucherKind(StrEnum):
    """One mechanism, three instruments."""

    QUALIFICATION = "qualification"  # 补贴资格: a right to public money, one per sale
    HUANXIN = "huanxin"  # 焕新券: the old unit's value plus a top-up, taken instead of cash
    CONSUMPTION = "consumption"  # 消费券


class VoucherState(StrEnum):
    """The city rule's own states; `label` is what the page says."""

    INACTIVE = "inactive"
    USABLE = "usable"
    LOCKED = "locked"
    USED = "used"
    LAPSED = "lapsed"
    VOID = "void"

    @property
    def label(self) -> str:
        return _STATE_LABELS[self]


_STATE_LABELS = {
    VoucherState.INACTIVE: "待激活",
    VoucherState.USABLE: "待使用",
    VoucherState.LOCKED: "已锁定",
    VoucherState.USED: "已使用",
    VoucherState.LAPSED: "已失效",
    VoucherState.VOID: "已作废",
}


class HolderKind(StrEnum):
    """Whom a right belongs to; a holder key is `<kind>:<who>`."""

    PERSON = "person"
    HOUSEHOLD = "household"
    DWELLING = "dwelling"
    VEHICLE = "vehicle"

    @property
    def label(self) -> str:
        return _HOLDER_LABELS[self]


_HOLDER_LABELS = {
    HolderKind.PERSON: "个人",
    HolderKind.HOUSEHOLD: "家庭",
    HolderKind.DWELLING: "住房",
    HolderKind.VEHICLE: "车辆",
}


class RightChannel(StrEnum):
    """Where a right may be spent; it is bound to one at a time, or to none after 解绑."""

    NONE = ""
    APP = "app"  # 惠循环: the tills and online shops of this platform
    UNIONPAY = "unionpay"  # 云闪付 and the provincial platform
    ONLINE = "online"  # an e-commerce platform's own till

    @property
    def label(self) -> str:
        return _CHANNEL_LABELS[self]


_CHANNEL_LABELS = {
    RightChannel.NONE: "未绑定",
    RightChannel.APP: "惠循环（门店与平台商家）",
    RightChannel.UNIONPAY: "云闪付（省级平台）",
    RightChannel.ONLINE: "电商平台",
}


class ReleaseMode(StrEnum):
    """How a pool's places are given out. By slot is several pools, each at its own time."""

    TIMED = "timed"  # from a moment on, first come first served
    LOTTERY = "lottery"  # registered for, then drawn so that anyone can recompute it


class ClaimOutcome(StrEnum):
    """The one answer each request gets."""

    WON = "won"
    ALREADY_YOURS = "already_yours"
    SOLD_OUT = "sold_out"
    NOT_ELIGIBLE = "not_eligible"
    NOT_OPEN = "not_open"
    NOT_YET = "not_yet"  # what is released so far is given out; the next stage opens later
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a pool's places, free from some seconds after its opening on."""

    after_seconds: int
    share_bps: int


@dataclass(frozen=True, slots=True)
class NewLottery:
    """How a pool is drawn. `entropy_source` names, before anyone registers, a public number that
    is drawn elsewhere after `registers_until`: nobody here can choose it."""

    registers_until: datetime
    draws_at: datetime
    entropy_source: str


@dataclass(frozen=True, slots=True)
class NewPool:
    """A release to open. `budget_fen` moves from the region's budget into the pool at once.

    `reserve_bps` is how much of a line's cap an issued voucher holds: 10000 keeps all of it.
    `stages` free the places bit by bit; none means all at the opening. A lottery's opening is
    that of its registration. A consumption voucher's pool has `consumption` terms, names neither
    categories nor a programme of its own, and is paid by the funder whom the terms name.
    """

    title: str
    programme: str
    region_code: str
    categories: tuple[str, ...]
    quantity: int
    budget_fen: int
    opens_at: datetime
    closes_at: datetime
    lapse_hours: int = 48
    reserve_bps: int = 10_000
    mode: ReleaseMode = ReleaseMode.TIMED
    kind: VoucherKind = VoucherKind.QUALIFICATION
    stages: tuple[Stage, ...] = ()
    lottery: NewLottery | None = None
    consumption: ConsumptionTerms | None = None


@dataclass(frozen=True, slots=True)
class PoolCategory:
    """What a pool promises for one category, fixed when it opens."""

    category_code: str
    cap_fen: int
    reserve_fen: int
    limit_count: int
    holder: HolderKind = HolderKind.PERSON
    total_fen: int | None = None
    counts_across: bool = False  # the limit is over all categories of the programme


@dataclass(frozen=True, slots=True)
class PoolStage:
    """Places of a pool that nobody can claim before an instant."""

    opens_at: datetime
    places: int


@dataclass(frozen=True, slots=True)
class PoolCard:
    """A pool as everyone may see it. `remaining` counts places that have money behind them,
    `ungiven` all that nobody holds; `stages` says when which of them become free.
    """

    id: UUID
    title: str
    kind: VoucherKind
    programme: str
    region_code: str
    region_path: str
    categories: tuple[str, ...]
    quantity: int
    remaining: int
    opens_at: datetime
    closes_at: datetime
    lapse_hours: int
    reserve_bps: int
    mode: ReleaseMode
    lines: tuple[PoolCategory, ...] = ()
    ungiven: int = 0
    stages: tuple[PoolStage, ...] = ()
    plan_id: UUID | None = None
    consumption: ConsumptionTerms | None = None

    def places_open_at(self, now: datetime) -> int:
        """How many places can be claimed at that instant; later stages do not count yet."""
        withheld = sum(stage.places for stage in self.stages if stage.opens_at > now)
        return max(0, min(self.remaining, self.ungiven - withheld))

    def next_stage(self, now: datetime) -> PoolStage | None:
        """The stage that opens next, if one does."""
        later = [stage for stage in self.stages if stage.opens_at > now]
        return min(later, key=lambda stage: stage.opens_at, default=None)


@dataclass(frozen=True, slots=True)
class PoolFilter:
    """Which pools a list shows; what is empty does not filter. `state` needs `now`."""

    programme: str = ""
    region_code: str = ""
    mode: str = ""
    state: str = ""
    words: str = ""
    plan_id: UUID | None = None
    opens_from: datetime | None = None
    opens_to: datetime | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One request for one place. `device_key` names the phone it came from, if known.

    `is_near`: the ticket was given to a phone inside the pool's circle.
    """

    request_id: UUID
    pool_id: UUID
    person_id: UUID
    category_code: str
    device_key: str = ""
    is_near: bool = False


class ClaimAnswer(NamedTuple):
    """The answer to one claim; `is_repeat` when this request id had won before."""

    request_id: UUID
    outcome: ClaimOutcome
    voucher_id: UUID | None
    is_repeat: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class VoucherCard:
    """A voucher as its holder, the till and officers see it.

    A qualification has a cap, a 焕新券 a value; `expires_at` is None when it does not lapse.
    """

    id: UUID
    number: str
    kind: VoucherKind
    programme: str
    category_code: str
    state: VoucherState
    person_id: UUID
    pool_id: UUID | None
    value_fen: int | None
    cap_fen: int | None
    issued_at: datetime
    expires_at: datetime | None
    region_path: str
    used_sale_id: UUID | None
    order_id: UUID | None = None
    channel: RightChannel = RightChannel.APP
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoucherMoment:
    """One line of a voucher's history, newest last: what happened, when, under which code."""

    action: str
    title: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewRight:
    """A right made together with the redemption that uses it: back-filled claims, cars.

    `pool_id` names the pool whose place and money it takes; its release need not be open.
    `holder_key` is empty for the person, else `household:…`, `dwelling:…` or `vehicle:…`.
    """

    person_id: UUID
    pool_id: UUID
    category_code: str
    request_id: UUID
    holder_key: str = ""


@dataclass(frozen=True, slots=True)
class NewTradeInVoucher:
    """A 焕新券 to issue for one recycling order: worth the old unit's value plus the top-up.

    `value_fen` is the cash the old unit would have brought, `topup_fen` what the funder adds.
    """

    person_id: UUID
    order_id: UUID
    value_fen: int
    topup_fen: int
    funder_code: str
    request_id: UUID


@dataclass(frozen=True, slots=True)
class Device:
    """The unit that is sold: its serial number is locked to one sale, its IMEI too."""

    manufacturer: str
    serial: str
    imei: str | None = None


@dataclass(frozen=True, slots=True)
class Redemption:
    """Spend one voucher on one sale. A sale may name a qualification and a 焕新券, one of each,
    and consumption vouchers by their `place`; these say on what price of which goods.
    """

    sale_id: UUID
    voucher_id: UUID
    person_id: UUID
    org_id: UUID
    amount_fen: int
    device: Device | None  # None: goods without a subsidy
    at: datetime
    place: int = 1
    price_fen: int | None = None
    category_code: str = ""
    channel: RightChannel = RightChannel.APP


@dataclass(frozen=True, slots=True)
class RedemptionReceipt:
    """What is now held for the shop."""

    sale_id: UUID
    voucher_id: UUID
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Reduction:
    """A sale's leg that pays less from now on: the price was lowered after the sale.

    `amount_fen` is what remains of the leg, `step` counts the reductions of the sale from 1.
    """

    sale_id: UUID
    step: int
    amount_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class TillCode:
    """Digits to show at a till: sixty seconds, one use."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """What rules need to know of a voucher to decide on it."""

    id: UUID
    kind: VoucherKind
    state: VoucherState
    person_id: UUID
    region_path: str
    worth_fen: int  # the cap of a qualification, the value of a 焕新券
    expires_at: datetime | None
    locked_for: UUID | None
    locked_until: datetime | None = None
    channel: RightChannel = RightChannel.APP


class RightKey(NamedTuple):
    """Whose right to what: one holder, one category, one programme (DESIGN.md 12.4).

    The category is empty where all of a programme's count together.
    """

    programme: str
    category_code: str
    holder_key: str


class DayRule(StrEnum):
    """On which days of a plan its slots open."""

    EVERY_DAY = "every_day"
    WORKDAYS = "workdays"
    WEEKENDS = "weekends"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of day at which places open, each region with so many and so much money.

    `opens` and `closes` are clock times in Shanghai, HH:MM; 24:00 is the end of the day.
    """

    opens: str
    closes: str
    quantity: int
    budget_fen: int


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A release plan: slots on days, in regions, opened as one set with their money.

    `also_on` adds days that the rule leaves out (a holiday), `not_on` takes days away. With
    `carries_rest` what a slot has left at its end goes to the region's next slot, else to the
    budget.
    """

    title: str
    programme: str
    region_codes: tuple[str, ...]
    categories: tuple[str, ...]
    first_on: date
    last_on: date
    slots: tuple[Slot, ...]
    days: DayRule = DayRule.EVERY_DAY
    also_on: tuple[date, ...] = ()
    not_on: tuple[date, ...] = ()
    stages: tuple[Stage, ...] = ()
    carries_rest: bool = False
    lapse_hours: int = 48
    reserve_bps: int = 10_000


@dataclass(frozen=True, slots=True)
class PlannedPool:
    """One pool that a plan would open."""

    region_code: str
    title: str
    opens_at: datetime
    closes_at: datetime
    quantity: int
    budget_fen: int


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan as it was opened, with its pools' ids in the order of their opening."""

    id: UUID
    title: str
    programme: str
    region_codes: tuple[str, ...]
    first_on: date
    last_on: date
    carries_rest: bool
    opened_at: datetime
    pool_ids: tuple[UUID, ...]


class LotteryStep(StrEnum):
    """Where a lottery stands; each step is taken once, in this order."""

    ANNOUNCED = "announced"
    REGISTERING = "registering"
    REGISTERED = "registered"  # the window is over, the list not yet published
    LISTED = "listed"  # the list is public, the seed still sealed
    DRAWN = "drawn"


@dataclass(frozen=True, slots=True)
class LotteryCard:
    """A lottery as everyone may see it; the seed is empty until it is drawn."""

    pool_id: UUID
    registers_until: datetime
    draws_at: datetime
    entropy_source: str
    commitment: str
    registered_count: int
    listed_at: datetime | None
    list_sha256: str
    entropy: str
    entropy_by: UUID | None
    drawn_at: datetime | None
    seed: str


class RegistrationState(StrEnum):
    """What became of a registration."""

    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"
    WON = "won"
    WAITING = "waiting"  # drawn behind the places; moves up while the pool runs
    PASSED = "passed"  # reached by the draw, but not entitled any more
    NOT_WON = "not_won"


@dataclass(frozen=True, slots=True)
class RegistrationCard:
    """A person's own registration: `hash` is its entry in the public list, `receipt` proves it.

    `rank` counts from 1; `ahead` is how many on the waiting list come before her.
    """

    id: UUID
    pool_id: UUID
    person_id: UUID
    category_code: str
    state: RegistrationState
    receipt: str
    hash: str
    registered_at: datetime
    rank: int | None
    ahead: int | None
    voucher_id: UUID | None


@dataclass(frozen=True, slots=True)
class DrawFault:
    """The first thing in a published draw that does not come out when it is recomputed."""

    step: str
    say: str


@dataclass(frozen=True, slots=True)
class DrawAudit:
    """What recomputing a published draw showed; no fault means that all of it came out.

    `signed_by` is the fingerprint of the key under which the log's proofs hold; empty without.
    """

    title: str
    registered: int
    places: int
    winners: int
    checked: tuple[str, ...]
    fault: DrawFault | None
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class BurnPoint:
    """A pool at the end of one hour or day: places claimed, used and lapsed so far."""

    at: datetime
    claimed: int
    used: int
    lapsed: int
