"""Numbers as the screens show them: one metric, its groups, the rows behind it, targets, alerts."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Query, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.indicators import selectors
from huanxin.indicators.services import targeting
from huanxin.indicators.types import By, Fact, Metric, NewTarget, Target, Window
from huanxin.supervision import selectors as supervision
from huanxin.supervision import services as alerts
from huanxin.supervision.types import Alert, NewThreshold, Threshold

router = Router(tags=["indicators"])


class Asked(Schema):
    """Region, period (by name or by two days) and grouping."""

    region_code: str
    period: str = "year"
    from_on: date | None = None
    to_on: date | None = None
    by: By | None = None

    def window(self) -> Window:
        if self.from_on and self.to_on:
            return selectors.window_between(self.from_on, self.to_on)
        return selectors.window_named(self.period)


class Group(Schema):
    key: str
    label: str
    value: int | None
    row_count: int


class Number(Schema):
    metric_id: str
    title: str
    unit: str
    region_code: str
    from_on: date
    to_on: date
    as_of: datetime
    value: int | None
    row_count: int
    before: int | None
    goal: int | None
    groups: list[Group]


class Rows(Schema):
    items: list[Fact]
    number: int
    pages: int
    total: int


class Note(Schema):
    note: str


@router.get("/metrics", response=list[Metric], summary="全部指标及其口径")
def list_metrics(request: HttpRequest) -> list[Metric]:
    actor_of(request)
    return selectors.list_metrics()


@router.get("/metrics/{metric_id}", response=Number, summary="一项指标：合计、上期、目标与分组")
def read_metric(request: HttpRequest, metric_id: str, asked: Query[Asked]) -> Number:
    actor = actor_of(request)
    region = selectors.reachable_region(actor, asked.region_code)
    scope, window = selectors.reach(actor, region), asked.window()
    with selectors.snapshot():
        series = selectors.read_metric(metric_id, scope, window.from_on, window.to_on, asked.by)
        before = window.before()
        earlier = selectors.read_metric(metric_id, scope, before.from_on, before.to_on)
        goal, as_of = selectors.find_goal(metric_id, scope, window), selectors.as_of()
    groups = [Group(**{name: getattr(p, name) for name in p.__slots__}) for p in series.points]
    return Number(
        metric_id=metric_id, title=series.metric.title, unit=series.metric.unit,
        region_code=region.code, from_on=window.from_on, to_on=window.to_on,
        as_of=series.read_at or as_of, value=series.value, row_count=series.row_count,
        before=earlier.value, goal=goal.value if goal else None, groups=groups,
    )  # fmt: skip


@router.get("/metrics/{metric_id}/rows", response=Rows, summary="一项指标背后的每一笔")
def list_rows(
    request: HttpRequest, metric_id: str, asked: Query[Asked], page: PageNumber = 1
) -> Rows:
    actor = actor_of(request)
    region = selectors.reachable_region(actor, asked.region_code)
    window, metric = asked.window(), selectors.get_metric(metric_id)
    if metric.parts:
        return Rows(items=[], number=1, pages=1, total=0)
    found = selectors.list_facts(
        metric_id, selectors.reach(actor, region), window.from_on, window.to_on, number=page
    )
    return Rows(items=list(found.items), number=found.number, pages=found.pages, total=found.total)


@router.get("/targets", response=list[Target], summary="已发布的目标")
def list_targets(request: HttpRequest) -> list[Target]:
    actor = actor_of(request)
    selectors.require_reader(actor)
    return selectors.list_targets(actor.scope)


@router.post("/targets", response={201: Target}, summary="发布目标值")
def publish_target(
    request: HttpRequest, key: IdempotencyKey, target: Body[NewTarget]
) -> Status[Target]:
    made = targeting.publish_target(actor=actor_of(request), target=target, request_id=key)
    return Status(201, made)


@router.post("/thresholds", response={201: Threshold}, summary="设置预警阈值")
def set_threshold(
    request: HttpRequest, key: IdempotencyKey, threshold: Body[NewThreshold]
) -> Status[Threshold]:
    made = alerts.set_threshold(actor=actor_of(request), threshold=threshold, request_id=key)
    return Status(201, made)


@router.delete("/thresholds/{threshold_id}", response={204: None}, summary="撤销预警阈值")
def withdraw_threshold(request: HttpRequest, threshold_id: UUID) -> Status[None]:
    alerts.withdraw_threshold(actor=actor_of(request), threshold_id=threshold_id)
    return Status(204, None)


@router.get("/alerts", response=list[Alert], summary="尚未结束的预警")
def list_alerts(request: HttpRequest, page: PageNumber = 1) -> list[Alert]:
    actor = actor_of(request)
    selectors.require_reader(actor)
    return list(supervision.list_alerts(actor.scope, number=page).items)


@router.post("/alerts/{alert_id}/acknowledge", response=Alert, summary="确认一条预警")
def acknowledge(request: HttpRequest, alert_id: UUID, body: Note) -> Alert:
    actor = actor_of(request)
    return alerts.acknowledge_alert(actor=actor, alert_id=alert_id, note=body.note)
