"""What crosses recycling's door of dispatch: vans, routes, jobs. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from huanxin.recycling.types import Choice, OfferState, OrderState, Slot
from huanxin.recycling.types.orders import UnitCard


@dataclass(frozen=True, slots=True)
class NewVan:
    """A van with its depot (the recycler's own place) and the county it serves."""

    org_id: UUID
    name: str
    region_code: str
    capacity_units: int = 14
    collector_account_id: UUID | None = None
    volume_l: int = 12_000
    load_kg: int = 1_500
    has_lift: bool = True
    skills: tuple[str, ...] = ("gas", "refrigerant")
    shift_from_minute: int = 510
    shift_to_minute: int = 1_110


@dataclass(frozen=True, slots=True)
class VanCard:
    id: UUID
    org_id: UUID
    name: str
    region_code: str
    region_path: str
    capacity_units: int
    collector_account_id: UUID | None
    volume_l: int
    load_kg: int
    has_lift: bool
    skills: tuple[str, ...]
    shift_from_minute: int
    shift_to_minute: int


@dataclass(frozen=True, slots=True)
class RouteStopCard:
    order_id: UUID
    arrive_at: datetime
    leave_at: datetime
    is_inserted: bool


@dataclass(frozen=True, slots=True)
class RoutePlan:
    route_id: UUID
    van_id: UUID
    org_id: UUID
    route_on: date
    distance_m: int
    stops: tuple[RouteStopCard, ...]


@dataclass(frozen=True, slots=True)
class JobCard:
    """One stop of a worker's day. Addresses are asked for one at a time, each look recorded."""

    order_id: UUID
    number: str
    van_id: UUID
    van_name: str
    position: int
    arrive_at: datetime
    slot: Slot
    region_code: str
    lat_e6: int
    lon_e6: int
    state: OrderState
    choice: Choice
    quoted_fen: int
    units: tuple[UnitCard, ...]


@dataclass(frozen=True, slots=True)
class OfferCard:
    """One offer of an order to a recycler, its score and its answer."""

    id: UUID
    order_id: UUID
    org_id: UUID
    round: int
    rule_version: str
    distance_m: int
    score_m: int
    state: OfferState
    offered_at: datetime
    respond_by: datetime
    answered_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A recycler's share of offers in a county beside what its vans and record are due."""

    org_id: UUID
    region_path: str
    van_count: int
    rating_bps: int
    due_bps: int
    offered_count: int
    offered_bps: int
    refused_count: int
    late_count: int
    missed_count: int
