"""What crosses recycling's door of dispatch: vans, routes, jobs. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from huanxin.recycling.types import Choice, OrderState, Slot
from huanxin.recycling.types.orders import UnitCard


@dataclass(frozen=True, slots=True)
class NewVan:
    """A van with its depot (the recycler's own place) and the county it serves."""

    org_id: UUID
    name: str
    region_code: str
    capacity_units: int = 14
    collector_account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class VanCard:
    id: UUID
    org_id: UUID
    name: str
    region_code: str
    region_path: str
    capacity_units: int
    collector_account_id: UUID | None


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
