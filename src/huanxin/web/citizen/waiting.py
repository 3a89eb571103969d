"""Honest waiting: where a release stands by the server's clock, asked again cheaply."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from huanxin.kernel import clock
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import PoolCard
from huanxin.web import pages, pools
from huanxin.web.citizen.seats import Seat

_SOON = 120  # seconds: who waits for the opening is told at once


def status(request: HttpRequest, seat: Seat, pool_id: UUID) -> HttpResponse:
    """What the release page asks every few seconds: where it stands; nothing new is a 304.

    When its state is another one than the page was drawn for, the page draws itself anew.
    """
    card, now = vouchers.get_pool(pool_id), clock.now()
    line = pools.pool_line(card, now, pools.lottery_of(card))
    facts = f"{pool_id}|{line.state}|{line.left}|{line.quantity}|{line.changes_at}|{line.words}"
    tag = f'"{hashlib.sha256(facts.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        context = {"seat": seat, "pool": card, **status_context(seat, card, line, now)}
        response = pages.page(request, "citizen/status.html", context, part="citizen/_status.html")
        if request.GET.get("drawn_for", line.state) != line.state:
            response.headers["HX-Refresh"] = "true"
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def status_context(
    seat: Seat, card: PoolCard, line: pools.PoolLine, now: datetime
) -> dict[str, Any]:
    """What the status box shows: counted down on the server's clock, asked again at its pace."""
    changes_in = _seconds_until(line.changes_at, now)
    return {
        "line": line,
        "changes_in": changes_in,
        "every": 3 if line.state == "open" or changes_in < _SOON else 30,
        "status_url": seat.url("status", card.id),
        "here": seat.url("pool", card.id),
        "now": now,
    }


def _seconds_until(at: datetime | None, now: datetime) -> int:
    return max(0, int((at - now).total_seconds()) + 1) if at else 0
