"""Judging a claims file before it is handed in: row by row, nothing is stored."""

import csv
import io

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from openpyxl import Workbook

from huanxin.claims import selectors
from huanxin.claims.types import FileReport, RowDecision, RowVerdict
from huanxin.kernel.errors import DomainError
from huanxin.web.exports import attachment, table_file, workbook_file
from huanxin.web.forms import refused
from huanxin.web.merchant.forms import UploadForm
from huanxin.web.parts import Column, Row, Table, Tile, Tone
from huanxin.web.session import audience, permitted

PAGE = "merchant/precheck.html"
SHOWN_ROWS = 500
_TONES: dict[RowDecision, Tone] = {
    RowDecision.HOLD: "warn", RowDecision.REFUSE: "danger", RowDecision.UNREADABLE: "danger",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@audience("merchant")
@permitted("claims.submit")
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    context = {"form": form, "columns": selectors.file_columns()}
    if not form.is_valid():
        return render(request, PAGE, context, status=422 if form.is_bound else 200)
    file = form.cleaned_data["file"]
    try:
        report = selectors.check_upload(file.name, file.read())
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    if wanted := request.POST.get("export"):
        return table_file(_table(report, len(report.rows)), wanted)
    shown = {"report": report, "tiles": _tiles(report), "table": _table(report, SHOWN_ROWS)}
    return render(request, PAGE, context | shown)


@require_safe
@audience("merchant")
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty file: headings, required ones starred, and (in Excel) what belongs under each."""
    columns = selectors.file_columns()
    headings = [c.heading + ("*" if c.is_required else "") for c in columns]
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text).writerow(headings)
        body = text.getvalue().encode("utf-8-sig")
        return attachment(body, "text/csv; charset=utf-8", "补贴申报表模板.csv")
    if kind != "xlsx":
        raise Http404
    book = Workbook(write_only=True)
    book.create_sheet("申报表").append(headings)
    notes = book.create_sheet("填写说明")
    notes.append([_("列"), _("是否必填"), _("说明")])
    for column in columns:
        notes.append([column.heading, _("必填") if column.is_required else "", column.says])
    return workbook_file(book, "补贴申报表模板.xlsx")


def _tiles(report: FileReport) -> list[Tile]:
    words = {
        RowDecision.PASS: _("可通过"),
        RowDecision.HOLD: _("会被存疑"),
        RowDecision.REFUSE: _("会被否决"),
        RowDecision.UNREADABLE: _("读不懂"),
    }
    return [Tile(word, report.count(one), unit=_("行")) for one, word in words.items()]


def _table(report: FileReport, rows: int) -> Table:
    columns = (
        Column("row", _("行"), "number"),
        Column("order_no", _("单号"), "number"),
        Column("decision", _("结论"), "pill:row"),
        Column("claimed_fen", _("申报补贴"), "money"),
        Column("amount_fen", _("按规则"), "money"),
        Column("reasons", _("原因与怎么办")),
        Column("basis", _("依据")),
    )
    return Table(
        "precheck", _("预审结果"), columns, [_row(one) for one in report.rows[:rows]],
        totals={
            "claimed_fen": sum(one.claimed_fen for one in report.rows),
            "amount_fen": sum(one.amount_fen for one in report.rows),
        },
        total_count=len(report.rows),
    )  # fmt: skip


def _row(one: RowVerdict) -> Row:
    said = [problem.sentence for problem in one.problems]
    said += [f"{reason.code} {reason.say}{reason.do}" for reason in one.reasons]
    return Row(
        {
            "row": one.row,
            "order_no": one.order_no,
            "decision": one.decision,
            "claimed_fen": one.claimed_fen,
            "amount_fen": one.amount_fen,
            "reasons": " ".join(said),
            "basis": f"{one.document} {one.clause}".strip(),
        },
        tone=_TONES.get(one.decision, ""),
    )
