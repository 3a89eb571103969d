"""What crosses outreach's door: messages, notices, events, a station's work. Frozen, no Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class MessageKind(StrEnum):
    """What a message is about; `rules.WORDS` says it."""

    PICKUP_PROMISED = "pickup_promised"
    PICKUP_MOVED = "pickup_moved"
    VISIT_MISSED = "visit_missed"
    REQUOTE_WAITING = "requote_waiting"
    VOUCHER_ACTIVATED = "voucher_activated"
    VOUCHER_EXPIRING = "voucher_expiring"
    LOTTERY_WON = "lottery_won"
    LOTTERY_NOT_WON = "lottery_not_won"
    COMPLAINT_ANSWERED = "complaint_answered"
    PURCHASE_RETURNED = "purchase_returned"
    EVENT_CANCELLED = "event_cancelled"
    OFFERS_WAITING = "offers_waiting"
    CLAIM_REFUSED = "claim_refused"
    CLAIM_TO_MEND = "claim_to_mend"
    PAYMENT_ARRIVED = "payment_arrived"
    PAYMENT_REFUSED = "payment_refused"
    CASE_OPENED = "case_opened"
    CASE_DUE = "case_due"
    LICENCE_EXPIRING = "licence_expiring"


class SmsState(StrEnum):
    """What became of the short text beside a message."""

    NONE = "none"  # this kind sends none, or its reader is an organisation
    WAITING = "waiting"
    SENT = "sent"
    SIMULATED = "simulated"  # handed to the local stand-in: nothing left the machine
    OFF = "off"  # she wants none
    LATE = "late"  # not sent within a day: it would only confuse
    FAILED = "failed"


class EventKind(StrEnum):
    TRIAL = "trial"
    LECTURE = "lecture"
    CLINIC = "clinic"


class WorkKind(StrEnum):
    REPAIR = "repair"
    CLEANING = "cleaning"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message before it is kept; the same `source_key` is never told twice."""

    kind: MessageKind
    source_key: str
    at: datetime
    person_id: UUID | None
    org_id: UUID | None
    subject_id: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    id: UUID
    kind: MessageKind
    title: str
    text: str
    subject_id: str
    at: datetime
    read_at: datetime | None
    sms: SmsState


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Two fields and an end; the issuer is the authority as it signs."""

    title: str
    text: str
    issuer: str
    region_code: str
    until_on: date


@dataclass(frozen=True, slots=True)
class Notice:
    id: UUID
    title: str
    text: str
    issuer: str
    region_path: str
    published_at: datetime
    published_on: date
    until_on: date
    withdrawn_at: datetime | None
    withdrawn_why: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class NewEvent:
    kind: EventKind
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    places_count: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    id: UUID
    kind: EventKind
    title: str
    place: str
    region_path: str
    org_id: UUID
    org_name: str
    org_phone: str
    starts_at: datetime
    ends_at: datetime
    places_count: int
    taken_count: int
    note: str
    cancelled_at: datetime | None
    cancelled_why: str

    @property
    def left_count(self) -> int:
        return self.places_count - self.taken_count


@dataclass(frozen=True, slots=True)
class NewWork:
    """One job done for a household: no name of hers is kept."""

    kind: WorkKind
    category_code: str
    on: date
    worker: str
    what: str
    price_fen: int


@dataclass(frozen=True, slots=True)
class Work:
    id: UUID
    number: str
    kind: WorkKind
    category_code: str
    on: date
    worker: str
    what: str
    price_fen: int
    org_id: UUID
    region_path: str
    struck_at: datetime | None
    struck_why: str


@dataclass(frozen=True, slots=True)
class WorkTotal:
    """A category's jobs of a kind in a month, struck ones left out."""

    kind: WorkKind
    category_code: str
    count: int
    price_fen: int
