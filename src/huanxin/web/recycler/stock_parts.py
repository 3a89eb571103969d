"""A depot's stock as tables: totals by class and state, and units with their ageing."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from huanxin.kernel.actor import Scope
from huanxin.recycling.selectors import stock_book
from huanxin.recycling.types.depot import StockLine
from huanxin.web import unit_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.states import FAMILIES

_LATE_BAND = 2  # stands longer than the second limit of the floor standard: marked


@dataclass(frozen=True, slots=True)
class StockAsked:
    """What the filter bar asks for; anything unknown asks for everything."""

    class_code: str
    step: str
    band: str
    page: int

    @classmethod
    def of(cls, request: HttpRequest) -> "StockAsked":
        said = request.GET
        step, band = said.get("step", ""), said.get("band", "")
        return cls(
            said.get("class", ""), step if step in FAMILIES["next_step"] else "",
            band if band in {"0", "1", "2", "3"} else "", page_asked(said.get("page", "1")),
        )  # fmt: skip

    def filters(self, lines: Sequence[StockLine]) -> list[Filter]:
        names = unit_parts.class_names()
        here = sorted({line.class_code for line in lines})
        steps = [(key, str(mark.word)) for key, mark in FAMILIES["next_step"].items()]
        classes = [(code, names.get(code, code)) for code in here]
        return [
            Filter("class", _("类别"), self.class_code, "choice", [("", _("全部")), *classes]),
            Filter("step", _("去向"), self.step, "choice", [("", _("全部")), *steps]),
            Filter("band", _("库龄"), self.band, "choice", [("", _("全部")), *_bands()]),
        ]


def totals_table(lines: Sequence[StockLine]) -> Table:
    """What stands there by waste class and state."""
    names = unit_parts.class_names()
    columns = (
        Column("class_code", _("类别")),
        Column("state", _("状态"), "pill:unit"),
        Column("units", _("台数"), "count"),
        Column("mass_g", _("重量"), "mass"),
    )
    rows = [
        Row(
            {
                "class_code": names.get(line.class_code, line.class_code), "state": line.state,
                "units": line.unit_count, "mass_g": line.mass_g or None,
            }
        )
        for line in lines
    ]  # fmt: skip
    totals = {
        "units": sum(line.unit_count for line in lines),
        "mass_g": sum(line.mass_g for line in lines),
    }
    empty = Empty(
        _("仓里还没有旧机"), _("取走的旧机过磅后入库。"), reverse("recycler:weigh"), _("去过磅")
    )
    return Table(
        "stock", _("库存"), columns, rows, totals=totals, can_export=True, empty=empty
    )  # fmt: skip


def units_table(scope: Scope, asked: StockAsked) -> Table:
    """Units in the depot, the longest there first; who stands long is marked."""
    found = stock_book.list_stock_units(
        scope, class_code=asked.class_code or None, next_step=asked.step or None,
        band=int(asked.band) if asked.band else None, page=asked.page,
    )  # fmt: skip
    names = unit_parts.category_names()
    columns = (
        Column("unit_code", _("机身码"), "number"),
        Column("what", _("旧机")),
        Column("mass_g", _("重量"), "mass"),
        Column("grade", _("等级")),
        Column("step", _("去向"), "pill:next_step"),
        Column("days", _("在库天数"), "count"),
        Column("state", _("状态"), "pill:unit"),
    )
    rows = [
        Row(
            {
                "unit_code": one.unit_code, "what": names[one.category_code],
                "mass_g": one.mass_g, "grade": one.grade, "step": one.next_step or "ungraded",
                "days": one.days, "state": one.state,
            },
            href=reverse("public:trace", args=[one.unit_code]),
            tone="warn" if one.band >= _LATE_BAND else "",
        )
        for one in found.items
    ]  # fmt: skip
    return Table(
        "units", _("在库旧机"), columns, rows, page=found.number, pages=found.pages,
        total_count=found.total, empty=Empty(_("没有符合条件的旧机"), icon="box"),
    )  # fmt: skip


def _bands() -> list[tuple[str, str]]:
    limits = stock_book.ageing_limits()
    words = [_("%d 天以内") % limits[0]]
    words += [
        _("%(low)d 至 %(high)d 天") % {"low": low + 1, "high": high}
        for low, high in pairwise(limits)
    ]
    words.append(_("超过 %d 天") % limits[-1])
    return [(str(band), word) for band, word in enumerate(words)]
