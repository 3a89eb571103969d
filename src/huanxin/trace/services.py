"""Everything that may happen to a thing's story. The only code that writes trace's tables.

Trace is a fact store: its callers have decided who may act, so it takes no actor. It decides one
thing itself, that custody follows on, and a foreign key decides it again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from huanxin.kernel import audit, clock
from huanxin.kernel.actor import system_actor
from huanxin.kernel.audit import Entry
from huanxin.trace import _gs1, _hash, models, rules, selectors
from huanxin.trace.errors import EventAlreadyCaptured, UnitCodeTaken, UnitUnknown
from huanxin.trace.types import (
    Action,
    Capture,
    Event,
    EventType,
    Move,
    NewUnit,
    Passport,
    UnitState,
)

P = ParamSpec("P")
T = TypeVar("T")

_ADVANCE = """
UPDATE trace_unit u SET seq = n.seq, state = n.state, holder_id = n.holder_id, moved_at = n.at,
  mass_g = coalesce(n.mass_g, u.mass_g), closed_at = n.closed_at,
  certificate_no = coalesce(n.certificate_no, u.certificate_no)
FROM unnest(%s::text[], %s::int[], %s::text[], %s::uuid[], %s::timestamptz[], %s::int[],
  %s::timestamptz[], %s::text[])
  AS n(unit_code, seq, state, holder_id, at, mass_g, closed_at, certificate_no)
WHERE u.unit_code = n.unit_code
"""


def _as_refusals(service: Callable[P, T]) -> Callable[P, T]:
    """What two concurrent callers only learn from a constraint comes out as the refusal it is."""

    @wraps(service)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return service(*args, **kwargs)
        except IntegrityError as error:
            name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
            if name == "trace_event_captured_once":
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
    rows = _store(events)
    codes = sorted({move.unit_code for capture in events for move in capture.moves})
    if codes:
        locked = models.Unit.objects.select_for_update(of=("self",), no_key=True)
        units = {unit.unit_code: unit for unit in locked.filter(pk__in=codes).order_by("pk")}
        models.Custody.objects.bulk_create(_links(units, events, rows), batch_size=2000)
        _write_heads(list(units.values()))
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
    rows = _store(events)
    links = _links(passports, events, rows)
    models.Unit.objects.bulk_create(passports.values())
    models.Custody.objects.bulk_create(links, batch_size=2000)
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


def _store(captures: Sequence[Capture]) -> list[models.Event]:
    recorded_at = clock.now()
    rows = [_event_row(capture, recorded_at) for capture in captures]
    models.Event.objects.bulk_create(rows)
    models.EventEpc.objects.bulk_create(
        [
            models.EventEpc(event_id=row.id, role=role, epc=epc)
            for row, capture in zip(rows, captures, strict=True)
            for role, epc in _epcs(capture.event)
        ],
        batch_size=5000,
    )
    audit.record_many(
        system_actor("追溯"),
        "trace.captured",
        [
            Entry(
                "epcis_event", _hash.digest_of(row.event_id), row.region_path,
                row.organisation_id, {"biz_step": row.biz_step},
            )
            for row in rows
        ],
    )  # fmt: skip
    return rows


def _event_row(capture: Capture, recorded_at: datetime) -> models.Event:
    event = capture.event
    body = event.as_json()
    event_id = _hash.event_id(body, selectors.NAMES)
    return models.Event(
        event_id=event_id,
        type=event.type,
        action=event.action or "",
        biz_step=event.biz_step,
        disposition=event.disposition or "",
        read_point=event.read_point or "",
        biz_location=event.biz_location or "",
        at=event.at,
        event_on=clock.business_day(event.at),
        recorded_at=recorded_at,
        organisation_id=capture.org_id,
        region_path=capture.region_path,
        body=body | {"eventID": event_id},
    )


def _epcs(event: Event) -> list[tuple[str, str]]:
    lists: tuple[tuple[str, Sequence[str]], ...] = (
        ("epc", event.epc_list),
        ("parent", (event.parent_id,) if event.parent_id else ()),
        ("child", event.child_epcs),
        ("input", event.input_epcs),
        ("output", event.output_epcs),
        ("class", [q.epc_class for q in (*event.quantities, *event.output_quantities)]),
    )
    return [(role, epc) for role, epcs in lists for epc in dict.fromkeys(epcs)]


def _links(
    units: Mapping[str, models.Unit],
    captures: Sequence[Capture],
    events: Sequence[models.Event],
) -> list[models.Custody]:
    """The chain's new links in the order captured; the units' heads move along in memory."""
    links: list[models.Custody] = []
    for capture, event in zip(captures, events, strict=True):
        for move in capture.moves:
            unit = units.get(move.unit_code)
            if unit is None:
                raise UnitUnknown(unit_code=move.unit_code)
            head = _head(unit)
            link = rules.next_link(head, move, event.at)
            links.append(_link_row(head, link, move, event))
            _apply(unit, link, move)
    return links


def _head(unit: models.Unit) -> rules.Link:
    if unit.seq == 0:
        return rules.Link(0, None, None, None)
    return rules.Link(unit.seq, unit.holder_id, UnitState(unit.state), unit.moved_at)


def _link_row(
    head: rules.Link, link: rules.Link, move: Move, event: models.Event
) -> models.Custody:
    return models.Custody(
        unit_id=move.unit_code,
        seq=link.seq,
        event_id=event.id,
        prev_seq=head.seq or None,
        from_holder_id=move.from_org_id if head.seq else None,
        from_state=head.state,
        prev_at=head.at,
        to_holder_id=move.to_org_id,
        to_state=move.to_state,
        at=event.at,
        mass_g=move.mass_g,
    )


def _apply(unit: models.Unit, link: rules.Link, move: Move) -> None:
    assert link.holder_id is not None
    assert link.state is not None
    assert link.at is not None
    unit.seq, unit.state, unit.holder_id, unit.moved_at = (
        link.seq, link.state, link.holder_id, link.at,
    )  # fmt: skip
    unit.mass_g = move.mass_g if move.mass_g is not None else unit.mass_g
    unit.certificate_no = move.certificate_no or unit.certificate_no
    unit.closed_at = link.at if link.state in rules.TERMINAL else None


def _write_heads(units: Sequence[models.Unit]) -> None:
    columns: list[list[Any]] = [
        [unit.unit_code for unit in units],
        [unit.seq for unit in units],
        [unit.state for unit in units],
        [unit.holder_id for unit in units],
        [unit.moved_at for unit in units],
        [unit.mass_g for unit in units],
        [unit.closed_at for unit in units],
        [unit.certificate_no for unit in units],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, columns)
        assert cursor.rowcount == len(units), json.dumps([u.unit_code for u in units])
