"""What outreach's tests start from: the feed as this transaction sees it, and stations."""

from datetime import timedelta
from uuid import uuid4

from huanxin.identity.services import registering
from huanxin.identity.types import ConsentMeans, OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.feed import FeedRow
from huanxin.kernel.models import AuditEntry
from huanxin.outreach.services import inviting, telling
from huanxin.outreach.types import Event, EventKind, NewEvent
from tests import given


def feed_rows() -> list[FeedRow]:
    """Every line written so far, also by the transaction that is still open."""
    return [
        FeedRow(
            0, row.pk, row.at, row.action, row.subject_kind, row.subject_id, row.region_path,
            row.org_id, row.facts, bytes(row.digest),
        )
        for row in AuditEntry.objects.order_by("pk")
    ]  # fmt: skip


def told(monkeypatch) -> int:
    """Tell what happened so far: the feed itself shows no transaction before it ends."""
    monkeypatch.setattr(telling.feed, "pull", lambda reader, *, limit: feed_rows()[:limit])
    return telling.tell(actor=given.system())


def clerk() -> Actor:
    return given.staff(Role.STATION_CLERK, org_id=given.organisation(OrgKind.STATION))


def agreed(actor: Actor, person_id) -> None:
    registering.record_consent(
        actor=actor,
        person_id=person_id,
        means=ConsentMeans.SPOKEN,
        statement="本人同意由本站代为报名社区活动",
    )


def event(actor: Actor | None = None, *, places: int = 2) -> Event:
    starts = clock.now() + timedelta(days=3)
    new = NewEvent(
        EventKind.TRIAL, "洗碗机试用", "社区服务站一楼", starts, starts + timedelta(hours=2), places
    )
    return inviting.publish_event(actor=actor or clerk(), event=new, request_id=uuid4())
