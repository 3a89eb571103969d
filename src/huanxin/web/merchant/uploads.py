"""Handing in the papers' facts of many sales by file: good rows stored or none, errors back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from openpyxl import Workbook

from huanxin.claims.services import uploading
from huanxin.claims.types.uploads import Keep, UploadCard
from huanxin.kernel.errors import DomainError
from huanxin.web.exports import workbook_file
from huanxin.web.forms import PlainForm, refused
from huanxin.web.parts import Column, Empty, Row, Table, Tile
from huanxin.web.session import actor_of, audience, permitted

PAGE, ONE = "merchant/uploads.html", "merchant/upload.html"
SHOWN_PROBLEMS = 500


class EvidenceFileForm(PlainForm):
    file = forms.FileField(
        label=gettext_lazy("材料表（.xlsx 或 .csv）"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    keep = forms.ChoiceField(
        label=gettext_lazy("有的行不合格时"),
        choices=[
            (Keep.GOOD.value, gettext_lazy("先收下合格的行，其余退回更正")),
            (Keep.ALL.value, gettext_lazy("全部合格才收，有一行不合格就都不收")),
        ],
        initial=Keep.GOOD.value,
        widget=forms.RadioSelect,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@audience("merchant")
@permitted("claims.submit")
def upload(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = EvidenceFileForm(request.POST or None, request.FILES or None)
    context = {
        "form": form, "columns": uploading.list_columns(actor=actor),
        "table": _list(uploading.list_uploads(actor=actor).items),
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, PAGE, context, status=422 if request.method == "POST" else 200)
    file, keep = form.cleaned_data["file"], Keep(form.cleaned_data["keep"])
    try:
        found = uploading.upload_file(actor=actor, name=file.name, content=file.read(), keep=keep)
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    again = "?again=1" if found.is_repeat else ""
    return redirect(reverse("merchant:upload", args=[found.id]) + again)


@require_safe
@audience("merchant")
@permitted("claims.submit")
def uploaded(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    found = uploading.find_upload(actor=actor_of(request), upload_id=upload_id)
    context = {
        "card": found, "tiles": _tiles(found), "is_repeat": "again" in request.GET,
        "nothing_kept": found.keep is Keep.ALL and found.refused_count > 0,
        "table": _problems(found), "is_cut": len(found.problems) > SHOWN_PROBLEMS,
    }  # fmt: skip
    return render(request, ONE, context)


@require_safe
@audience("merchant")
@permitted("claims.submit")
def marked(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The refused rows as they were sent, with the reasons beside them: mend and send again."""
    heads, rows = uploading.mark_file(actor=actor_of(request), upload_id=upload_id)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("待更正"))
    for line in (heads, *rows):
        sheet.append([_as_cell(cell) for cell in line])
    return workbook_file(book, "材料表-待更正.xlsx")


@require_safe
@audience("merchant")
@permitted("claims.submit")
def template(request: HttpRequest) -> HttpResponse:
    """The empty file; a second sheet says what belongs under each heading."""
    columns = uploading.list_columns(actor=actor_of(request))
    book = Workbook(write_only=True)
    book.create_sheet(_("材料表")).append([one.heading for one in columns])
    notes = book.create_sheet(_("填写说明"))
    for one in columns:
        notes.append([one.heading, _("必填") if one.is_required else "", one.says])
    return workbook_file(book, "材料表模板.xlsx")


def _as_cell(cell: Any) -> Any:
    """Text stays text: a spreadsheet must not run what somebody else's row began with."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def _tiles(found: UploadCard) -> list[Tile]:
    return [
        Tile(_("共"), found.row_count, unit=_("行")),
        Tile(_("已收下"), found.stored_count, unit=_("行")),
        Tile(_("待更正"), found.refused_count, unit=_("行")),
    ]


def _problems(found: UploadCard) -> Table:
    columns = (
        Column("row", _("行"), "number"),
        Column("column", _("列")),
        Column("say", _("问题与怎么办")),
    )
    rows = [
        Row({"row": str(one.row), "column": one.column or "—", "say": one.say}, tone="danger")
        for one in found.problems[:SHOWN_PROBLEMS]
    ]
    empty = Empty(_("每一行都收下了"), icon="check")
    return Table("problems", _("待更正的行"), columns, rows, empty,
                 total_count=len(found.problems))  # fmt: skip


def _list(found: Sequence[UploadCard]) -> Table:
    columns = (
        Column("name", _("文件")),
        Column("uploaded_at", _("时间"), "time"),
        Column("rows", _("行数"), "count"),
        Column("stored", _("收下"), "count"),
        Column("refused", _("待更正"), "count"),
    )
    rows = [
        Row(
            {
                "name": one.name or _("接口提交"), "uploaded_at": one.uploaded_at,
                "rows": one.row_count, "stored": one.stored_count, "refused": one.refused_count,
            },
            href=reverse("merchant:upload", args=[one.id]),
            tone="warn" if one.refused_count else "",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(_("还没有批量提交过"), _("下载模板，一行填一笔销售的材料内容。"), icon="file")
    return Table("uploads", _("批量提交记录"), columns, rows, empty)
