"""The resident's own pages. Selling and claiming are drawn for her seat."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from huanxin.web import pages, pools, restriction_parts, session
from huanxin.web.citizen import caring, claiming, lots, online, orders, seats, selling, waiting
from huanxin.web.citizen.wallet import as_line
from huanxin.web.parts import Empty

own = session.audience("citizen")
either = require_http_methods(["GET", "HEAD", "POST"])
POOLS_ON_HOME = 3


@own
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    seat = seats.own(request)
    lines = pools.open_pools(region_path=seat.person.region_path)
    running = orders.running(seat)
    held = vouchers.list_vouchers(seat.person.id, seat.scope)
    context = {
        "seat": seat, "tab": "home", "person": seat.person,
        "region": identity.get_region(seat.person.region_code),
        "lines": [(line, seat.url("pool", line.id)) for line in lines[:POOLS_ON_HOME]],
        "more": max(0, len(lines) - POOLS_ON_HOME),
        "no_pools": Empty(
            _("现在没有开放的补贴资格"), _("开放时间会提前公布在这里。"), icon="clock"
        ),
        "running": running[:2],
        "others": running[2:],
        "online": online.waiting(seat),
        "usable": [as_line(one) for one in held if one.state is VoucherState.USABLE],
        "kept_out": restriction_parts.stands_against(seat.actor) if seat.is_own else False,
    }  # fmt: skip
    return pages.page(request, "citizen/home.html", context)


@own
@either
def sell(request: HttpRequest) -> HttpResponse:
    return selling.answers(request, seats.own(request))


@own
@require_safe
def offer(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    return selling.offer(request, seats.own(request), quote_id)


@own
@either
def visit(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    return selling.visit(request, seats.own(request), quote_id)


@own
@require_POST
def book(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    return selling.book(request, seats.own(request), quote_id)


@own
@require_safe
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return orders.order(request, seats.own(request), order_id)


@own
@either
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return orders.cancel(request, seats.own(request), order_id)


@own
@either
def move(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return caring.move(request, seats.own(request), order_id)


@own
@either
def missed(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return caring.missed(request, seats.own(request), order_id)


@own
@either
def complain(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return caring.complain(request, seats.own(request), order_id)


@own
@require_safe
def complaint(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    return caring.complaint(request, seats.own(request), complaint_id)


@own
@require_POST
def answer(request: HttpRequest, order_id: UUID, requote_id: UUID) -> HttpResponse:
    return orders.answer(request, seats.own(request), order_id, requote_id)


@own
@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    return claiming.releases(request, seats.own(request))


@never_cache
@own
@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    return claiming.pool(request, seats.own(request), pool_id)


@own
@require_safe
def status(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    return waiting.status(request, seats.own(request), pool_id)


@own
@require_POST
def draw_register(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    return lots.register(request, seats.own(request), pool_id)


@own
@require_POST
def draw_withdraw(request: HttpRequest, pool_id: UUID, mine_id: UUID) -> HttpResponse:
    return lots.withdraw(request, seats.own(request), pool_id, mine_id)


@own
@require_POST
def claim(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    return claiming.claim(request, seats.own(request), pool_id)


@never_cache
@own
@require_safe
def outcome(request: HttpRequest, pool_id: UUID, word: str) -> HttpResponse:
    return claiming.outcome(request, seats.own(request), pool_id, word)
