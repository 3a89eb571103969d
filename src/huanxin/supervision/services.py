"""Writes: thresholds, the watch over them, and alerts from raised to over."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from huanxin.claims import selectors as claims
from huanxin.claims.types import ClaimCard
from huanxin.claims.types.desk import StopCard, StopKind
from huanxin.identity import selectors as identity
from huanxin.indicators import selectors as indicators
from huanxin.indicators.types import WINDOW_TITLES
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.locking import lock_row
from huanxin.supervision import models, rules
from huanxin.supervision.errors import AlertAnswered, AlertUnknown, ThresholdUnknown
from huanxin.supervision.types import (
    Alert,
    AlertKind,
    AlertState,
    NewAlert,
    NewThreshold,
    Threshold,
)


@transaction.atomic
def set_threshold(*, actor: Actor, threshold: NewThreshold, request_id: UUID) -> Threshold:
    """Watch a metric at a region; a threshold in force for the same is withdrawn by this one.

    Bounds are in the metric's smallest unit. Safe to retry: a repeated request answers the first
    threshold. Refuses unknown metrics, empty or reversed bounds, and regions of others.
    """
    region = identity.get_region(threshold.region_code)
    identity.require(actor, "supervision.set_threshold", region_path=region.path)
    earlier = requests.first_answer(actor, "supervision.set_threshold", request_id, threshold)
    if earlier is not None:
        return models.Threshold.objects.get(pk=earlier["threshold_id"]).as_threshold()
    metric = indicators.get_metric(threshold.metric_id)
    rules.check_threshold(threshold, frozenset(WINDOW_TITLES))
    same = models.Threshold.objects.filter(
        metric_id=metric.id, region_path=region.path, period=threshold.period,
        withdrawn_at__isnull=True,
    )  # fmt: skip
    _withdraw(actor, same.select_for_update())
    row = models.Threshold.objects.create(
        id=ids.new_id(), metric_id=metric.id, region_path=region.path, period=threshold.period,
        low=threshold.low, high=threshold.high, reason=threshold.reason.strip(),
        set_by=actor.name, set_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "supervision.threshold_set", "threshold", row.id, region_path=region.path,
        metric_id=metric.id, period=row.period, low=row.low, high=row.high, reason=row.reason,
    )  # fmt: skip
    requests.remember(actor, "supervision.set_threshold", request_id, {"threshold_id": str(row.id)})
    return row.as_threshold()


@transaction.atomic
def withdraw_threshold(*, actor: Actor, threshold_id: UUID) -> None:
    """Stop watching; its alert, if one lasts, is over. Safe to repeat. Refuses other regions."""
    row = models.Threshold.objects.select_for_update().filter(pk=threshold_id).first()
    if row is None or not actor.scope.covers(row.region_path):
        raise ThresholdUnknown(threshold_id=threshold_id)
    identity.require(actor, "supervision.set_threshold", region_path=row.region_path)
    if row.withdrawn_at is None:
        _withdraw(actor, [row])


@transaction.atomic
def watch_thresholds(*, actor: Actor) -> int:
    """Compare every threshold with its metric now: raise what is out of bounds, end what is not.

    The value of the moment when a bound was broken stays in the alert. Returns how many alerts
    were raised or ended. Safe to repeat: a lasting alert is not raised again.
    """
    identity.require(actor, "supervision.watch")
    broken, kept = [], []
    for row in models.Threshold.objects.filter(withdrawn_at__isnull=True).order_by("id"):
        window = indicators.window_named(row.period)
        scope = Scope(region_path=row.region_path)
        series = indicators.read_metric(row.metric_id, scope, window.from_on, window.to_on)
        bound = rules.broken_bound(series.value, row.low, row.high)
        if bound:
            broken.append(_threshold_alert(row, bound, series.value))
        else:
            kept.append(str(row.id))
    raised = _raise_alerts(actor, broken)
    return len(raised) + _end_alerts(actor, AlertKind.THRESHOLD, kept)


@transaction.atomic
def watch_claims(*, actor: Actor) -> int:
    """Raise an alert for every review that is late and every stop; end those that are no more.

    Each belongs to its claim's region, where whoever may acknowledge sees it. Returns how many
    were raised or ended. Safe to repeat.
    """
    identity.require(actor, "supervision.watch")
    late = [_late_case(one) for one in claims.list_overdue_cases()]
    stops = [_stop(one) for one in claims.list_stops(Scope())]
    raised = _raise_alerts(actor, [*late, *stops])
    ended = _end_others(actor, AlertKind.CASE_OVERDUE, {one.subject_key for one in late})
    return (
        len(raised)
        + ended
        + _end_others(actor, AlertKind.CLAIM_STOP, {one.subject_key for one in stops})
    )


@transaction.atomic
def raise_alerts(*, actor: Actor, alerts: Sequence[NewAlert]) -> list[Alert]:
    """Raise alerts; a subject whose alert still lasts is not raised again and not in the answer."""
    identity.require(actor, "supervision.watch")
    return _raise_alerts(actor, alerts)


@transaction.atomic
def end_alerts(*, actor: Actor, kind: AlertKind, subject_keys: Sequence[str]) -> int:
    """The causes are gone: their lasting alerts are over. Returns how many; safe to repeat."""
    identity.require(actor, "supervision.watch")
    return _end_alerts(actor, kind, subject_keys)


@transaction.atomic
def acknowledge_alert(*, actor: Actor, alert_id: UUID, note: str) -> Alert:
    """Put a name under an alert: who knows of it and what is being done.

    Safe to retry by the same person with the same note. Refuses an alert outside the actor's
    region as unknown, one that another has acknowledged or that is over, and an empty note.
    """
    identity.require(actor, "supervision.acknowledge")
    row = lock_row(models.Alert, alert_id)
    if actor.scope.org_id or not actor.scope.covers(row.region_path):
        raise AlertUnknown(alert_id=alert_id)
    rules.check_note(note)
    if row.state == AlertState.ACKNOWLEDGED and (row.acknowledged_by, row.note) == (
        actor.name, note.strip(),
    ):  # fmt: skip
        return row.as_alert()
    if row.state != AlertState.OPEN:
        raise AlertAnswered(by=row.acknowledged_by or "系统（数值已回到范围内）")
    row.state, row.note = AlertState.ACKNOWLEDGED, note.strip()
    row.acknowledged_by, row.acknowledged_at = actor.name, clock.now()
    row.save(update_fields=["state", "note", "acknowledged_by", "acknowledged_at"])
    audit.record(
        actor, "supervision.alert_acknowledged", "alert", row.id, region_path=row.region_path,
        note=row.note,
    )  # fmt: skip
    return row.as_alert()


def _late_case(card: ClaimCard) -> NewAlert:
    facts = {
        "claim_id": str(card.claim_id), "number": card.number, "case_kind": card.case_kind,
        "due_at": card.due_at.isoformat() if card.due_at else None,
        "subsidy_fen": card.subsidy_fen, "risk_score": card.risk_score,
    }  # fmt: skip
    key, title = str(card.claim_id), f"复核超时：{card.number}"
    return NewAlert(AlertKind.CASE_OVERDUE, key, card.region_path, title, facts)


def _stop(card: StopCard) -> NewAlert:
    what = "抽查未通过，付款暂停" if card.kind is StopKind.SHOP else "检查超过拦截上限，已停用"
    facts = {
        "stop_id": str(card.stop_id), "kind": card.kind, "subject": card.subject,
        "claim_count": card.claim_count, "subsidy_fen": card.subsidy_fen,
        "due_at": card.due_at.isoformat(),
    }  # fmt: skip
    title = f"{card.title}：{what}"
    return NewAlert(AlertKind.CLAIM_STOP, str(card.stop_id), card.region_path, title, facts)


def _end_others(actor: Actor, kind: AlertKind, lasting: set[str]) -> int:
    """End the alerts of a kind whose subjects are not among those that last."""
    open_keys = models.Alert.objects.filter(kind=kind).exclude(state=AlertState.OVER)
    gone = set(open_keys.values_list("subject_key", flat=True)) - lasting
    return _end_alerts(actor, kind, sorted(gone))


def _threshold_alert(row: models.Threshold, bound: str, value: int | None) -> NewAlert:
    metric = indicators.get_metric(row.metric_id)
    word = "低于下限" if bound == "low" else "高于上限"
    facts = {
        "metric_id": row.metric_id, "period": row.period, "value": value, "bound": bound,
        "low": row.low, "high": row.high, "reason": row.reason, "set_by": row.set_by,
    }  # fmt: skip
    title = f"{WINDOW_TITLES[row.period]}{metric.title}{word}"
    return NewAlert(AlertKind.THRESHOLD, str(row.id), row.region_path, title, facts)


def _raise_alerts(actor: Actor, alerts: Sequence[NewAlert]) -> list[Alert]:
    rows = [
        models.Alert(
            id=ids.new_id(), kind=alert.kind, subject_key=alert.subject_key,
            region_path=alert.region_path, title=alert.title, facts=dict(alert.facts),
            state=AlertState.OPEN, raised_at=clock.now(),
        )
        for alert in alerts
    ]  # fmt: skip
    models.Alert.objects.bulk_create(rows, ignore_conflicts=True)  # a lasting one stands
    made = models.Alert.objects.filter(pk__in=[row.id for row in rows]).order_by("id")
    answer = [row.as_alert() for row in made]
    audit.record_many(
        actor, "supervision.alert_raised",
        [audit.Entry("alert", one.id, one.region_path, None, dict(one.facts)) for one in answer],
    )  # fmt: skip
    return answer


def _end_alerts(actor: Actor, kind: AlertKind, subject_keys: Sequence[str]) -> int:
    lasting = models.Alert.objects.filter(kind=kind, subject_key__in=subject_keys)
    rows = list(lasting.exclude(state=AlertState.OVER).select_for_update(no_key=True))
    for row in rows:
        row.state, row.over_at = AlertState.OVER, clock.now()
    models.Alert.objects.bulk_update(rows, ["state", "over_at"])
    audit.record_many(
        actor, "supervision.alert_over",
        [audit.Entry("alert", row.id, row.region_path) for row in rows],
    )  # fmt: skip
    return len(rows)


def _withdraw(actor: Actor, rows: Iterable[models.Threshold]) -> None:
    gone = list(rows)
    for row in gone:
        row.withdrawn_by, row.withdrawn_at = actor.name, clock.now()
    models.Threshold.objects.bulk_update(gone, ["withdrawn_by", "withdrawn_at"])
    audit.record_many(
        actor, "supervision.threshold_withdrawn",
        [audit.Entry("threshold", row.id, row.region_path) for row in gone],
    )  # fmt: skip
    _end_alerts(actor, AlertKind.THRESHOLD, [str(row.id) for row in gone])
