"""What crosses identity's door: regions, people, organisations, roles. Frozen, no Django."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from huanxin.kernel.actor import Actor


class OrgKind(StrEnum):
    RECYCLER = "recycler"
    DISMANTLER = "dismantler"
    RETAILER = "retailer"
    MAKER = "maker"
    STATION = "station"
    AGENCY = "agency"


class OrgStatus(StrEnum):
    ADMITTED = "admitted"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class Role(StrEnum):
    """What an account may be. rules.ROLE_PERMISSIONS says what each may do."""

    CONSUMER = "consumer"
    CASHIER = "cashier"
    MERCHANT_MANAGER = "merchant_manager"
    COLLECTOR = "collector"
    RECYCLER_MANAGER = "recycler_manager"
    DISMANTLER_CLERK = "dismantler_clerk"
    STATION_CLERK = "station_clerk"
    MAKER_CLERK = "maker_clerk"
    REVIEWER = "reviewer"
    FINANCE_OFFICER = "finance_officer"
    POLICY_OFFICER = "policy_officer"
    OPERATOR = "operator"
    OBSERVER = "observer"
    ADMIN = "admin"


class RestrictionKind(StrEnum):
    PERSON = "person"
    DEVICE = "device"
    ADDRESS = "address"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    name: str
    level: str  # province | city | county | zone
    path: str
    statutory_code: str
    population: int | None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to register. The four personal fields are sealed before they are stored."""

    name: str
    document_no: str
    phone: str
    region_code: str
    document_type: str = "id_card"
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as everyone but the person herself may see her."""

    id: UUID
    name_masked: str
    document_masked: str
    phone_masked: str
    region_code: str
    region_path: str
    birth_year: int
    is_verified: bool
    holder_key: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person in full: only from services.reveal_person, which records the look."""

    id: UUID
    name: str
    document_no: str
    phone: str


@dataclass(frozen=True, slots=True)
class Licence:
    """A paper an organisation needs for its trade; valid on [from_on, to_on)."""

    kind: str
    number: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    kind: OrgKind
    name: str
    short_name: str
    uscc: str
    region_code: str
    address: str = ""
    phone: str = ""
    lat_e6: int | None = None
    lon_e6: int | None = None
    licences: tuple[Licence, ...] = ()
    org_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    id: UUID
    kind: OrgKind
    name: str
    short_name: str
    uscc: str
    region_code: str
    region_path: str
    status: OrgStatus
    address: str
    phone: str
    lat_e6: int | None
    lon_e6: int | None
    licences: tuple[Licence, ...]

    def licensed(self, kind: str, on: date) -> bool:
        """Whether a licence of that kind is valid on the day."""
        return any(x.kind == kind and x.from_on <= on < x.to_on for x in self.licences)


class Penalty(StrEnum):
    """What was decided against a party (domain C4); each keeps it out while it lasts."""

    SUSPENSION = "suspension"  # 暂停参与
    REMOVAL = "removal"  # 移出商户名单
    RECOVERY = "recovery"  # 追回资金期间
    BLACKLIST = "blacklist"  # 公开通报并列入黑名单
    REFERRAL = "referral"  # 移送有关部门


class RestrictionState(StrEnum):
    """Where a restriction stands on a day."""

    PROVISIONAL = "provisional"  # one officer's word, good for a few days
    IN_FORCE = "in_force"
    LIFT_ASKED = "lift_asked"  # in force; one officer wants it lifted
    ENDED = "ended"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class NewRestriction:
    """A decision to record: `document` names the paper it rests on, `until_on` None is no end."""

    kind: RestrictionKind
    key: str
    penalty: Penalty
    reason: str
    document: str
    from_on: date
    until_on: date | None = None
    evidence_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A person, device, address or organisation kept out, by whom and until when."""

    kind: RestrictionKind
    key: str
    reason: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class AppealCard:
    """An appeal and, once given, its answer."""

    appeal_id: UUID
    note: str
    appealed_at: datetime
    is_granted: bool | None
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class RestrictionCard:
    """A restriction whole. `label` is the shop's name, the masked person, or the key itself."""

    restriction_id: UUID
    number: str
    kind: RestrictionKind
    key: str
    label: str
    penalty: Penalty
    reason: str
    document: str
    evidence_sha256: str
    region_path: str
    state: RestrictionState
    from_on: date
    to_on: date | None
    until_on: date | None
    imposed_by: UUID
    imposed_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    lift_asked_by: UUID | None
    lift_reason: str
    lifted_at: datetime | None
    appeals: tuple[AppealCard, ...]

    @property
    def may_be_appealed(self) -> bool:
        """Whether the party may object now: while it lasts, one appeal at a time."""
        is_over = self.state in {RestrictionState.ENDED, RestrictionState.LIFTED}
        return not is_over and all(one.answered_at for one in self.appeals)


class TagKind(StrEnum):
    """What an authority has established about a person, beyond who she is and where she lives."""

    ELDERLY_ASSESSED = "elderly_assessed"  # 失能等级, GB/T 42195-2022
    NEW_CAR_BUYER = "new_car_buyer"
    YOUTH_TALENT = "youth_talent"
    LOW_INCOME = "low_income"
    VETERAN = "veteran"


# Levels a tag may have; a tag that is not here has none. GB/T 42195-2022 grades ability so.
TAG_LEVELS: dict[TagKind, tuple[str, ...]] = {
    TagKind.ELDERLY_ASSESSED: ("able", "mild", "moderate", "severe", "complete"),
}


@dataclass(frozen=True, slots=True)
class NewPersonTag:
    """A fact to record: `source` names the paper or register that proves it. Half-open in time."""

    person_id: UUID
    tag: TagKind
    source: str
    from_on: date
    to_on: date
    level: str = ""


@dataclass(frozen=True, slots=True)
class PersonTag:
    """A recorded fact about a person and how long it is good."""

    tag: TagKind
    level: str
    source: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class AccountCard:
    id: UUID
    login: str
    display_name: str
    role: Role
    org_id: UUID | None
    person_id: UUID | None
    region_path: str
    is_active: bool = True
    is_administrator: bool = False
    must_change_password: bool = False
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An account to open for someone who works for an organisation or an authority."""

    login: str
    display_name: str
    role: Role
    org_id: UUID | None = None
    region_path: str | None = None
    is_administrator: bool = False


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """A staff account with the one password that lets its owner choose her own; shown once."""

    card: AccountCard
    one_time_password: str


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """An account as its administrator sees it."""

    card: AccountCard
    org_name: str
    has_second_factor: bool
    open_sessions: int


class NextStep(StrEnum):
    """What still stands between a right password and a session."""

    ENTER = "enter"
    SECOND_FACTOR = "second_factor"
    ENROL = "enrol"
    NEW_PASSWORD = "new_password"  # noqa: S105  a step, not a secret


@dataclass(frozen=True, slots=True)
class Passed:
    """How far somebody has come in signing in; `ticket` carries it to the next step."""

    card: AccountCard
    next: NextStep
    ticket: str


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A second factor to be confirmed: for an authenticator, as text and as the address in a QR."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class SessionCard:
    id: UUID
    account_id: UUID
    address: str
    device: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class RoleCard:
    """A role of the catalogue: what it may do and whether a second factor is asked of it."""

    role: Role
    title: str
    permissions: tuple[str, ...]
    needs_second_factor: bool
    people: int


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key to issue: its permissions are some of those its role has."""

    name: str
    role: Role
    permissions: tuple[str, ...]
    days: int
    org_id: UUID | None = None
    per_minute: int = 600


@dataclass(frozen=True, slots=True)
class ApiKeyCard:
    id: UUID
    org_id: UUID | None
    name: str
    role: Role
    permissions: tuple[str, ...]
    region_path: str
    prefix: str
    per_minute: int
    created_at: datetime
    expires_at: datetime
    replaces_id: UUID | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_because: str
    by_account_id: UUID

    def state(self, now: datetime) -> str:
        """live, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "live" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key with its secret, which is told this once."""

    card: ApiKeyCard
    secret: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who an API request comes from, and how often it may."""

    actor: Actor
    subject: str
    per_minute: int


@dataclass(frozen=True, slots=True)
class RateLeft:
    """What is left of the running minute."""

    limit: int
    remaining: int
    reset_seconds: int
    is_over: bool


class ConsentMeans(StrEnum):
    """How a person without a phone agreed that a station acts for her."""

    SIGNED = "signed"
    SPOKEN = "spoken"
    GUARDIAN = "guardian"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's recorded word that one clerk may act for her, good until `until`."""

    person_id: UUID
    means: ConsentMeans
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class SentCode:
    """A sign-in code on its way. `simulated_code` is set only where no text leaves the machine."""

    phone_masked: str
    expires_at: datetime
    simulated_code: str | None


@dataclass(frozen=True, slots=True)
class DayHours:
    """One day of a party's week: 1 is Monday; half-open, in Shanghai's clock time."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day on which a party is closed though its week says otherwise, and why."""

    on: date
    why: str


@dataclass(frozen=True, slots=True)
class Opening:
    """When a party is open: its week, and the days it announced to be closed."""

    week: tuple[DayHours, ...] = ()
    closed: tuple[ClosedDay, ...] = ()

    def of_day(self, on: date) -> DayHours | None:
        """A day's hours; None when it is closed.

        >>> monday = DayHours(1, time(9), time(17, 30))
        >>> shut = ClosedDay(date(2026, 8, 10), "盘点")
        >>> opening = Opening((monday,), (shut,))
        >>> opening.of_day(date(2026, 8, 3)) == monday, opening.of_day(shut.on)
        (True, None)
        """
        if any(one.on == on for one in self.closed):
            return None
        return next((one for one in self.week if one.weekday == on.isoweekday()), None)

    def is_open(self, local: datetime) -> bool:
        """Whether it is open at a moment of Shanghai's clock; at the closing minute no more."""
        hours = self.of_day(local.date())
        return hours is not None and hours.opens <= local.time() < hours.closes

    def covers(self, on: date, from_hour: int, to_hour: int) -> bool:
        """Whether it is open through these hours of a day."""
        hours = self.of_day(on)
        return (
            hours is not None and hours.opens <= time(from_hour) and time(to_hour) <= hours.closes
        )
