"""A dismantler's books: certificates to print and to check, and the totals of a month."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.kernel import clock
from huanxin.kernel.paging import Page
from huanxin.recycling.errors import CertificateNotFound
from huanxin.recycling.selectors import floor_book
from huanxin.recycling.types.floor import CertificateCard, MaterialTotal, MonthTotal
from huanxin.web import exports, floor_papers, pages, unit_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.session import actor_of, audience, permitted

_YEARS = 3


@require_safe
@audience("dismantler")
@permitted("recycling.read")
def certificates(request: HttpRequest) -> HttpResponse:
    page = page_asked(request.GET.get("page", "1"))
    table = _certificates_table(floor_book.list_certificates(actor_of(request).scope, page=page))
    return pages.page(request, "dismantler/certificates.html", {"table": table})


@require_safe
@audience("dismantler")
@permitted("recycling.read")
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """The document as it is printed; its code opens the public page with our seal."""
    card = floor_book.get_certificate(number)
    if card.dismantler_org_id != actor_of(request).org_id:
        raise CertificateNotFound(number=number)
    public = reverse("public:certificate", args=[card.number])
    context = {
        "side": "dismantler:certificates",
        "card": card,
        "facts": unit_parts.certificate_facts(card),
        "outputs": unit_parts.outputs_table(card),
        "class_name": unit_parts.class_name(card.waste_class_code),
        "public": public,
        "sealed_url": request.build_absolute_uri(f"{public}?seal={card.token}"),
    }
    return pages.page(request, "dismantler/certificate.html", context)


@require_safe
@audience("dismantler")
@permitted("recycling.read")
def certificate_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The same document as a file; its code opens the public page with our seal."""
    card = floor_book.get_certificate(number)
    if card.dismantler_org_id != actor_of(request).org_id:
        raise CertificateNotFound(number=number)
    public = reverse("public:certificate", args=[card.number])
    sealed_url = request.build_absolute_uri(f"{public}?seal={card.token}")
    return floor_papers.pdf_file(floor_papers.certificate(card, sealed_url), card.number)


@require_safe
@audience("dismantler")
@permitted("recycling.read")
def months(request: HttpRequest) -> HttpResponse:
    """A year by month: what was taken in by class, or what came out by material."""
    scope, year = actor_of(request).scope, _year_asked(request.GET.get("year", ""))
    by = "material" if request.GET.get("by") == "material" else "class"
    if by == "material":
        table = materials_table(floor_book.list_material_totals(scope, year=year), year)
    else:
        table = months_table(floor_book.list_month_totals(scope, year=year), year)
    if wanted := request.GET.get("export", ""):
        return exports.table_file(table, wanted)
    this = clock.today().year
    years = [(str(one), _("%d 年") % one) for one in range(this, this - _YEARS, -1)]
    ways = [("class", _("投入类别")), ("material", _("产出材料"))]
    filters = [
        Filter("year", _("年份"), str(year), "choice", years),
        Filter("by", _("按"), by, "choice", ways),
    ]
    context = {
        "table": table, "filters": filters, "year": year,
        "report_month": f"{clock.today():%Y-%m}",
    }  # fmt: skip
    return pages.page(request, "dismantler/months.html", context, part="components/table_part.html")


def _year_asked(text: str) -> int:
    this = clock.today().year
    return int(text) if text in {str(this - n) for n in range(_YEARS)} else this


def _certificates_table(found: Page[CertificateCard]) -> Table:
    names = unit_parts.class_names()
    columns = (
        Column("number", _("证明编号"), "number"),
        Column("class", _("类别")),
        Column("units", _("台数"), "count"),
        Column("mass_in_g", _("投入"), "mass"),
        Column("mass_out_g", _("产出"), "mass"),
        Column("hazardous_g", _("危险废物"), "mass"),
        Column("dismantled_at", _("拆解时间"), "time"),
    )
    rows = [
        Row(
            {
                "number": card.number,
                "class": names.get(card.waste_class_code, card.waste_class_code),
                "units": len(card.unit_codes), "mass_in_g": card.mass_in_g,
                "mass_out_g": card.mass_out_g, "hazardous_g": card.hazardous_g,
                "dismantled_at": card.dismantled_at,
            },
            href=reverse("dismantler:certificate", args=[card.number]),
        )
        for card in found.items
    ]  # fmt: skip
    return Table(
        "certificates", _("拆解证明"), columns, rows, page=found.number, pages=found.pages,
        total_count=found.total, empty=_no_runs(),
    )  # fmt: skip


def months_table(lines: Sequence[MonthTotal], year: int) -> Table:
    names = unit_parts.class_names()
    columns = (
        Column("month", _("月份")),
        Column("class", _("类别")),
        Column("runs", _("批数"), "count"),
        Column("units", _("台数"), "count"),
        Column("mass_in_g", _("投入"), "mass"),
        Column("mass_out_g", _("产出"), "mass"),
        Column("hazardous_g", _("危险废物"), "mass"),
        Column("difference_g", _("差额"), "mass"),
    )
    rows = [
        Row(
            {
                "month": dateformat.format(line.month, _("Y年n月")),
                "class": names.get(line.class_code, line.class_code), "runs": line.run_count,
                "units": line.unit_count, "mass_in_g": line.mass_in_g,
                "mass_out_g": line.mass_out_g, "hazardous_g": line.hazardous_g,
                "difference_g": line.mass_in_g - line.mass_out_g,
            }
        )
        for line in lines
    ]  # fmt: skip
    return Table(
        "months", _("%d 年拆解月度汇总") % year, columns, rows, totals=_totals(columns, rows),
        can_export=True, empty=_no_runs(),
    )  # fmt: skip


def materials_table(lines: Sequence[MaterialTotal], year: int) -> Table:
    columns = (
        Column("month", _("月份")),
        Column("name", _("材料")),
        Column("kind", _("去向要求")),
        Column("mass_g", _("重量"), "mass"),
    )
    rows = [
        Row(
            {
                "month": dateformat.format(line.month, _("Y年n月")), "name": line.name,
                "kind": _("危险废物，交有资质单位") if line.is_hazardous else _("再生利用"),
                "mass_g": line.mass_g,
            },
            tone="warn" if line.is_hazardous else "",
        )
        for line in lines
    ]  # fmt: skip
    return Table(
        "months", _("%d 年拆解产出月度汇总") % year, columns, rows,
        totals=_totals(columns, rows), can_export=True, empty=_no_runs(),
    )  # fmt: skip


def _totals(columns: Sequence[Column], rows: Sequence[Row]) -> dict[str, Any]:
    figures = [column.key for column in columns if column.kind in {"count", "mass"}]
    return {key: sum(int(str(row.values[key])) for row in rows) for key in figures}


def _no_runs() -> Empty:
    return Empty(
        _("还没有拆解记录"), _("拆解并申报一批后，证明和汇总自动生成。"),
        reverse("dismantler:floor"), _("去拆解"),
    )  # fmt: skip
