"""A late review and a stop raise an alert in their region, once, until they are dealt with."""

from datetime import timedelta

import pytest

from huanxin.claims.types.desk import StopOutcome
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.supervision import selectors, services
from huanxin.supervision.types import AlertKind, AlertState
from tests import given, given_claims
from tests.claims.test_breaker import NOW, settle, tripped
from tests.claims.test_review import review

pytestmark = pytest.mark.django_db
COUNTY = Scope(region_path=given.COUNTY_PATH)


def watch(at):
    with clock.standing_at(at):
        return services.watch_claims(actor=given.system())


def test_a_case_past_its_time_is_told_once_to_its_region_until_it_is_decided():
    _, claim = given_claims.decided(invoice__invoice_total_fen=1)
    due = claim.card.due_at

    assert watch(due - timedelta(seconds=1)) == 0
    assert [watch(due), watch(due)] == [1, 0]
    [alert] = selectors.list_alerts(COUNTY).items
    assert (alert.kind, alert.state) == (AlertKind.CASE_OVERDUE, AlertState.OPEN)
    assert claim.card.number in alert.title
    assert selectors.list_alerts(Scope(region_path="370000/371500/371521")).total == 0
    with clock.standing_at(due):
        services.acknowledge_alert(
            actor=given_claims.reviewer(), alert_id=alert.id, note="今日下班前办结"
        )
    review(claim)
    assert watch(due + timedelta(hours=1)) == 1
    assert selectors.list_alerts(COUNTY).total == 0
    [over] = selectors.list_alerts(COUNTY, is_over=True).items
    assert over.note == "今日下班前办结"


def test_a_stopped_check_is_told_to_the_city_until_two_people_ended_it():
    tripped()

    watch(NOW)
    [alert] = selectors.list_alerts(Scope(region_path=given.CITY_PATH)).items
    assert alert.kind is AlertKind.CLAIM_STOP
    assert "金额不一致" in alert.title
    assert selectors.list_alerts(COUNTY).total == 0
    settle(StopOutcome.CHECK_WRONG)
    watch(NOW)
    assert selectors.list_alerts(Scope(region_path=given.CITY_PATH)).total == 0


def test_only_the_platform_watches():
    with pytest.raises(NotAllowed):
        services.watch_claims(actor=given.staff(Role.OPERATOR))
