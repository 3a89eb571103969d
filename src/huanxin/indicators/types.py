"""What crosses indicators' door: metrics, series of one metric, the headline. Frozen, no Django."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from huanxin.identity.types import Region


class Unit(StrEnum):
    """How a value is counted. Values are integers in the smallest unit, always."""

    FEN = "fen"
    UNITS = "units"  # 台
    VOUCHERS = "vouchers"  # 张
    ORDERS = "orders"  # 单
    STOPS = "stops"  # 次
    PEOPLE = "people"  # 人
    SECONDS = "seconds"
    GRAMS = "grams"
    SHARE_BPS = "share_bps"  # 百分比, 10000 = 100 %
    TIMES_BPS = "times_bps"  # 倍, 10000 = 1 times


class Aggregate(StrEnum):
    """How rows become a number. Only sums may be added up over regions and days."""

    SUM = "sum"
    DISTINCT = "distinct"  # different fact_key values
    LOWER_MEDIAN = "lower_median"
    RATIO = "ratio"  # one metric / another, rounded down to a basis point
    DIFFERENCE = "difference"  # one metric - another


class By(StrEnum):
    """What a series may be split by."""

    REGION = "region"
    DAY = "day"
    CATEGORY = "category"
    HOUR = "hour"


WINDOW_TITLES = {"today": "今日", "week": "近7日", "month": "近30日", "year": "本年"}


@dataclass(frozen=True, slots=True)
class Window:
    """Business days from_on to to_on, both included, and what people call them."""

    from_on: date
    to_on: date
    title: str
    key: str = ""

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days + 1

    def before(self) -> "Window":
        """The period of equal length that ends where this one starts.

        >>> Window(date(2026, 9, 1), date(2026, 9, 7), "近7日").before().from_on
        datetime.date(2026, 8, 25)
        """
        step = timedelta(days=self.days)
        return Window(self.from_on - step, self.to_on - step, "上期")


@dataclass(frozen=True, slots=True)
class Metric:
    """One number's one meaning: read from the header of its SQL file."""

    id: str
    title: str
    group: str
    place: int  # within its group
    unit: Unit
    aggregate: Aggregate
    grain: str
    direction: str  # up: more is better | down: less is better | none
    definition: str
    source: str
    parts: tuple[str, ...] = ()  # of a ratio or difference: the two metrics, in order
    target: int | None = None
    target_source: str = ""

    @property
    def is_additive(self) -> bool:
        return self.aggregate in {Aggregate.SUM, Aggregate.DIFFERENCE}


@dataclass(frozen=True, slots=True)
class Point:
    """One group of a series. `value` is None where nothing can be said (a median of no rows)."""

    key: str
    label: str
    value: int | None
    row_count: int


@dataclass(frozen=True, slots=True)
class Series:
    """A metric over a region and the business days from_on to to_on, both included."""

    metric: Metric
    region_path: str
    from_on: date
    to_on: date
    by: By | None
    value: int | None
    row_count: int
    points: tuple[Point, ...] = ()
    read_at: datetime | None = None  # of a kept answer: its own moment, which may lag the wall's


@dataclass(frozen=True, slots=True)
class Fact:
    """One row behind a number."""

    number: str
    region_path: str
    region_name: str
    on: date
    at: datetime | None
    category: str
    value: int


@dataclass(frozen=True, slots=True)
class UnitFlow:
    """Old units of a period by what became of them and of their owners' next purchase."""

    waiting_count: int
    cancelled_count: int
    legs: tuple["FlowLeg", ...]
    read_at: datetime | None = None  # of a kept answer: its own moment, which may lag the wall's

    @property
    def collected_count(self) -> int:
        return sum(leg.count for leg in self.legs)

    @property
    def booked_count(self) -> int:
        return self.collected_count + self.waiting_count + self.cancelled_count


@dataclass(frozen=True, slots=True)
class FlowLeg:
    """Collected units that share one fate."""

    fate: str  # dismantled | reused | in_hand
    has_bought: bool
    count: int


@dataclass(frozen=True, slots=True)
class Published:
    """A figure that the city published, and why ours can or cannot be set beside it."""

    metric_id: str
    title: str
    value: int
    unit: Unit
    from_on: date
    to_on: date
    is_window_assumed: bool
    is_comparable: bool
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class HeadlineRow:
    """Ours beside the published figure; `expected` only where the two mean the same."""

    published: Published
    expected: int | None
    ours: int | None
    share_bps: int | None  # ours as a share of expected


@dataclass(frozen=True, slots=True)
class MarketCell:
    """Units of a district, category and age. `unit_count` is rounded down to tens; None: too few.

    Too few people, and the cell says nothing; there are no totals to subtract from.
    """

    region_code: str
    category_code: str
    age_band: str
    unit_count: int | None


@dataclass(frozen=True, slots=True)
class Market:
    """What a retailer may know of the city around it over a period."""

    window: Window
    demand: tuple[MarketCell, ...]
    ages: tuple[MarketCell, ...]


@dataclass(frozen=True, slots=True)
class WeekAhead:
    """A week to come: the units expected, and between which they lie four times in five."""

    from_on: date
    units: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class DemandForecast:
    """A category's demand in a district: the weeks so far, the weeks ahead, and the backtest."""

    region_path: str
    category_code: str
    made_on: date
    method: str
    history: tuple[tuple[date, int], ...]
    ahead: tuple[WeekAhead, ...]
    error_bps: int
    naive_error_bps: int
    backtest_weeks: int
    within_count: int


@dataclass(frozen=True, slots=True)
class NewTarget:
    """A goal for a metric of a region over some days, and the document that set it."""

    metric_id: str
    region_code: str
    from_on: date
    to_on: date
    value: int
    document: str


@dataclass(frozen=True, slots=True)
class Target:
    """A published goal with a name behind it; `value` is in the metric's smallest unit."""

    metric_id: str
    region_path: str
    from_on: date
    to_on: date
    value: int
    document: str
    published_by: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Goal:
    """What a target asks of a window: of sums its share of the days, else the target itself."""

    value: int
    target: Target
    is_share: bool


@dataclass(frozen=True, slots=True)
class CityReading:
    """Another city's number over a window, with the moment its own cell gave it."""

    city_code: str
    as_of: datetime
    value: int
    row_count: int


@dataclass(frozen=True, slots=True)
class Headline:
    """Our figures against the published ones, and whether the ledger adds up."""

    from_on: date
    to_on: date
    scale: int
    rows: tuple[HeadlineRow, ...]
    conversion_definition: str
    ledger_account_count: int
    ledger_difference_fen: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric on the wall: its series, the window before, today, and a companion's value."""

    series: Series
    before: int | None
    today: int | None = None
    goal: Goal | None = None
    also: Series | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """A year's public money: given, then by day claimed, redeemed and paid out."""

    window: Window
    budget_fen: int
    claimed: Series
    redeemed: Series
    paid: Series

    @property
    def left_fen(self) -> int:
        return self.budget_fen - (self.claimed.value or 0)


@dataclass(frozen=True, slots=True)
class Wall:
    """Everything one screen shows, read from one snapshot of the database.

    `position` is where the feed stood at `read_at`: while it stands there, the wall is current.
    """

    position: str
    read_at: datetime
    region: Region
    trail: tuple[Region, ...]
    children: tuple[Region, ...]
    connected_codes: frozenset[str]
    window: Window
    keys: tuple[Reading, ...]
    flow: UnitFlow
    map: Series
    categories: Series
    money: Money
    tiles: tuple[Reading, ...]
    by_category: Series
    field: tuple[Reading, ...]  # stations and routes
    other_cities: tuple[CityReading, ...] = ()
