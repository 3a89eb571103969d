"""The walls, refreshed while the feed moves, and the page and export behind each number."""

import hashlib
from datetime import datetime
from typing import cast

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
)
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from huanxin.indicators import selectors as indicators
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.supervision import selectors as supervision
from huanxin.web import spoken, values
from huanxin.web.pages import page
from huanxin.web.problems import is_fragment
from huanxin.web.screen import asked as asking
from huanxin.web.screen import exports, metric_page, panels, papers
from huanxin.web.session import actor_of, audience

LIVE = "screen/_live.html"


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
    seen = request.headers.get("If-None-Match") if is_fragment(request) else None
    tag, now = _tag(request, scope, indicators.position()), indicators.as_of()
    if seen == tag:
        return _stamped(HttpResponseNotModified(), tag, now)
    shown = indicators.read_wall(scope, region, asked.window, map_metric=asked.map_metric)
    if (newest := _tag(request, scope, shown.position)) != tag:
        tag, now = newest, shown.read_at
    if seen == tag:
        return _stamped(HttpResponseNotModified(), tag, now)
    context = panels.frame(shown, asked) | panels.context(shown, asked)
    context |= {
        "alert_count": supervision.count_open_alerts(scope),
        "is_behind": values.is_stale(now),
    }
    answer = page(request, "screen/wall.html", context | {"now": now, "etag": tag}, part=LIVE)
    return _stamped(answer, tag, now)


@require_safe
@audience("screen")
def metric(request: HttpRequest, region_code: str, metric_id: str) -> HttpResponse:
    actor = actor_of(request)
    region = indicators.reachable_region(actor, region_code)
    asked = asking.read(request)
    scope = indicators.reach(actor, region)
    wanted = request.GET.get("export")
    if wanted == "csv":
        return exports.groups(metric_id, scope, asked)
    if wanted:
        return papers.metric_file(metric_id, region, scope, asked, wanted)
    context = metric_page.context(metric_id, region, scope, asked)
    return page(request, "screen/metric.html", context)


@require_safe
@audience("screen")
def rows_csv(request: HttpRequest, region_code: str, metric_id: str) -> HttpResponse:
    actor = actor_of(request)
    region = indicators.reachable_region(actor, region_code)
    rows = exports.rows(metric_id, indicators.reach(actor, region), asking.read(request))
    return cast(HttpResponse, rows)  # a streaming answer; Django's two kinds share no useful type


@require_safe
@audience("screen")
def panel(request: HttpRequest, region_code: str, panel: str, kind: str) -> HttpResponse:
    actor = actor_of(request)
    region = indicators.reachable_region(actor, region_code)
    asked = asking.read(request)
    scope = indicators.reach(actor, region)
    wall = indicators.read_wall(scope, region, asked.window, map_metric=asked.map_metric)
    return papers.panel_file(wall, panel, kind)


def _tag(request: HttpRequest, scope: Scope, position: str) -> str:
    """What the live part depends on: where the feed stands, the day, who may see it in which
    language, the address.
    """
    reader = (scope.region_path, spoken.language())
    asked = (position, clock.today().isoformat(), *reader, request.get_full_path())
    return f'"{hashlib.sha256("|".join(asked).encode()).hexdigest()[:32]}"'


def _stamped(response: HttpResponse, tag: str, at: datetime) -> HttpResponse:
    """Even an answer without a body says of which moment its figures are, and if that is long ago:
    the site may answer while who counts has stopped.
    """
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Behind"] = "1" if values.is_stale(at) else "0"
    response.headers["X-As-Of"] = f"{at.astimezone(clock.SHANGHAI):%H:%M:%S}"
    return response
