"""发放日历: a month of slots with places, state and money; a grid on a desk, a list on a phone."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, pool_code
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import PoolCard, PoolFilter
from huanxin.web import pools
from huanxin.web.session import actor_of, audience, permitted

_MOST = 2_000


@dataclass(frozen=True, slots=True)
class SlotLine:
    """The pools that open at one moment of a day, taken together."""

    at: datetime
    title: str
    regions: int
    quantity: int
    left: int
    free_fen: int
    state: str
    href: str


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    is_outside: bool
    is_today: bool
    lines: tuple[SlotLine, ...]


@require_safe
@audience("console")
@permitted("vouchers.open_pool")
def month(request: HttpRequest) -> HttpResponse:
    first = _first_day(request.GET.get("month", ""))
    following = (first + timedelta(days=32)).replace(day=1)
    wanted = PoolFilter(opens_from=clock.moment(first), opens_to=clock.moment(following))
    cards = vouchers.list_pools(actor_of(request).scope, wanted=wanted, limit=_MOST)
    context = {
        "first": first,
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "after": f"{following:%Y-%m}",
        "weeks": _weeks(first, cards),
        "count": len(cards),
        "quantity": sum(card.quantity for card in cards),
        "plans": vouchers.list_plans(actor_of(request).scope)[:8],
    }
    return render(request, "console/calendar.html", context)


def _first_day(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return clock.today().replace(day=1)


def _weeks(first: date, cards: Iterable[PoolCard]) -> list[list[Day]]:
    ordered = sorted(cards, key=lambda card: (card.opens_at, card.title))
    by_day = {
        on: tuple(_lines(list(found)))
        for on, found in groupby(ordered, key=lambda card: clock.business_day(card.opens_at))
    }
    today = clock.today()
    return [
        [Day(on, on.month != first.month, on == today, by_day.get(on, ())) for on in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]


def _lines(cards: list[PoolCard]) -> Iterable[SlotLine]:
    now = clock.now()
    balances = ledger.balances(pool_code(card.id) for card in cards)
    lotteries = vouchers.lotteries_of(card.id for card in cards)
    for at, found in groupby(cards, key=lambda card: card.opens_at):
        group = list(found)
        states = {pools.state_of(card, now, lotteries.get(card.id)) for card in group}
        day = f"{clock.business_day(at):%Y-%m-%d}"
        one = reverse("console:pool", args=[group[0].id])
        yield SlotLine(
            at=at,
            title=group[0].title,
            regions=len({card.region_code for card in group}),
            quantity=sum(card.quantity for card in group),
            left=sum(card.remaining for card in group),
            free_fen=sum(
                balances.get(pool_code(card.id), Balance()).available_fen for card in group
            ),
            state=next((s for s in ("open", "registering", "between", "soon") if s in states),
                       sorted(states)[0]),
            href=one if len(group) == 1 else f"{reverse('console:pools')}?day={day}",
        )  # fmt: skip
