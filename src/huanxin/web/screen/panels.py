"""A wall as its template needs it: figures with their addresses, options, shapes."""

import json
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huanxin.dashboards import charts, figures, forecast, steps
from huanxin.dashboards.figures import Figure
from huanxin.identity.types import Region
from huanxin.indicators import selectors
from huanxin.indicators.types import WINDOW_TITLES, Aggregate, Reading, Series, Unit, Wall
from huanxin.kernel import clock
from huanxin.kernel.speech import said
from huanxin.web import maps
from huanxin.web.parts import Shape
from huanxin.web.screen import papers
from huanxin.web.screen.asked import Asked

MAP_FILES = {"province": "cities-370000.geojson", "city": "counties-371500.geojson"}
CATEGORIES_SHOWN = 5
GROUPS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """One number on the wall: its name, its figure, what stands beside it, and its rows."""

    title: str
    figure: Figure
    href: str
    change: str = ""
    note: str = ""
    trend: tuple[int, ...] = ()
    tone: str = ""
    share: int = 0  # of the whole above it, in thousandths


def context(wall: Wall, asked: Asked) -> dict[str, Any]:
    """Everything that the live part of the wall prints."""
    money, ahead = wall.money, forecast.outlook(wall.money)
    return {
        "wall": wall,
        "keys": [_key(reading, wall, asked) for reading in wall.keys],
        "flow_option": _json(charts.sankey(wall.flow)) if wall.flow.booked_count else "",
        "flow_rows": charts.flow_links(wall.flow),
        "flow_href": _href(wall.region, "old_units_collected", asked),
        "map": _map(wall, asked),
        "map_choices": _map_choices(wall.region, asked),
        "money": _money(wall, asked),
        "money_option": _json(charts.burn_down(money, ahead)) if money.budget_fen else "",
        "money_note": ahead.sentence,
        "tiles": [_tile(reading, wall, asked) for reading in wall.tiles],
        "groups": _groups(wall, asked),
        "groups_href": _href(wall.region, "old_units_collected", asked, by="category"),
        "field": [_field(reading, wall, asked) for reading in wall.field],
        "field_href": _href(wall.region, "stops_planned", asked),
    }


def frame(wall: Wall, asked: Asked) -> dict[str, Any]:
    """What stands around the live part: names, breadcrumb, periods."""
    region = wall.region
    return {
        "region": region,
        "trail": [(reverse("screen:wall", args=[r.code]) + asked.query(), r) for r in wall.trail],
        "periods": [
            (asked.query(period=key) or "?", title, key == asked.window.key)
            for key, title in WINDOW_TITLES.items()
        ],
        "live_url": reverse("screen:wall", args=[region.code]) + asked.query(),
        "takes": [(title, _files(region, name, asked)) for name, title in papers.TITLES.items()],
    }


def _files(region: Region, panel: str, asked: Asked) -> list[tuple[str, str]]:
    kinds = {_("图片"): "png", "Excel": "xlsx", "PDF": "pdf"}
    return [
        (word, reverse("screen:panel", args=[region.code, panel, kind]) + asked.query())
        for word, kind in kinds.items()
    ]


def _json(option: charts.Option) -> str:
    """An option as text of a hidden element: htmx drops script elements from what it swaps in."""
    return json.dumps(option, ensure_ascii=False, separators=(",", ":"))


def _href(region: Region, metric_id: str, asked: Asked, **more: str) -> str:
    return reverse("screen:metric", args=[region.code, metric_id]) + asked.query(map="", **more)


def _key(reading: Reading, wall: Wall, asked: Asked) -> Shown:
    metric = reading.series.metric
    return Shown(
        title=metric.title,
        figure=figures.figure(reading.series.value, metric.unit),
        href=_href(wall.region, metric.id, asked),
        note=_goal(reading) or _today(reading),
        tone="money" if metric.unit is Unit.FEN else "flow",
    )


def _goal(reading: Reading) -> str:
    """How far a published target is reached; whose it is stands on the metric's own page."""
    goal, value = reading.goal, reading.series.value
    if goal is None or value is None or reading.series.metric.direction == "down":
        return ""
    tenths = value * 1000 // goal.value
    return _("目标的 %s") % f"{tenths // 10}.{tenths % 10}%"


def _groups(wall: Wall, asked: Asked) -> list[Shown]:
    """The largest categories, each with its share of the largest."""
    series = wall.by_category
    points = sorted(series.points, key=lambda point: -(point.value or 0))[:GROUPS_SHOWN]
    top = max((point.value or 0 for point in points), default=0) or 1
    return [
        Shown(
            title=point.label,
            figure=figures.figure(point.value, series.metric.unit),
            href=_href(wall.region, series.metric.id, asked, by="category"),
            share=(point.value or 0) * 1000 // top,
        )
        for point in points
    ]


def _field(reading: Reading, wall: Wall, asked: Asked) -> Shown:
    metric = reading.series.metric
    return Shown(
        title=metric.title,
        figure=figures.figure(reading.series.value, metric.unit),
        href=_href(wall.region, metric.id, asked),
        change=figures.change_words(reading.series.value, reading.before, metric.unit),
    )


def _today(reading: Reading) -> str:
    """Today's part of a longer window; of a window that is today there is no more to say."""
    series = reading.series
    if reading.today is None or series.from_on == series.to_on:
        return ""
    return _("今日 %s") % figures.words(reading.today, series.metric.unit)


def _tile(reading: Reading, wall: Wall, asked: Asked) -> Shown:
    is_alarm = reading.series.metric.id == "fraud_held_fen" and reading.series.value
    return replace(
        _field(reading, wall, asked),
        note=_beside(reading),
        trend=_trend(reading.series),
        tone="alarm" if is_alarm else "flow",
    )


def _beside(reading: Reading) -> str:
    metric, also, goal = reading.series.metric, reading.also, reading.goal
    said_goal = _("目标 %s以内") if metric.direction == "down" else _("目标 %s")
    target = said_goal % figures.words(goal.value, metric.unit) if goal else ""
    if reading.series.read_at:  # counted in turn: its moment is not the wall's
        at = reading.series.read_at.astimezone(clock.SHANGHAI)
        target = f"{target} · {_('截至')} {at:%H:%M}".removeprefix(" · ")
    if also is None:
        return target
    beside = f"{said(also.metric.title)} {figures.words(also.value, also.metric.unit)}"
    return f"{target} · {beside}" if target else beside


def _trend(series: Series) -> tuple[int, ...]:
    """The spark line: days that say nothing are left out; money counts as nought."""
    empty = 0 if series.metric.aggregate is Aggregate.SUM else None
    values = [empty if point.value is None else point.value for point in series.points]
    return tuple(value for value in values if value is not None)


def _money(wall: Wall, asked: Asked) -> list[Shown]:
    money = wall.money
    stages = [
        ("budget_fen", _("预算"), money.budget_fen),
        ("budget_claimed_fen", _("已领"), money.claimed.value),
        ("subsidy_redeemed_fen", _("已核销"), money.redeemed.value),
        ("subsidy_paid_fen", _("已支付"), money.paid.value),
    ]
    yearly = replace(asked, window=money.window)
    return [
        Shown(
            title=title,
            figure=figures.figure(value or 0, Unit.FEN),
            href=_href(wall.region, metric_id, yearly),
            share=max(0, min(1000, (value or 0) * 1000 // (money.budget_fen or 1))),
        )
        for metric_id, title, value in stages
    ]


def _map(wall: Wall, asked: Asked) -> dict[str, Any]:
    """Shapes of the level's map with their step of colour; areas without a boundary beside it."""
    is_province = wall.region.level == "province"
    width, height, outlines = maps.outlines(MAP_FILES["province" if is_province else "city"])
    drawn = {shape.code for shape in outlines}
    shading = steps.shade(wall.map, drawn)
    return {
        "width": width,
        "height": height,
        "shapes": [_shape(shape, shading, wall, asked) for shape in outlines],
        "beside": [
            _area(point.key, point.label, shading, asked)
            for point in wall.map.points
            if point.key not in drawn
        ],
        "categories": [] if wall.children else _categories(wall.categories),
        "legend": shading.legend,
        "title": _("%(period)s%(metric)s")
        % {"period": said(wall.window.title), "metric": said(wall.map.metric.title)},
        "is_province": is_province,
    }


def _categories(series: Series) -> list[tuple[str, str]]:
    """A county has no children to compare: its largest categories stand beside its map."""
    points = sorted(series.points, key=lambda point: -(point.value or 0))
    return [
        (point.label, figures.words(point.value, series.metric.unit))
        for point in points[:CATEGORIES_SHOWN]
    ]


def _shape(shape: Shape, shading: steps.Shading, wall: Wall, asked: Asked) -> Shape:
    name = said(shape.name).removesuffix("市") if wall.region.level == "province" else shape.name
    if wall.region.level == "province" and shape.code not in wall.connected_codes:
        return _other_city(replace(shape, name=name, shown=""), wall)
    if shape.code not in shading.shown:
        return shape
    area = _area(shape.code, shape.name, shading, asked)
    here = "" if shape.code == wall.region.code else area.href
    return replace(shape, name=name, shown=area.shown, step=area.step, href=here)


def _other_city(shape: Shape, wall: Wall) -> Shape:
    """A city with a cell of its own: what it handed in, of its own moment, or nothing."""
    theirs = next((one for one in wall.other_cities if one.city_code == shape.code), None)
    if theirs is None:
        return shape
    at = theirs.as_of.astimezone(clock.SHANGHAI)
    shown = figures.words(theirs.value, wall.map.metric.unit)
    return replace(shape, shown=f"{shown} {at:%m-%d}", step=1 if theirs.value else 0)


def _area(code: str, name: str, shading: steps.Shading, asked: Asked) -> Shape:
    href = reverse("screen:wall", args=[code]) + asked.query() if code else ""
    return Shape(
        code=code, name=name, outline="", label_x=0, label_y=0,
        shown=shading.shown[code], step=shading.step[code], href=href,
    )  # fmt: skip


def _map_choices(region: Region, asked: Asked) -> list[tuple[str, str, bool]]:
    address = reverse("screen:wall", args=[region.code])
    return [
        (
            address + asked.query(map=name),
            selectors.get_metric(name).title,
            name == asked.map_metric,
        )
        for name in selectors.MAP_METRICS
    ]
