"""Traceability: hashing and capturing events, a unit's story among millions, sealing and proving.

The stored city is laid by SQL: a million events, ten million with FULL=1 (about 40 GB of disk).
Stories are told of units chosen at random, with everything a page shows of them.
"""

import http.client
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from benchmarks import trace_city
from benchmarks.figures import Figure
from huanxin.api import security
from huanxin.identity.services import admitting, staffing
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock, ids, merkle
from huanxin.kernel.actor import Scope, system_actor
from huanxin.project import ports
from huanxin.trace import _hash, selectors, services
from huanxin.trace.types import Action, Capture, Event, EventType, Move, NewUnit, UnitState

HASHED, CAPTURED, BATCH, SENT, PER_DOCUMENT = 20_000, 10_000, 500, 8_000, 400
TOLD, PROVED, SEALED = 2_000, 1_000, 100_000
MILLION, GIGABYTES_FULL = 1_000_000, 40
START = clock.moment(date(2026, 6, 1), 9)


def measure() -> Iterator[Figure]:
    """Every figure with its goal; the story at three sizes of the same city."""
    giver, taker = _parties()
    yield Figure("event_hash", _hash_rate(), "1/s", goal=5_000, at_least=True)
    yield Figure("capture_inside", _capture_rate(giver), "1/s", goal=5_000, at_least=True)
    yield Figure("capture_rest", _rest_rate(giver), "1/s", goal=1_500, at_least=True)
    city = trace_city.City(giver, taker)
    small = _story_at(city, MILLION // 10)
    large = _story_at(city, MILLION)
    yield Figure("story_p99_1m_events", large, "ms", goal=20)
    yield Figure("story_p99_1m_over_100k", large / small, "x", goal=2)
    yield Figure("sealing", _seal_rate(), "1/s", goal=10_000, at_least=True)
    yield Figure("proof_median", _proof_ms(), "ms", goal=1)
    if os.environ.get("FULL"):
        yield from _full(city, large)


def _full(city: trace_city.City, large: float) -> Iterator[Figure]:
    free = shutil.disk_usage(settings.STATE_FOLDER).free >> 30
    if free < GIGABYTES_FULL:
        print(f"千万级测量约需 {GIGABYTES_FULL} GB 空间，现余 {free} GB，已略过。", file=sys.stderr)
        return
    huge = _story_at(city, 10 * MILLION)
    yield Figure("story_p99_10m_events", huge, "ms", goal=20)
    yield Figure("story_p99_10m_over_1m", huge / large, "x", goal=2)


def _parties() -> tuple[UUID, UUID]:
    actor = system_actor()
    admitting.load_regions(actor=actor)
    return trace_city.organisation(OrgKind.RECYCLER, 1), trace_city.organisation(
        OrgKind.DISMANTLER, 2
    )


def _hash_rate() -> float:
    events = [_receiving(f"HX26150{i:09d}", i).as_json() for i in range(HASHED)]
    began = time.perf_counter()
    found = {_hash.event_id(event, selectors.NAMES) for event in events}
    seconds = time.perf_counter() - began
    assert len(found) == HASHED
    return HASHED / seconds


def _capture_rate(org_id: UUID) -> float:
    """Weigh-ins with the custody they move, in batches of a depot's afternoon, by two writers."""
    codes = services.issue_unit_codes(count=CAPTURED, on=START.date(), region_code="371502")
    for at in range(0, CAPTURED, 2000):
        services.commission_units(units=[_new_unit(code, org_id) for code in codes[at : at + 2000]])
    batches = [
        [
            Capture(
                _receiving(code, i), org_id, trace_city.PATH,
                (Move(code, org_id, org_id, UnitState.IN_DEPOT, mass_g=62_500),),
            )
            for i, code in enumerate(codes[at : at + BATCH])
        ]
        for at in range(0, CAPTURED, BATCH)
    ]  # fmt: skip
    began = time.perf_counter()
    _side_by_side([batches[::2], batches[1::2]])
    return CAPTURED / (time.perf_counter() - began)


def _side_by_side(shares: list[list[list[Capture]]]) -> None:
    """Each share in a process and a connection of its own, as the platform's workers are."""
    connection.close()
    writers = [os.fork() for _ in shares[1:]]
    mine = shares[0] if all(writers) else shares[1]
    for batch in mine:
        services.capture_events(events=batch)
    if not all(writers):
        os._exit(0)
    for writer in writers:
        assert os.waitpid(writer, 0)[1] == 0, "a writer failed"


def _new_unit(code: str, org_id: UUID) -> NewUnit:
    return NewUnit(
        unit_code=code, class_code="refrigerator", order_id=ids.new_id(),
        order_number="HS260601-1502-0000042-9", org_id=org_id, region_code="371502",
        region_path=trace_city.PATH, at=START,
    )  # fmt: skip


def _receiving(code: str, i: int) -> Event:
    gln = "https://id.gs1.org/414/9523715000011"
    return Event(
        type=EventType.OBJECT, at=START + timedelta(seconds=1 + i), biz_step="receiving",
        disposition="in_progress", action=Action.OBSERVE,
        epc_list=(selectors.digital_link(code),), read_point=gln, biz_location=gln, mass_g=62_500,
        biz_transactions=(("rma", f"urn:epcglobal:cbv:bt:9523715000011:HS{i}"),),
        sources=(("possessing_party", "https://id.gs1.org/417/9523715000011"),),
        destinations=(("possessing_party", "https://id.gs1.org/417/9523715000028"),),
    )  # fmt: skip


def _rest_rate(org_id: UUID) -> float:
    """Documents over HTTP from two callers, each waiting for its answer, to a server of its own."""
    account = staffing.open_account(
        actor=system_actor(), login="bench-epcis", display_name="测速",
        role=Role.RECYCLER_MANAGER, password="Long-enough-77x", org_id=org_id,
        region_path=trace_city.PATH,
    )  # fmt: skip
    token, _ = security.issue_token(account.id)
    port = ports.any_free()
    environment = {**os.environ, "DATABASE_URL": os.environ["DATABASE_URL"]}
    server = subprocess.Popen(
        [sys.executable, "-m", "huanxin.project.cli", "web", "--port", str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port)
        documents = [_document(n) for n in range(SENT // PER_DOCUMENT)]
        halves = documents[::2], documents[1::2]
        began = time.perf_counter()
        callers = [threading.Thread(target=_send, args=(port, token, half)) for half in halves]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        return SENT / (time.perf_counter() - began)
    finally:
        server.terminate()
        server.wait(15)


def _document(n: int) -> bytes:
    events = [
        _receiving(f"HX{n:05d}{i:07d}XX", i).as_json() | {"eventID": f"urn:uuid:{ids.new_id()}"}
        for i in range(PER_DOCUMENT)
    ]
    body = {
        "@context": [selectors.STANDARD_CONTEXT], "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-06-01T09:00:00Z", "epcisBody": {"eventList": events},
    }  # fmt: skip
    return json.dumps(body).encode()


def _send(port: int, token: str, documents: list[bytes]) -> None:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for document in documents:
        caller.request("POST", "/epcis/v2/capture", document, headers)
        answer = caller.getresponse()
        answer.read()
        assert answer.status == 202, answer.status
    caller.close()


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            caller = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            caller.request("GET", "/healthz")
            if caller.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the server did not come up within a minute")


def _story_at(city: trace_city.City, events: int) -> float:
    """Milliseconds that 99 of 100 stories take with so many events stored."""
    city.grow(events)
    codes = city.codes(TOLD)
    for code in codes[:50]:
        _told(code)
    return _percentile(99, [_timed(partial(_told, code)) for code in codes])


def _told(code: str) -> None:
    _, stops, _ = selectors.life(code, Scope())
    assert len(stops) == trace_city.STOPS, f"{code}: {len(stops)}"


def _seal_rate() -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    sealed, began = 0, time.perf_counter()
    while sealed < SEALED:
        done = merkle.seal(limit=10_000)
        assert done, "nothing left to seal"
        sealed += done
    return sealed / (time.perf_counter() - began)


def _proof_ms() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_id FROM kernel_leaf WHERE kind = 'event'")
        rows = [row[0] for row in cursor.fetchall()]
    chosen = random.Random(9162).choices(rows, k=PROVED)
    times = [_timed(partial(merkle.proof_of, "event", row)) for row in chosen]
    return statistics.median(times)


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _percentile(percent: int, values: list[float]) -> float:
    return sorted(values)[len(values) * percent // 100]
