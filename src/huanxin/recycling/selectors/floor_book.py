"""The dismantler's floor, runs and certificates: reads only."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Q, Sum

from huanxin.kernel import crypto
from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import _floor, models
from huanxin.recycling.errors import (
    CertificateNotFound,
    UnitNotHere,
)
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.depot import StockLine
from huanxin.recycling.types.floor import (
    CertificateCard,
    MaterialTotal,
    MonthTotal,
    NewRun,
    PartLine,
    RunBalance,
    RunOutput,
)


def list_floor_stock(scope: Scope) -> list[StockLine]:
    """What waits on a dismantler's floor, by waste class, as its own gate weighed it."""
    rows = models.Unit.objects.filter(state=UnitState.AT_DISMANTLER, lot__isnull=False)
    if scope.org_id is not None:
        rows = rows.filter(lot__receiver=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(lot__region_path__startswith=scope.region_path)
    grouped = rows.values("lot__receiver", "waste_class_code", "category_code").annotate(
        units=Count("pk"), mass=Sum("gate_mass_g")
    )
    lines: dict[tuple[UUID, str], tuple[int, int]] = {}
    for row in grouped.order_by("lot__receiver", "waste_class_code", "category_code"):
        key = (row["lot__receiver"], row["waste_class_code"] or row["category_code"])
        units, mass_g = lines.get(key, (0, 0))
        lines[key] = (units + row["units"], mass_g + (row["mass"] or 0))
    at = UnitState.AT_DISMANTLER
    return [StockLine(org, code, at, *figures) for (org, code), figures in lines.items()]


def weigh_run(run: NewRun, scope: Scope) -> RunBalance:
    """A run's mass balance before it is declared; nothing is written.

    Refuses units that do not wait on the dismantler's floor, mixed classes, and a material that
    the class does not have.
    """
    return _floor.balance(_within_floor(run, scope))


def expected_outputs(run: NewRun, scope: Scope) -> list[RunOutput]:
    """What may come out of the run's units, with the mass that their class lets expect."""
    run = _within_floor(run, scope)
    return _floor.expected(run.dismantler_org_id, run.unit_codes)


def _within_floor(run: NewRun, scope: Scope) -> NewRun:
    if scope.org_id not in (None, run.dismantler_org_id) or not run.unit_codes:
        raise UnitNotHere(unit_code="", reason="请先选择本单位待拆解的旧机")
    return run


def list_certificates(scope: Scope, *, page: int = 1) -> Page[CertificateCard]:
    """Certificates of the scope's dismantler or region, newest first."""
    rows = _floor.runs_within(scope)
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("-dismantled_at", "-pk").values_list("certificate_no", flat=True)
    return Page(certificates(list(found[start : start + PAGE_SIZE])), page, rows.count())


def list_month_totals(scope: Scope, *, year: int) -> list[MonthTotal]:
    """A year's runs by month and class, newest month first."""
    return _floor.month_totals(scope, year)


def list_material_totals(scope: Scope, *, year: int) -> list[MaterialTotal]:
    """A year's materials by month, newest month and heaviest first."""
    return _floor.material_totals(scope, year)


def find_run(number: str, scope: Scope) -> tuple[UUID, str] | None:
    """Whose run it is and the run's number, by the run's or its certificate's number."""
    asked = number.strip().upper()
    rows = _floor.runs_within(scope).filter(Q(number=asked) | Q(certificate_no=asked))
    return rows.values_list("dismantler_id", "number").first()


def list_material_names(scope: Scope) -> list[tuple[str, str]]:
    """The code and name of every material that came out of the scope's runs, by name."""
    rows = models.RunMaterial.objects.filter(run__in=_floor.runs_within(scope), mass_g__gt=0)
    return sorted(set(rows.values_list("material_code", "name").distinct()), key=lambda one: one[1])


def get_certificate(number: str) -> CertificateCard:
    """A dismantling certificate by number. Public: it names no person."""
    found = certificates([number.strip().upper()])
    if not found:
        raise CertificateNotFound(number=number)
    return found[0]


def certificates(numbers: Sequence[str]) -> list[CertificateCard]:
    """Several certificates, in the order asked; unknown numbers are left out."""
    runs = {
        run.certificate_no: run
        for run in models.Run.objects.filter(certificate_no__in=numbers).select_related(
            "dismantler"
        )
    }
    materials: dict[UUID, list[RunOutput]] = {run.id: [] for run in runs.values()}
    rows = models.RunMaterial.objects.filter(run__in=materials)
    for m in rows.order_by("-mass_g", "material_code"):
        materials[m.run_id].append(RunOutput(m.material_code, m.name, m.mass_g, m.is_hazardous))
    inside: dict[UUID, list[str]] = {run.id: [] for run in runs.values()}
    codes = models.RunUnit.objects.filter(run__in=inside).order_by("unit__unit_code")
    for run_id, code in codes.values_list("run_id", "unit__unit_code"):
        inside[run_id].append(code or "")
    parts: dict[UUID, list[PartLine]] = {run.id: [] for run in runs.values()}
    for p in models.RunPart.objects.filter(run__in=parts).order_by("part_code"):
        parts[p.run_id].append(PartLine(p.part_code, p.name, p.expected, p.found, p.is_off))
    return [
        _certificate(
            runs[number],
            inside[runs[number].id],
            materials[runs[number].id],
            parts[runs[number].id],
        )
        for number in numbers
        if number in runs
    ]


def _certificate(
    run: models.Run,
    codes: Sequence[str],
    outputs: Sequence[RunOutput],
    parts: Sequence[PartLine],
) -> CertificateCard:
    return CertificateCard(
        number=run.certificate_no,
        token=crypto.sign_token({"certificate": run.certificate_no, "event": run.event_id}),
        run_number=run.number,
        dismantler_org_id=run.dismantler_id,
        dismantler_name=run.dismantler.name,
        waste_class_code=run.waste_class_code,
        unit_codes=tuple(codes),
        mass_in_g=run.mass_in_g,
        mass_out_g=run.mass_out_g,
        hazardous_g=run.hazardous_g,
        difference_g=run.mass_in_g - run.mass_out_g,
        tolerance_bps=run.tolerance_bps,
        outputs=tuple(outputs),
        parts=tuple(parts),
        dismantled_at=run.dismantled_at,
    )


def verify_certificate(token: str) -> CertificateCard:
    """The certificate that a scanned token names; TokenInvalid if the token is not ours."""
    return get_certificate(str(crypto.read_token(token).get("certificate", "")))
