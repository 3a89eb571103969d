"""Reads: alerts and thresholds, always with the reader's own scope."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.supervision import models
from huanxin.supervision.errors import AlertUnknown
from huanxin.supervision.types import Alert, AlertState, Threshold

M = TypeVar("M", models.Alert, models.Threshold)


def list_alerts(scope: Scope, *, number: int = 1, is_over: bool = False) -> Page[Alert]:
    """Alerts whose region the scope covers, newest first: those that last, or those that ended."""
    rows = _within(models.Alert.objects.all(), scope)
    over = Q(state=AlertState.OVER)
    rows = rows.filter(over if is_over else ~over).order_by("-raised_at", "id")
    first = (number - 1) * PAGE_SIZE
    items = [row.as_alert() for row in rows[first : first + PAGE_SIZE]]
    return Page(items=items, number=number, total=rows.count())


def get_alert(alert_id: UUID, scope: Scope) -> Alert:
    """One alert; outside the scope it does not exist (AlertUnknown)."""
    row = _within(models.Alert.objects.filter(pk=alert_id), scope).first()
    if row is None:
        raise AlertUnknown(alert_id=alert_id)
    return row.as_alert()


def count_open_alerts(scope: Scope) -> int:
    """How many alerts of the scope nobody has answered yet."""
    return _within(models.Alert.objects.filter(state=AlertState.OPEN), scope).count()


def list_thresholds(scope: Scope) -> list[Threshold]:
    """Every threshold in force that the scope covers, by region and metric."""
    rows = _within(models.Threshold.objects.filter(withdrawn_at__isnull=True), scope)
    return [row.as_threshold() for row in rows.order_by("region_path", "metric_id", "period")]


def _within(rows: QuerySet[M], scope: Scope) -> QuerySet[M]:
    """Rows at or below the scope's region; organisations and persons watch nothing here."""
    if scope.org_id or scope.person_id:
        return rows.none()
    path = scope.region_path
    if not path:
        return rows
    return rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
