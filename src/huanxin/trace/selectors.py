"""Passports, stories and events: reads, and how trace spells identifiers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, merkle
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.kernel.sqlfiles import read_sql
from huanxin.trace import (
    _gs1,
    _journey,
    _names,
    _query,
    _repository,
    _search,
    _shape,
    _terms,
    _values,
    models,
    rules,
)
from huanxin.trace.errors import ResourceUnknown, UnitUnknown
from huanxin.trace.types import (
    CaptureJob,
    Discrepancy,
    EventPage,
    NamedQuery,
    Passport,
    Sighting,
    Source,
    Stop,
    StoredEvent,
    Subscription,
    UnitState,
    ValuePage,
)

NAMESPACE = "https://ns.huanxin.example/trade-in/"
NAMES = {"hx": NAMESPACE}
CONTEXT: list[object] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    dict(NAMES),
]
STANDARD_CONTEXT = _names.STANDARD_CONTEXT
MOST_EVENTS, MOST_OCTETS = _repository.MOST_EVENTS, _repository.MOST_OCTETS
_DEMO_PREFIX = "9523715"  # 952 is GS1's range for demonstrations


def company_prefix() -> str:
    """The GS1 company prefix that all our keys stand under (setting HUANXIN_GS1_PREFIX)."""
    return str(getattr(settings, "HUANXIN_GS1_PREFIX", _DEMO_PREFIX))


def digital_link(unit_code: str) -> str:
    """What the QR code on a unit says: its GS1 Digital Link, also its EPC in events."""
    return rules.unit_link(company_prefix(), unit_code)


def container_link(sscc: str) -> str:
    """The Digital Link of a lot's SSCC."""
    return _gs1.link(("00", sscc))


def location_link(gln: str, extension: str = "") -> str:
    """The Digital Link of a place: GLN and, if given, its extension."""
    return _gs1.link(("414", gln), *([("254", extension)] if extension else []))


def party_link(gln: str) -> str:
    """The Digital Link of an organisation as a party."""
    return _gs1.link(("417", gln))


def transaction_uri(gln: str, number: str) -> str:
    """The CBV form of a business transaction: the GLN of its keeper and its number."""
    return f"urn:epcglobal:cbv:bt:{gln}:{number}"


def find_transformation_uri(organisation_id: UUID, number: str) -> str | None:
    """The transformation id of an organisation's run; None before it has a GLN."""
    rows = models.Party.objects.filter(organisation_id=organisation_id)
    gln = rows.values_list("gln", flat=True).first()
    return f"urn:epcglobal:cbv:xform:{gln}:{number}" if gln else None


def material_uri(material_code: str) -> str:
    """The class of a recovered material in our own vocabulary."""
    return f"{NAMESPACE}material/{material_code}"


def class_uri(class_code: str) -> str:
    """A waste class in our own vocabulary; a bare "01" is read as a number by some."""
    return f"{NAMESPACE}class/{class_code}"


def is_gln(text: str) -> bool:
    """Whether a number is a party of ours."""
    return models.Party.objects.filter(gln=text).exists()


def read_scanned(text: str) -> str:
    """The unit code inside what a scanner read (Digital Link, GIAI or bare code)."""
    code = rules.unit_code_of(company_prefix(), text)
    return code if code is not None else rules.check_unit_code(text)


def find_passport(unit_code: str) -> Passport | None:
    """A unit's passport by code; holds no personal data."""
    row = models.Unit.objects.filter(pk=unit_code.strip().upper()).first()
    return row.as_passport() if row else None


def get_passport(unit_code: str, scope: Scope) -> Passport:
    """A unit's passport within the scope; UnitUnknown otherwise."""
    return _unit(unit_code, scope).as_passport()


def passports(unit_codes: list[str]) -> dict[str, Passport]:
    """Passports of several units, for rooms that already hold their codes."""
    rows = models.Unit.objects.filter(pk__in=unit_codes)
    return {row.unit_code: row.as_passport() for row in rows}


def story(unit_code: str, scope: Scope) -> list[Stop]:
    """A unit's whole chain, oldest first, with names and whether each event is sealed in the log.

    A region sees what was collected there, an organisation what it ever
    held. A person's own unit is opened through its order, which knows whose it is.
    """
    return _stops(_unit(unit_code, scope).unit_code)


def seen(unit_code: str, scope: Scope) -> list[Sighting]:
    """What others reported of a unit, and of its lot while it was inside: no link of custody.

    Half-open in time, from the packing to the moment it was unpacked or turned up outside.
    """
    unit = _unit(unit_code, scope)
    return _seen(unit.unit_code, _stops(unit.unit_code))


def life(unit_code: str, scope: Scope) -> tuple[Passport, list[Stop], list[Sighting]]:
    """Passport, story and sightings in one reading: what a unit's page shows."""
    unit = _unit(unit_code, scope)
    stops = _stops(unit.unit_code)
    return unit.as_passport(), stops, _seen(unit.unit_code, stops)


def journey(epc: str, scope: Scope) -> list[Sighting]:
    """Every visible event of any thing, and of what it was inside of while it was inside."""
    return _named(_journey.journey(_names.identifier(epc), _search.visible(scope)))


def contents(container: str, scope: Scope) -> list[str]:
    """What was packed into a container (SSCC link or URN), in the order packed."""
    return _journey.contents(_names.identifier(container), _search.visible(scope))


def sources_of(epc_class: str, scope: Scope) -> list[Source]:
    """The units that went into a recovered material; call services.trace_back, which records it."""
    wanted = _names.identifier(epc_class)
    visible, params = _search.visible(scope)
    statement = read_sql("huanxin.trace.sql", "sources").text.replace("/*visible*/", visible)
    with connection.cursor() as cursor:
        cursor.execute(statement, [wanted, *params])
        return [Source(*row) for row in cursor.fetchall()]


def units_of_order(order_id: UUID) -> list[str]:
    """The codes of an order's units, for rooms and pages that know whose order it is."""
    rows = models.Unit.objects.filter(order_id=order_id).order_by("unit_code")
    return list(rows.values_list("unit_code", flat=True))


def list_discrepancies(scope: Scope, *, page: int = 1) -> Page[Discrepancy]:
    """What captured events say that the chain does not, newest first."""
    rows = models.Discrepancy.objects.order_by("-id")
    if scope.person_id is not None:
        rows = rows.none()
    elif scope.org_id is not None:
        rows = rows.filter(Q(holder_id=scope.org_id) | Q(event__organisation_id=scope.org_id))
    elif scope.region_path:
        path = scope.region_path
        rows = rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    start = (page - 1) * PAGE_SIZE
    found = [
        row.as_discrepancy() for row in rows.select_related("event")[start : start + PAGE_SIZE]
    ]
    return Page(found, page, rows.count())


def leaf_of(row_id: int) -> tuple[str, dict[str, Any]]:
    """The text that the log sealed of an event, and the event itself."""
    body = models.Event.objects.values_list("body", flat=True).get(pk=row_id)
    return merkle.text_of("event", row_id), body


def find_event(event_id: str, scope: Scope) -> StoredEvent | None:
    """One captured event by its id within the scope."""
    search = _query.Search((_query.Column("event_id", "=", (event_id,)),), descending=False)
    found = _search.run(search, scope).rows
    return _stored(found[:1])[0] if found else None


def list_events(
    *, scope: Scope, epc: str | None = None, biz_step: str | None = None, page: int = 1
) -> Page[StoredEvent]:
    """Captured events, newest first; `epc` in any form matches every list of an event."""
    conditions: list[_query.Condition] = []
    if epc is not None:
        conditions.append(_query.Named(_terms.ROLES, (_names.identifier(epc),)))
    if biz_step is not None:
        conditions.append(_query.Column("biz_step", "=", (biz_step,)))
    rows, total = _search.numbered(conditions, scope, page=page)
    return Page(_stored(rows), page, total)


def _stored(rows: Sequence[_search.Row]) -> list[StoredEvent]:
    found = models.Event.objects.in_bulk([row.id for row in rows])
    return [found[row.id].as_stored() for row in rows]


def _unit(unit_code: str, scope: Scope) -> models.Unit:
    rows = models.Unit.objects.filter(pk=unit_code.strip().upper())
    if scope.org_id is not None:
        held = models.Custody.objects.filter(unit=OuterRef("pk"), to_holder_id=scope.org_id)
        rows = rows.filter(Exists(held))
    unit = next(iter(rows[:1]), None)
    may_see = (
        scope.person_id is None
        and unit is not None
        and (scope.org_id is not None or scope.covers(unit.region_path))
    )
    if unit is None or not may_see:
        raise UnitUnknown(unit_code=unit_code)
    return unit


def _stops(unit_code: str) -> list[Stop]:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.trace.sql", "story").text, [unit_code])
        return [_stop(row) for row in cursor.fetchall()]


def _seen(unit_code: str, stops: Sequence[Stop]) -> list[Sighting]:
    outside = [stop.at for stop in stops if stop.state not in rules.MAY_BE_BOXED]
    known = {stop.row_id for stop in stops}
    found = _journey.journey(rules.unit_link(company_prefix(), unit_code), ("true", []), outside)
    return _named([one for one in found if one.row_id not in known])


def _stop(row: Sequence[Any]) -> Stop:
    body = json.loads(row[9]) if isinstance(row[9], str) else row[9]
    return Stop(
        seq=row[0], at=row[1], biz_step=row[2], title=rules.step_title(row[2]),
        state=UnitState(row[3]), org_id=row[4], org_name=row[5], mass_g=row[6], event_id=row[7],
        row_id=row[8], event=body, is_sealed=row[10],
    )  # fmt: skip


def _named(sightings: Sequence[Sighting]) -> list[Sighting]:
    """With what people read: titles, names, seals."""
    if not sightings:
        return []
    sealed = merkle.sealed_among("event", [one.row_id for one in sightings])
    names = {
        org_id: identity.get_organisation(org_id).name
        for org_id in {one.org_id for one in sightings}
    }
    return [
        replace(
            one,
            title=rules.step_title(one.biz_step),
            org_name=names[one.org_id],
            is_sealed=one.row_id in sealed,
        )
        for one in sightings
    ]


def query_events(
    *,
    params: Mapping[str, Any],
    names: Mapping[str, str],
    scope: Scope,
    as_links: bool = False,
    query_name: str = "SimpleEventQuery",
) -> EventPage:
    """A page of an EPCIS query within the scope, as a query document (EPCIS 2.0, 8.2.7).

    Refuses parameters that are unknown or cannot be used, a result larger than maxEventCount, and
    a query that takes too long, each by name.
    """
    answer = _search.run(_query.read(params, names), scope)
    document = query_document(answer.rows, query_name, as_links=as_links)
    return EventPage(document, answer.next_token, answer.token_until)


def query_document(
    rows: Sequence[_search.Row], query_name: str, *, as_links: bool = False
) -> dict[str, Any]:
    """Stored events as an EPCISQueryDocument with every prefix they use declared."""
    shared, apart = _repository.contexts(rows)
    return {
        "@context": shared,
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": _rfc3339(clock.now()),
        "epcisBody": {
            "queryResults": {
                "queryName": query_name,
                "resultsBody": {
                    "eventList": [
                        _repository.rendered(row, apart, as_links=as_links) for row in rows
                    ]
                },
            }
        },
    }


def stored_event(row_id: int) -> dict[str, Any]:
    """One stored event with the context it needs, as a document of its own."""
    row = _search.by_id(row_id)
    shared, apart = _repository.contexts([row])
    return {"@context": shared} | _repository.rendered(row, apart, as_links=False)


def list_values(kind: str, scope: Scope, *, size: int = 30, token: str | None = None) -> ValuePage:
    """Which event types, EPCs, steps, places or dispositions stored events use, in order.

    The five standard event types are always listed, used or not.
    """
    return _values.page(kind, scope, size=size, token=token)


def is_used(kind: str, value: str, names: Mapping[str, str], scope: Scope) -> bool:
    """Whether a value stands in any event within the scope (a standard event type always does)."""
    return _values.is_used(kind, value, names, scope)


def read_extensions(header: str) -> dict[str, str]:
    """The prefixes that a GS1-Extensions header declares."""
    return _names.parse_extensions(header)


def read_instant(text: Any) -> datetime | None:
    """An RFC 3339 time with its zone; None for anything else."""
    return _shape.instant(text)


def get_job(job_id: str, actor: Actor) -> CaptureJob:
    """One capture job of the caller's organisation."""
    row = _jobs(actor).filter(pk=_uuid(job_id)).first()
    if row is None:
        raise ResourceUnknown(name=job_id)
    return row.as_job()


def list_jobs(actor: Actor, *, size: int = 30, after: UUID | None = None) -> list[CaptureJob]:
    """The organisation's capture jobs, newest first."""
    rows = _jobs(actor).order_by("-id")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return [row.as_job() for row in rows[:size]]


def owner_key(actor: Actor) -> str:
    """Whose named queries an actor keeps: the organisation's, or the account's."""
    return f"org:{actor.org_id}" if actor.org_id else f"account:{actor.account_id}"


def get_query(name: str, actor: Actor) -> NamedQuery:
    """One named query of the caller's."""
    row = models.Query.objects.filter(owner_key=owner_key(actor), name=name).first()
    if row is None:
        raise ResourceUnknown(name=name)
    return row.as_query()


def names_of_query(name: str, actor: Actor) -> dict[str, str]:
    """The prefixes a named query was written with."""
    rows = models.Query.objects.filter(owner_key=owner_key(actor), name=name)
    found: dict[str, str] = rows.values_list("names", flat=True).first() or {}
    return found


def list_queries(actor: Actor, *, size: int = 30, after: str = "") -> list[NamedQuery]:
    """The caller's named queries by name."""
    rows = models.Query.objects.filter(owner_key=owner_key(actor), name__gt=after)
    return [row.as_query() for row in rows.order_by("name")[:size]]


def list_subscriptions(
    query_name: str, actor: Actor, *, size: int = 30, after: UUID | None = None
) -> list[Subscription]:
    """The subscriptions of one of the caller's queries, oldest first."""
    get_query(query_name, actor)
    rows = models.Subscription.objects.select_related("query").filter(
        query__owner_key=owner_key(actor), query__name=query_name
    )
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return [row.as_subscription() for row in rows.order_by("id")[:size]]


def get_subscription(query_name: str, subscription_id: str, actor: Actor) -> Subscription:
    """One subscription of one of the caller's queries."""
    rows = models.Subscription.objects.select_related("query").filter(
        query__owner_key=owner_key(actor), query__name=query_name, pk=_uuid(subscription_id)
    )
    row = rows.first()
    if row is None:
        raise ResourceUnknown(name=subscription_id)
    return row.as_subscription()


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ResourceUnknown(name=text) from None


def _jobs(actor: Actor) -> QuerySet[models.CaptureJob]:
    rows = models.CaptureJob.objects.all()
    return rows.filter(organisation_id=actor.org_id) if actor.org_id else rows.none()


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
