"""What the twin plans and what it tells: frozen values, no Django."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Pattern(StrEnum):
    """Fraud patterns the twin commits; the numbers are those of the documented cases."""

    SERIAL_REUSE = "serial_reuse"  # 13: one unit sold several times
    PRICE_RAISED = "price_raised"  # 4: price raised before the subsidy
    BOUGHT_VOUCHERS = "bought_vouchers"  # 1: invented orders with bought vouchers
    CLAIMANT_NOT_BUYER = "claimant_not_buyer"  # 2: hired buyers, goods go elsewhere
    INVOICE_REUSE = "invoice_reuse"  # 15: one invoice for several claims
    PHOTO_REUSE = "photo_reuse"  # 5: invented trades with the same photos and addresses
    # Committed in the measured city alone (docs/twin.md):
    HIRED_BUYERS = "hired_buyers"  # 2: paid to buy, the goods go to who pays them
    RELABELLED = "relabelled"  # 3: invoiced as something that is subsidised
    OVER_LIMIT = "over_limit"  # 7: above the standard, or a second time
    OLD_AS_NEW = "old_as_new"  # 8: old units, changed nameplates
    ZERO_COST = "zero_cost"  # 9: the money goes back to the buyer
    SPOOFED_REGION = "spoofed_region"  # 11: another region's rights by false IP and GPS
    SCALPERS = "scalpers"  # 12: rights grabbed by script and sold on
    SHOP_RING = "shop_ring"  # 14: many shops of few people
    SPLIT_INVOICE = "split_invoice"  # 15: one sale in several invoices
    FALSE_SIGN_OFF = "false_sign_off"  # 15: signed for without a journey
    ALTERED_ADDRESS = "altered_address"  # 15: the address changed afterwards
    BACK_FILLED = "back_filled"  # 15: entered in bulk after the fact
    WITHHELD_PAPERS = "withheld_papers"  # 16: what would betray it is left out


_TITLES = {
    Pattern.SERIAL_REUSE: "一机多卖",
    Pattern.PRICE_RAISED: "先涨价后补贴",
    Pattern.BOUGHT_VOUCHERS: "收购资格虚构交易",
    Pattern.CLAIMANT_NOT_BUYER: "领取人与购买人不符",
    Pattern.INVOICE_REUSE: "一票多用",
    Pattern.PHOTO_REUSE: "照片重复使用",
    Pattern.HIRED_BUYERS: "雇人下单",
    Pattern.RELABELLED: "以次充补、虚假品名",
    Pattern.OVER_LIMIT: "超标准或重复享受",
    Pattern.OLD_AS_NEW: "以旧充新、更换铭牌",
    Pattern.ZERO_COST: "零元购、虚构流水",
    Pattern.SPOOFED_REGION: "冒充本地抢资格",
    Pattern.SCALPERS: "黄牛脚本抢资格",
    Pattern.SHOP_RING: "关联门店团伙",
    Pattern.SPLIT_INVOICE: "拆分发票",
    Pattern.FALSE_SIGN_OFF: "虚假签收",
    Pattern.ALTERED_ADDRESS: "篡改收货地址",
    Pattern.BACK_FILLED: "集中补录",
    Pattern.WITHHELD_PAPERS: "藏匿材料",
}


def titled(pattern: Pattern) -> str:
    """A pattern in Chinese."""
    return _TITLES[pattern]


class Look(StrEnum):
    """Honest sales of the measured city that look like something else."""

    FAMILY_INVOICE = "family_invoice"
    FAMILY_PAYS = "family_pays"
    FAMILY_RECEIVES = "family_receives"
    FAMILY_UNITS = "family_units"
    NEW_HOME = "new_home"
    GROUP_EVENT = "group_event"
    SHARED_PHONE = "shared_phone"
    STATION_TABLET = "station_tablet"
    SHOP_TABLET = "shop_tablet"
    PROMOTION = "promotion"
    ELSEWHERE = "elsewhere"
    COARSE_PLACE = "coarse_place"
    CARRIED_HOME = "carried_home"
    INSTANT = "instant"
    DEFECT = "defect"
    TYPO = "typo"
    PRICE_SLIP = "price_slip"
    PHOTO_SLIP = "photo_slip"
    ALIKE_PHOTO = "alike_photo"
    LATE_PAPERS = "late_papers"
    WEEKLY_UPLOAD = "weekly_upload"
    OFFLINE_TILL = "offline_till"
    OLD_STOCK = "old_stock"


class Slip(StrEnum):
    """Honest mistakes: they look like trouble and are none."""

    WRONG_SERIAL = "wrong_serial"
    MISSING_PAPER = "missing_paper"
    NO_LOCATION = "no_location"
    FAMILY_INVOICE = "family_invoice"
    PHOTO = "photo"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class Resident:
    """A synthetic person. `key` names her in the twin; ids on the platform are derived from it."""

    key: str
    name: str
    document_no: str
    phone: str
    born_on: date
    county: str
    address: str
    lat_e6: int
    lon_e6: int
    uses_station: bool


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """A product model under the demo prefix 952, its filed price and how often it is chosen."""

    gtin: str
    brand: str
    name: str
    category_code: str
    energy_grade: int | None
    price_fen: int
    weight: int


@dataclass(frozen=True, slots=True)
class OrgPlan:
    """An organisation to admit: who, where, and its region."""

    key: str
    kind: str
    name: str
    short_name: str
    uscc: str
    region_code: str
    lat_e6: int
    lon_e6: int
    weight: int = 1
    is_crooked: bool = False
    phone: str = ""
    address: str = ""
    opens_on: date | None = None


@dataclass(frozen=True, slots=True)
class CityPlan:
    """Everything that stands before the first day."""

    seed: int
    scale: int
    populations: tuple[tuple[str, int], ...]
    households: tuple[tuple[str, int], ...]
    shops: tuple[OrgPlan, ...]
    depots: tuple[OrgPlan, ...]
    dismantlers: tuple[OrgPlan, ...]
    stations: tuple[OrgPlan, ...]
    makers: tuple[OrgPlan, ...]
    models: tuple[ModelPlan, ...]

    @property
    def people_count(self) -> int:
        """Residents at this scale."""
        return sum(count for _, count in self.populations)


@dataclass(frozen=True, slots=True)
class OldUnitPlan:
    """The old unit as the owner describes it and as the collector finds it."""

    category_code: str
    age_band: str
    is_working: bool
    is_complete: bool
    brand_tier: str
    differs: bool


@dataclass(frozen=True, slots=True)
class PickUpPlan:
    """A booked collection: when it was wanted, which slot, what is taken for it."""

    book_on: date
    slot_days: int
    slot: str
    choice: str
    is_cancelled: bool
    unit: OldUnitPlan


@dataclass(frozen=True, slots=True)
class PurchasePlan:
    """What is bought, where, how long after the right was won, and what goes wrong with it.

    `delay_days` None: she lets the right lapse.
    """

    shop: str
    gtin: str
    list_price_fen: int
    discount_fen: int
    channel: str
    delay_days: int | None
    minute: int
    evidence_days: int
    slip: Slip | None = None
    pattern: Pattern | None = None
    ring: str = ""
    returns_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One household's need on one day: get rid of an old unit, buy a new one, or both."""

    key: str
    resident: Resident
    category_code: str
    on: date
    tries: int
    pick_up: PickUpPlan | None
    purchase: PurchasePlan | None


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """All wishes of a season in order of their day, and which of them are frauds."""

    city: CityPlan
    first_on: date
    last_on: date
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one pattern is committed: how many times, by how many orders, minutes between them."""

    pattern: Pattern
    times: int
    size: int
    gap_minutes: int


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login for visitors: who it is and what to try first."""

    login: str
    name: str
    role: str
    role_title: str
    try_first: str
    org_key: str | None = None


@dataclass(frozen=True, slots=True)
class PatternScore:
    """How the platform did against one pattern.

    `stopped`: refused at the till, held or refused by any check. `denied`: no money left in the
    end. `flagged` and `flagged_right` count what the pattern's own check flagged.
    """

    pattern: str
    committed: int
    stopped: int
    denied: int
    flagged: int
    flagged_right: int

    @property
    def title(self) -> str:
        """The pattern in Chinese."""
        return _TITLES[Pattern(self.pattern)]

    @property
    def recall_bps(self) -> int | None:
        """Stopped among committed, in basis points; None where nothing was committed."""
        return self.stopped * 10_000 // self.committed if self.committed else None

    @property
    def precision_bps(self) -> int | None:
        """Right among flagged, in basis points; None where nothing was flagged."""
        return self.flagged_right * 10_000 // self.flagged if self.flagged else None


@dataclass(frozen=True, slots=True)
class SeasonResult:
    """What a finished replay counted, and how fraud fared."""

    seed: int
    scale: int
    first_on: date
    last_on: date
    plan_hash: str
    counts: dict[str, int]
    scores: tuple[PatternScore, ...]
    ledger_difference_fen: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CityResult:
    """Where the city stands after build_city."""

    org_ids: dict[str, UUID]
    account_ids: dict[str, UUID]
    is_new: bool
