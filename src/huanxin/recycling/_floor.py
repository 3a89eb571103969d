"""What a desk sees before it decides: scans compared, runs weighed, months summed. Reads only."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncMonth

from huanxin.kernel import clock, money
from huanxin.kernel.actor import Scope
from huanxin.recycling import _runs, _standard, models, rules
from huanxin.recycling.errors import UnitNotHere
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.depot import Discrepancy, WeighIn
from huanxin.recycling.types.floor import MaterialTotal, MonthTotal, NewRun, RunBalance, RunOutput


def compare(lot_id: UUID, scanned: Sequence[WeighIn]) -> list[Discrepancy]:
    """What the gate would record if the lot were received with these scans."""
    rows = list(models.Unit.objects.filter(lot=lot_id, state=UnitState.SHIPPED))
    expected = {unit.unit_code or "": unit.mass_g for unit in rows}
    classes = {unit.unit_code or "": unit.class_code for unit in rows}
    return rules.compare_scan(_standard.in_force(clock.today()), expected, scanned, classes)


def balance(run: NewRun) -> RunBalance:
    """The run as the scales say, whether or not it may be declared."""
    units = _units(run.dismantler_org_id, run.unit_codes)
    shares = _runs.materials(units.values())
    weighed = _runs.weigh(run, units, _standard.in_force(clock.today()), shares)
    class_code = units[run.unit_codes[0]].class_code
    return RunBalance(
        class_code=class_code,
        unit_count=len(units),
        mass_in_g=weighed.mass_in_g,
        mass_out_g=weighed.mass_out_g,
        hazardous_g=_runs.hazardous_g(run, shares[class_code]),
        residue_g=sum(o.mass_g for o in run.outputs if o.material_code == _runs.RESIDUE),
        difference_g=weighed.difference_g,
        allowed_g=weighed.allowed_g,
        tolerance_bps=weighed.tolerance_bps,
        holds=weighed.holds,
    )


def expected(dismantler_org_id: UUID, unit_codes: Sequence[str]) -> list[RunOutput]:
    """What the class's profile lets expect of these units; no profile expects nothing."""
    units = _units(dismantler_org_id, unit_codes)
    [shares] = _runs.materials(units.values()).values()
    weights = [share.share_bps for share in shares.values()]
    mass_g = sum(unit.gate_mass_g or 0 for unit in units.values()) if any(weights) else 0
    parts = money.split_fen(mass_g, weights) if mass_g else [0] * len(weights)
    return [
        RunOutput(share.material_code, share.name, part, share.is_hazardous)
        for share, part in zip(shares.values(), parts, strict=True)
    ]


def _units(dismantler_org_id: UUID, codes: Sequence[str]) -> dict[str, models.Unit]:
    """Units on that dismantler's floor; all of one class."""
    rows = models.Unit.objects.filter(
        unit_code__in=list(codes), state=UnitState.AT_DISMANTLER, lot__receiver=dismantler_org_id
    ).select_related("lot")
    found = {unit.unit_code or "": unit for unit in rows}
    for code in codes:
        if code not in found:
            raise UnitNotHere(unit_code=code, reason="不在本单位待拆解的旧机中")
        if found[code].class_code != found[codes[0]].class_code:
            raise UnitNotHere(unit_code=code, reason="同一批次只能拆解同一类旧机")
    return found


def runs_within(scope: Scope) -> QuerySet[models.Run]:
    rows = models.Run.objects.all()
    if scope.person_id is not None:
        return rows.none()
    if scope.org_id is not None:
        return rows.filter(dismantler_id=scope.org_id)
    if scope.region_path:
        own = rows.filter(region_path=scope.region_path)
        return own | rows.filter(region_path__startswith=scope.region_path + "/")
    return rows


def month_totals(scope: Scope, year: int) -> list[MonthTotal]:
    """Runs by month and class, newest month first."""
    rows = (
        _of_year(scope, year)
        .annotate(month=TruncMonth("dismantled_on"))
        .values("month", "waste_class_code")
        .annotate(
            runs=Count("pk"), units=Sum("unit_count"), mass_in=Sum("mass_in_g"),
            mass_out=Sum("mass_out_g"), hazardous=Sum("hazardous_g"),
        )
    )  # fmt: skip
    return [
        MonthTotal(
            row["month"], row["waste_class_code"], row["runs"], row["units"],
            int(row["mass_in"]), int(row["mass_out"]), int(row["hazardous"]),
        )
        for row in rows.order_by("-month", "waste_class_code")
    ]  # fmt: skip


def material_totals(scope: Scope, year: int) -> list[MaterialTotal]:
    """Materials by month, newest month first, heaviest first."""
    rows = (
        models.RunMaterial.objects.filter(run__in=_of_year(scope, year))
        .annotate(month=TruncMonth("run__dismantled_on"), code=F("material_code"))
        .values("month", "code", "name", "is_hazardous")
        .annotate(mass=Sum("mass_g"))
    )
    return [
        MaterialTotal(row["month"], row["code"], row["name"], row["is_hazardous"], int(row["mass"]))
        for row in rows.order_by("-month", "-mass", "code")
    ]


def _of_year(scope: Scope, year: int) -> QuerySet[models.Run]:
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    return runs_within(scope).filter(dismantled_on__gte=first, dismantled_on__lt=after)
