"""The walls, refreshed while the feed moves, and the page and export behind each number."""

import hashlib
from typing import cast

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
)
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from huanxin.indicators import selectors as indicators
from huanxin.kernel import clock, feed
from huanxin.web.pages import page
from huanxin.web.problems import is_fragment
from huanxin.web.screen import asked as asking
from huanxin.web.screen import exports, metric_page, panels
from huanxin.web.session import actor_of, audience


@require_safe
@audience("screen")
def home(request: HttpRequest) -> HttpResponse:
    return redirect("screen:wall", region_code=indicators.own_region(actor_of(request)).code)


@require_safe
@audience("screen")
def wall(request: HttpRequest, region_code: str) -> HttpResponse:
    actor = actor_of(request)
    region = indicators.reachable_region(actor, region_code)
    asked = asking.read(request)
    scope = indicators.reach(actor, region)
    tag = _etag(scope.region_path, region.code, request.GET.urlencode())
    if is_fragment(request) and request.headers.get("If-None-Match") == tag:
        return _stamped(HttpResponseNotModified(), tag)
    shown = indicators.read_wall(scope, region, asked.window, map_metric=asked.map_metric)
    moment = {"now": clock.now(), "etag": tag}
    context = panels.frame(shown, asked) | panels.context(shown, asked) | moment
    return _stamped(page(request, "screen/wall.html", context, part="screen/_live.html"), tag)


@require_safe
@audience("screen")
def metric(request: HttpRequest, region_code: str, metric_id: str) -> HttpResponse:
    actor = actor_of(request)
    region = indicators.reachable_region(actor, region_code)
    asked = asking.read(request)
    scope = indicators.reach(actor, region)
    if request.GET.get("export") == "csv":
        return exports.groups(metric_id, scope, asked)
    context = metric_page.context(metric_id, region, scope, asked)
    return page(request, "screen/metric.html", context)


@require_safe
@audience("screen")
def rows_csv(request: HttpRequest, region_code: str, metric_id: str) -> HttpResponse:
    actor = actor_of(request)
    region = indicators.reachable_region(actor, region_code)
    rows = exports.rows(metric_id, indicators.reach(actor, region), asking.read(request))
    return cast(HttpResponse, rows)  # a streaming answer; Django's two kinds share no useful type


def _etag(*parts: str) -> str:
    """What the live part depends on: the feed, the day, and the address."""
    text = "\n".join((feed.position(), clock.today().isoformat(), *parts))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _stamped(response: HttpResponse, tag: str) -> HttpResponse:
    """Even an answer without a body says at which moment the figures were checked."""
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-As-Of"] = f"{clock.now().astimezone(clock.SHANGHAI):%H:%M:%S}"
    return response
