"""The terms of a consumption voucher as values; other rooms read them through types. No Django."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class LimitPer(StrEnum):
    """What one person's limit on consumption vouchers counts over."""

    POOL = "pool"
    ROUND = "round"  # every pool of one round of a campaign together
    VALUE = "value"  # each face value of a round by itself (Yantai 2022)


class OnReturn(StrEnum):
    """What becomes of a consumption voucher when the goods come back."""

    RESTORE = "restore"  # hers again
    TO_POOL = "to_pool"  # its value goes back to the pool, only cash is refunded (Sishui 2023)


@dataclass(frozen=True, slots=True)
class Tier:
    """满 `threshold_fen` 减 `discount_fen`; with `rate_bps` that share of the price, so capped."""

    threshold_fen: int
    discount_fen: int
    rate_bps: int = 0


@dataclass(frozen=True, slots=True)
class Circle:
    """A point in integer microdegrees and a radius in metres."""

    lat_e6: int
    lon_e6: int
    radius_m: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a phone said it is, by its owner's consent. Used once, never stored."""

    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may claim and spend: all that is set must hold.

    Ages are years by year of birth, both ends included. `residence` are region codes, one of
    which she must live in. `tags` are `tag` or `tag/level`, one of which she must have.
    """

    age_from: int | None = None
    age_to: int | None = None
    residence: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether everyone is meant."""
        return self == Audience()


@dataclass(frozen=True, slots=True)
class ConsumptionTerms:
    """What a consumption voucher is worth, to whom, on what, where, and beside what.

    `others_max` is how many other consumption vouchers may be spent with it. Vouchers are taken in
    rising `order`; one that `lowers_base` before the subsidy is computed, the others after it.
    """

    campaign: str
    funder_code: str
    tiers: tuple[Tier, ...]
    round: int = 1
    limit_per: LimitPer = LimitPer.POOL
    limit_count: int = 1
    categories: tuple[str, ...] = ()  # none: any goods
    merchant_ids: tuple[UUID, ...] = ()  # none: any shop of the region
    audience: Audience = field(default_factory=Audience)
    circle: Circle | None = None
    with_qualification: bool = True
    with_huanxin: bool = True
    others_max: int = 0
    order: int = 50
    lowers_base: bool = True
    on_return: OnReturn = OnReturn.RESTORE
    is_synthetic: bool = False  # the rules are made up for a demonstration: every page says so

    @property
    def face_fen(self) -> int:
        """The most it can bring: what is held from the day it is claimed."""
        return max((tier.discount_fen for tier in self.tiers), default=0)

    @property
    def programme(self) -> str:
        """The campaign's round, as rights and money name it."""
        return f"{self.campaign}:{self.round}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A consumption voucher laid on a purchase, with its terms."""

    voucher_id: UUID
    terms: ConsumptionTerms


@dataclass(frozen=True, slots=True)
class Deduction:
    """What one consumption voucher takes off, from what was left when its turn came."""

    voucher_id: UUID
    from_fen: int
    amount_fen: int
    lowers_base: bool = True


@dataclass(frozen=True, slots=True)
class Bundle:
    """The consumption vouchers laid on one sale, and what else is spent on it."""

    org_id: UUID
    person_id: UUID
    category_code: str
    voucher_ids: tuple[UUID, ...]
    has_right: bool = False
    has_huanxin: bool = False


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """Goods without a subsidy, paid in part with consumption vouchers. Price in fen."""

    org_id: UUID
    till_id: str
    voucher_ids: tuple[UUID, ...]
    category_code: str
    price_fen: int


@dataclass(frozen=True, slots=True)
class PurchaseQuote:
    """What a purchase would come to, and why; nothing is written or promised."""

    price_fen: int
    discount_fen: int
    to_pay_fen: int
    deductions: tuple[Deduction, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PurchaseCard:
    """A purchase as its buyer, its shop and officers see it."""

    id: UUID
    number: str
    org_id: UUID
    person_id: UUID
    category_code: str
    price_fen: int
    discount_fen: int
    to_pay_fen: int
    bought_at: datetime
    returned_fen: int
    kept_discount_fen: int
    is_released: bool


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """What a return comes to: `refund_fen` is the cash the shop gives back."""

    returned_fen: int
    discount_back_fen: int
    refund_fen: int
    kept_discount_fen: int


@dataclass(frozen=True, slots=True)
class CampaignUse:
    """How far a consumption pool has come, in vouchers and money."""

    claimed_count: int
    used_count: int
    lapsed_count: int
    returned_count: int
    used_fen: int
    sales_fen: int
    org_count: int
