"""The list of claims that shops and officers read: filters in the address, totals, a file."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import selectors as claims
from huanxin.claims.types import ClaimCard, ClaimFilter, ClaimStage
from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import MOST_COUNTED, PAGE_SIZE
from huanxin.web.exports import table_file
from huanxin.web.pages import page
from huanxin.web.parts import Column, Empty, Filter, Row, Table, Tone
from huanxin.web.states import FAMILIES

EXPORT_ROWS = 20_000
_SORTS = {"sold_at", "price_fen", "subsidy_fen"}
_TONES: dict[ClaimStage, Tone] = {
    ClaimStage.PAPERS: "warn", ClaimStage.IN_REVIEW: "warn", ClaimStage.REFUSED: "danger",
    ClaimStage.STOPPED: "warn", ClaimStage.MENDING: "warn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what cannot be read is left out."""

    where: ClaimFilter
    page: int
    export: str
    totals_href: str  # this page again with its totals, however many claims they are
    is_summed: bool
    merchant: str | None  # a shop's name or USCC; None where only one shop's claims are listed

    @property
    def filters(self) -> list[Filter]:
        """The controls as they stand."""
        stages = [("", _("全部状态")), *((k, str(m.word)) for k, m in FAMILIES["claim"].items())]
        kinds = [("", _("全部品类")), *((c.code, c.name) for c in catalogue.list_categories())]
        where = self.where
        shops = [Filter("merchant", _("商户"), self.merchant or "", "search")]
        return [
            Filter("number", _("单号"), where.number, "search"),
            *(shops if self.merchant is not None else []),
            Filter("serial", _("序列号或 IMEI"), where.serial, "search"),
            Filter("category", _("品类"), where.category_code, "choice", kinds),
            Filter("stage", _("状态"), where.stage or "", "choice", stages),
            Filter(
                "from", _("成交自"), where.sold_from.isoformat() if where.sold_from else "", "day"
            ),
            Filter("to", _("成交至"), where.sold_to.isoformat() if where.sold_to else "", "day"),
        ]


def read(request: HttpRequest, scope: Scope) -> Asked:
    """The query of the list's address."""
    asked = request.GET
    stage, sort = asked.get("stage", ""), asked.get("sort", "-sold_at")
    merchant = asked.get("merchant", "").strip() if scope.org_id is None else None
    codes = {category.code for category in catalogue.list_categories()}
    where = ClaimFilter(
        stage=ClaimStage(stage) if stage in set(ClaimStage) else None,
        number=asked.get("number", "").strip().upper(),
        serial=asked.get("serial", "").strip(),
        category_code=code if (code := asked.get("category", "")) in codes else "",
        merchant_ids=_shops(scope, merchant) if merchant else None,
        sold_from=day_asked(asked.get("from", "")),
        sold_to=day_asked(asked.get("to", "")),
        sort=sort if sort.removeprefix("-") in _SORTS else "-sold_at",
    )
    again = asked.copy()
    again["sums"] = "1"
    return Asked(
        where, page_asked(asked.get("page", "1")), asked.get("export", ""),
        "?" + again.urlencode(), asked.get("sums") == "1", merchant,
    )  # fmt: skip


def _shops(scope: Scope, words: str) -> tuple[UUID, ...]:
    """The shops within the scope whose name or USCC holds the words."""
    found = identity.list_organisations(scope, kind=OrgKind.RETAILER)
    sought = words.casefold()
    return tuple(
        one.id for one in found if sought in one.name.casefold() or sought in one.uscc.casefold()
    )


def answer(
    request: HttpRequest, scope: Scope, template: str, *, detail: str, empty: Empty
) -> HttpResponse:
    """The list as a page, as the part that filters swap, as the foot that follows, or as a file."""
    asked = read(request, scope)
    shown = table(scope, asked, detail=detail, empty=empty)
    if asked.export:
        return table_file(shown, asked.export)
    part = "components/totals_part.html" if asked.is_summed else "components/table_part.html"
    return page(request, template, {"table": shown, "filters": asked.filters}, part=part)


def table(scope: Scope, asked: Asked, *, detail: str, empty: Empty) -> Table:
    """One page of the list with the totals of all of them; a file gets every row at once.

    More than 10,000 claims are neither counted to the end nor added up unless that is asked for:
    the page fetches its foot once it stands.
    """
    size = EXPORT_ROWS if asked.export else PAGE_SIZE
    number = 1 if asked.export else asked.page
    found = claims.list_claims(
        scope, where=asked.where, page=number, size=size, most_counted=MOST_COUNTED
    )
    is_short = found.is_more and not asked.is_summed
    totals = {} if is_short or asked.export else _totals(scope, asked)
    names = {category.code: category.name for category in catalogue.list_categories()}
    columns = (
        Column("number", _("单号"), "number"),
        Column("stage", _("状态"), "pill:claim"),
        Column("merchant", _("商户")),
        Column("category", _("品类")),
        Column("sold_at", _("成交时间"), "time", is_sortable=True),
        Column("price_fen", _("成交价"), "money", is_sortable=True),
        Column("subsidy_fen", _("补贴"), "money", is_sortable=True),
        Column("to_pay_fen", _("顾客实付"), "money"),
    )
    return Table(
        "claims", _("补贴申报"), columns, [_row(card, names, detail) for card in found.items],
        empty=empty,
        totals=totals,
        sort=asked.where.sort, page=found.number, pages=found.pages, total_count=found.total,
        can_export=True, is_more=found.is_more, totals_href=asked.totals_href if is_short else "",
    )  # fmt: skip


def _totals(scope: Scope, asked: Asked) -> dict[str, Any]:
    sums = claims.sum_claims(scope, where=asked.where)
    return {
        "price_fen": sums.price_fen, "subsidy_fen": sums.subsidy_fen,
        "to_pay_fen": sums.to_pay_fen,
    }  # fmt: skip


def _row(card: ClaimCard, names: dict[str, str], detail: str) -> Row:
    return Row(
        {
            "number": card.number,
            "stage": card.stage,
            "merchant": card.merchant_name,
            "category": names[card.category_code],
            "sold_at": card.sold_at,
            "price_fen": card.price_fen,
            "subsidy_fen": card.subsidy_fen,
            "to_pay_fen": card.to_pay_fen,
        },
        href=reverse(detail, args=[card.claim_id]),
        tone=_TONES.get(card.stage, ""),
    )


def day_asked(text: str) -> date | None:
    """A day from an address, or None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def page_asked(text: str) -> int:
    """A page number from an address; anything else is the first page."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
