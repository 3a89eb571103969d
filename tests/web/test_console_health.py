"""The running house: what fails or stands still is on top, and strangers read nothing of it."""

from datetime import timedelta

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import clock, timers
from huanxin.project import steps
from huanxin.web.console import health
from tests import given
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
PAGE = "/console/health"


def told(name, **changes):
    now = clock.now()
    facts = {
        "worker": "a:1", "began_at": now, "is_running": False, "took_ms": 40, "turn_count": 7,
        "failure_count": 0, "error": "", "next_at": now + timedelta(seconds=1),
    }  # fmt: skip
    timers.tell([timers.StepState(name, **(facts | changes))])


def page(role=Role.ADMIN):
    return visitor(role, region_path=given.CITY_PATH)[0].get(PAGE)


def test_every_step_has_a_name_for_people():
    assert set(health.TITLES) == {step.name for step in steps.standard_steps()}


def test_a_failing_step_stands_on_top_with_its_fault():
    told("claims")
    told("texts", failure_count=3, error="OperationalError")
    text = text_of(page())
    assert "1 项任务需要留意" in text
    assert "3 次（OperationalError）" in text
    assert text.index("短信") < text.index("核验申报")


def test_a_house_that_is_well_says_so():
    told("claims")
    assert "全部正常" in text_of(page())


def test_a_worker_that_is_gone_is_said_to_be_gone():
    told("claims", next_at=clock.now() - timedelta(minutes=2))
    assert "后台进程没有在运行" in text_of(page())


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({"is_running": True, "began_at": timedelta(seconds=-59)}, "ok"),
        ({"is_running": True, "began_at": timedelta(seconds=-61)}, "long"),
        ({"next_at": timedelta(seconds=-59)}, "ok"),
        ({"next_at": timedelta(seconds=-61)}, "late"),
    ],
)
def test_a_minute_is_the_bound(changes, standing):
    now = clock.now()
    told("claims", **{k: now + v if isinstance(v, timedelta) else v for k, v in changes.items()})
    assert timers.list_states()[0].standing(now) == standing


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OBSERVER, Role.CASHIER])
def test_who_does_not_keep_the_house_does_not_read_it(role):
    assert page(role).status_code in {403, 302}


def test_metrics_are_for_this_machine_and_named_networks(client, settings):
    told("texts", failure_count=3, error="OperationalError")
    body = client.get("/metrics").content.decode()
    assert 'huanxin_worker_step_failures{step="texts"} 3' in body
    assert 'huanxin_worker_step_turns_total{step="texts"} 7' in body

    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 404
    settings.HUANXIN_METRICS_NETWORKS = "203.0.113.0/24"
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 200
