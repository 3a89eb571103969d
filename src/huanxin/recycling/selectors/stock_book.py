"""Units, depots and lots: reads only."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import _floor, _work, models, work_rules
from huanxin.recycling.errors import (
    LotNotFound,
)
from huanxin.recycling.types import LotPurpose, LotState, NextStep, UnitState
from huanxin.recycling.types.depot import (
    Carriage,
    Discrepancy,
    GradeResult,
    GradingQuestion,
    LotCard,
    LotLine,
    StockLine,
    StockUnit,
    WeighIn,
)
from huanxin.recycling.types.orders import UnitCard
from huanxin.trace import selectors as trace
from huanxin.trace.types import Stop


def list_depot_stock(scope: Scope) -> list[StockLine]:
    """What stands in depots, by waste class and state."""
    rows = models.Unit.objects.filter(
        state__in=[UnitState.COLLECTED, UnitState.IN_DEPOT, UnitState.IN_LOT]
    )
    if scope.org_id is not None:
        return _stock_of(rows, scope.org_id)
    if scope.region_path:
        rows = rows.filter(order__region_path__startswith=scope.region_path)
    grouped = _grouped(rows.annotate(place=Coalesce("depot_id", "order__organisation_id")), "place")
    lines = [
        StockLine(place, class_code, state, units, mass)
        for (place, class_code, state), (units, mass) in grouped.items()
    ]
    return sorted(lines, key=_in_order)


def _stock_of(rows: "QuerySet[models.Unit]", org_id: UUID) -> list[StockLine]:
    """One organisation's, in two reads that an index answers: in its depot, and not in any yet."""
    here = _grouped(rows.filter(depot_id=org_id))
    coming = _grouped(rows.filter(depot_id=None, order__organisation_id=org_id))
    lines = []
    for key in {**here, **coming}:
        both = [found[key] for found in (here, coming) if key in found]
        units, mass = (sum(column) for column in zip(*both, strict=True))
        class_code, state = key
        lines.append(StockLine(org_id, class_code, state, units, mass))
    return sorted(lines, key=_in_order)


def _grouped(rows: "QuerySet[models.Unit]", *place: str) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Units and grams by place (if asked for), class and state."""
    found: dict[tuple[Any, ...], tuple[int, int]] = {}
    keys = (*place, "waste_class_code", "category_code", "state")
    for row in rows.values(*keys).annotate(units=Count("pk"), mass=Sum("mass_g")):
        class_code = row["waste_class_code"] or row["category_code"]
        key = (*(row[name] for name in place), class_code, UnitState(row["state"]))
        units, mass = found.get(key, (0, 0))
        found[key] = (units + row["units"], mass + (row["mass"] or 0))
    return found


def _in_order(line: StockLine) -> tuple[str, str, str]:
    return str(line.org_id), line.class_code, line.state


def list_units(
    scope: Scope,
    *,
    state: UnitState | None = None,
    class_code: str | None = None,
    is_graded: bool | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page[UnitCard]:
    """Units within the scope, by code; a dismantler sees those of lots sent to it.

    `class_code` is the waste class, or the category where the regulated list has none.
    """
    rows = models.Unit.objects.select_related("final_quote", "run", "order", "lot")
    if scope.person_id is not None:
        rows = rows.filter(order__person_id=scope.person_id)
    if scope.org_id is not None:
        org = scope.org_id
        rows = rows.filter(
            Q(order__organisation_id=org) | Q(depot_id=org) | Q(lot__receiver_id=org)
        )
    elif scope.region_path:
        rows = rows.filter(order__region_path__startswith=scope.region_path)
    if state is not None:
        rows = rows.filter(state=state)
    if class_code is not None:
        bare = Q(waste_class_code=None, category_code=class_code)
        rows = rows.filter(Q(waste_class_code=class_code) | bare)
    if is_graded is not None:
        rows = rows.filter(next_step__isnull=not is_graded)
    start = (page - 1) * size
    found = rows.order_by("unit_code", "pk")[start : start + size]
    return Page([row.as_card() for row in found], page, rows.count(), size)


def find_unit(unit_code: str, scope: Scope) -> UnitCard | None:
    """One unit of the scope's organisation by code."""
    rows = models.Unit.objects.select_related("final_quote", "run")
    mine = Q(order__organisation_id=scope.org_id) | Q(depot_id=scope.org_id)
    row = rows.filter(mine | Q(lot__receiver_id=scope.org_id), unit_code=unit_code).first()
    return row.as_card() if row else None


def list_lots(scope: Scope, *, state: LotState | None = None, page: int = 1) -> Page[LotCard]:
    """Lots sent by or to the scope's organisation, or from its region, newest first."""
    rows = models.Lot.objects.all()
    if scope.person_id is not None:
        rows = rows.none()
    if scope.org_id is not None:
        rows = rows.filter(Q(depot_id=scope.org_id) | Q(receiver_id=scope.org_id))
    elif scope.region_path:
        rows = rows.filter(region_path__startswith=scope.region_path)
    if state is not None:
        rows = rows.filter(state=state)
    start = (page - 1) * PAGE_SIZE
    found = list(
        rows.order_by("-packed_at", "-pk").values_list("pk", flat=True)[start:][:PAGE_SIZE]
    )
    return Page(lot_cards(found), page, rows.count())


def get_lot(lot_id: UUID, scope: Scope) -> LotCard:
    """One lot for its depot, its dismantler, or an officer of its region."""
    row = models.Lot.objects.filter(pk=lot_id).first()
    if row is None or not _sees_lot(row, scope):
        raise LotNotFound(lot_id=lot_id)
    return lot_cards([lot_id])[0]


def _sees_lot(row: models.Lot, scope: Scope) -> bool:
    if scope.person_id is not None:
        return False
    if scope.org_id is not None:
        return scope.org_id in (row.depot_id, row.receiver_id)
    return scope.covers(row.region_path)


def compare_lot(lot_id: UUID, scanned: Sequence[WeighIn], scope: Scope) -> list[Discrepancy]:
    """What the gate would record if the lot were received with these scans; nothing is written."""
    return _floor.compare(get_lot(lot_id, scope).id, scanned)


def lot_cards(lot_ids: Sequence[UUID]) -> list[LotCard]:
    """Lots in the order asked, for rooms that already hold their ids."""
    rows = {row.id: row for row in models.Lot.objects.filter(pk__in=lot_ids)}
    packed: dict[UUID, list[LotLine]] = {lot_id: [] for lot_id in lot_ids}
    inside = models.LotUnit.objects.filter(lot__in=lot_ids).select_related("unit")
    for one in inside.order_by("unit__unit_code"):
        packed[one.lot_id].append(_lot_line(one))
    lines: dict[UUID, list[models.Discrepancy]] = {lot_id: [] for lot_id in lot_ids}
    for line in models.Discrepancy.objects.filter(lot__in=lot_ids).order_by("unit_code"):
        lines[line.lot_id].append(line)
    return [_lot_card(rows[lot_id], packed[lot_id], lines[lot_id]) for lot_id in lot_ids]


def _lot_card(
    row: models.Lot, packed: Sequence[LotLine], lines: Sequence[models.Discrepancy]
) -> LotCard:
    carriage = Carriage(row.plate_no, row.driver_name, row.seal_no) if row.plate_no else None
    return LotCard(
        id=row.id,
        number=row.number,
        sscc=row.sscc,
        state=LotState(row.state),
        depot_org_id=row.depot_id,
        receiver_org_id=row.receiver_id,
        region_path=row.region_path,
        unit_codes=tuple(one.unit_code for one in packed),
        mass_g=sum(one.mass_g for one in packed),
        packed_at=row.packed_at,
        shipped_at=row.shipped_at,
        received_at=row.received_at,
        discrepancies=tuple(line.as_line() for line in lines),
        purpose=LotPurpose(row.purpose),
        is_hazardous=row.is_hazardous,
        carriage=carriage,
        lines=tuple(packed),
    )


def _lot_line(one: models.LotUnit) -> LotLine:
    unit = one.unit
    return LotLine(
        unit.unit_code or "", unit.category_code, unit.class_code, one.mass_g, unit.grade or ""
    )


def list_stock_units(
    scope: Scope,
    *,
    class_code: str | None = None,
    next_step: str | None = None,
    band: int | None = None,
    page: int = 1,
) -> Page[StockUnit]:
    """Units that stand in a depot, the longest there first; `next_step` may be "ungraded", `band`
    one of the floor standard's ageing bands."""
    today = clock.today()
    limits = _work.floor(today).ageing_days
    rows = models.Unit.objects.filter(
        state__in=[UnitState.IN_DEPOT, UnitState.IN_LOT], depot__isnull=False
    )
    if scope.person_id is not None:
        rows = rows.none()
    if scope.org_id is not None:
        rows = rows.filter(depot_id=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(order__region_path__startswith=scope.region_path)
    if class_code:
        bare = Q(waste_class_code=None, category_code=class_code)
        rows = rows.filter(Q(waste_class_code=class_code) | bare)
    if next_step:
        rows = rows.filter(next_step=None if next_step == "ungraded" else next_step)
    if band is not None:
        rows = rows.filter(_stood(band, limits, today))
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("received_at", "pk")[start : start + PAGE_SIZE]
    return Page([_stock_unit(one, today, limits) for one in found], page, rows.count())


def ageing_limits() -> tuple[int, ...]:
    """The days after which a stay in a depot falls into the next band."""
    return _work.floor(clock.today()).ageing_days


def _stood(band: int, limits: Sequence[int], today: date) -> Q:
    """Received so that today falls into that band of days."""
    wanted = Q()
    if band > 0:
        wanted &= Q(received_at__lt=clock.moment(today - timedelta(days=limits[band - 1])))
    if band < len(limits):
        wanted &= Q(received_at__gte=clock.moment(today - timedelta(days=limits[band])))
    return wanted


def _stock_unit(one: models.Unit, today: date, limits: Sequence[int]) -> StockUnit:
    assert one.received_at is not None, "a unit in a depot was weighed in"
    received_on = clock.business_day(one.received_at)
    days = (today - received_on).days
    return StockUnit(
        one.unit_code or "", one.category_code, one.class_code, UnitState(one.state),
        one.mass_g or 0, one.grade, NextStep(one.next_step) if one.next_step else None,
        received_on, days, work_rules.age_band(days, limits),
    )  # fmt: skip


def grading_questions() -> tuple[GradingQuestion, ...]:
    """What the grading standard in force asks about a unit, in order."""
    return _work.grading(clock.today()).questions


def preview_grade(answers: Mapping[str, str]) -> GradeResult:
    """What the standard makes of complete answers; nothing is written."""
    return work_rules.decide_grade(_work.grading(clock.today()), answers)


def unit_story(unit_code: str, scope: Scope) -> list[Stop]:
    """A unit's whole custody story; a person sees that of the units she handed over."""
    if scope.person_id is None:
        return trace.story(unit_code, scope)
    mine = models.Unit.objects.filter(unit_code=unit_code, order__person_id=scope.person_id)
    return trace.story(unit_code, Scope() if mine.exists() else scope)
