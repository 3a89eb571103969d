"""Pages at a city's two-year volume: server time of a realistic mix, and from event to screen.

The twin plays a fortnight through the public services; SQL copies it (benchmarks/_years.py) to a
quarter of 533,800 old units and 769,400 sales, or to all of it with FULL=1. Requests run through
the whole of Django in this process, one at a time; what is timed is the server's part alone. Then
Lighthouse looks at the residents' pages of the same city (benchmarks/_lighthouse.py).
"""

import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection, transaction
from django.test import Client

from benchmarks import _lighthouse, _years
from benchmarks.figures import Figure
from huanxin.indicators import selectors as indicators
from huanxin.indicators.services import rolling
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import system_actor
from huanxin.simulation import services as simulation

FIRST_ON, LAST_ON, TODAY = date(2026, 8, 18), date(2026, 8, 31), date(2026, 9, 1)
SALES, OLD_UNITS = 769_400, 533_800
PART = 1 if os.environ.get("FULL") else 4
REQUESTS, EVENTS = int(os.environ.get("REQUESTS", "300")), 10
_ACTOR = system_actor("测速")
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Visit:
    """One address, who opens it, and how often beside the others of its group."""

    address: str
    login: str = ""
    weight: int = 1
    is_part: bool = False


# as people use them: a citizen looks at home and releases, an officer at lists, a wall at itself
MIX: dict[str, list[Visit]] = {
    "citizen": [
        Visit("/", weight=3), Visit("/releases", weight=4), Visit("/ask", weight=2),
        Visit("/my/", "wang", 5), Visit("/my/releases", "wang", 3), Visit("/my/orders", "wang", 3),
        Visit("/my/vouchers", "wang", 4), Visit("/my/sell", "wang", 2),
    ],
    "console": [
        Visit("/console/desk", "review", 4), Visit("/console/claims", "review", 4),
        Visit("/console/claims?page=40", "review"), Visit("/console/pools", "operate", 2),
        Visit("/console/budgets", "operate", 2), Visit("/console/batches", "finance", 3),
        Visit("/console/audit", "admin", 2), Visit("/console/organisations", "operate"),
        Visit("/console/reconciliation", "finance"), Visit("/merchant/claims", "shop", 3),
        Visit("/recycler/stock", "depot", 2), Visit("/recycler/lots", "depot"),
        Visit("/dismantler/lots", "plant"), Visit("/console/policies", "policy"),
    ],
    "screens": [
        Visit("/screen/371500/", "watch", 4, is_part=True),
        Visit("/screen/371502/", "watch", 3, is_part=True),
        Visit("/screen/370000/", "watch", 1, is_part=True),
        Visit("/screen/371500/?period=month", "watch", 2, is_part=True),
        Visit("/screen/371500/sales_driven_fen/?by=region", "watch"),
        Visit("/screen/371500/subsidy_paid_fen/", "watch"),
    ],
}  # fmt: skip
GOALS_MS = {"citizen": 50, "console": 100, "screens": 100}


def measure() -> Iterator[Figure]:
    """95 of 100 requests of each group are answered within (ms); events reach a screen within."""
    with clock.standing_at(clock.moment(TODAY, 9)):
        yield from _lay()
        began = time.perf_counter()
        while rolling.roll_up(actor=_ACTOR):
            pass
        yield Figure("pages_first_roll_up", time.perf_counter() - began, "s", goal=600)
        began = time.perf_counter()
        rolling.refresh_answers(actor=_ACTOR, milliseconds=600_000)
        yield Figure("pages_first_answers", time.perf_counter() - began, "s", goal=600)
        clients = _clients()
        for group, visits in MIX.items():
            yield from _group(group, visits, clients)
        yield _event_to_screen(clients["watch"])
    yield from _lighthouse.figures()


def _lay() -> Iterator[Figure]:
    if _count("claims_sale") < SALES // PART // 2:
        _lay_city()
    for table in ("claims_sale", "recycling_unit", "ledger_transfer", "kernel_auditentry"):
        yield Figure(f"pages_rows_{table}", _count(table), "rows", goal=0, at_least=True)


def _lay_city() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        simulation.replay_season(folder=Path(folder), first_on=FIRST_ON, last_on=LAST_ON)
    sales, units = _count("claims_sale"), _count("recycling_unit")
    copies = _years.Volume(
        sales=SALES // PART // sales, old_units=OLD_UNITS // PART // units,
        lines=max(2, SALES // PART // sales // 4),
    )  # fmt: skip
    _years.lay(copies)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        found: int = cursor.fetchone()[0]
        return found


def _clients() -> dict[str, Client]:
    """A signed-in browser for each login, by the door a ready account goes through."""
    clients = {"": Client()}
    for login in {visit.login for visits in MIX.values() for visit in visits} - {""}:
        clients[login] = Client()
        answer = clients[login].post("/login/demo", {"login": login})
        assert answer.status_code == 302, f"{login} does not come in: {answer.status_code}"
    return clients


def _group(group: str, visits: list[Visit], clients: dict[str, Client]) -> Iterator[Figure]:
    chance = random.Random(2026)
    for visit in visits:  # templates and plans are read once, as in a server that has been up
        _ask(visit, clients)
    by_address: dict[str, list[float]] = {}
    for visit in chance.choices(visits, [visit.weight for visit in visits], k=REQUESTS):
        indicators._walls.clear()  # the feed has always just moved
        by_address.setdefault(visit.address, []).append(_ask(visit, clients))
    every = [ms for times in by_address.values() for ms in times]
    yield Figure(f"pages_{group}_p95", _p95(every), "ms", goal=GOALS_MS[group])
    for address, times in sorted(by_address.items()):
        yield Figure(f"pages{address}", _p95(times), "ms", goal=GOALS_MS[group])


def _ask(visit: Visit, clients: dict[str, Client]) -> float:
    headers = {"HX-Request": "true"} if visit.is_part else {}
    began = time.perf_counter()
    answer = clients[visit.login].get(visit.address, headers=headers)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, f"{visit.address}: {answer.status_code}"
    return took


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100 - (1 if len(times) < 20 else 0)]


def _event_to_screen(client: Client) -> Figure:
    """The slowest of some events, with the worker's step and the wall's own second pauses."""
    slowest = 0.0
    for _ in range(EVENTS):
        tag = _wall(client, "")
        began = time.perf_counter()
        _move_the_feed()
        while _wall(client, tag) == tag:  # it rests a moment, and the feed waits for older work
            assert time.perf_counter() - began < _PATIENCE_S, "the wall did not move"
            while rolling.roll_up(actor=_ACTOR):
                pass
            time.sleep(0.1)
        slowest = max(slowest, time.perf_counter() - began)
    pauses = 0.7  # the step's rest and the worker's look; the wall's own question runs beside it
    return Figure("pages_event_to_screen", slowest + pauses, "s", goal=2)


def _wall(client: Client, tag: str) -> str:
    answer = client.get("/screen/371500/", headers={"HX-Request": "true", "If-None-Match": tag})
    return str(answer.headers["ETag"])


def _move_the_feed() -> None:
    """A sale of today is spoken of again: its day is counted anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, region_path FROM claims_sale ORDER BY sold_on DESC LIMIT 1")
        sale_id, path = cursor.fetchone()
    with transaction.atomic():
        audit.record(_ACTOR, "claims.measured", "sale", sale_id, region_path=path)
