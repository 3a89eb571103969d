"""The market around a shop: forecasts of its district, demand and the age of old units nearby."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.indicators import selectors as indicators
from huanxin.indicators.types import DemandForecast, MarketCell
from huanxin.kernel.actor import Actor
from huanxin.web import pages
from huanxin.web.exports import table_file
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.session import actor_of, audience, permitted

AGES = {
    "under_3": gettext_lazy("不满3年"), "3_to_8": gettext_lazy("满3年不满8年"),
    "over_8": gettext_lazy("满8年"),
}  # fmt: skip
CITY = "city"
_FEW = gettext_lazy("不足10人，不显示")


@require_safe
@audience("merchant")
@permitted("indicators.read_market")
def market(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    found = indicators.read_market(actor, indicators.window_named("month"))
    area = request.GET.get("area", "")
    names = {category.code: category.name for category in catalogue.list_categories()}
    regions = {region.code: region.name for region in identity.list_regions()}
    tables = {
        "demand": _demand(_near(found.demand, actor, area), names, regions),
        "ages": _ages(_near(found.ages, actor, area), names, regions),
    }
    if (wanted := request.GET.get("export")) and (name := request.GET.get("table")) in tables:
        return table_file(tables[name], wanted)
    context: dict[str, Any] = {
        "forecasts": [_forecast(one, names) for one in indicators.list_forecasts(actor)],
        "can_forecast": indicators.can_forecast(),
        "window": found.window,
        "tables": list(tables.items()),
        "is_city": area == CITY,
    }
    return pages.page(request, "merchant/market.html", context)


def _near(cells: tuple[MarketCell, ...], actor: Actor, area: str) -> list[MarketCell]:
    """The shop's own district, or the whole city if that is asked for."""
    own = actor.scope.region_path.rpartition("/")[2]
    return [cell for cell in cells if area == CITY or cell.region_code == own]


def _forecast(one: DemandForecast, names: dict[str, str]) -> dict[str, Any]:
    """A category in words: the weeks ahead with their interval, and whether to believe it."""
    is_better = one.error_bps < one.naive_error_bps
    return {
        "category": names.get(one.category_code, one.category_code),
        "made_on": one.made_on,
        "ahead": one.ahead,
        "last": one.history[-4:],
        "trend": [units for _, units in one.history[-26:]],
        "error": f"{one.error_bps / 100:.1f}%",
        "naive_error": f"{one.naive_error_bps / 100:.1f}%",
        "weeks": one.backtest_weeks,
        "within": one.within_count,
        "verdict": _("比“下周同本周”更准") if is_better else _("不比“下周同本周”更准，请谨慎参考"),
        "is_better": is_better,
    }


def _demand(cells: list[MarketCell], names: dict[str, str], regions: dict[str, str]) -> Table:
    columns = (
        Column("region", _("地区")), Column("category", _("品类")), Column("units", _("售出（台）"))
    )  # fmt: skip
    return Table(
        id="demand", caption=_("近30日各地区补贴商品售出"), columns=columns, can_export=False,
        rows=[Row(_cell(cell, names, regions)) for cell in cells],
        empty=Empty(_("近30日还没有售出记录")),
    )  # fmt: skip


def _ages(cells: list[MarketCell], names: dict[str, str], regions: dict[str, str]) -> Table:
    columns = (
        Column("region", _("地区")), Column("category", _("品类")), Column("age", _("旧机年限")),
        Column("units", _("交旧（台）")),
    )  # fmt: skip
    return Table(
        id="ages", caption=_("近30日各地区交出的旧机年限"), columns=columns, can_export=False,
        rows=[Row(_cell(cell, names, regions)) for cell in cells],
        empty=Empty(_("近30日还没有交旧记录")),
    )  # fmt: skip


def _cell(cell: MarketCell, names: dict[str, str], regions: dict[str, str]) -> dict[str, object]:
    return {
        "region": regions.get(cell.region_code, cell.region_code),
        "category": names.get(cell.category_code, cell.category_code),
        "age": AGES.get(cell.age_band, cell.age_band),
        "units": _FEW if cell.unit_count is None else f"{cell.unit_count:,}",
    }
