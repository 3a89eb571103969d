"""Lists out and in: the same columns and figures as the API's, through the same services."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.exchange import selectors
from huanxin.exchange.services import importing
from huanxin.exchange.types import ImportReport, ListCard
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.web.accounts.forms import ImportForm
from huanxin.web.accounts.frames import show
from huanxin.web.exports import attachment
from huanxin.web.parts import Column, Row, Table
from huanxin.web.session import actor_of, signed_in

PAGE = "accounts/import.html"
MOST_BYTES = 2_000_000


@require_safe
@signed_in
def list_all(request: HttpRequest) -> HttpResponse:
    cards = selectors.list_lists(actor_of(request))
    return show(request, "accounts/lists.html", {"lists": cards})


@require_safe
@signed_in
def download(request: HttpRequest, name: str, form: str) -> HttpResponse:
    actor = actor_of(request)
    if form == "template":
        return attachment(*selectors.template_file(actor, name))
    if form not in {"csv", "xlsx"}:
        raise Http404
    return attachment(*selectors.list_file(actor, name, form))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def import_page(request: HttpRequest, name: str) -> HttpResponse:
    """The form; then, on the same page, what became or would become of every row."""
    actor = actor_of(request)
    card = selectors.get_list(actor, name)
    form = ImportForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(request, card, form, status=422 if form.is_bound else 200)
    content = form.cleaned_data["file"].read(MOST_BYTES)
    try:
        report = importing.import_list(
            actor=actor, name=name, content=content, is_trial=form.cleaned_data["is_trial"],
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return _page(request, card, form, refusal=refusal, status=HTTP_STATUS[refusal.kind])
    return _page(request, card, form, report=report)


def _page(
    request: HttpRequest, card: ListCard, form: ImportForm, *, status: int = 200,
    report: ImportReport | None = None, refusal: DomainError | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "card": card, "form": form, "report": report, "refusal": refusal,
        "table": _table(report) if report else None,
        "template": reverse("accounts:list_file", args=[card.name, "template"]),
    }  # fmt: skip
    return show(request, PAGE, context, status=status)


def _table(report: ImportReport) -> Table:
    columns = (
        Column("number", _("行"), "count"), Column("key", _("内容"), "number"),
        Column("outcome", _("结果"), "pill:import"), Column("message", _("说明")),
    )  # fmt: skip
    rows = [
        Row({
            "number": row.number, "key": row.key, "outcome": row.outcome.value,
            "message": row.message,
        }, tone="danger" if row.code else "")
        for row in report.rows
    ]  # fmt: skip
    return Table("rows", _("逐行结果"), columns, rows, total_count=len(rows))
