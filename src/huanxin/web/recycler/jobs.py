"""今日收件: a collector's stops in driving order, the next one first in sight."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.recycling.selectors import route_book
from huanxin.recycling.types import OrderState
from huanxin.recycling.types.routes import JobCard
from huanxin.web import pages, sides, unit_parts
from huanxin.web.parts import Empty
from huanxin.web.recycler import strip
from huanxin.web.session import actor_of, audience

OPEN = frozenset({OrderState.ASSIGNED, OrderState.REQUOTE_PENDING})


@require_safe
@never_cache
@audience("recycler")
def home(request: HttpRequest) -> HttpResponse:
    """The collector's day; who plans routes begins there."""
    actor = actor_of(request)
    if identity.may(actor, "recycling.plan"):
        return redirect(sides.first_page(actor, "recycler"))
    is_tomorrow = request.GET.get("day") == "tomorrow"
    on = clock.today() + timedelta(days=1 if is_tomorrow else 0)
    jobs = route_book.list_jobs(actor.scope, on=on, account_id=actor.account_id)
    lines = [_line(job) for job in jobs]
    context = {
        "on": on,
        "is_tomorrow": is_tomorrow,
        "lines": lines,
        "done_count": sum(not line["is_open"] for line in lines),
        "next": next((line for line in lines if line["is_open"]), None),
        "strip": strip.draw(rounds(actor, jobs)),
        "empty": _empty(actor, on),
    }
    return pages.page(request, "recycler/jobs.html", context)


def rounds(actor: Actor, jobs: list[JobCard]) -> list[list[strip.Place]]:
    """Each van's round from the depot and back, for the map strip."""
    first_open = next((job.order_id for job in jobs if job.state in OPEN), None)
    by_van: dict[Any, list[strip.Place]] = {}
    for job in jobs:
        tone = "next" if job.state in OPEN else "done"
        place = strip.Place(
            job.lat_e6, job.lon_e6, str(job.position),
            "now" if job.order_id == first_open else tone,  # type: ignore[arg-type]
            f"{job.number} {job.van_name}", reverse("recycler:door", args=[job.order_id]),
        )  # fmt: skip
        by_van.setdefault(job.van_id, []).append(place)
    depot = _depot(actor)
    return [[*depot, *places, *depot] for places in by_van.values()]


def names_of(job: JobCard, names: dict[str, str]) -> str:
    """What is to be collected at a stop."""
    return "、".join(names[unit.category_code] for unit in job.units)


def own_id(actor: Actor) -> UUID:
    """The organisation whose vans and depot these are."""
    assert actor.org_id is not None, "a recycler's staff belong to it"
    return actor.org_id


def _depot(actor: Actor) -> list[strip.Place]:
    org = identity.get_organisation(own_id(actor))
    if org.lat_e6 is None or org.lon_e6 is None:
        return []
    return [strip.Place(org.lat_e6, org.lon_e6, _("仓"), "depot", org.name)]


def _line(job: JobCard) -> dict[str, Any]:
    return {
        "job": job,
        "title": names_of(job, unit_parts.category_names()),
        "county": identity.get_region(job.region_code).name,
        "is_open": job.state in OPEN,
    }


def _empty(actor: Actor, on: date) -> Empty:
    mine = [v for v in route_book.list_vans(actor.scope) if v.collector_account_id]
    if not any(van.collector_account_id == actor.account_id for van in mine):
        text = _("您还没有分到车辆，请联系本单位调度员；分到后路线会自动出现在这里。")
        return Empty(_("还没有路线"), text, icon="truck")
    text = _("调度员每晚排好次日路线；当天的加急订单也会插进来。")
    return Empty(_("这一天没有安排上门"), text, icon="truck")
