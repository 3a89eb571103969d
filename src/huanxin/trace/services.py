"""Everything that may happen to a thing's story. The only code that writes trace's tables.

Trace is a fact store: rooms above have decided who may act, so the verbs they call take no actor.
It decides one thing itself, that custody follows on, and a foreign key decides it again. What
outside parties hand in over the EPCIS door is decided here, so those verbs take one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor, system_actor
from huanxin.kernel.errors import NotAllowed
from huanxin.trace import (
    _custody,
    _deliver,
    _gs1,
    _hash,
    _query,
    _repository,
    _store,
    _terms,
    models,
    rules,
    selectors,
)
from huanxin.trace._store import Prepared
from huanxin.trace.errors import (
    EventAlreadyCaptured,
    EventInFuture,
    LookNeedsReason,
    QueryNameTaken,
    QueryParameterInvalid,
    ResourceUnknown,
    UnitCodeTaken,
)
from huanxin.trace.types import (
    Action,
    Capture,
    CaptureJob,
    Event,
    EventType,
    Move,
    NamedQuery,
    NewSubscription,
    NewUnit,
    Passport,
    Source,
    Subscription,
    UnitState,
)

P = ParamSpec("P")
T = TypeVar("T")
_PLATFORM = system_actor("追溯")


def _as_refusals(service: Callable[P, T]) -> Callable[P, T]:
    """What two concurrent callers only learn from a constraint comes out as the refusal it is."""

    @wraps(service)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return service(*args, **kwargs)
        except IntegrityError as error:
            name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
            if name in {"trace_event_captured_once", "trace_event_declared_once"}:
                raise EventAlreadyCaptured from error
            if name == "trace_unit_pkey":
                raise UnitCodeTaken(unit_code=_taken_code(error)) from error
            raise

    return call


@_as_refusals
@transaction.atomic
def capture_events(*, events: Sequence[Capture]) -> list[str]:
    """Keep events and move the custody they state; returns their ids, the hash of their content.

    All or none. Refuses an event captured before, a unit that is unknown, handed over by someone
    who does not hold it, in a state that does not lead on, or earlier than its last link. EPCIS
    2.0; CBV 2.0 section 8.9.2.
    """
    if not events:
        return []
    rows = _prepare(events)
    _custody.move(events, _store.store(_PLATFORM, rows))
    return [row.event_id for row in rows]


@_as_refusals
@transaction.atomic
def commission_units(
    *, units: Sequence[NewUnit], captures: Sequence[Capture] = ()
) -> list[Passport]:
    """Open the passports of units taken over at the door, each with its commissioning event.

    `captures` are further events of the same moment, such as the collecting. A code whose check
    character does not fit raises UnitCodeInvalid, a used one UnitCodeTaken; either way no passport
    is opened and nothing is captured.
    """
    if not units:
        return []
    glns = party_glns(org_ids=sorted({unit.org_id for unit in units}, key=str))
    events = [*(_commissioning(unit, glns[unit.org_id]) for unit in units), *captures]
    passports = {row.unit_code: row for row in map(_passport_row, units)}
    row_ids = _store.store(_PLATFORM, _prepare(events))
    links = _custody.links(passports, events, row_ids)
    models.Unit.objects.bulk_create(passports.values())
    _custody.write_links(links)
    return [row.as_passport() for row in passports.values()]


def issue_unit_codes(*, count: int, on: date, region_code: str) -> list[str]:
    """Codes for a roll of labels, each used on at most one unit. A sequence: never twice."""
    return [
        rules.format_unit_code(serial, on=on, region_code=region_code)
        for serial in _serials("trace_unit_serial", count)
    ]


def issue_container_codes(*, count: int) -> list[str]:
    """Serial shipping container codes (SSCC) for lots, check digit included."""
    return [
        _gs1.sscc(selectors.company_prefix(), serial)
        for serial in _serials("trace_container_serial", count)
    ]


@transaction.atomic
def party_glns(*, org_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Each organisation's GLN; one that has none yet is given the next."""
    known = _known_glns(org_ids)
    missing = [org_id for org_id in org_ids if org_id not in known]
    if not missing:
        return known
    references = _serials("trace_party_reference", len(missing))
    models.Party.objects.bulk_create(
        [
            models.Party(
                organisation_id=org_id, gln=_gs1.gln(selectors.company_prefix(), reference)
            )
            for org_id, reference in zip(missing, references, strict=True)
        ],
        ignore_conflicts=True,  # another transaction may have given one meanwhile
    )
    return _known_glns(org_ids)


def _known_glns(org_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = models.Party.objects.filter(pk__in=list(org_ids))
    return dict(rows.values_list("organisation_id", "gln"))


def _serials(sequence: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]


def _commissioning(unit: NewUnit, gln: str) -> Capture:
    code = rules.check_unit_code(unit.unit_code)
    event = Event(
        type=EventType.OBJECT,
        at=unit.at,
        biz_step="commissioning",
        disposition="active",
        action=Action.ADD,
        epc_list=(selectors.digital_link(code),),
        # The county, not the door: an event holds no home (DESIGN.md 12.7).
        read_point=selectors.location_link(gln, unit.region_code),
        biz_transactions=(("rma", selectors.transaction_uri(gln, unit.order_number)),),
        ilmd={
            "hx:wasteClass": selectors.class_uri(unit.class_code),
            "hx:tradeInOrder": unit.order_number,
        },
    )
    move = Move(code, unit.org_id, unit.org_id, UnitState.COLLECTED)
    return Capture(event, unit.org_id, unit.region_path, (move,))


def _passport_row(unit: NewUnit) -> models.Unit:
    code = rules.check_unit_code(unit.unit_code)
    return models.Unit(
        unit_code=code,
        giai=rules.giai(selectors.company_prefix(), code),
        class_code=unit.class_code,
        order_id=unit.order_id,
        region_path=unit.region_path,
        born_at=unit.at,
        born_on=clock.business_day(unit.at),
        seq=0,
        state=UnitState.COLLECTED,
        holder_id=unit.org_id,
        moved_at=unit.at,
    )


def _taken_code(error: IntegrityError) -> str:
    """The value in PostgreSQL's detail line: Key (unit_code)=(HX…) already exists."""
    detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", "") or ""
    return str(detail).partition("=(")[2].partition(")")[0]


def _prepare(captures: Sequence[Capture]) -> list[Prepared]:
    """Our own events, named by the hash of their content."""
    latest = clock.now() + rules.CLOCK_SKEW
    for capture in captures:
        if capture.event.at > latest:
            raise EventInFuture(at=f"{capture.event.at:%Y-%m-%d %H:%M}")
    context_id = _store.context_id([dict(selectors.NAMES)])
    return [_prepared(capture, context_id) for capture in captures]


def _prepared(capture: Capture, context_id: int | None) -> Prepared:
    event = capture.event
    body = event.as_json()
    event_id = _hash.event_id(body, selectors.NAMES)
    body["eventID"] = event_id
    return Prepared(
        event_id=event_id,
        type=event.type,
        action=event.action or "",
        biz_step=event.biz_step,
        disposition=event.disposition or "",
        read_point=event.read_point or "",
        biz_location=event.biz_location or "",
        at=event.at,
        org_id=capture.org_id,
        region_path=capture.region_path,
        body=body,
        epcs=_terms.identifiers(body),
        terms=_terms.terms(body, selectors.NAMES),
        context_id=context_id,
    )


def capture_document(*, actor: Actor, document: Any, behaviour: str = "rollback") -> CaptureJob:
    """Take in a document of an outside party and say what became of it (EPCIS 2.0, 8.2.6).

    `rollback` stores all its events or none, `proceed` every sound one. A document that is no EPCIS
    raises DocumentInvalid; what is wrong with single events under `proceed`, an id stored before,
    another party's unit, a unit in two places or a container opened twice stands in the job. An
    event that our chain contradicts is kept and a discrepancy recorded. Custody never moves here.
    Safe to repeat: the same events again are refused by their ids.
    """
    identity.require(actor, "trace.capture", org_id=actor.org_id)
    events = _repository.check_document(document)
    if len(events) > _repository.MOST_EVENTS:
        raise _repository.too_large()
    try:
        with transaction.atomic():
            return _take_in(actor, document, events, behaviour)
    except IntegrityError as error:  # the same ids at the same moment: the other one has them
        if "trace_event" not in str(error):
            raise
        with transaction.atomic():
            batch = _repository.Batch()
            batch.refuse(0, EventAlreadyCaptured())
            return _job(actor, behaviour, batch, stored=0, began_at=clock.now())


@_as_refusals
@transaction.atomic
def capture_event(*, actor: Actor, event: Any) -> dict[str, Any]:
    """Keep one event at once and return it as stored; it brings its own @context.

    Refuses what capture_document puts into a job, here as the refusal itself.
    """
    identity.require(actor, "trace.capture", org_id=actor.org_id)
    faults = _repository.event_faults(0, event, now=clock.now(), alone=True)
    if faults:
        raise _repository.invalid(faults)
    row = _repository.prepare(event, None, **_party(actor))
    batch, differences = _repository.check_together([(0, row)], _org(actor))
    if batch.refusals:
        raise batch.refusals[0]
    ids_stored = _store.store(actor, batch.rows)
    _repository.record_differences(ids_stored, differences, clock.now())
    return selectors.stored_event(ids_stored[0])


def _take_in(actor: Actor, document: Any, events: Sequence[Any], behaviour: str) -> CaptureJob:
    began_at, together, party = clock.now(), [], _party(actor)
    context, whole = document["@context"], _repository.Batch()
    contexts_known: dict[str, int] = {}
    for place, event in enumerate(events):
        faults = _repository.event_faults(place, event, now=began_at)
        if faults and behaviour == "rollback":
            raise _repository.invalid(_repository.all_faults(events, began_at))
        if faults:
            whole.refuse(place, _repository.invalid(faults))
        else:
            row = _repository.prepare(event, context, **party, contexts_known=contexts_known)
            together.append((place, row))
    batch, differences = _repository.check_together(together, _org(actor))
    batch.problems[:0] = whole.problems
    stored = 0
    if batch.rows and (behaviour == "proceed" or not batch.problems):
        row_ids = _store.store(actor, batch.rows)
        _repository.record_differences(row_ids, differences, began_at)
        stored = len(row_ids)
    if stored or not batch.problems:
        _repository.keep_master_data(document, _org(actor))
    return _job(actor, behaviour, batch, stored=stored, began_at=began_at)


def _job(
    actor: Actor, behaviour: str, batch: _repository.Batch, *, stored: int, began_at: datetime
) -> CaptureJob:
    row = models.CaptureJob.objects.create(
        id=ids.new_id(),
        organisation_id=_org(actor),
        account_id=actor.account_id,
        behaviour=behaviour,
        success=not batch.problems,
        event_count=stored,
        errors=batch.problems,
        created_at=began_at,
        finished_at=clock.now(),
    )
    return row.as_job()


def _org(actor: Actor) -> UUID:
    if actor.org_id is None:
        raise NotAllowed(permission="trace.capture", role=actor.role)
    return actor.org_id


def _party(actor: Actor) -> dict[str, Any]:
    return {
        "org_id": _org(actor),
        "region_path": identity.get_organisation(_org(actor)).region_path,
    }


@transaction.atomic
def create_query(
    *, actor: Actor, name: str, query: Mapping[str, Any], names: Mapping[str, str]
) -> NamedQuery:
    """Keep a query under a name of the caller's; a taken name is refused, a wrong query too."""
    identity.require(actor, "trace.read")
    if not 0 < len(name) <= 200:
        raise QueryParameterInvalid(name="name", reason="名称应为 1 至 200 个字符")
    _query.read(query, names)
    row, is_new = models.Query.objects.get_or_create(
        owner_key=selectors.owner_key(actor),
        name=name,
        defaults={
            "id": ids.new_id(), "query": dict(query), "names": dict(names),
            "created_at": clock.now(),
        },
    )  # fmt: skip
    if not is_new:
        raise QueryNameTaken(name=name)
    return row.as_query()


@transaction.atomic
def delete_query(*, actor: Actor, name: str) -> None:
    """Drop a named query and end its subscriptions."""
    identity.require(actor, "trace.read")
    rows = models.Query.objects.filter(owner_key=selectors.owner_key(actor), name=name)
    if not rows.delete()[0]:
        raise ResourceUnknown(name=name)


@transaction.atomic
def subscribe(*, actor: Actor, query_name: str, wanted: NewSubscription) -> Subscription:
    """Tell a webhook what a named query finds from now on, or from `initial_record_at` on.

    Refuses both or neither of stream and schedule, a schedule that never comes, and an address
    that the platform must not call.
    """
    identity.require(actor, "trace.read")
    query = models.Query.objects.filter(owner_key=selectors.owner_key(actor), name=query_name)
    if (found := query.first()) is None:
        raise ResourceUnknown(name=query_name)
    row = _deliver.new_row(wanted, found, actor.account_id)
    row.save(force_insert=True)
    return row.as_subscription()


@transaction.atomic
def unsubscribe(*, actor: Actor, query_name: str, subscription_id: UUID) -> None:
    """End a subscription."""
    identity.require(actor, "trace.read")
    rows = models.Subscription.objects.filter(
        pk=subscription_id, query__name=query_name, query__owner_key=selectors.owner_key(actor)
    )
    if not rows.delete()[0]:
        raise ResourceUnknown(name=str(subscription_id))


def deliver_due(*, limit: int = 100) -> int:
    """Send what is due to every webhook; returns how many deliveries were taken.

    Each event goes out at least once and in the feed's order. A webhook that fails is tried again
    later and later, the others do not notice. Calls nobody inside a transaction.
    """
    due = models.Subscription.objects.filter(due_at__lte=clock.now()).order_by("due_at")
    return sum(_deliver.run(pk) for pk in due.values_list("pk", flat=True)[:limit])


@transaction.atomic
def trace_back(*, actor: Actor, epc_class: str, reason: str) -> list[Source]:
    """The units that went into a recovered material, and their owners' orders.

    `epc_class` is a material's class, a part's own id, or the transformation id of one run. For
    government alone; who looked, at what and why is recorded. A material outside the actor's
    region yields nothing.
    """
    identity.require(actor, "trace.trace_back")
    if not reason.strip():
        raise LookNeedsReason
    found = selectors.sources_of(epc_class, actor.scope)
    audit.record(
        actor, "trace.traced_back", "material", epc_class[-80:],
        region_path=actor.scope.region_path, reason=reason.strip(), units=len(found),
    )  # fmt: skip
    return found
