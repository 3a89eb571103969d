"""What crosses the vouchers door: pools, claims, vouchers, devices, redemptions. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


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


class ReleaseMode(StrEnum):
    """How a pool's places are given out. By slot is several pools, each at its own time."""

    TIMED = "timed"  # from a moment on, first come first served


class ClaimOutcome(StrEnum):
    """The one answer each request gets."""

    WON = "won"
    ALREADY_YOURS = "already_yours"
    SOLD_OUT = "sold_out"
    NOT_ELIGIBLE = "not_eligible"
    NOT_OPEN = "not_open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NewPool:
    """A release to open. `budget_fen` moves from the region's budget into the pool at once.

    `reserve_bps` is how much of a line's cap an issued voucher holds: 10000 keeps all of it.
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


@dataclass(frozen=True, slots=True)
class PoolCategory:
    """What a pool promises for one category, fixed when it opens."""

    category_code: str
    cap_fen: int
    reserve_fen: int
    limit_count: int


@dataclass(frozen=True, slots=True)
class PoolCard:
    """A pool as everyone may see it. `remaining` counts places that have money behind them."""

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


@dataclass(frozen=True, slots=True)
class Claim:
    """One request for one place. `device_key` names the phone it came from, if known."""

    request_id: UUID
    pool_id: UUID
    person_id: UUID
    category_code: str
    device_key: str = ""


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
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
    """Spend one voucher on one sale. A sale may name a qualification and a 焕新券, one of each."""

    sale_id: UUID
    voucher_id: UUID
    person_id: UUID
    org_id: UUID
    amount_fen: int
    device: Device
    at: datetime


@dataclass(frozen=True, slots=True)
class RedemptionReceipt:
    """What is now held for the shop."""

    sale_id: UUID
    voucher_id: UUID
    amount_fen: int


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


@dataclass(frozen=True, slots=True)
class RightKey:
    """Whose right to what: one holder, one category, one programme (DESIGN.md 12.4)."""

    programme: str
    category_code: str
    holder_key: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that nothing speaks against except places, money and its holder's earlier rights."""

    position: int
    pool_id: UUID
    key: RightKey
    reserve_fen: int
    limit_count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to give in each pool, and which ordinals of a right are taken."""

    places: Mapping[UUID, int]
    money_fen: Mapping[UUID, int]
    taken: Mapping[RightKey, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Winners by position with their ordinal; who already has theirs; who came too late."""

    won: Mapping[int, int]
    already: frozenset[int]
    sold_out: frozenset[int]
