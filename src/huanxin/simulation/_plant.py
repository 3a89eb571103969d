"""From depot to dismantler: weekly lots, the gate's scale, runs whose mass must balance."""

import random
from datetime import date
from functools import partial
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel.actor import system_actor
from huanxin.recycling.services import dismantling, storing
from huanxin.recycling.types.depot import LotReceipt, NewLot, WeighIn
from huanxin.recycling.types.floor import MaterialOut, NewRun
from huanxin.simulation import assumptions, rules
from huanxin.simulation._agenda import Agenda
from huanxin.simulation._stage import Stage

_MONDAY, _TUESDAY, _FRIDAY = 0, 1, 4
_NORTH = frozenset({"371581", "371525", "371526"})  # counties whose lots go to the second plant

DEPOTS = system_actor("分拣中心系统（演示）")


def plan_day(stage: Stage, agenda: Agenda) -> None:
    """Fridays the depots ship, Mondays the plants receive, Tuesdays they dismantle.

    What arrives on the last day stands at the gate for visitors of the demo.
    """
    on = agenda.on
    if on.weekday() == _FRIDAY:
        agenda.at(17, 0, "ship", partial(ship, stage, on))
    for plant in stage.season.city.dismantlers:
        if on.weekday() == _MONDAY and on != stage.season.last_on:
            agenda.at(10, 30, f"gate/{plant.key}", partial(receive, stage, plant.key, on))
        if on.weekday() == _TUESDAY:
            agenda.at(14, 0, f"run/{plant.key}", partial(dismantle, stage, plant.key, on))


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
    storing.ship_lots(actor=DEPOTS, lot_ids=[card.id for card in packed])
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
        receipts.append(LotReceipt(UUID(lot_id), scanned))
        for (code, class_code, _), weigh in zip(units, scanned, strict=True):
            stage.put(f"yard/{plant}", f"{code}|{class_code}|{weigh.mass_g}")
    if receipts:
        dismantling.receive_lots(
            actor=stage.actor(f"{plant}-clerk"),
            receipts=receipts,
            request_id=stage.request("gate", plant, on),
        )


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
