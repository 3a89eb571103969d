"""Reads: a metric as a number, a series or its rows; the flow of old units; the headline."""

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache, partial
from importlib import resources
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Sum

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.types import Region
from huanxin.indicators import (
    _answers,
    _cells,
    _forecasting,
    _market,
    _metrics,
    models,
    rules,
)
from huanxin.indicators.errors import RegionOutOfReach
from huanxin.indicators.types import (
    Aggregate,
    By,
    CityReading,
    DemandForecast,
    Fact,
    FlowLeg,
    Goal,
    Headline,
    HeadlineRow,
    Market,
    Metric,
    Money,
    Point,
    Published,
    Reading,
    Series,
    Target,
    Unit,
    UnitFlow,
    Wall,
    Window,
)
from huanxin.kernel import clock, feed
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.ledger import selectors as ledger

PERMISSION = "dashboards.read"
WALL_KEYS = ("old_units_collected", "new_units_sold", "sales_driven_fen", "subsidy_redeemed_fen")
WALL_TILES = {  # each with the metric that belongs beside it
    "conversion": "people_handed_in",
    "review_seconds": "human_review_seconds",
    "fraud_held_fen": "fraud_refused_fen",
    "response_seconds": "old_units_collected",
}
MAP_METRICS = (
    "old_units_collected", "new_units_sold", "sales_driven_fen", "subsidy_redeemed_fen",
    "fraud_held_fen",
)  # fmt: skip
FIELD = ("stops_planned", "stops_done_share", "station_orders")
_MONEY_DOWN = ("budget_claimed_fen", "subsidy_redeemed_fen", "subsidy_paid_fen")
_CHUNK = 2000
T = TypeVar("T")
_WALLS_KEPT = 64
_RESTS = 3


@dataclass(frozen=True, slots=True)
class _Kept:
    wall: Wall
    until: float

    def rests(self) -> bool:
        return time.monotonic() < self.until


_walls: dict[tuple[Any, ...], _Kept] = {}


_moment: ContextVar[dict[Any, Any] | None] = ContextVar("moment", default=None)


def _once(key: Any, read: Callable[[], T]) -> T:
    """Inside snapshot() the same thing is read once: a wall asks its regions forty times."""
    kept = _moment.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found


def _state() -> models.RollupState | None:
    return _once("state", _cells.find_state)


def list_metrics() -> list[Metric]:
    """Every metric the platform defines, group after group."""
    return list(_metrics.catalogue().values())


def get_metric(metric_id: str) -> Metric:
    """One metric's definition; an unknown id raises MetricUnknown."""
    return _metrics.get_metric(metric_id)


def window_named(key: str) -> Window:
    """The period of a name (types.WINDOW_TITLES) that ends today; another name is refused."""
    return rules.window_of(key, clock.today())


def window_between(from_on: date, to_on: date) -> Window:
    """A period of two days, both included; backward or longer than three years is refused."""
    rules.check_window(from_on, to_on)
    return Window(from_on, to_on, f"{from_on:%Y-%m-%d} 至 {to_on:%Y-%m-%d}")


def read_metric(
    metric_id: str, scope: Scope, from_on: date, to_on: date, by: By | None = None
) -> Series:
    """One metric over the scope's region and the business days from_on to to_on, both included.

    With `by`, points are its groups: every child region, every day and every hour is there, rows
    or not. Tile, table, chart and export all come from here.
    """
    metric = _metrics.get_metric(metric_id)
    rules.check_window(from_on, to_on)
    if metric.parts:
        left, right = (read_metric(part, scope, from_on, to_on, by) for part in metric.parts)
        return rules.combine(metric, left, right)
    rows, read_at = _rows(metric, scope, from_on, to_on, by)
    whole = next((row for row in rows if row[0]), (1, None, None, 0))
    return Series(
        metric=metric,
        region_path=scope.region_path,
        from_on=from_on,
        to_on=to_on,
        by=by,
        value=whole[2],
        row_count=whole[3],
        points=_points(rows, by, metric=metric, scope=scope, days=rules.day_keys(from_on, to_on))
        if by
        else (),
        read_at=read_at,
    )


def _rows(
    metric: Metric, scope: Scope, from_on: date, to_on: date, by: By | None
) -> tuple[list[tuple[Any, ...]], datetime | None]:
    """A metric's groups from its cells, from a kept answer with its own moment, or from the facts.

    All three are made by the metric's one statement. Cells answer once the worker has counted all
    days; until then, and for what days do not add up to, the facts do (docs/adr/168).
    """
    bounds = _bounds(scope, from_on, to_on)
    if _state() is None:
        return _metrics.grouped(metric, by, bounds), None
    if _cells.may_answer(metric, by):
        below = {r.path: r.code for r in children(scope.region_path)} if by is By.REGION else {}
        return _cells.grouped(metric, by, bounds, below), None
    asked = _answers.Question(metric.id, scope.region_path, from_on, to_on, by or "")
    return _answers.find(asked) or (_metrics.grouped(metric, by, bounds), None)


def list_facts(
    metric_id: str, scope: Scope, from_on: date, to_on: date, *, number: int = 1
) -> Page[Fact]:
    """The rows behind a metric's number, latest first, a page at a time.

    A ratio or difference has none of its own: ask for those of its parts.
    """
    metric = _metrics.get_metric(metric_id)
    rules.check_window(from_on, to_on)
    assert not metric.parts, "the rows of a ratio are those of its two metrics"
    first = (number - 1) * PAGE_SIZE
    if _state() is not None and _cells.may_answer(metric, By.DAY):
        return _facts_by_day(metric, scope, from_on, to_on, number)
    bounds = _bounds(scope, from_on, to_on)
    total = _metrics.count(metric, bounds)
    rows = _metrics.listed(metric, bounds, limit=PAGE_SIZE, offset=first)
    return Page(items=list(_facts(rows)), number=number, total=total)


def _facts_by_day(
    metric: Metric, scope: Scope, from_on: date, to_on: date, number: int
) -> Page[Fact]:
    """A page of rows read from the days it lies on alone: cells say how many rows a day has."""
    series = read_metric(metric.id, scope, from_on, to_on, By.DAY)
    counts = [(date.fromisoformat(point.key), point.row_count) for point in series.points]
    first, last, skip = rules.days_of_page(counts, (number - 1) * PAGE_SIZE, PAGE_SIZE)
    rows = _metrics.listed(metric, _bounds(scope, first, last), limit=PAGE_SIZE, offset=skip)
    return Page(items=list(_facts(rows)), number=number, total=series.row_count)


def stream_facts(metric_id: str, scope: Scope, from_on: date, to_on: date) -> Iterator[Fact]:
    """All rows behind a number for an export, from a cursor: memory does not grow with them."""
    metric = _metrics.get_metric(metric_id)
    rules.check_window(from_on, to_on)
    return _facts(_metrics.streamed(metric, _bounds(scope, from_on, to_on), chunk=_CHUNK))


def read_flow(scope: Scope, from_on: date, to_on: date) -> UnitFlow:
    """Old units collected in the period by fate and by whether the owner has bought new since its
    first day; beside them the orders booked in it that still wait or were cancelled.
    """
    asked = _answers.Question(_answers.FLOW, scope.region_path, from_on, to_on)
    _bounds(scope, from_on, to_on)
    kept = _answers.find(asked) if _state() else None
    rows, read_at = kept or (_answers.reading(asked)(), None)
    counts = {(fate, bought): count for fate, bought, count in rows}
    legs = tuple(
        FlowLeg(fate=fate, has_bought=bool(bought), count=count)
        for (fate, bought), count in sorted(counts.items())
        if fate not in {"waiting", "cancelled"}
    )
    return UnitFlow(
        waiting_count=sum(n for (fate, _), n in counts.items() if fate == "waiting"),
        cancelled_count=sum(n for (fate, _), n in counts.items() if fate == "cancelled"),
        legs=legs,
        read_at=read_at,
    )


def find_goal(metric_id: str, scope: Scope, window: Window) -> Goal | None:
    """What the latest published target asks of a window, else the platform's own promise."""
    metric = _metrics.get_metric(metric_id)
    published = _once(("targets", scope.region_path), lambda: _targets(scope.region_path))
    for target in published:
        if target.metric_id == metric_id and target.from_on <= window.to_on:
            goal = rules.goal(metric, target, window.from_on, window.to_on)
            if goal:
                return goal
    if metric.target is None:
        return None
    promise = Target(
        metric_id, "", window.from_on, window.to_on, metric.target, metric.target_source,
        "本平台", None,
    )  # fmt: skip
    return Goal(metric.target, promise, is_share=False)


def _targets(region_path: str) -> list[Target]:
    rows = models.Target.objects.filter(region_path=region_path).order_by("-published_at")
    return [row.as_target() for row in rows]


def list_targets(scope: Scope) -> list[Target]:
    """Every published target of the scope, latest first."""
    rows = models.Target.objects.order_by("-published_at")[:500]
    return [row.as_target() for row in rows if scope.covers(row.region_path)]


def other_cities(metric_id: str, province: Region, window: Window) -> tuple[CityReading, ...]:
    """What the province's other cities handed in for a metric, each with its own moment."""
    latest = {row.city_code: row for row in models.CityImport.objects.order_by("as_of")}
    inside = {region.code for region in children(province.path)}
    days = models.CityRollup.objects.filter(
        metric_id=metric_id, city_code__in=inside & latest.keys(),
        fact_on__range=(window.from_on, window.to_on),
    )  # fmt: skip
    sums = {
        row["city_code"]: (row["value"], row["rows"])
        for row in days.values("city_code").annotate(value=Sum("value"), rows=Sum("row_count"))
    }
    return tuple(
        CityReading(code, latest[code].as_of, *sums.get(code, (0, 0)))
        for code in sorted(inside & latest.keys())
    )


def read_market(actor: Actor, window: Window) -> Market:
    """Demand and the age of old units by district of the actor's city, coarsened to say nobody.

    Refuses who may not read the market (permission indicators.read_market).
    """
    identity.require(actor, "indicators.read_market")
    return _market.read("/".join(actor.scope.region_path.split("/")[:2]), window)


def list_forecasts(actor: Actor) -> tuple[DemandForecast, ...]:
    """The latest forecasts of demand in the actor's district; refuses as read_market does."""
    identity.require(actor, "indicators.read_market")
    return _market.forecasts(actor.scope.region_path)


def can_forecast() -> bool:
    """Whether the extra `forecast` is installed here."""
    return _forecasting.is_installed()


def position() -> str:
    """What every wall's numbers depend on: where the rollups stand, or the feed without them."""
    state = _state()
    return f"{state.position}/{state.round}" if state else feed.position()


def as_of() -> datetime:
    """Up to when what is shown is complete: now, or where rollups wait that a worker left."""
    state = _state()
    if state and models.TouchedDay.objects.exists():
        return state.read_at
    return (state and feed.first_after(state.position)) or clock.now()


def reachable_region(actor: Actor, region_code: str) -> Region:
    """The region an actor may watch. Another one raises RegionOutOfReach, which names their own.

    A province is a frame around the cell's own city (DESIGN.md 9): who may see a city in it may
    open it, and reads no more than their own scope there.
    """
    region = identity.get_region(region_code)
    frames = region.level == "province" and actor.scope.region_path.startswith(region.path + "/")
    if frames and _is_city(actor.scope.region_path):
        identity.require(actor, PERMISSION)
        return region
    if not actor.scope.covers(region.path):
        own = own_region(actor)
        raise RegionOutOfReach(region=region.name, own=own.name, own_code=own.code)
    identity.require(actor, PERMISSION, region_path=region.path)
    return region


def require_reader(actor: Actor) -> None:
    """Refuse whoever may not look at screens at all."""
    identity.require(actor, PERMISSION)


def own_region(actor: Actor) -> Region:
    """Where an actor's screens start: their own region, or the cell's city if they see all."""
    code = actor.scope.region_path.rpartition("/")[2]
    if code and identity.get_region(code).level != "province":
        return identity.get_region(code)
    return connected_cities()[0]


def connected_cities() -> list[Region]:
    """Cities whose counties this cell runs; the province's others are not connected to it."""
    parents = {region.path.rpartition("/")[0] for region in identity.list_regions(level="county")}
    return [city for city in identity.list_regions(level="city") if city.path in parents]


def reach(actor: Actor, region: Region) -> Scope:
    """The scope of a region's screen: the region, cut to what the actor may see of it."""
    mine = actor.scope.region_path
    return Scope(region_path=mine if mine.startswith(region.path + "/") else region.path)


def read_wall(scope: Scope, region: Region, window: Window, *, map_metric: str) -> Wall:
    """Everything a region's screen shows, from one snapshot.

    Kept in the process while the feed stands still, so many walls cost one reading. When a reading
    takes long, the last one is shown on, under its own as-of, until three times as long has passed:
    walls never take more than a quarter of a process. Inside an open transaction nothing is kept.
    """
    if connection.in_atomic_block:
        return _read_wall(scope, region, window, map_metric)
    question = (scope, region.code, window, map_metric)
    kept = _walls.get(question)
    if kept and (kept.wall.position == position() or kept.rests()):
        return kept.wall
    began = time.monotonic()
    with snapshot():
        wall = _read_wall(scope, region, window, map_metric)
    ended = time.monotonic()
    _walls[question] = _Kept(wall, ended + _RESTS * (ended - began))
    while len(_walls) > _WALLS_KEPT:
        _walls.pop(next(iter(_walls)), None)
    return wall


def read_headline(scope: Scope, from_on: date, to_on: date, *, scale: int = 100) -> Headline:
    """Our figures beside the published ones (data/published.csv), brought to 1/scale and to the
    share of days where both mean the same; and whether the ledger adds up to the fen.
    """
    check = ledger.sum_check()
    rows = tuple(
        _headline_row(published, scope, from_on, to_on, scale) for published in published_figures()
    )
    return Headline(
        from_on=from_on,
        to_on=to_on,
        scale=scale,
        rows=rows,
        conversion_definition=get_metric("conversion").definition,
        ledger_account_count=check.accounts,
        ledger_difference_fen=check.difference_fen,
    )


@cache
def published_figures() -> tuple[Published, ...]:
    """The city's published figures with their source and what they cover."""
    path = resources.files("huanxin.indicators").joinpath("data").joinpath("published.csv")
    return tuple(
        Published(
            metric_id=row["metric_id"],
            title=row["title"],
            value=int(row["value"]),
            unit=Unit(row["unit"]),
            from_on=date.fromisoformat(row["from_on"]),
            to_on=date.fromisoformat(row["to_on"]),
            is_window_assumed=row["is_window_assumed"] == "yes",
            is_comparable=row["is_comparable"] == "yes",
            source=row["source"],
            note=row["note"],
        )
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    )


def _headline_row(
    published: Published, scope: Scope, from_on: date, to_on: date, scale: int
) -> HeadlineRow:
    ours = read_metric(published.metric_id, scope, from_on, to_on).value
    expected = None
    if published.is_comparable:
        theirs = (published.to_on - published.from_on).days + 1
        expected = rules.expected(published.value, theirs, (to_on - from_on).days + 1, scale)
    return HeadlineRow(published, expected, ours, rules.ratio_bps(ours, expected))


def _read_wall(scope: Scope, region: Region, window: Window, map_metric: str) -> Wall:
    year = window_named("year")
    by = By.HOUR if window.days == 1 else By.DAY
    read = cache(partial(_read, scope))  # within this snapshot the same question is asked once
    below = tuple(children(region.path))
    claimed, redeemed, paid = (read(name, year, By.DAY) for name in _MONEY_DOWN)
    shown = _map_series(read(map_metric, window, By.REGION), region)
    return Wall(
        position=position(),
        read_at=as_of(),
        region=region,
        trail=tuple(identity.get_region(code) for code in region.path.split("/")),
        children=below,
        connected_codes=frozenset(city.code for city in connected_cities()),
        window=window,
        keys=tuple(_reading(read, name, window, by) for name in WALL_KEYS),
        flow=read_flow(scope, window.from_on, window.to_on),
        map=shown,
        categories=shown if below else read(map_metric, window, By.CATEGORY),
        money=Money(year, read("budget_fen", year, None).value or 0, claimed, redeemed, paid),
        tiles=tuple(
            _reading(read, name, window, by, also=also) for name, also in WALL_TILES.items()
        ),
        by_category=read("old_units_collected", window, By.CATEGORY),
        field=tuple(
            Reading(read(name, window, None), read(name, window.before(), None).value)
            for name in FIELD
        ),
        other_cities=_beside(map_metric, region, window, scope),
    )


def _beside(
    metric_id: str, region: Region, window: Window, scope: Scope
) -> tuple[CityReading, ...]:
    """Other cities on a province's screen, for readers of the whole province alone."""
    is_theirs = region.level == "province" and scope.covers(region.path)
    return other_cities(metric_id, region, window) if is_theirs else ()


def _read(scope: Scope, metric_id: str, window: Window, by: By | None) -> Series:
    return read_metric(metric_id, scope, window.from_on, window.to_on, by)


def _map_series(series: Series, region: Region) -> Series:
    """The points that a region's map can colour.

    Where what may be seen is one child of the region (the cell's city in its province), or the
    region has no children (a county), that one area carries the whole value.
    """
    if series.region_path == region.path and children(region.path):
        return series
    here = identity.get_region(series.region_path.rpartition("/")[2])
    return replace(series, points=(Point(here.code, here.name, series.value, series.row_count),))


def _reading(
    read: Callable[[str, Window, By | None], Series],
    name: str,
    window: Window,
    by: By,
    *,
    also: str | None = None,
) -> Reading:
    """The metric as a tile needs it. A window that ends today has today as its last day."""
    series = read(name, window, by)
    last = series.points[-1].value if by is By.DAY else series.value
    return Reading(
        series=series,
        before=read(name, window.before(), None).value,
        today=last if window.to_on == clock.today() else None,
        goal=find_goal(name, Scope(region_path=series.region_path), window),
        also=read(also, window, None) if also else None,
    )


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything inside from one moment, so that no two numbers of a page disagree.

    Inside a transaction that is already open there is nothing to set: it has its own view.
    """
    kept = _moment.set({})
    try:
        with _one_view():
            yield
    finally:
        _moment.reset(kept)


@contextmanager
def _one_view() -> Iterator[None]:
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL work_mem = '64MB'")  # a year of a city sorts in memory
        yield


def _bounds(scope: Scope, from_on: date, to_on: date) -> dict[str, Any]:
    assert scope.org_id is None, "metrics are those of a region, not of an organisation"
    assert scope.person_id is None, "metrics are those of a region, not of a person"
    path = scope.region_path
    depth = path.count("/") + 2 if path else 1
    return {"path": path, "depth": depth, "from_on": from_on, "to_on": to_on}


def _points(
    rows: Iterable[tuple[Any, ...]], by: By, *, metric: Metric, scope: Scope, days: list[str]
) -> tuple[Point, ...]:
    """The groups of a series in their order; groups without rows stand at nothing."""
    found = {row[1] or "": (row[2], row[3]) for row in rows if not row[0]}
    labels = _labels(by, scope)
    keys = {By.DAY: days, By.HOUR: rules.HOURS}.get(by) or [key for key in labels if key]
    keys = [*keys, *sorted(key for key in found if key not in keys)]
    nothing = (0 if metric.aggregate is not Aggregate.LOWER_MEDIAN else None, 0)
    return tuple(
        Point(key, labels.get(key, key), *found.get(key, nothing))
        for key in keys
        if key in found or by is not By.CATEGORY
    )


def _labels(by: By, scope: Scope) -> Mapping[str, str]:
    if by is By.CATEGORY:
        return {
            category.code: category.name
            for category in _once("categories", catalogue.list_categories)
        }
    if by is By.REGION:
        return {region.code: region.name for region in children(scope.region_path)} | {"": "本级"}
    return {}


def _under(region_path: str) -> list[Region]:
    return identity.list_regions(under=region_path or None)


def children(region_path: str) -> list[Region]:
    """The regions one level below a path, by code."""
    depth = region_path.count("/") + 1 if region_path else 0
    under = _once(("regions", region_path), lambda: _under(region_path))
    return [region for region in under if region.path.count("/") == depth]


def _facts(rows: Iterable[tuple[Any, ...]]) -> Iterator[Fact]:
    regions = {region.path: region.name for region in identity.list_regions()}
    categories = {category.code: category.name for category in catalogue.list_categories()}
    for number, path, on, epoch, category_code, value in rows:
        yield Fact(
            number=number,
            region_path=path,
            region_name=regions.get(path, path),
            on=on,
            at=datetime.fromtimestamp(epoch, UTC) if epoch is not None else None,
            category=categories.get(category_code, category_code or ""),
            value=value,
        )


def _is_city(path: str) -> bool:
    return path.count("/") == 1
