"""Orders, jobs, routes, stock, lots, certificates, timelines: reads only."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, crypto, filestore
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import _floor, _pickup, _standard, _timeline, models, rules
from huanxin.recycling.errors import (
    CertificateNotFound,
    LotNotFound,
    OrderNotFound,
    OrderStateRefuses,
    UnitNotHere,
)
from huanxin.recycling.types import (
    CertificateCard,
    Choice,
    Discrepancy,
    JobCard,
    LotCard,
    LotState,
    MaterialTotal,
    MonthTotal,
    NewRun,
    OrderCard,
    OrderState,
    PickupReceipt,
    RequoteCard,
    RequoteState,
    RoutePlan,
    RouteStopCard,
    RunBalance,
    RunOutput,
    Slot,
    SlotOffer,
    StockLine,
    TimelineStep,
    UnitAnswers,
    UnitCard,
    UnitState,
    Valuation,
    ValuationQuote,
    VanCard,
    WeighIn,
)
from huanxin.trace import selectors as trace
from huanxin.trace.types import Stop

REQUOTE_WORDS = {
    RequoteState.PENDING: "待消费者确认",
    RequoteState.CONSENTED: "消费者已同意",
    RequoteState.REFUSED: "消费者未同意",
}


def get_order(order_id: UUID, scope: Scope) -> OrderCard:
    """One order within the scope: its owner's, its recycler's, or a region's."""
    if not _orders(scope).filter(pk=order_id).exists():
        raise OrderNotFound(order_id=order_id)
    return cards([order_id])[0]


def find_order_by_number(number: str, scope: Scope) -> OrderCard | None:
    """One order by the number people read aloud."""
    row = _orders(scope).filter(number=number.strip().upper()).first()
    return cards([row.id])[0] if row else None


def list_orders(
    scope: Scope, *, state: OrderState | None = None, on: date | None = None, page: int = 1
) -> Page[OrderCard]:
    """Orders within the scope, newest first; `on` is the day of the visit."""
    rows = _orders(scope)
    if state is not None:
        rows = rows.filter(state=state)
    if on is not None:
        rows = rows.filter(slot_on=on)
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("-booked_at", "-pk").values_list("pk", flat=True)
    return Page(cards(list(found[start : start + PAGE_SIZE])), page, rows.count())


def cards(order_ids: Sequence[UUID]) -> list[OrderCard]:
    """Cards of orders in the order asked, for rooms that already hold their ids."""
    rows = {row.id: row for row in models.Order.objects.filter(pk__in=order_ids)}
    units = _units_of(order_ids)
    return [rows[oid].as_card(tuple(units.get(oid, ()))) for oid in order_ids]


def value_old_unit(answers: UnitAnswers) -> Valuation:
    """What a unit is worth today by the published standard: an indication, not yet a proof."""
    return _standard.value(answers, clock.today())


def get_receipt(order_id: UUID, scope: Scope) -> PickupReceipt:
    """What was handed over and paid at a door; OrderStateRefuses before it was."""
    order = get_order(order_id, scope)
    if order.collected_at is None:
        raise OrderStateRefuses(number=order.number, state=order.state.label, wanted="出收据")
    return _pickup.receipts([order_id])[0]


def get_quote(quote_id: UUID, scope: Scope) -> ValuationQuote:
    """A valuation proof, for its owner or for an officer of her region."""
    row = models.Quote.objects.filter(pk=quote_id).first()
    if row is None or scope.person_id not in (None, row.person_id):
        raise NotFound(model="Quote", id=quote_id)
    identity.get_person(row.person_id, Scope(scope.region_path, None, scope.person_id))
    return row.as_quote()


def list_free_slots(region_code: str, *, from_on: date, to_on: date) -> list[SlotOffer]:
    """Room in a county's slots on [from_on, to_on), in order; what is over is left out."""
    vans = models.Van.objects.filter(region_code=region_code, is_active=True).count()
    kept = {
        (row.slot_on, row.slot): row.as_offer()
        for row in models.SlotRoom.objects.filter(
            region_code=region_code, slot_on__gte=from_on, slot_on__lt=to_on
        )
    }
    now = clock.now().astimezone(clock.SHANGHAI)
    room = vans * rules.STOPS_PER_SLOT
    offers = []
    for ordinal in range(from_on.toordinal(), to_on.toordinal()):
        on = date.fromordinal(ordinal)
        for slot in Slot:
            if on > now.date() or (on == now.date() and now.hour < slot.hours[0]):
                fresh = SlotOffer(region_code, on, slot, room, room)
                offers.append(kept.get((on, slot.value), fresh))
    return offers


def list_vans(scope: Scope) -> list[VanCard]:
    """Vans in service within the scope."""
    rows = models.Van.objects.filter(is_active=True).order_by("organisation_id", "name")
    return [row.as_card() for row in _within(rows, scope, "organisation_id")]


def route_plans(route_ids: Sequence[UUID]) -> list[RoutePlan]:
    """Routes with their stops, for rooms that already hold their ids."""
    rows = models.Route.objects.filter(pk__in=route_ids).order_by("pk")
    stops: dict[UUID, list[RouteStopCard]] = {row.id: [] for row in rows}
    for stop in models.RouteStop.objects.filter(route__in=route_ids).order_by("arrive_at"):
        stops[stop.route_id].append(
            RouteStopCard(stop.order_id, stop.arrive_at, stop.leave_at, stop.is_inserted)
        )
    return [
        RoutePlan(
            row.id, row.van_id, row.organisation_id, row.route_on, row.distance_m,
            tuple(stops[row.id]),
        )
        for row in rows
    ]  # fmt: skip


def list_routes(scope: Scope, *, on: date) -> list[RoutePlan]:
    """A day's routes of the scope's organisation or region."""
    rows = models.Route.objects.filter(route_on=on)
    if scope.org_id is not None:
        rows = rows.filter(organisation_id=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(van__region_path__startswith=scope.region_path)
    return route_plans(list(rows.values_list("pk", flat=True)))


def list_jobs(
    scope: Scope, *, on: date, van_id: UUID | None = None, account_id: UUID | None = None
) -> list[JobCard]:
    """A day's stops in driving order, of a van, of a worker's account, or of the whole recycler."""
    rows = models.RouteStop.objects.filter(route__route_on=on, order__in=_orders(scope))
    if van_id is not None:
        rows = rows.filter(route__van_id=van_id)
    if account_id is not None:
        rows = rows.filter(route__van__collector_account_id=account_id)
    stops = list(rows.select_related("order", "route__van").order_by("route_id", "arrive_at"))
    units = _units_of([stop.order_id for stop in stops])
    positions: dict[UUID, int] = {}
    jobs = []
    for stop in stops:
        positions[stop.route_id] = positions.get(stop.route_id, 0) + 1
        jobs.append(_job(stop, positions[stop.route_id], tuple(units.get(stop.order_id, ()))))
    return jobs


def get_requote(requote_id: UUID, scope: Scope) -> RequoteCard:
    """A new price at the door. The consent code is shown to the owner of the unit alone."""
    row = (
        models.Requote.objects.filter(pk=requote_id, order__in=_orders(scope))
        .select_related("old_quote", "new_quote", "order")
        .first()
    )
    if row is None:
        raise NotFound(model="Requote", id=requote_id)
    is_owner = scope.person_id is not None and scope.person_id == row.order.person_id
    return RequoteCard(
        id=row.id,
        order_id=row.order_id,
        unit_id=row.unit_id,
        state=RequoteState(row.state),
        old=row.old_quote.as_quote(),
        new=row.new_quote.as_quote(),
        consent_code=consent_code(row.id) if is_owner else None,
    )


def find_pending_requote(order_id: UUID, scope: Scope) -> RequoteCard | None:
    """The order's requote that waits for the owner's word."""
    rows = models.Requote.objects.filter(order_id=order_id, state=RequoteState.PENDING)
    found = rows.values_list("pk", flat=True).first()
    return get_requote(found, scope) if found else None


def consent_code(requote_id: UUID) -> str:
    """Six digits that follow from the requote under the platform's key: nothing is stored."""
    return f"{int(crypto.blind_index('requote', str(requote_id))[:12], 16) % 1_000_000:06d}"


def list_depot_stock(scope: Scope) -> list[StockLine]:
    """What stands in depots, by waste class and state."""
    rows = models.Unit.objects.filter(
        state__in=[UnitState.COLLECTED, UnitState.IN_DEPOT, UnitState.IN_LOT]
    ).annotate(place=Coalesce("depot_id", "order__organisation_id"))
    if scope.org_id is not None:
        rows = rows.filter(place=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(order__region_path__startswith=scope.region_path)
    grouped = rows.values("place", "waste_class_code", "category_code", "state").annotate(
        units=Count("pk"), mass=Sum("mass_g")
    )
    return [
        StockLine(
            row["place"], row["waste_class_code"] or row["category_code"],
            UnitState(row["state"]), row["units"], row["mass"] or 0,
        )
        for row in grouped.order_by("place", "waste_class_code", "category_code", "state")
    ]  # fmt: skip


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
            Q(order__organisation_id=org) | Q(depot_id=org) | Q(lot__dismantler_id=org)
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
    row = rows.filter(mine | Q(lot__dismantler_id=scope.org_id), unit_code=unit_code).first()
    return row.as_card() if row else None


def find_photo(order_id: UUID, sha256: str, scope: Scope) -> bytes | None:
    """A photo taken at the door; None where only its digest was handed in."""
    if not _orders(scope).filter(pk=order_id).exists():
        raise OrderNotFound(order_id=order_id)
    try:
        return filestore.file_store().get(sha256)
    except NotFound:
        return None


def list_floor_stock(scope: Scope) -> list[StockLine]:
    """What waits on a dismantler's floor, by waste class, as its own gate weighed it."""
    rows = models.Unit.objects.filter(state=UnitState.AT_DISMANTLER, lot__isnull=False)
    if scope.org_id is not None:
        rows = rows.filter(lot__dismantler=scope.org_id)
    elif scope.region_path:
        rows = rows.filter(lot__region_path__startswith=scope.region_path)
    grouped = rows.values("lot__dismantler", "waste_class_code", "category_code").annotate(
        units=Count("pk"), mass=Sum("gate_mass_g")
    )
    lines: dict[tuple[UUID, str], tuple[int, int]] = {}
    for row in grouped.order_by("lot__dismantler", "waste_class_code", "category_code"):
        key = (row["lot__dismantler"], row["waste_class_code"] or row["category_code"])
        units, mass_g = lines.get(key, (0, 0))
        lines[key] = (units + row["units"], mass_g + (row["mass"] or 0))
    at = UnitState.AT_DISMANTLER
    return [StockLine(org, code, at, *figures) for (org, code), figures in lines.items()]


def list_lots(scope: Scope, *, state: LotState | None = None, page: int = 1) -> Page[LotCard]:
    """Lots sent by or to the scope's organisation, or from its region, newest first."""
    rows = models.Lot.objects.all()
    if scope.person_id is not None:
        rows = rows.none()
    if scope.org_id is not None:
        rows = rows.filter(Q(depot_id=scope.org_id) | Q(dismantler_id=scope.org_id))
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
        return scope.org_id in (row.depot_id, row.dismantler_id)
    return scope.covers(row.region_path)


def compare_lot(lot_id: UUID, scanned: Sequence[WeighIn], scope: Scope) -> list[Discrepancy]:
    """What the gate would record if the lot were received with these scans; nothing is written."""
    return _floor.compare(get_lot(lot_id, scope).id, scanned)


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


def lot_cards(lot_ids: Sequence[UUID]) -> list[LotCard]:
    """Lots in the order asked, for rooms that already hold their ids."""
    rows = {row.id: row for row in models.Lot.objects.filter(pk__in=lot_ids)}
    units: dict[UUID, list[models.Unit]] = {lot_id: [] for lot_id in lot_ids}
    for unit in models.Unit.objects.filter(lot__in=lot_ids).order_by("unit_code"):
        if unit.lot_id is not None:
            units[unit.lot_id].append(unit)
    lines: dict[UUID, list[models.Discrepancy]] = {lot_id: [] for lot_id in lot_ids}
    for line in models.Discrepancy.objects.filter(lot__in=lot_ids).order_by("unit_code"):
        lines[line.lot_id].append(line)
    return [_lot_card(rows[lot_id], units[lot_id], lines[lot_id]) for lot_id in lot_ids]


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
    return [
        _certificate(runs[number], inside[runs[number].id], materials[runs[number].id])
        for number in numbers
        if number in runs
    ]


def _certificate(
    run: models.Run, codes: Sequence[str], outputs: Sequence[RunOutput]
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
        dismantled_at=run.dismantled_at,
    )


def verify_certificate(token: str) -> CertificateCard:
    """The certificate that a scanned token names; TokenInvalid if the token is not ours."""
    return get_certificate(str(crypto.read_token(token).get("certificate", "")))


def unit_story(unit_code: str, scope: Scope) -> list[Stop]:
    """A unit's whole custody story; a person sees that of the units she handed over."""
    if scope.person_id is None:
        return trace.story(unit_code, scope)
    mine = models.Unit.objects.filter(unit_code=unit_code, order__person_id=scope.person_id)
    return trace.story(unit_code, Scope() if mine.exists() else scope)


def timeline(order_id: UUID, scope: Scope) -> list[TimelineStep]:
    """What the owner follows: each step with its time and who acts; one step is `now`."""
    if not _orders(scope).filter(pk=order_id).exists():
        raise OrderNotFound(order_id=order_id)
    order = models.Order.objects.get(pk=order_id)
    units = list(models.Unit.objects.filter(order=order).select_related("lot__dismantler", "run"))
    stop = models.RouteStop.objects.filter(order=order).first()
    return _timeline.steps(order, units, stop)


def _orders(scope: Scope) -> QuerySet[models.Order]:
    rows = models.Order.objects.all()
    if scope.person_id is not None:
        return rows.filter(person_id=scope.person_id)
    if scope.org_id is not None:
        return rows.filter(organisation_id=scope.org_id)
    if scope.region_path:
        path = scope.region_path
        return rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    return rows


def _within(rows: QuerySet[models.Van], scope: Scope, org_field: str) -> QuerySet[models.Van]:
    if scope.org_id is not None:
        return rows.filter(**{org_field: scope.org_id})
    if scope.region_path:
        return rows.filter(region_path__startswith=scope.region_path)
    return rows


def _units_of(order_ids: Sequence[UUID]) -> dict[UUID, list[UnitCard]]:
    rows = models.Unit.objects.filter(order_id__in=order_ids).select_related("final_quote", "run")
    found: dict[UUID, list[UnitCard]] = {}
    for unit in rows.order_by("pk"):
        found.setdefault(unit.order_id, []).append(unit.as_card())
    return found


def _job(stop: models.RouteStop, position: int, units: tuple[UnitCard, ...]) -> JobCard:
    order = stop.order
    return JobCard(
        order_id=order.id,
        number=order.number,
        van_id=stop.route.van_id,
        van_name=stop.route.van.name,
        position=position,
        arrive_at=stop.arrive_at,
        slot=Slot(order.slot),
        region_code=order.region_code,
        lat_e6=order.lat_e6,
        lon_e6=order.lon_e6,
        state=OrderState(order.state),
        choice=Choice(order.choice),
        quoted_fen=order.quoted_fen,
        units=units,
    )


def _lot_card(
    row: models.Lot, units: Sequence[models.Unit], lines: Sequence[models.Discrepancy]
) -> LotCard:
    return LotCard(
        id=row.id,
        number=row.number,
        sscc=row.sscc,
        state=LotState(row.state),
        depot_org_id=row.depot_id,
        dismantler_org_id=row.dismantler_id,
        region_path=row.region_path,
        unit_codes=tuple(unit.unit_code or "" for unit in units),
        mass_g=sum(unit.mass_g or 0 for unit in units),
        packed_at=row.packed_at,
        shipped_at=row.shipped_at,
        received_at=row.received_at,
        discrepancies=tuple(line.as_line() for line in lines),
    )
