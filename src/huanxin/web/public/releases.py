"""发放公示: what opens when and where, past draws with their files, how to check them."""

import time
from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.errors import RegionUnknown
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.ledger.types import BudgetNode
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import LotteryCard, PoolCard
from huanxin.web import pools
from huanxin.web.console import choices
from huanxin.web.exports import attachment
from huanxin.web.parts import Fact

Budgets = list[tuple[str, list[BudgetNode]]]
T = TypeVar("T")
_KEPT: dict[str, tuple[Any, float, datetime]] = {}
_BUDGETS_SECONDS, _PLACES_SECONDS = 10, 2


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    """Everything open or announced, by county, and the last lotteries."""
    now = clock.now()
    names = {region.code: region.name for region in identity.list_regions()}
    (cards, lotteries), listed_at = _lately("places", _PLACES_SECONDS, now, _places)
    lines = pools.as_lines(cards, now)
    lines.sort(key=lambda line: line.region_code)
    counties = [
        (names.get(code, code), list(found))
        for code, found in groupby(lines, key=lambda line: line.region_code)
    ]
    draws = [(card, lottery, pools.state_of(card, now, lottery)) for card, lottery in lotteries]
    budgets, counted_at = _lately("budgets", _BUDGETS_SECONDS, now, _budgets)
    context = {
        "counties": counties, "draws": draws, "budgets": budgets, "counted_at": counted_at,
        "now": now, "listed_at": listed_at,
    }  # fmt: skip
    return render(request, "public/releases.html", context)


@require_safe
def draw(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """One lottery in public: what is promised, what is revealed, whose entry is in the list."""
    lottery = _lottery(pool_id)
    card = vouchers.get_pool(pool_id)
    wanted = request.GET.get("hash", "").strip().lower()
    listed = vouchers.lottery_list(pool_id).split() if lottery.listed_at else []
    context = {
        "pool": card,
        "lottery": lottery,
        "state": pools.state_of(card, clock.now(), lottery),
        "facts": _facts(lottery),
        "wanted": wanted,
        "is_listed": wanted in listed,
        "found": _found(lottery, wanted) if wanted in listed else None,
    }
    return render(request, "public/draw.html", context)


@require_safe
def draw_list(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """The list as a plain file: its SHA-256 is the published one."""
    del request
    _lottery(pool_id)
    text = vouchers.lottery_list(pool_id)
    return attachment(text.encode(), "text/plain; charset=utf-8", f"list-{pool_id}.txt")


@require_safe
def draw_document(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """Everything to draw once more, for huanxin vouchers audit-draw."""
    del request
    try:
        document = vouchers.draw_document(pool_id)
    except DomainError as refusal:
        body = {"code": refusal.code, "detail": refusal.message}
        return JsonResponse(body, status=HTTP_STATUS[refusal.kind])
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _lately(what: str, seconds: float, now: datetime, read: Callable[[], T]) -> tuple[T, datetime]:
    """What was read for a crowd at once, at most some seconds ago, with the moment of it."""
    if connection.in_atomic_block:  # what may still be undone is shown to nobody else
        return read(), now
    kept, read_at, at = _KEPT.get(what, (None, 0.0, now))
    if not read_at or time.monotonic() - read_at > seconds or at > now:
        kept, at = read(), now
        _KEPT[what] = (kept, time.monotonic(), at)
    found: T = kept
    return found, at


def _places() -> tuple[list[PoolCard], list[tuple[PoolCard, LotteryCard]]]:
    """Releases with the places they have left. What the clock alone changes is said each time."""
    return list(vouchers.list_open_pools(now=clock.now())), list(vouchers.list_lotteries())


def _budgets() -> Budgets:
    """What is left for each county of the city, by programme: figures of the ledger itself."""
    try:
        city = identity.get_region(settings.HUANXIN_CITY)
    except RegionUnknown:
        return []  # no regions are laid down yet
    titles = dict(choices.programmes())
    found = vouchers.budgets_by_programme(Scope(region_path=city.path), titles)
    counties = [
        (titles[key], [one for one in nodes if one.region_path != city.path])
        for key, nodes in found.items()
    ]
    return [(title, below) for title, below in counties if below]


def _lottery(pool_id: UUID) -> LotteryCard:
    lottery = vouchers.find_lottery(pool_id)
    if lottery is None:
        raise Http404
    return lottery


def _found(lottery: LotteryCard, wanted: str) -> int | None:
    """Her rank, once there is one."""
    if lottery.drawn_at is None:
        return None
    ranking: list[str] = vouchers.draw_document(lottery.pool_id)["ranking"]
    return ranking.index(wanted) + 1


def _facts(lottery: LotteryCard) -> list[Fact]:
    later = _("尚未公布")
    return [
        Fact(_("承诺值（种子的 SHA-256）"), lottery.commitment, note=_("开放登记前公布")),
        Fact(_("登记截止"), lottery.registers_until, "time"),
        Fact(_("登记数"), lottery.registered_count, "count"),
        Fact(_("名单的 SHA-256"), lottery.list_sha256 or later),
        Fact(_("公开数来源"), lottery.entropy_source),
        Fact(_("公开数"), lottery.entropy or later),
        Fact(_("种子"), lottery.seed or _("封存中，开奖时揭示")),
        Fact(_("开奖时间"), lottery.drawn_at or lottery.draws_at, "time"),
    ]
