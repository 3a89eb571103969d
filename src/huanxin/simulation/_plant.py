"""From depot to dismantler: weekly lots, gate scales, balanced runs; some units are used again."""

import random
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel.actor import system_actor
from huanxin.recycling.selectors import case_book, plant_book
from huanxin.recycling.services import clearing, counting, dismantling, renewing, storing
from huanxin.recycling.types.cases import CaseState, Outcome
from huanxin.recycling.types.depot import Carriage, LotReceipt, NewLot, WeighIn
from huanxin.recycling.types.floor import MaterialOut, NewRun, StockCount
from huanxin.recycling.types.renewal import NewSale, NewWork, WorkItem
from huanxin.simulation import assumptions, rules
from huanxin.simulation._agenda import Agenda
from huanxin.simulation._stage import Stage

_MONDAY, _TUESDAY, _FRIDAY = 0, 1, 4
_BOOKS_DAY = 2  # of each month
_LIGHT_LOTS = 8  # one lot in so many arrives with a unit that lost something
_SOLD_A_WEEK = 2  # a depot's bench
_NORTH = frozenset({"371581", "371525", "371526"})  # counties whose lots go to the second plant

DEPOTS = system_actor("分拣中心系统（演示）")


def plan_day(stage: Stage, agenda: Agenda) -> None:
    """Fridays the depots ship, Mondays the plants receive, Tuesdays they dismantle.

    What arrives on the last day stands at the gate for visitors of the demo.
    """
    on = agenda.on
    if on.weekday() == _FRIDAY:
        agenda.at(16, 30, "renew", partial(renew, stage, on))
        agenda.at(17, 0, "ship", partial(ship, stage, on))
    for plant in stage.season.city.dismantlers:
        if on.weekday() == _MONDAY and on != stage.season.last_on:
            agenda.at(10, 30, f"gate/{plant.key}", partial(receive, stage, plant.key, on))
        if on.weekday() == _TUESDAY:
            agenda.at(14, 0, f"run/{plant.key}", partial(dismantle, stage, plant.key, on))
        if on.day == _BOOKS_DAY:
            agenda.at(9, 0, f"books/{plant.key}", partial(close_month, stage, plant.key, on))


def ship(stage: Stage, on: date) -> None:
    """From every depot one sealed lot with all that stands there to be dismantled."""
    lots: list[tuple[str, NewLot, list[str]]] = []
    for depot in stage.season.city.depots:
        units = stage.taken(f"stock/{depot.key}")
        plant = stage.season.city.dismantlers[1 if depot.region_code in _NORTH else 0].key
        codes = tuple(unit.split("|")[0] for unit in units)
        if units:
            lot = NewLot(stage.org(depot.key), stage.org(plant), codes)
            lots.append((plant, lot, units))
    if not lots:
        return
    packed = storing.pack_lots(
        actor=DEPOTS,
        lots=[lot for _, lot, _ in lots],
        request_id=stage.request("pack", on),
    )
    carriage = Carriage(f"鲁P{on:%m%d}9", "演示驾驶员", f"FQ{on:%y%m%d}")
    storing.ship_lots(actor=DEPOTS, lot_ids=[card.id for card in packed], carriage=carriage)
    by_codes = {frozenset(card.unit_codes): card.id for card in packed}
    for plant, lot, units in lots:
        lot_id = by_codes[frozenset(lot.unit_codes)]
        stage.put(f"road/{plant}", f"{lot_id}#{';'.join(units)}")
    stage.journal.count("lots", len(lots))


def receive(stage: Stage, plant: str, on: date) -> None:
    """The gate scans and weighs every unit of every lot that arrived."""
    rng = rules.stream(stage.seed, "gate", plant, on)
    receipts = []
    for arrived in stage.taken(f"road/{plant}"):
        lot_id, _, packed = arrived.partition("#")
        units = [unit.split("|") for unit in packed.split(";")]
        scanned = tuple(
            WeighIn(code, int(mass) * rng.randint(9_930, 10_050) // 10_000)
            for code, _, mass in units
        )
        if rules.stream(stage.seed, "light", lot_id).randint(1, _LIGHT_LOTS) == 1:
            first = scanned[0]  # a loose part fell off on the road
            scanned = (WeighIn(first.unit_code, first.mass_g * 90 // 100), *scanned[1:])
        receipts.append(LotReceipt(UUID(lot_id), scanned))
        for (code, class_code, _), weigh in zip(units, scanned, strict=True):
            stage.put(f"yard/{plant}", f"{code}|{class_code}|{weigh.mass_g}")
    if receipts:
        dismantling.receive_lots(
            actor=stage.actor(f"{plant}-clerk"),
            receipts=receipts,
            request_id=stage.request("gate", plant, on),
        )
        _answer_cases(stage, plant, on)


def _answer_cases(stage: Stage, plant: str, on: date) -> None:
    """Depots explain what weighed too little; every other explanation is taken, the rest wait."""
    clerk = stage.actor(f"{plant}-clerk")
    depots = {stage.org(depot.key): depot.key for depot in stage.season.city.depots}
    waiting = case_book.list_cases(clerk.scope, state=CaseState.OPEN)
    for position, case in enumerate(sorted(waiting.items, key=lambda one: one.number)):
        name = (plant, on, case.unit_code)
        clearing.speak_in_case(
            actor=stage.actor(f"{depots[case.owner_org_id]}-manager"), case_id=case.id,
            said="装车时隔板和附件松动，运输途中脱落，已在车厢内找到，随下批补送。",
            request_id=stage.request("speak", *name),
        )  # fmt: skip
        if position % 2:
            clearing.resolve_case(
                actor=clerk, case_id=case.id, outcome=Outcome.EXPLAINED,
                said="附件已收到，重量相符。",
                request_id=stage.request("resolve", *name),
            )  # fmt: skip


def renew(stage: Stage, on: date) -> None:
    """Each depot repairs what came in and sells what it repaired the week before."""
    for depot in stage.season.city.depots:
        actor, org_id = stage.actor(f"{depot.key}-manager"), stage.org(depot.key)
        for code in list(stage.listed(f"shelf/{depot.key}"))[:_SOLD_A_WEEK]:
            stage.take(f"shelf/{depot.key}", code)
            serial = int(stage.request("invoice", code).hex[:16], 16) % 10**18
            renewing.sell_unit(
                actor=actor, depot_org_id=org_id,
                sale=NewSale(code, 38_000, f"26{serial:018d}", 6),
                request_id=stage.request("resell", code),
            )  # fmt: skip
            stage.journal.count("resold")
        for code in list(stage.listed(f"renew/{depot.key}"))[:_SOLD_A_WEEK]:
            stage.take(f"renew/{depot.key}", code)
            done = WorkItem("清洁、更换密封件", "密封件", 2_000)
            work = NewWork(code, (done,), is_safe=True, tester="演示检测员")
            renewing.record_work(
                actor=actor, depot_org_id=org_id, work=work, request_id=stage.request("work", code)
            )
            renewing.offer_unit(
                actor=actor, depot_org_id=org_id, unit_code=code, price_fen=38_000,
                warranty_months=6, request_id=stage.request("offer", code),
            )  # fmt: skip
            stage.put(f"shelf/{depot.key}", code)


def close_month(stage: Stage, plant: str, on: date) -> None:
    """The floor is counted against the book, and last month claimed from the fund."""
    clerk, org_id = stage.actor(f"{plant}-clerk"), stage.org(plant)
    counts = [
        StockCount(line.class_code, line.book_count, line.book_g)
        for line in plant_book.list_book_stock(clerk.scope)
    ]
    counting.count_stock(
        actor=clerk, dismantler_org_id=org_id, counts=counts,
        request_id=stage.request("count", plant, on),
    )  # fmt: skip
    month = (on.replace(day=1) - timedelta(days=1)).replace(day=1)
    if any(line.total_fen for line in plant_book.list_fund_lines(clerk.scope, month=month)):
        counting.claim_fund(
            actor=clerk, dismantler_org_id=org_id, month=month,
            request_id=stage.request("fund", plant, month),
        )  # fmt: skip


def dismantle(stage: Stage, plant: str, on: date) -> None:
    """One run a waste class; what comes out is weighed around the class's profile."""
    by_class: dict[str, list[tuple[str, int]]] = {}
    for unit in stage.taken(f"yard/{plant}"):
        code, class_code, mass = unit.split("|")
        by_class.setdefault(class_code, []).append((code, int(mass)))
    runs = [
        NewRun(
            dismantler_org_id=stage.org(plant),
            unit_codes=tuple(code for code, _ in units),
            outputs=outputs(
                rules.stream(stage.seed, "run", plant, on, class_code),
                class_code,
                sum(mass for _, mass in units),
            ),
        )
        for class_code, units in sorted(by_class.items())
    ]
    if runs:
        dismantling.dismantle(
            actor=stage.actor(f"{plant}-clerk"),
            runs=runs,
            request_id=stage.request("run", plant, on),
        )
        stage.journal.count("dismantled", sum(len(run.unit_codes) for run in runs))


def outputs(rng: random.Random, class_code: str, mass_in_g: int) -> tuple[MaterialOut, ...]:
    """Weights around the profile: each material drawn, the largest taking up the rest."""
    profile = [(s.material_code, s.share_bps) for s in catalogue.material_profile(class_code)]
    shares = [one for one in profile or assumptions.other_materials() if one[1]]
    lost_bps = rng.randint(0, 2 * assumptions.numbers()["process_loss_bps"])
    out_g = mass_in_g - mass_in_g * lost_bps // 10_000
    drawn = [out_g * bps * rng.randint(9_600, 10_400) // 100_000_000 for _, bps in shares]
    largest = max(range(len(shares)), key=lambda i: drawn[i])
    drawn[largest] += out_g - sum(drawn)
    return tuple(
        MaterialOut(code, mass) for (code, _), mass in zip(shares, drawn, strict=True) if mass > 0
    )
