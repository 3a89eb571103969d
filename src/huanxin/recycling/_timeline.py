"""An order's story as its owner follows it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, money
from huanxin.recycling import models
from huanxin.recycling.types import Choice, RequoteState
from huanxin.recycling.types.orders import TimelineStep


def steps(
    order: models.Order,
    units: Sequence[models.Unit],
    stop: models.RouteStop | None,
    requotes: Sequence[models.Requote] = (),
) -> list[TimelineStep]:
    """Each step with its time and who acts; one is `now`."""
    recycler = (
        identity.get_organisation(order.organisation_id).name if order.organisation_id else ""
    )
    dismantler = next((u.lot.receiver.name for u in units if u.lot), "")
    certificate = next((u.run.certificate_no for u in units if u.run), "")
    promised = ""
    if stop is not None:
        promised = f"预计 {stop.arrive_at.astimezone(clock.SHANGHAI):%H:%M} 到达"
    reward = "焕新券已激活" if order.choice == Choice.VOUCHER else "现金已付"
    lots = [u.lot for u in units]
    lines: list[tuple[str, str, datetime | None, str, str]] = [
        ("booked", "预约上门回收", order.booked_at, "您", order.number),
        ("offered", "派给回收企业", order.offered_at, recycler, ""),
        ("assigned", "安排上门", order.assigned_at, recycler, promised),
        *(_requoted(one) for one in requotes if one.decided_at is not None),
        ("collected", f"取走旧机，{reward}" if order.collected_at else "取走旧机",
         order.collected_at, recycler, ""),
        ("received", "分拣中心过磅入库", _all(u.received_at for u in units), recycler, ""),
        ("shipped", "发往拆解企业", _all(lot.shipped_at if lot else None for lot in lots),
         recycler, ""),
        ("arrived", "拆解企业验收", _all(u.arrived_at for u in units), dismantler, ""),
        ("dismantled", "环保拆解，出具证明", order.completed_at, dismantler, certificate),
    ]  # fmt: skip
    return _standings(lines, order)


def _requoted(one: models.Requote) -> tuple[str, str, datetime | None, str, str]:
    """A new price at the door and how she answered: by her signature, her phone, or not at all."""
    old, new = (money.yuan(quote.cash_fen) for quote in (one.old_quote, one.new_quote))
    is_agreed = one.state == RequoteState.CONSENTED
    how = "您在收运员手机上签字同意" if one.signature_sha256 else "您已同意"
    title = f"上门改价：现金价 {old} 改为 {new}"
    at = one.signed_at or one.decided_at
    return "requoted", title, at, "您", how if is_agreed else "您没有同意，旧机留下，不收费用"


def _standings(
    lines: Sequence[tuple[str, str, datetime | None, str, str]], order: models.Order
) -> list[TimelineStep]:
    steps, is_open = [], True
    for code, title, at, actor, note in lines:
        if at is not None:
            steps.append(TimelineStep(code, title, "done", at, actor, note))
        elif order.cancelled_at is not None:
            why, when = order.cancel_reason, order.cancelled_at
            steps.append(TimelineStep("cancelled", "订单已取消", "stopped", when, "", why))
            break
        else:
            steps.append(TimelineStep(code, title, "now" if is_open else "next", None, actor, note))
            is_open = False
    return steps


def _all(moments: Iterable[datetime | None]) -> datetime | None:
    """The last of the moments once all of them have come."""
    found = list(moments)
    known = [moment for moment in found if moment is not None]
    return max(known) if known and len(known) == len(found) else None
