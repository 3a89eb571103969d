"""Who is who, who may do what, and where. Reads only."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from importlib import resources
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from huanxin.identity import _restrictions, models, rules
from huanxin.identity.errors import (
    ConsentMissing,
    NotAllowed,
    PhoneProofInvalid,
    RegionUnknown,
    RestrictionUnknown,
)
from huanxin.identity.types import (
    AccountCard,
    ApiKeyCard,
    ClosedDay,
    Consent,
    ConsentMeans,
    DayHours,
    Opening,
    Organisation,
    OrgKind,
    PersonCard,
    PersonTag,
    Region,
    Restriction,
    RestrictionCard,
    RestrictionKind,
    Role,
    RoleCard,
    SessionCard,
    StaffAccount,
)
from huanxin.kernel import clock, crypto
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry
from huanxin.kernel.paging import PAGE_SIZE, Page


def require(
    actor: Actor,
    permission: str,
    *,
    org_id: UUID | None = None,
    region_path: str | None = None,
    person_id: UUID | None = None,
) -> None:
    """Raise NotAllowed unless the actor holds the permission there and for them."""
    if not may(actor, permission, org_id=org_id, region_path=region_path, person_id=person_id):
        raise NotAllowed(permission=permission, role=actor.role)


def may(
    actor: Actor,
    permission: str,
    *,
    org_id: UUID | None = None,
    region_path: str | None = None,
    person_id: UUID | None = None,
) -> bool:
    """Whether the actor holds `permission`, and each named subject lies within their reach.

    An organisation must be the actor's own; a region must lie in the actor's scope; a person must
    be the actor, unless the role holds `<permission>_for_others`.
    """
    if not rules.permits(actor.permissions, permission):
        return False
    if "*" in actor.permissions:
        return True
    if org_id is not None and actor.org_id != org_id:
        return False
    if region_path is not None and not actor.scope.covers(region_path):
        return False
    if person_id is not None and actor.person_id != person_id:
        return rules.permits(actor.permissions, f"{permission}_for_others")
    return True


def actor_for(account_id: UUID) -> Actor:
    """The actor behind a signed-in account; an inactive or unknown one raises NotFound."""
    account = models.Account.objects.filter(pk=account_id, is_active=True).first()
    if account is not None:
        return actor_of(account.as_card())
    key = models.ApiKey.objects.filter(pk=account_id).first()  # a key may subscribe too
    if key is None or key.as_card().state(clock.now()) != "live":
        raise NotFound(model="Account", id=account_id)
    return actor_of_key(key.as_card())


def actors_for(account_ids: Iterable[UUID]) -> dict[UUID, Actor]:
    """The actors behind several active accounts, in one query."""
    rows = models.Account.objects.filter(pk__in=list(account_ids), is_active=True)
    return {row.id: actor_of(row.as_card()) for row in rows}


def account_names(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What the staff behind several accounts are called, those who left included."""
    rows = models.Account.objects.exclude(role=Role.CONSUMER).filter(pk__in=list(account_ids))
    return dict(rows.values_list("pk", "display_name"))


def account_ids_named(words: str) -> list[UUID]:
    """Staff accounts, those who left included, whose login or name holds the words; at most 200."""
    rows = models.Account.objects.exclude(role=Role.CONSUMER)
    rows = rows.filter(Q(login__icontains=words) | Q(display_name__icontains=words))
    return list(rows.order_by("login").values_list("pk", flat=True)[:200])


def consumer_actor(person: PersonCard) -> Actor:
    """A registered person acting for herself."""
    return Actor(
        account_id=person.id,
        name=person.name_masked,
        role=Role.CONSUMER,
        permissions=rules.ROLE_PERMISSIONS[Role.CONSUMER],
        scope=Scope(region_path="", person_id=person.id),
        person_id=person.id,
    )


def find_account(login: str) -> AccountCard | None:
    """The account with that login name."""
    row = models.Account.objects.filter(login=login).first()
    return row.as_card() if row else None


def find_account_of_person(person_id: UUID) -> AccountCard | None:
    """The consumer account of a person."""
    row = models.Account.objects.filter(person_id=person_id).first()
    return row.as_card() if row else None


def phone_proof(phone: str) -> str:
    """A ticket that says: whoever holds it has just shown the phone's code. Good for 15 minutes.

    Make it only right after sign_in_by_code took the code.
    """
    until = clock.now() + timedelta(minutes=rules.PROOF_MINUTES)
    return crypto.sign_token({"phone": rules.check_phone(phone), "until": int(until.timestamp())})


def proved_phone(proof: str) -> str:
    """The phone that a ticket of phone_proof stands for; PhoneProofInvalid once it is over."""
    facts = crypto.read_token(proof)
    if "phone" not in facts or clock.now().timestamp() >= facts.get("until", 0):
        raise PhoneProofInvalid
    return str(facts["phone"])


def accounts_of_phone(proof: str) -> list[AccountCard]:
    """The consumer accounts of everyone under a proved phone: a household may share one."""
    people = [person.id for person in find_people_by_phone(proved_phone(proof))]
    rows = models.Account.objects.filter(person_id__in=people, is_active=True)
    return [row.as_card() for row in rows.order_by("created_at", "pk")]


def find_consent(actor: Actor, person_id: UUID) -> Consent | None:
    """The person's word to this clerk that is still good, if it was recorded."""
    now = clock.now()
    since = now - timedelta(minutes=rules.CONSENT_MINUTES)
    rows = AuditEntry.objects.filter(
        subject_kind="person", subject_id=str(person_id), action="identity.consented",
        actor_id=actor.account_id, at__gt=since, at__lte=now,
    )  # fmt: skip
    row = rows.order_by("-at", "-id").first()
    if row is None:
        return None
    until = row.at + timedelta(minutes=rules.CONSENT_MINUTES)
    return Consent(person_id, ConsentMeans(row.facts["means"]), row.at, until)


def assisted_scope(actor: Actor, person_id: UUID) -> Scope:
    """What a clerk may read of a person she acts for; ConsentMissing without her word."""
    require(actor, "identity.assist")
    if find_consent(actor, person_id) is None:
        raise ConsentMissing(person_id=person_id)
    return Scope(person_id=person_id)


def get_region(code: str) -> Region:
    """One region by code; an unknown code raises RegionUnknown."""
    row = models.Region.objects.filter(pk=code).first()
    if row is None:
        raise RegionUnknown(region_code=code)
    return row.as_region()


def list_regions(*, level: str | None = None, under: str | None = None) -> list[Region]:
    """Regions (public knowledge, so no scope), by code; `under` is a path prefix, itself left out.

    Counties and zones come together under level 'county'.
    """
    rows = models.Region.objects.order_by("code")
    if level is not None:
        rows = rows.filter(level__in=["county", "zone"] if level == "county" else [level])
    if under is not None:
        rows = rows.filter(path__startswith=under + "/")
    return [row.as_region() for row in rows]


def get_person(person_id: UUID, scope: Scope) -> PersonCard:
    """One person, masked, if the scope covers her region or is her own."""
    row = models.Person.objects.filter(pk=person_id).first()
    own = scope.person_id in (None, person_id)
    if row is None or not own or not scope.covers(row.region_path):
        raise NotFound(model="Person", id=person_id)
    return row.as_card()


def cards(person_ids: Iterable[UUID]) -> dict[UUID, PersonCard]:
    """Masked cards of several people, for rooms that already hold their ids."""
    rows = models.Person.objects.filter(pk__in=list(person_ids))
    return {row.id: row.as_card() for row in rows}


def person_tags(person_ids: Iterable[UUID], on: date) -> dict[UUID, tuple[PersonTag, ...]]:
    """What is established about several people on a day, for rooms that hold their ids."""
    rows = models.PersonTag.objects.filter(
        person_id__in=list(person_ids), from_on__lte=on, to_on__gt=on
    )
    found: dict[UUID, tuple[PersonTag, ...]] = {}
    for row in rows.order_by("person_id", "tag", "pk"):
        found[row.person_id] = (*found.get(row.person_id, ()), row.as_tag())
    return found


def find_person_by_document(document_no: str) -> PersonCard | None:
    """The person registered under a document number."""
    index = crypto.blind_index("document", document_no.upper())
    row = models.Person.objects.filter(document_index=index).first()
    return row.as_card() if row else None


def find_people_by_phone(phone: str) -> list[PersonCard]:
    """The people registered under a phone number: a household may share one."""
    index = crypto.blind_index("phone", rules.check_phone(phone))
    rows = models.Person.objects.filter(phone_index=index).order_by("created_at", "pk")
    return [row.as_card() for row in rows]


def person_key(person_id: UUID) -> bytes:
    """The person's wrapped key, for rooms that seal her fields (an address). Erased: NotFound."""
    key = models.Person.objects.filter(pk=person_id).values_list("wrapped_key", flat=True).first()
    if key is None:
        raise NotFound(model="Person", id=person_id)
    return bytes(key)


def person_keys(person_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """Wrapped keys of several people; erased ones are left out."""
    rows = models.Person.objects.filter(pk__in=list(person_ids), wrapped_key__isnull=False)
    return {pk: bytes(key) for pk, key in rows.values_list("pk", "wrapped_key") if key}


def get_organisation(org_id: UUID) -> Organisation:
    """One organisation; who is licensed is public knowledge."""
    rows = models.Organisation.objects.select_related("region").prefetch_related("licences")
    row = rows.filter(pk=org_id).first()
    if row is None:
        raise NotFound(model="Organisation", id=org_id)
    return row.as_organisation()


def find_organisation(uscc: str) -> Organisation | None:
    """The organisation under a unified social credit code."""
    rows = models.Organisation.objects.prefetch_related("licences")
    row = rows.filter(uscc=uscc.strip().upper()).first()
    return row.as_organisation() if row else None


def list_organisations(scope: Scope, *, kind: OrgKind | None = None) -> list[Organisation]:
    """Organisations within the scope's region (and, if set, the scope's own), by name."""
    rows = models.Organisation.objects.prefetch_related("licences").order_by("name", "pk")
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    if scope.org_id is not None:
        rows = rows.filter(pk=scope.org_id)
    if kind is not None:
        rows = rows.filter(kind=kind)
    return [row.as_organisation() for row in rows]


def find_restriction(kind: RestrictionKind, key: str, on: date) -> Restriction | None:
    """The restriction on a subject in force on that day."""
    row = _in_force(kind, on).filter(key=key).order_by("from_on").first()
    if row is None:
        return None
    return Restriction(RestrictionKind(row.kind), row.key, row.reason, row.from_on, row.to_on)


def openings_of(org_ids: Iterable[UUID]) -> dict[UUID, Opening]:
    """When several parties are open, closed days from today on; absent: nothing was published."""
    wanted = list(org_ids)
    week: dict[UUID, list[DayHours]] = defaultdict(list)
    for day in models.OpenDay.objects.filter(organisation__in=wanted).order_by("weekday"):
        week[day.organisation_id].append(DayHours(day.weekday, day.opens, day.closes))
    shut: dict[UUID, list[ClosedDay]] = defaultdict(list)
    ahead = models.ClosedDay.objects.filter(organisation__in=wanted, on__gte=clock.today())
    for one in ahead.order_by("on"):
        shut[one.organisation_id].append(ClosedDay(one.on, one.why))
    return {key: Opening(tuple(week[key]), tuple(shut[key])) for key in week.keys() | shut.keys()}


def get_opening(org_id: UUID) -> Opening:
    """When one party is open; an empty week when it never said."""
    return openings_of([org_id]).get(org_id, Opening())


def restricted_keys(kind: RestrictionKind, keys: Iterable[str], on: date) -> set[str]:
    """Which of several subjects are restricted on that day."""
    rows = _in_force(kind, on).filter(key__in=list(keys))
    return set(rows.values_list("key", flat=True))


def list_restrictions(
    scope: Scope,
    *,
    kind: RestrictionKind | None = None,
    words: str = "",
    is_live: bool | None = None,
    page: int = 1,
) -> Page[RestrictionCard]:
    """The violation library within the scope's region, newest first; organisations see none here.

    `words` finds a number, a key, a document, a shop's name or USCC, or a person by her document
    number, whole.
    """
    rows = _restrictions.chosen(scope, kind, words, is_live=is_live, on=clock.today())
    first = (page - 1) * PAGE_SIZE
    found = _restrictions.cards(rows[first : first + PAGE_SIZE], clock.today())
    return Page(found, page, rows.count(), PAGE_SIZE)


def restriction_key(kind: RestrictionKind, words: str) -> str:
    """What an officer types about a subject as the key it is compared by.

    A shop by its USCC, a person by her document number, a unit by 品牌|序列号 or IMEI (anything
    else is a phone's own key), an address by 纬度,经度. RestrictionInvalid if nobody is meant.
    """
    return _restrictions.key_of(kind, words.strip())


def get_restriction(restriction_id: UUID, actor: Actor) -> RestrictionCard:
    """One restriction, for officers of its region and for the party itself."""
    row = models.Restriction.objects.filter(pk=restriction_id).first()
    if row is None or not _restrictions.may_see(actor, row):
        raise RestrictionUnknown(restriction_id=restriction_id)
    return _restrictions.cards([row], clock.today())[0]


def list_own_restrictions(actor: Actor) -> list[RestrictionCard]:
    """What stands against the actor's person or organisation, and what ended in the last year."""
    return _restrictions.cards(_restrictions.own(actor, clock.today()), clock.today())


def _in_force(kind: RestrictionKind, on: date) -> QuerySet[models.Restriction]:
    return models.Restriction.objects.filter(
        Q(to_on__isnull=True) | Q(to_on__gt=on), kind=kind, from_on__lte=on, lifted_at__isnull=True
    )


def actor_of(account: AccountCard) -> Actor:
    """The actor that an account's card describes."""
    return Actor(
        account_id=account.id,
        name=account.display_name,
        role=account.role,
        permissions=rules.permissions_of(account.role, is_administrator=account.is_administrator),
        scope=Scope(
            region_path=account.region_path if account.role != Role.CONSUMER else "",
            org_id=account.org_id if _sees_own_only(account.role) else None,
            person_id=account.person_id if account.role == Role.CONSUMER else None,
        ),
        org_id=account.org_id,
        person_id=account.person_id,
    )


def actor_of_key(key: ApiKeyCard) -> Actor:
    """The actor behind an API key: its role's reach, and those permissions it was given."""
    return Actor(
        account_id=key.id,
        name=f"{key.name}（{key.prefix}）",
        role=key.role,
        permissions=rules.ROLE_PERMISSIONS[key.role] & frozenset(key.permissions),
        scope=Scope(key.region_path, key.org_id if _sees_own_only(key.role) else None),
        org_id=key.org_id,
    )


def get_account(actor: Actor, account_id: UUID) -> StaffAccount:
    """One staff account within the actor's reach: her organisation's, or at or below her region."""
    row = _reachable_accounts(actor).filter(pk=account_id).first()
    if row is None:
        raise NotFound(model="Account", id=account_id)
    return _staff_account(row)


def list_accounts(
    actor: Actor, *, words: str = "", role: Role | None = None, page: int = 1
) -> Page[StaffAccount]:
    """Staff accounts within the actor's reach, by login name."""
    rows = _reachable_accounts(actor).order_by("login")
    if words:
        rows = rows.filter(Q(login__icontains=words) | Q(display_name__icontains=words))
    if role is not None:
        rows = rows.filter(role=role)
    shown = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_staff_account(row) for row in shown], page, rows.count())


def list_sessions(account_id: UUID) -> list[SessionCard]:
    """The sessions of an account that run, the one in use last first."""
    idle, _ = rules.session_limits(_role_of(account_id))
    rows = models.Session.objects.filter(
        account_id=account_id, ended_at=None, seen_at__gt=clock.now() - idle
    )
    return [row.as_card() for row in rows.order_by("-seen_at", "pk")]


def has_second_factor(account_id: UUID) -> bool:
    """Whether an authenticator is in force for the account."""
    rows = models.SecondFactor.objects.filter(pk=account_id, confirmed_at__isnull=False)
    return rows.exists()


def count_recovery_codes(account_id: UUID) -> int:
    """How many recovery codes are left."""
    return models.RecoveryCode.objects.filter(account_id=account_id, used_at=None).count()


def needs_second_factor(role: Role) -> bool:
    """Whether accounts of the role must show a second factor.

    What an administrator decided; else, in production, the shipped rule. A demonstration asks for
    none, so that its one-click doors stay open.
    """
    decided = models.RoleSetting.objects.filter(role=role).first()
    if decided is not None:
        return decided.needs_second_factor
    return settings.PRODUCTION and role in rules.SECOND_FACTOR_ROLES


def list_roles() -> list[RoleCard]:
    """The catalogue of roles: what each may do, from the one table that is asked at every step."""
    counted = models.Account.objects.filter(is_active=True).values("role").annotate(n=Count("pk"))
    people = {row["role"]: row["n"] for row in counted}
    return [
        RoleCard(
            role, role_title(role), tuple(sorted(rules.ROLE_PERMISSIONS[role])),
            needs_second_factor(role), people.get(role, 0),
        )
        for role in Role
    ]  # fmt: skip


def role_title(role: Role) -> str:
    """A role in Chinese."""
    return _words("roles")[role]


def permission_titles() -> dict[str, str]:
    """Every permission in Chinese, by its dotted verb."""
    return dict(_words("permissions"))


def givable_roles(actor: Actor, org_id: UUID | None, region_path: str) -> list[Role]:
    """The roles that this administrator may give in that organisation or region."""
    kind = get_organisation(org_id).kind if org_id else None
    return [
        role
        for role in Role
        if role != Role.CONSUMER
        and rules.may_give(
            role, kind=kind, by=Role(actor.role), is_own=org_id == actor.org_id, at=region_path,
            reach=actor.scope.region_path,
        )
    ]  # fmt: skip


def list_keys(actor: Actor) -> list[ApiKeyCard]:
    """API keys within the actor's reach, newest first: live, expired and revoked."""
    return [row.as_card() for row in _reachable_keys(actor).order_by("-created_at", "pk")]


def get_key(actor: Actor, key_id: UUID) -> ApiKeyCard:
    """One API key within the actor's reach."""
    row = _reachable_keys(actor).filter(pk=key_id).first()
    if row is None:
        raise NotFound(model="ApiKey", id=key_id)
    return row.as_card()


def key_permissions(actor: Actor) -> list[str]:
    """What the actor may put into a key: her role's permissions that no person must be behind."""
    held = rules.ROLE_PERMISSIONS[Role(actor.role)] & actor.permissions
    return sorted(held - rules.NEVER_BY_KEY)


def _reachable_keys(actor: Actor) -> QuerySet[models.ApiKey]:
    rows = models.ApiKey.objects.all()
    if "*" in actor.permissions:
        return rows
    if actor.scope.org_id is not None:
        return rows.filter(organisation_id=actor.scope.org_id)
    if actor.role == Role.ADMIN:
        return rows.filter(_within(actor.scope.region_path))
    return rows.filter(by_account_id=actor.account_id)


def _reachable_accounts(actor: Actor) -> QuerySet[models.Account]:
    rows = models.Account.objects.select_related("organisation").exclude(role=Role.CONSUMER)
    rows = rows.annotate(
        factor=Exists(
            models.SecondFactor.objects.filter(pk=OuterRef("pk"), confirmed_at__isnull=False)
        )
    )
    if "*" in actor.permissions:
        return rows
    if actor.role == Role.ADMIN:
        return rows.filter(_within(actor.scope.region_path))
    return rows.filter(organisation_id=actor.org_id) if actor.org_id else rows.none()


def _within(path: str) -> Q:
    if not path:
        return Q()
    return Q(region_path=path) | Q(region_path__startswith=path + "/")


def _staff_account(row: models.Account) -> StaffAccount:
    has_factor: bool = row.factor  # type: ignore[attr-defined]  # annotated
    return StaffAccount(
        row.as_card(), row.organisation.name if row.organisation else "", has_factor,
        len(list_sessions(row.pk)),
    )  # fmt: skip


def _role_of(account_id: UUID) -> Role:
    role = models.Account.objects.filter(pk=account_id).values_list("role", flat=True).first()
    if role is None:
        raise NotFound(model="Account", id=account_id)
    return Role(role)


@cache
def _words(name: str) -> dict[str, str]:
    text = resources.files("huanxin.identity").joinpath(f"data/{name}.csv").read_text("utf-8")
    return {row["code"]: row["title"] for row in csv.DictReader(text.splitlines())}


def _sees_own_only(role: Role) -> bool:
    """Whether the role's reads end at its own organisation."""
    return role in {
        Role.CASHIER, Role.MERCHANT_MANAGER, Role.COLLECTOR, Role.RECYCLER_MANAGER,
        Role.DISMANTLER_CLERK, Role.STATION_CLERK, Role.MAKER_CLERK,
    }  # fmt: skip
