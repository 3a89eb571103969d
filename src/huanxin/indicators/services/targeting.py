"""Targets: goals that an office publishes, with the document and the name behind them."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.indicators import _metrics, models, rules
from huanxin.indicators.types import NewTarget, Target
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor


@transaction.atomic
def publish_target(*, actor: Actor, target: NewTarget, request_id: UUID) -> Target:
    """Publish a goal for a metric of a region; the latest published one that fits a day counts.

    The value is in the metric's smallest unit. Nothing is changed or withdrawn: a correction is a
    newer publication. Safe to retry. Refuses a goal without document, days or value, and regions
    of others.
    """
    region = identity.get_region(target.region_code)
    identity.require(actor, "dashboards.publish_target", region_path=region.path)
    operation = "indicators.publish_target"
    if earlier := requests.first_answer(actor, operation, request_id, target):
        return models.Target.objects.get(pk=earlier["target_id"]).as_target()
    metric = _metrics.get_metric(target.metric_id)
    rules.check_target(target, metric)
    row = models.Target.objects.create(
        id=ids.new_id(), metric_id=metric.id, region_path=region.path, from_on=target.from_on,
        to_on=target.to_on, value=target.value, document=target.document.strip(),
        published_by=actor.name, published_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "indicators.target_published", "target", row.id, region_path=region.path,
        metric_id=metric.id, value=row.value, document=row.document,
        from_on=row.from_on, to_on=row.to_on,
    )  # fmt: skip
    requests.remember(actor, operation, request_id, {"target_id": str(row.id)})
    return row.as_target()
