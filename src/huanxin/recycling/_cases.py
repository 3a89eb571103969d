"""Mechanics of cases: opened for differences, held against units, closed when things turn up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor
from huanxin.recycling import _standard, _work, models, work_rules
from huanxin.recycling.errors import UnitHeld
from huanxin.recycling.types.cases import CaseKind, CaseState, Outcome
from huanxin.recycling.types.depot import Discrepancy


def open_for_gate(
    actor: Actor,
    lots: Mapping[UUID, models.Lot],
    lines: Mapping[UUID, Sequence[Discrepancy]],
    seen: Mapping[str, str],
) -> None:
    """A case for every difference of a gate scan: the sender answers, the receiver found it."""
    now = clock.now()
    rows = [
        models.Case(
            kind=line.kind.value, lot=lots[lot_id], unit_code=line.unit_code,
            class_code=seen.get(line.unit_code, ""), owner_id=lots[lot_id].depot_id,
            finder_id=lots[lot_id].receiver_id, region_path=lots[lot_id].region_path,
            expected=line.expected_g, found=line.found_g,
        )
        for lot_id, found in lines.items()
        for line in found
    ]  # fmt: skip
    _open(actor, rows, now)


def open_for_books(actor: Actor, rows: Sequence[models.Case]) -> None:
    """Cases of a dismantler's own books: parts short in a run, stock off at a count."""
    _open(actor, rows, clock.now())


def check_free(units: Sequence[models.Unit]) -> None:
    """Refuse units whose identity is in doubt."""
    codes = [unit.unit_code or "" for unit in units]
    case = (
        models.Case.objects.filter(unit_code__in=codes, kind=CaseKind.SWAPPED)
        .exclude(state=CaseState.RESOLVED)
        .order_by("number")
        .first()
    )
    if case is not None:
        raise UnitHeld(unit_code=case.unit_code, case_number=case.number)


def turned_up(actor: Actor, codes: Sequence[str], org_id: UUID) -> None:
    """Units that a lot arrived without stand in a depot again: their cases end."""
    rows = models.Case.objects.select_for_update(of=("self",), no_key=True).filter(
        unit_code__in=list(codes), kind=CaseKind.MISSING
    )
    for row in rows.exclude(state=CaseState.RESOLVED).order_by("pk"):
        add_note(row, org_id, "该旧机已重新过磅入库。")
        resolve(actor, row, Outcome.FOUND)


def add_note(row: models.Case, org_id: UUID | None, said: str) -> None:
    models.CaseNote.objects.create(
        case=row, organisation_id=org_id, said=said[:1000], at=clock.now()
    )


def resolve(actor: Actor, row: models.Case, outcome: Outcome) -> None:
    """End a case; a swapped unit that was put right goes on as what it is."""
    models.Case.objects.filter(pk=row.pk).update(
        state=CaseState.RESOLVED, outcome=outcome, resolved_at=clock.now()
    )
    if row.kind == CaseKind.SWAPPED and outcome == Outcome.CORRECTED:
        models.Unit.objects.filter(unit_code=row.unit_code).update(waste_class_code=row.class_code)
    audit.record(
        actor, "recycling.case_resolved", "case", row.id, region_path=row.region_path,
        org_id=row.owner_id, number=row.number, outcome=outcome,
    )  # fmt: skip


def _open(actor: Actor, rows: Sequence[models.Case], now: datetime) -> None:
    if not rows:
        return
    on = clock.business_day(now)
    standard = _work.floor(on)
    codes = {
        org_id: identity.get_organisation(org_id).region_code
        for org_id in {row.owner_id for row in rows}
    }
    numbers = _standard.numbers("CY", [codes[row.owner_id] for row in rows], on)
    for row, number in zip(rows, numbers, strict=True):
        row.id, row.number, row.opened_at = ids.new_id(), number, now
        row.deadline_at = work_rules.deadline(standard, row.kind, now)
    models.Case.objects.bulk_create(rows)
    audit.record_many(
        actor,
        "recycling.case_opened",
        [
            audit.Entry("case", row.id, row.region_path, row.owner_id,
                        {"number": row.number, "kind": row.kind, "unit_code": row.unit_code})
            for row in rows
        ],
    )  # fmt: skip
