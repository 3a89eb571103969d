"""The valuation standard in public: its versions, its prices, and the check of a proof."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.recycling.errors import StandardMissing
from huanxin.recycling.selectors import care_book, quote_book
from huanxin.recycling.types.valuation import PublishedStandard
from huanxin.web import pages
from huanxin.web.parts import Column, Fact, Row, Table

GROUPS = {"age_band": gettext_lazy("使用年限"), "is_working": gettext_lazy("能否使用"),
          "is_complete": gettext_lazy("部件"), "brand_tier": gettext_lazy("品牌档次")}  # fmt: skip


@require_safe
def standard(request: HttpRequest) -> HttpResponse:
    """The version in force, or the one asked for; every version is listed."""
    versions = quote_book.list_standards()
    if not versions:
        raise StandardMissing
    asked = request.GET.get("version", "")
    current = next((one for one in versions if one.is_in_force), versions[0])
    shown = next((one for one in versions if one.version == asked), current)
    context = {
        "versions": versions,
        "shown": shown,
        "bases": _bases(shown),
        "factors": _factors(shown),
        "prices": _prices(shown),
        "villages": [day for day in care_book.list_village_days() if not day.is_cancelled][:6],
        "topup": f"{shown.topup_bps / 100:g}%",
    }
    return pages.page(request, "public/standard.html", context)


@require_safe
def proof(request: HttpRequest, token: str) -> HttpResponse:
    """What a proof's QR leads to: number, amounts, version; never whose it is."""
    quote = quote_book.verify_proof(token)
    category = catalogue.get_category(quote.answers.category_code)
    facts = [
        Fact(_("编号"), quote.number, "number"),
        Fact(_("类别"), category.name),
        Fact(_("现金"), quote.cash_fen, "money"),
        Fact(_("焕新券"), quote.voucher_fen, "money"),
        Fact(_("估价标准"), quote.standard_version),
        Fact(_("有效至"), quote.valid_until, "time"),
    ]
    return pages.page(request, "public/proof.html", {"facts": facts, "quote": quote})


def _bases(shown: PublishedStandard) -> Table:
    names = {one.code: one.name for one in catalogue.list_categories()}
    columns = (Column("what", _("旧机")), Column("price_fen", _("基准价"), "money"),
               Column("assumed", _("性质")), Column("source", _("来源")))  # fmt: skip
    rows = [
        Row({"what": names.get(code, code), "price_fen": fen,
             "assumed": _("参考价") if is_assumed else _("公开报价"), "source": source})
        for code, fen, is_assumed, source in sorted(
            shown.bases, key=lambda base: list(names).index(base[0]) if base[0] in names else 99
        )
    ]  # fmt: skip
    return Table("bases", _("基准价"), columns, rows)


def _factors(shown: PublishedStandard) -> Table:
    names = {one.code: one.name for one in catalogue.list_categories()}
    columns = (Column("of", _("适用")), Column("group", _("问题")), Column("say", _("情况")),
               Column("percent", _("按")))  # fmt: skip
    every = [(_("全部"), GROUPS.get(one.name, one.name), one) for one in shown.factors]
    own = [(names.get(code, code), one.name if one.name != "variant" else _("种类"), one)
           for code, one in shown.category_factors]  # fmt: skip
    rows = [
        Row({"of": of, "group": group, "say": one.say, "percent": f"{one.bps / 100:g}%"})
        for of, group, one in [*every, *own]
    ]
    return Table("factors", _("系数"), columns, rows)


def _prices(shown: PublishedStandard) -> list[dict[str, Any]]:
    newest = {}
    for price in reversed(quote_book.list_scrap_prices()):
        newest[price.index_code] = price
    return [
        {"name": name, "reference": reference // 100, "price": newest.get(code),
         "yuan": newest[code].fen_per_tonne // 100 if code in newest else None}
        for code, name, reference in shown.indices
    ]  # fmt: skip
