"""Mechanics of runs: weighed, counted, taken apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.catalogue.types import MaterialShare
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor
from huanxin.recycling import _cases, _chain, _standard, _work, models, rules, work_rules
from huanxin.recycling.errors import (
    MaterialMassInvalid,
    MaterialUnknown,
    PartsNotMade,
    UnitNotHere,
)
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.cases import CaseKind
from huanxin.recycling.types.floor import NewRun, PartLine
from huanxin.trace import selectors as trace_ids
from huanxin.trace import services as trace
from huanxin.trace.types import Quantity

RESIDUE = "residue"


def dismantle(
    actor: Actor, runs: Sequence[NewRun], units: Mapping[str, models.Unit]
) -> list[models.Run]:
    """Weigh each run, refuse what does not balance, then store and capture all of them."""
    now = clock.now()
    on = clock.business_day(now)
    orgs = {
        r: _chain.check_party(r, OrgKind.DISMANTLER) for r in {x.dismantler_org_id for x in runs}
    }
    standard = _standard.in_force(on)
    shares = materials(units.values())
    balances = [weigh(run, units, standard, shares) for run in runs]
    for balance in balances:
        rules.check_balance(balance)
    parts = [count_parts(run, units[run.unit_codes[0]].class_code) for run in runs]
    region_codes = [orgs[run.dismantler_org_id].region_code for run in runs]
    numbers = _standard.numbers("CJ", region_codes, on)
    certificates = _standard.numbers("ZM", region_codes, on)
    rows = [
        models.Run(
            id=ids.new_id(),
            number=number,
            certificate_no=certificate,
            dismantler_id=run.dismantler_org_id,
            region_path=orgs[run.dismantler_org_id].region_path,
            waste_class_code=units[run.unit_codes[0]].class_code,
            unit_count=len(run.unit_codes),
            mass_in_g=balance.mass_in_g,
            mass_out_g=balance.mass_out_g,
            hazardous_g=hazardous_g(run, shares[units[run.unit_codes[0]].class_code]),
            tolerance_bps=balance.tolerance_bps,
            dismantled_at=now,
            dismantled_on=on,
        )
        for run, balance, number, certificate in zip(
            runs, balances, numbers, certificates, strict=True
        )
    ]
    _store_runs(rows, runs, units, shares)
    _store_parts(actor, rows, parts)
    return rows


def count_parts(run: NewRun, class_code: str) -> list[PartLine]:
    """Key parts against what the standard lets expect; a run that counts none has none.

    Refuses a part that the class does not have, one counted twice, and more than the units hold.
    """
    if not run.parts:
        return []
    standard = _work.floor(clock.today())
    known = {part.code: part for part in standard.parts.get(class_code, ())}
    for one in run.parts:
        if one.part_code not in known:
            raise MaterialUnknown(waste_class_code=class_code, material_code=one.part_code)
        limit = known[one.part_code].each * len(run.unit_codes)
        if not 0 <= one.count <= limit:
            raise PartsNotMade(
                name=known[one.part_code].name, unit_count=len(run.unit_codes), expected=limit,
                found=one.count,
            )  # fmt: skip
    if twice := rules.repeated(one.part_code for one in run.parts):
        raise MaterialUnknown(waste_class_code=class_code, material_code=twice)
    compared = work_rules.compare_parts(standard, class_code, len(run.unit_codes), run.parts)
    return [PartLine(part.code, part.name, want, got, off) for part, want, got, off in compared]


def _store_parts(
    actor: Actor, rows: Sequence[models.Run], parts: Sequence[Sequence[PartLine]]
) -> None:
    """Keep the counts; what lacks too many becomes a case that the dismantler answers."""
    pairs = [(row, line) for row, lines in zip(rows, parts, strict=True) for line in lines]
    models.RunPart.objects.bulk_create(
        models.RunPart(
            run=row, part_code=line.part_code, name=line.name, expected=line.expected,
            found=line.found, is_off=line.is_off,
        )
        for row, line in pairs
    )  # fmt: skip
    off = [
        models.Case(
            kind=CaseKind.PARTS, run=row, unit_code="", class_code=row.waste_class_code,
            owner_id=row.dismantler_id, finder_id=row.dismantler_id,
            region_path=row.region_path, expected=line.expected, found=line.found,
        )
        for row, line in pairs
        if line.is_off
    ]  # fmt: skip
    _cases.open_for_books(actor, off)


def _store_runs(
    rows: Sequence[models.Run],
    runs: Sequence[NewRun],
    units: Mapping[str, models.Unit],
    shares: Mapping[str, Mapping[str, MaterialShare]],
) -> None:
    glns = trace.party_glns(org_ids=list({row.dismantler_id for row in rows}))
    events = trace.capture_events(
        events=[
            _chain.disassembling(row, run.unit_codes, _quantities(run), glns[row.dismantler_id])
            for row, run in zip(rows, runs, strict=True)
        ]
    )
    for row, event_id in zip(rows, events, strict=True):
        row.event_id = event_id
    models.Run.objects.bulk_create(rows)
    models.RunUnit.objects.bulk_create(
        models.RunUnit(run=row, unit=units[code], mass_g=_mass_g(units[code]))
        for row, run in zip(rows, runs, strict=True)
        for code in run.unit_codes
    )
    models.RunMaterial.objects.bulk_create(
        models.RunMaterial(
            run=row,
            material_code=out.material_code,
            name=shares[row.waste_class_code][out.material_code].name,
            mass_g=out.mass_g,
            is_hazardous=shares[row.waste_class_code][out.material_code].is_hazardous,
        )
        for row, run in zip(rows, runs, strict=True)
        for out in run.outputs
    )
    for row, run in zip(rows, runs, strict=True):
        models.Unit.objects.filter(pk__in=[units[c].pk for c in run.unit_codes]).update(
            state=UnitState.DISMANTLED, run=row, dismantled_at=row.dismantled_at
        )


def weigh(
    run: NewRun,
    units: Mapping[str, models.Unit],
    standard: rules.Standard,
    shares: Mapping[str, Mapping[str, MaterialShare]],
) -> rules.Balance:
    """What a run's scales say; refuses units and materials that do not belong in it."""
    mine = [units[code] for code in run.unit_codes]
    class_code = mine[0].class_code
    for unit in mine:
        code = unit.unit_code or ""
        if unit.class_code != class_code:
            raise UnitNotHere(unit_code=code, reason="同一批次只能拆解同一类旧机")
        if unit.lot is None or unit.lot.receiver_id != run.dismantler_org_id:
            raise UnitNotHere(unit_code=code, reason="不是本单位验收的旧机")
    known = shares[class_code]
    for out in run.outputs:
        if out.mass_g < 0:
            raise MaterialMassInvalid(material_code=out.material_code, mass_g=out.mass_g)
        if out.material_code not in known:
            raise MaterialUnknown(waste_class_code=class_code, material_code=out.material_code)
    if twice := rules.repeated(out.material_code for out in run.outputs):
        raise MaterialUnknown(waste_class_code=class_code, material_code=twice)
    return rules.Balance(
        mass_in_g=sum(_mass_g(unit) for unit in mine),
        mass_out_g=sum(out.mass_g for out in run.outputs),
        tolerance_bps=standard.tolerance_bps(class_code),
    )


def _mass_g(unit: models.Unit) -> int:
    """What the dismantler's own scale said at the gate."""
    assert unit.gate_mass_g is not None, "a unit at the dismantler was weighed at the gate"
    return unit.gate_mass_g


def materials(units: Iterable[models.Unit]) -> dict[str, dict[str, MaterialShare]]:
    """By class, what may come out: its profile, or, where none is published, every material that
    any profile names, without a share."""
    found = {}
    for class_code, waste_class in {u.class_code: u.waste_class_code for u in units}.items():
        profile = catalogue.material_profile(waste_class) if waste_class else ()
        found[class_code] = {s.material_code: s for s in profile or _all_materials()}
    return found


def _all_materials() -> list[MaterialShare]:
    shares = {
        share.material_code: replace(share, share_bps=0)
        for waste_class in catalogue.list_waste_classes()
        for share in catalogue.material_profile(waste_class.code)
    }
    residue = [share for code, share in shares.items() if code == RESIDUE]
    return [share for code, share in shares.items() if code != RESIDUE] + residue


def hazardous_g(run: NewRun, shares: Mapping[str, MaterialShare]) -> int:
    """The part of a run's output that only a licensed carrier may take."""
    return sum(o.mass_g for o in run.outputs if shares[o.material_code].is_hazardous)


def _quantities(run: NewRun) -> list[Quantity]:
    return [
        Quantity(trace_ids.material_uri(out.material_code), Decimal(out.mass_g) / 1000)
        for out in run.outputs
        if out.mass_g
    ]


def orders_of(order_ids: set[UUID]) -> list[models.Order]:
    return list(models.Order.objects.filter(pk__in=order_ids).order_by("pk"))
