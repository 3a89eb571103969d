"""发放公示: what opens when and where, past draws with their files, how to check them."""

import time
from datetime import datetime
from itertools import groupby
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
from huanxin.vouchers.types import LotteryCard
from huanxin.web import pools
from huanxin.web.console import choices
from huanxin.web.exports import attachment
from huanxin.web.parts import Fact

Budgets = list[tuple[str, list[BudgetNode]]]
_KEPT: dict[str, tuple[Budgets, float, datetime]] = {}
_KEPT_SECONDS = 10


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    """Everything open or announced, by county, and the last lotteries."""
    now = clock.now()
    names = {region.code: region.name for region in identity.list_regions()}
    lines = pools.as_lines(vouchers.list_open_pools(now=now), now)
    lines.sort(key=lambda line: line.region_code)
    counties = [
        (names.get(code, code), list(found))
        for code, found in groupby(lines, key=lambda line: line.region_code)
    ]
    draws = [
        (card, lottery, pools.state_of(card, now, lottery))
        for card, lottery in vouchers.list_lotteries()
    ]
    budgets, counted_at = _budgets_lately(now)
    context = {
        "counties": counties, "draws": draws, "budgets": budgets, "counted_at": counted_at,
        "now": now,
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


def _budgets_lately(now: datetime) -> tuple[Budgets, datetime]:
    """The budgets with the moment they were read: at most ten seconds ago, for a crowd at once."""
    if connection.in_atomic_block:  # what may still be undone is shown to nobody else
        return _budgets(), now
    kept, read_at, at = _KEPT.get("budgets", ([], 0.0, now))
    if not read_at or time.monotonic() - read_at > _KEPT_SECONDS:
        kept, at = _budgets(), now
        _KEPT["budgets"] = (kept, time.monotonic(), at)
    return kept, at


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
