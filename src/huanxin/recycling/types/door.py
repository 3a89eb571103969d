"""What crosses recycling's door of visits: pickups, receipts, new prices. No Django."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huanxin.recycling.types import BatteryKind, Choice, RequoteState
from huanxin.recycling.types.valuation import UnitAnswers, ValuationQuote


@dataclass(frozen=True, slots=True)
class CollectedUnit:
    """What the worker recorded of one unit. Without `answers` it is as quoted; a code is issued
    when no label was scanned. `serial` is the nameplate's, where it could be read."""

    unit_id: UUID
    photo_sha256s: tuple[str, ...]
    unit_code: str | None = None
    answers: UnitAnswers | None = None
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Pickup:
    """All units of one order taken from one door."""

    order_id: UUID
    units: tuple[CollectedUnit, ...]
    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class WeighedBattery:
    """An e-bike's battery as it was weighed at the door."""

    unit_id: UUID
    kind: BatteryKind
    mass_g: int


@dataclass(frozen=True, slots=True)
class DoorVisit:
    """A pickup as a phone recorded it, handed in when it has a network again.

    `seen_fen` is what the owner saw and agreed to; a unit that differs from its quote needs her
    signature (a file, by its digest) or, where a new price waits for her word, her code.
    """

    pickup: Pickup
    seen_fen: int
    happened_at: datetime
    signature_sha256: str | None = None
    consent_code: str | None = None
    batteries: tuple[WeighedBattery, ...] = ()


@dataclass(frozen=True, slots=True)
class PickupReceipt:
    order_id: UUID
    choice: Choice
    paid_fen: int
    payment_reference: str | None
    is_simulated: bool
    unit_codes: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class RequoteCard:
    """A new price at the door. `consent_code` is filled only for the owner of the unit."""

    id: UUID
    order_id: UUID
    unit_id: UUID
    state: RequoteState
    old: ValuationQuote
    new: ValuationQuote
    consent_code: str | None
