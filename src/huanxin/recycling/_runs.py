"""Mechanics of lots and runs: packed, shipped, scanned at the gate, taken apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.catalogue.types import MaterialShare
from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock, ids
from huanxin.kernel.errors import NotFound
from huanxin.recycling import _chain, _standard, models, rules
from huanxin.recycling.errors import LotStateRefuses, MaterialUnknown, UnitNotHere
from huanxin.recycling.types import LotState, UnitState
from huanxin.recycling.types.depot import Discrepancy, LotReceipt, NewLot
from huanxin.recycling.types.floor import NewRun
from huanxin.trace import selectors as trace_ids
from huanxin.trace import services as trace
from huanxin.trace.types import Action, Quantity

RESIDUE = "residue"
LOT_WORDS = {LotState.PACKED: "已封签", LotState.SHIPPED: "运输途中", LotState.RECEIVED: "已验收"}


def pack(lots: Sequence[NewLot], units: Mapping[str, models.Unit]) -> list[models.Lot]:
    """Store lots and what is in them; capture the packing."""
    now = clock.now()
    depots = {org: identity.get_organisation(org) for org in {lot.depot_org_id for lot in lots}}
    numbers = _standard.numbers(
        "PC", [depots[lot.depot_org_id].region_code for lot in lots], clock.business_day(now)
    )
    containers = trace.issue_container_codes(count=len(lots))
    rows = [
        models.Lot(
            id=ids.new_id(),
            number=number,
            sscc=sscc,
            depot_id=lot.depot_org_id,
            dismantler_id=lot.dismantler_org_id,
            region_path=depots[lot.depot_org_id].region_path,
            state=LotState.PACKED,
            packed_at=now,
        )
        for lot, number, sscc in zip(lots, numbers, containers, strict=True)
    ]
    models.Lot.objects.bulk_create(rows)
    glns = trace.party_glns(org_ids=list(depots))
    captures = []
    for row, lot in zip(rows, lots, strict=True):
        mine = [units[code].pk for code in lot.unit_codes]
        models.Unit.objects.filter(pk__in=mine).update(state=UnitState.IN_LOT, lot=row)
        gln = glns[row.depot_id]
        captures.append(
            _chain.aggregation(row, lot.unit_codes, action=Action.ADD, gln=gln, now=now)
        )
    trace.capture_events(events=captures)
    return rows


def ship(rows: Sequence[models.Lot]) -> None:
    """Lots leave; capture the shipping."""
    if not rows:
        return
    now = clock.now()
    glns = trace.party_glns(org_ids=list({o for r in rows for o in (r.depot_id, r.dismantler_id)}))
    codes = codes_in(rows)
    trace.capture_events(events=[_chain.shipping(row, codes[row.id], glns, now) for row in rows])
    models.Unit.objects.filter(lot__in=rows).update(state=UnitState.SHIPPED)
    models.Lot.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=LotState.SHIPPED, shipped_at=now
    )


def codes_in(rows: Sequence[models.Lot]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    pairs = models.Unit.objects.filter(lot__in=rows).order_by("unit_code")
    for lot_id, code in pairs.values_list("lot_id", "unit_code"):
        found[lot_id].append(code or "")
    return found


def check_arriving(rows: Mapping[UUID, models.Lot], receipt: LotReceipt) -> None:
    """Refuse a lot that is not under way, and a scan that names a unit twice."""
    row = rows.get(receipt.lot_id)
    if row is None:
        raise NotFound(model="Lot", id=receipt.lot_id)
    if row.state != LotState.SHIPPED:
        state = LOT_WORDS[LotState(row.state)]
        raise LotStateRefuses(number=row.number, state=state, wanted="验收")
    if twice := rules.repeated(scan.unit_code for scan in receipt.scanned):
        raise UnitNotHere(unit_code=twice, reason="同一机身码重复扫描")


def receive(
    rows: Mapping[UUID, models.Lot], receipts: Sequence[LotReceipt]
) -> dict[UUID, list[Discrepancy]]:
    """Compare, record the differences, hand over what was scanned; capture receiving, unpacking."""
    now = clock.now()
    standard = _standard.in_force(clock.business_day(now))
    orgs = {o for row in rows.values() for o in (row.depot_id, row.dismantler_id)}
    glns = trace.party_glns(org_ids=list(orgs))
    units = models.Unit.objects.filter(lot__in=list(rows), state=UnitState.SHIPPED)
    expected: dict[UUID, dict[str, int | None]] = defaultdict(dict)
    for lot_id, code, mass_g in units.values_list("lot_id", "unit_code", "mass_g"):
        expected[lot_id][code or ""] = mass_g
    lines, captures, arrived = {}, [], []
    for receipt in receipts:
        row, wanted = rows[receipt.lot_id], expected[receipt.lot_id]
        lines[row.id] = rules.compare_scan(standard, wanted, receipt.scanned)
        here = [scan for scan in receipt.scanned if scan.unit_code in wanted]
        arrived.extend(here)
        codes = [scan.unit_code for scan in here]
        captures.append(_chain.arrival(row, codes, glns, now))
        if codes:
            gln = glns[row.dismantler_id]
            captures.append(_chain.aggregation(row, codes, action=Action.DELETE, gln=gln, now=now))
    trace.capture_events(events=captures)
    _chain.store_arrivals(arrived, now)
    models.Lot.objects.filter(pk__in=list(rows)).update(state=LotState.RECEIVED, received_at=now)
    models.Discrepancy.objects.bulk_create(
        models.Discrepancy(
            lot_id=lot_id,
            unit_code=line.unit_code,
            kind=line.kind,
            expected_g=line.expected_g,
            found_g=line.found_g,
            found_at=now,
        )
        for lot_id, found in lines.items()
        for line in found
    )
    return lines


def dismantle(runs: Sequence[NewRun], units: Mapping[str, models.Unit]) -> list[models.Run]:
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
    return rows


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
        if unit.lot is None or unit.lot.dismantler_id != run.dismantler_org_id:
            raise UnitNotHere(unit_code=code, reason="不是本单位验收的旧机")
    known = shares[class_code]
    for out in run.outputs:
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
