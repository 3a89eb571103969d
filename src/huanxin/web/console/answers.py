"""The bank's answer files, and the differences they and the daily proof leave to be explained."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.kernel.errors import DomainError
from huanxin.settlement import selectors
from huanxin.settlement.selectors import answer_book
from huanxin.settlement.services import answering, reconciling
from huanxin.settlement.types import AnswerFileCard, DifferenceCard, LineOutcome
from huanxin.web import settlement_words
from huanxin.web.claim_lists import page_asked
from huanxin.web.console.settlement_forms import AnswerFileForm, NoteForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Empty, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

FILES, FILE = "console/answer_files.html", "console/answer_file.html"
GAPS, GAP = "console/money_gaps.html", "console/money_gap.html"


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("settlement.pay")
def answer_files(request: HttpRequest) -> HttpResponse:
    """The files so far, and the place to hand in the next one."""
    form = AnswerFileForm(request.POST or None, request.FILES or None)
    context = {
        "form": form, "table": _files(answer_book.list_answer_files()),
        "is_simulated_bank": selectors.is_bank_simulated(),
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, FILES, context, status=422 if request.method == "POST" else 200)
    file = form.cleaned_data["file"]
    try:
        found = answering.import_answer_file(
            actor=actor_of(request), name=file.name, content=file.read()
        )
    except DomainError as refusal:
        return refused(request, FILES, context, refusal)
    again = "?again=1" if found.is_repeat else ""
    return redirect(reverse("console:answer_file", args=[found.id]) + again)


@require_safe
@audience("console")
@permitted("settlement.pay")
def answer_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    found = answer_book.get_answer_file(file_id)
    table = _lines(found)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    context = {"card": found, "table": table, "is_repeat": "again" in request.GET}
    return render(request, FILE, context)


@require_safe
@audience("console")
@permitted("settlement.reconcile")
def gap_list(request: HttpRequest) -> HttpResponse:
    is_open = request.GET.get("state") != "settled"
    page = page_asked(request.GET.get("page", "1"))
    found = answer_book.list_differences(actor_of(request).scope, is_open=is_open, page=page)
    table = gaps_table(found.items, number=found.number, pages=found.pages, total=found.total)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    return render(request, GAPS, {"table": table, "is_open": is_open})


@require_safe
@audience("console")
@permitted("settlement.reconcile")
def gap(request: HttpRequest, difference_id: UUID) -> HttpResponse:
    return render(request, GAP, _gap_context(request, difference_id, NoteForm()))


@require_POST
@audience("console")
def take_gap(request: HttpRequest, difference_id: UUID) -> HttpResponse:
    try:
        reconciling.take_difference(actor=actor_of(request), difference_id=difference_id)
    except DomainError as refusal:
        context = _gap_context(request, difference_id, NoteForm())
        return refused(request, GAP, context, refusal)
    return redirect("console:money_gap", difference_id=difference_id)


@require_POST
@audience("console")
def settle_gap(request: HttpRequest, difference_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    context = _gap_context(request, difference_id, form)
    if not form.is_valid():
        return render(request, GAP, context, status=422)
    try:
        reconciling.settle_difference(
            actor=actor_of(request), difference_id=difference_id, **form.cleaned_data
        )
    except DomainError as refusal:
        return refused(request, GAP, context, refusal)
    return redirect("console:money_gaps")


def gaps_table(
    found: Sequence[DifferenceCard], *, number: int = 1, pages: int = 1, total: int | None = None
) -> Table:
    """Differences as a list; those nobody looks after stand out."""
    columns = (
        Column("kind", _("差异")),
        Column("number", _("指令编号"), "number"),
        Column("amount_fen", _("金额"), "money"),
        Column("detail", _("原因")),
        Column("found_at", _("发现时间"), "time"),
        Column("owner", _("负责")),
    )
    rows = [
        Row(
            {
                "kind": settlement_words.DIFFERENCES[one.kind], "number": one.number or "—",
                "amount_fen": one.amount_fen, "detail": one.detail, "found_at": one.found_at,
                "owner": settlement_words.owner(one),
            },
            href=reverse("console:money_gap", args=[one.id]),
            tone="" if one.owner_id or one.settled_at else "warn",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(_("没有未了结的差异"), _("付款指令、银行回执和总账一致。"), icon="check")
    return Table(
        "gaps", _("对账差异"), columns, rows, empty, page=number, pages=pages,
        total_count=total, can_export=True,
    )  # fmt: skip


def _gap_context(request: HttpRequest, difference_id: UUID, form: NoteForm) -> dict[str, object]:
    actor = actor_of(request)
    found = answer_book.get_difference(difference_id, actor.scope)
    facts = [
        Fact(_("指令编号"), found.number or "—", "number"),
        Fact(_("金额"), found.amount_fen, "money"),
        Fact(_("发现时间"), found.found_at, "time"),
        Fact(_("负责"), settlement_words.owner(found)),
    ]
    return {
        "card": found, "title": settlement_words.DIFFERENCES[found.kind], "facts": facts,
        "form": form, "is_mine": found.owner_id == actor.account_id,
        "todo": settlement_words.TODOS[found.kind],
    }  # fmt: skip


def _files(found: Sequence[AnswerFileCard]) -> Table:
    columns = (
        Column("name", _("文件")),
        Column("imported_at", _("导入时间"), "time"),
        Column("lines", _("行数"), "count"),
        Column("booked", _("入账"), "count"),
        Column("differences", _("差异"), "count"),
        Column("sha256", _("摘要"), "number"),
    )
    rows = [
        Row(
            {
                "name": one.name, "imported_at": one.imported_at, "lines": one.line_count,
                "booked": one.booked_count, "differences": one.difference_count,
                "sha256": one.sha256[:16],
            },
            href=reverse("console:answer_file", args=[one.id]),
            tone="warn" if one.difference_count else "",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(_("还没有导入过回执文件"), _("银行返回的 CSV 在上方导入。"), icon="file")
    return Table("files", _("已导入的回执"), columns, rows, empty)


def _lines(found: AnswerFileCard) -> Table:
    columns = (
        Column("line", _("行"), "number"),
        Column("number", _("指令编号"), "number"),
        Column("answer", _("银行结果")),
        Column("amount_fen", _("金额"), "money"),
        Column("reference", _("回单号"), "number"),
        Column("outcome", _("处理")),
        Column("note", _("说明")),
    )
    harmless = {LineOutcome.BOOKED, LineOutcome.REPEATED}
    ranked = sorted(found.lines, key=lambda one: (one.outcome in harmless, one.line))
    rows = [
        Row(
            {
                "line": one.line, "number": one.number or "—",
                "answer": settlement_words.ANSWERS.get(one.answer, one.answer),
                "amount_fen": one.amount_fen, "reference": one.reference,
                "outcome": settlement_words.OUTCOMES[one.outcome], "note": one.note,
            },
            tone="" if one.outcome in harmless else "danger",
        )
        for one in ranked
    ]  # fmt: skip
    return Table("lines", _("逐行结果"), columns, rows, total_count=len(rows), can_export=True)
