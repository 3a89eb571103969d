"""A number out of bounds raises one alert, which only those see whose region it is."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.indicators.errors import MetricUnknown
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from huanxin.supervision import models, selectors, services
from huanxin.supervision.errors import (
    AlertAnswered,
    AlertUnknown,
    NoteMissing,
    ThresholdInvalid,
    ThresholdUnknown,
)
from huanxin.supervision.types import AlertState, NewThreshold
from tests import given
from tests.given_indicators import CITY, EAST, WEST, facts, sale

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _nine_o_clock():
    given.regions()
    with clock.standing_at(clock.moment(TODAY, 9)):
        yield


def bounds(**changed) -> NewThreshold:
    fields = {
        "metric_id": "new_units_sold", "region_code": "371502", "period": "today",
        "low": None, "high": 1, "reason": "单日异常放量需核查",
    }  # fmt: skip
    return NewThreshold(**fields | changed)


def operator(path: str = CITY):
    return given.staff(Role.OPERATOR, region_path=path)


def watched(threshold: NewThreshold | None = None):
    return services.set_threshold(
        actor=operator(), threshold=threshold or bounds(), request_id=uuid4()
    )


def sold(count: int, path: str = EAST) -> None:
    facts("mart_claims_claim", [sale(TODAY, region_path=path) for _ in range(count)])


def test_a_value_above_the_bound_raises_one_alert_however_often_it_is_watched():
    watched()
    sold(2)

    assert services.watch_thresholds(actor=given.system()) == 1
    assert services.watch_thresholds(actor=given.system()) == 0

    (alert,) = selectors.list_alerts(Scope(region_path=EAST)).items
    assert alert.title == "今日换新售出高于上限"
    assert alert.facts["value"] == 2
    assert alert.facts["bound"] == "high"
    assert alert.state is AlertState.OPEN


def test_a_value_on_the_bound_and_a_neighbours_value_raise_nothing():
    watched()
    sold(1)
    sold(5, WEST)

    assert services.watch_thresholds(actor=given.system()) == 0
    assert selectors.count_open_alerts(Scope()) == 0


def test_a_value_back_within_bounds_ends_the_alert_and_a_new_breach_is_a_new_one():
    watched(bounds(low=1, high=None))
    services.watch_thresholds(actor=given.system())
    assert selectors.count_open_alerts(Scope()) == 1

    sold(1)
    assert services.watch_thresholds(actor=given.system()) == 1
    assert selectors.count_open_alerts(Scope()) == 0
    with clock.standing_at(clock.moment(date(2026, 9, 2), 9)):
        assert services.watch_thresholds(actor=given.system()) == 1

    assert selectors.list_alerts(Scope()).total == 1
    assert selectors.list_alerts(Scope(), is_over=True).total == 1


def test_an_alert_carries_the_readers_rights():
    watched()
    sold(2)
    services.watch_thresholds(actor=given.system())
    (alert,) = selectors.list_alerts(Scope(region_path=CITY)).items

    assert selectors.list_alerts(Scope(region_path=WEST)).items == []
    assert selectors.count_open_alerts(Scope(region_path=WEST)) == 0
    assert selectors.list_thresholds(Scope(region_path=WEST)) == []
    assert selectors.list_alerts(Scope(region_path=EAST, org_id=uuid4())).items == []
    with pytest.raises(AlertUnknown):
        selectors.get_alert(alert.id, Scope(region_path=WEST))
    with pytest.raises(AlertUnknown):
        services.acknowledge_alert(actor=operator(WEST), alert_id=alert.id, note="已知悉并核查")
    assert selectors.get_alert(alert.id, Scope()).state is AlertState.OPEN


def test_an_alert_is_acknowledged_once_with_a_name_and_a_note():
    watched()
    sold(2)
    services.watch_thresholds(actor=given.system())
    (alert,) = selectors.list_alerts(Scope()).items
    mine = operator(EAST)

    for note in ("", " 好 "):
        with pytest.raises(NoteMissing):
            services.acknowledge_alert(actor=mine, alert_id=alert.id, note=note)
    done = services.acknowledge_alert(actor=mine, alert_id=alert.id, note="已联系门店核查")
    again = services.acknowledge_alert(actor=mine, alert_id=alert.id, note="已联系门店核查")
    with pytest.raises(AlertAnswered):
        services.acknowledge_alert(
            actor=given.staff(Role.REVIEWER, region_path=EAST),
            alert_id=alert.id,
            note="我来处理此事",
        )

    assert done == again
    assert (done.acknowledged_by, done.note) == (mine.name, "已联系门店核查")
    lines = AuditEntry.objects.filter(action="supervision.alert_acknowledged")
    assert lines.count() == 1
    assert services.watch_thresholds(actor=given.system()) == 0  # it lasts: not raised anew


def test_one_lasting_alert_a_subject_is_also_the_databases_word():
    watched()
    sold(2)
    services.watch_thresholds(actor=given.system())
    row = models.Alert.objects.get()
    row.pk = uuid4()

    with pytest.raises(IntegrityError, match="alert_once_while_it_lasts"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    "changed", [{"high": None}, {"low": 9, "high": 3}, {"period": "century"}, {"reason": "无"}]
)
def test_bounds_that_cannot_be_watched_are_refused(changed):
    with pytest.raises(ThresholdInvalid):
        watched(bounds(**changed))
    assert not models.Threshold.objects.exists()


def test_who_may_set_bounds_and_where():
    with pytest.raises(MetricUnknown):
        watched(bounds(metric_id="happiness"))
    for actor in (operator(WEST), given.staff(Role.OBSERVER, region_path=CITY)):
        with pytest.raises(NotAllowed):
            services.set_threshold(actor=actor, threshold=bounds(), request_id=uuid4())
    assert not models.Threshold.objects.exists()


def test_a_new_threshold_takes_the_place_of_the_old_and_a_repeat_is_the_first():
    first = watched()
    sold(2)
    services.watch_thresholds(actor=given.system())
    actor, request_id = operator(), uuid4()
    second = services.set_threshold(actor=actor, threshold=bounds(high=5), request_id=request_id)
    repeat = services.set_threshold(actor=actor, threshold=bounds(high=5), request_id=request_id)

    assert second == repeat
    assert [one.id for one in selectors.list_thresholds(Scope())] == [second.id] != [first.id]
    assert selectors.count_open_alerts(Scope()) == 0


def test_a_withdrawn_threshold_is_watched_no_more_and_belongs_to_its_region():
    threshold = watched()
    with pytest.raises(ThresholdUnknown):
        services.withdraw_threshold(actor=operator(WEST), threshold_id=threshold.id)

    services.withdraw_threshold(actor=operator(), threshold_id=threshold.id)
    services.withdraw_threshold(actor=operator(), threshold_id=threshold.id)
    sold(2)

    assert services.watch_thresholds(actor=given.system()) == 0
    assert selectors.list_thresholds(Scope()) == []
