"""After the season a little business goes on, whatever happens to the database."""

from datetime import date

import pytest
from django.db import OperationalError, connection

from huanxin.kernel import clock
from huanxin.simulation import _live, services
from huanxin.simulation._live import Trickle
from huanxin.vouchers import selectors as vouchers

pytestmark = pytest.mark.django_db
SEASON = {"first_on": date(2026, 6, 1), "last_on": date(2026, 6, 2), "scale": 100, "seed": 7}


@pytest.fixture
def trickle(tmp_path, monkeypatch):
    """A trickle after two days of season, its own time running as fast as it is asked."""
    services.replay_season(folder=tmp_path, **SEASON)
    passed = [0.0]
    monkeypatch.setattr(_live.time, "monotonic", lambda: passed[0])
    days = SEASON["first_on"], SEASON["last_on"]
    made = Trickle(services._stage_after(tmp_path, SEASON["scale"], SEASON["seed"], *days))

    def run(steps):
        for _ in range(steps):
            passed[0] += 30
            made.step()

    return run


def count(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_people_come_book_claim_and_buy_at_the_running_clock(trickle):
    before = {t: count(t) for t in ("mart_recycling_order", "mart_claims_sale", "identity_person")}
    trickle(60)
    after = {t: count(t) for t in before}

    assert after["identity_person"] > before["identity_person"] + 20
    assert after["mart_recycling_order"] > before["mart_recycling_order"]
    assert after["mart_claims_sale"] > before["mart_claims_sale"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(sold_on) FROM mart_claims_sale")
        assert cursor.fetchone()[0] == clock.today() == date(2026, 6, 3)


def test_doors_are_visited_but_the_visitors_route_is_left_to_them(trickle):
    def collected_by(county):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM mart_recycling_order"
                " WHERE collected_on = %s AND region_path LIKE %s",
                [date(2026, 6, 3), f"%/{county}"],
            )
            return cursor.fetchone()[0]

    trickle(60)
    others = ("371503", "371521", "371522", "371525", "371526", "371581", "371524")
    assert sum(collected_by(county) for county in others) > 0
    assert collected_by("371502") == 0


def test_pools_keep_places_for_visitors(trickle):
    trickle(60)
    pools = vouchers.list_open_pools(now=clock.now(), region_path="370000/371500/371502")
    rights = [pool for pool in pools if pool.consumption is None]
    assert {pool.programme for pool in rights if pool.remaining > 0} == {
        "appliances-2026",
        "digital-2026",
    }


def test_a_database_that_goes_away_is_waited_for(monkeypatch):
    steps, waits = [], []

    class Flaky:
        def step(self):
            steps.append(1)
            if len(steps) in {2, 3}:
                raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(services, "_stage_after", lambda *_: None)
    monkeypatch.setattr(_live, "Trickle", lambda _: Flaky())
    monkeypatch.setattr(_live, "_wait", lambda _, seconds: waits.append(seconds))
    monkeypatch.setattr(_live.connection, "close", lambda: None)
    services.live_trickle(stop=lambda: len(steps) >= 5, folder=None)

    assert len(steps) == 5
    assert waits.count(_live.PAUSE_SECONDS) == 5
    assert [w for w in waits if w != _live.PAUSE_SECONDS] == [1.0, 2.0]


def test_stop_is_heard_within_a_second(monkeypatch):
    import time

    asked = time.monotonic()
    _live._wait(lambda: time.monotonic() - asked > 0.3, 60)
    assert time.monotonic() - asked < 1.0
