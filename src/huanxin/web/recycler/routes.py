"""The manager's day: routes on a map, planning tomorrow, orders that still wait for a van."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import order_book, route_book
from huanxin.recycling.services import dispatching
from huanxin.recycling.types import OrderState
from huanxin.recycling.types.orders import OrderCard, OrderFilter
from huanxin.recycling.types.routes import JobCard, RoutePlan
from huanxin.web import pages, unit_parts
from huanxin.web.claim_lists import day_asked, page_asked
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.recycler import strip
from huanxin.web.recycler.jobs import OPEN, names_of, rounds
from huanxin.web.session import actor_of, audience, permitted

ROUTES, WAITING = "recycler/routes.html", "recycler/waiting.html"


@require_safe
@audience("recycler")
@permitted("recycling.plan")
def routes(request: HttpRequest) -> HttpResponse:
    on = day_asked(request.GET.get("on", "")) or clock.today()
    return pages.page(request, ROUTES, _routes_context(actor_of(request), on))


@require_POST
@audience("recycler")
def plan(request: HttpRequest) -> HttpResponse:
    """Plans tomorrow or a later day; promised arrivals stay as they are."""
    actor = actor_of(request)
    tomorrow = clock.today() + timedelta(days=1)
    on = max(day_asked(request.POST.get("on", "")) or tomorrow, tomorrow)
    try:
        dispatching.plan_routes(actor=actor, on=on, region_path=actor.scope.region_path)
    except DomainError as refusal:
        return refused(request, ROUTES, _routes_context(actor, on), refusal)
    return redirect(f"{reverse('recycler:routes')}?on={on.isoformat()}")


@require_safe
@audience("recycler")
@permitted("recycling.plan")
def waiting(request: HttpRequest) -> HttpResponse:
    return pages.page(request, WAITING, _waiting_context(request))


@require_POST
@audience("recycler")
def dispatch(request: HttpRequest) -> HttpResponse:
    """Offers what waits in the county and slips it into today's running routes."""
    try:
        count = dispatching.dispatch_waiting(actor=actor_of(request))
    except DomainError as refusal:
        return refused(request, WAITING, _waiting_context(request), refusal)
    return redirect(f"{reverse('recycler:waiting')}?placed={count}")


def _routes_context(actor: Actor, on: date) -> dict[str, Any]:
    jobs = route_book.list_jobs(actor.scope, on=on)
    plans = route_book.list_routes(actor.scope, on=on)
    vans = {van.id: van for van in route_book.list_vans(actor.scope)}
    tomorrow = clock.today() + timedelta(days=1)
    booked = OrderFilter(OrderState.BOOKED, from_on=on, to_on=on)
    left = order_book.list_orders(actor.scope, booked).total
    return {
        "on": on,
        "may_plan": on >= tomorrow,
        "tomorrow": tomorrow,
        "left": left,
        "filters": [Filter("on", _("日期"), on.isoformat(), "day")],
        "strip": strip.draw(rounds(actor, jobs)),
        "vans": [_van(one, vans[one.van_id].name, jobs) for one in plans if one.van_id in vans],
        "idle": [v.name for v in vans.values() if v.id not in {p.van_id for p in plans}],
        "empty": _no_routes(on, tomorrow, left),
        "refusal": None,
    }


def _van(route: RoutePlan, name: str, jobs: list[JobCard]) -> dict[str, Any]:
    mine = [job for job in jobs if job.van_id == route.van_id]
    categories = unit_parts.category_names()
    columns = (
        Column("position", _("顺序"), "count"),
        Column("number", _("单号"), "number"),
        Column("arrive_at", _("承诺到达"), "time"),
        Column("slot", _("预约时段")),
        Column("what", _("旧机")),
        Column("county", _("区县")),
        Column("state", _("状态"), "pill:order"),
    )
    rows = [
        Row(
            {
                "position": job.position, "number": job.number, "arrive_at": job.arrive_at,
                "slot": _("%s 点") % job.slot.value.replace("-", "–"),
                "what": names_of(job, categories), "state": job.state,
                "county": identity.get_region(job.region_code).name,
            },
            tone="warn" if job.state is OrderState.REQUOTE_PENDING else "",
        )
        for job in mine
    ]  # fmt: skip
    return {
        "name": name,
        "kilometres": f"{route.distance_m / 1000:.1f}",
        "stop_count": len(mine),
        "unit_count": sum(len(job.units) for job in mine),
        "done_count": sum(job.state not in OPEN for job in mine),
        "table": Table(f"van-{route.van_id}", name, columns, rows),
    }


def _no_routes(on: date, tomorrow: date, left: int) -> Empty:
    if on < tomorrow:
        return Empty(_("这一天没有路线"), _("换个日期，或去“待派订单”插单。"), icon="truck")
    text = _("点“规划路线”，系统按预约时段、车辆容量和路程排好次序。")
    waiting = _("还没有排路线，%d 单在等") % left if left else _("还没有排路线")
    return Empty(waiting, text, icon="truck")


def _waiting_context(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    page = page_asked(request.GET.get("page", "1"))
    found = order_book.list_orders(actor.scope, OrderFilter(OrderState.BOOKED), page=page)
    columns = (
        Column("number", _("单号"), "number"),
        Column("slot_on", _("上门日期"), "day"),
        Column("slot", _("时段")),
        Column("what", _("旧机")),
        Column("choice", _("换取")),
        Column("quoted_fen", _("报价"), "money"),
        Column("county", _("区县")),
        Column("booked_at", _("预约时间"), "time"),
    )
    empty = Empty(
        _("没有等待派车的订单"), _("新预约会自动派给最近的回收企业，出现在这里。"), icon="check"
    )
    table = Table(
        "waiting", _("待派订单"), columns, [_waiting_row(order) for order in found.items],
        empty=empty, page=found.number, pages=found.pages, total_count=found.total,
    )  # fmt: skip
    placed = request.GET.get("placed", "")
    return {"table": table, "placed": placed if placed.isdigit() else "", "refusal": None}


def _waiting_row(order: OrderCard) -> Row:
    names = unit_parts.category_names()
    return Row(
        {
            "number": order.number, "slot_on": order.slot_on,
            "slot": _("%s 点") % order.slot.value.replace("-", "–"),
            "what": "、".join(names[unit.category_code] for unit in order.units),
            "choice": order.choice.label, "quoted_fen": order.quoted_fen,
            "county": identity.get_region(order.region_code).name, "booked_at": order.booked_at,
        },
        tone="warn" if order.slot_on <= clock.today() else "",
    )  # fmt: skip
