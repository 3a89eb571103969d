"""Paying a batch, entering what the bank said, and proving the day."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.kernel import clock, ids
from huanxin.kernel.errors import DomainError
from huanxin.settlement import selectors
from huanxin.settlement.selectors import answer_book
from huanxin.settlement.services import answering, paying, reconciling
from huanxin.settlement.types import BankAnswer, BatchCard, OrderState, Reconciliation
from huanxin.web import settlement_papers
from huanxin.web.console import batch_parts
from huanxin.web.console.answers import gaps_table
from huanxin.web.console.forms import AnswerForm, DayForm, RetryForm
from huanxin.web.exports import attachment
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Confirmation, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

PAYMENT = {"stage": "payment"}
BATCH, CONFIRM, DAY = "console/batch.html", "console/confirm.html", "console/reconciliation.html"


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("settlement.pay")
def pay(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The last look, then the payment."""
    actor = actor_of(request)
    card = selectors.get_batch(batch_id, actor.scope)
    form = RequestForm(request.POST or None)
    context = {"title": _("支付批次"), "confirmation": _confirmation(card)}
    if not form.is_valid():
        return render(request, CONFIRM, context, status=422 if form.is_bound else 200)
    try:
        paying.pay_batch(actor=actor, batch_id=batch_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, CONFIRM, context, refusal)
    return redirect(reverse("console:batch", args=[batch_id]) + "?stage=payment")


@require_POST
@audience("console")
def answer(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    form = AnswerForm(request.POST, auto_id=f"{request.POST.get('order_number', '')}-%s")
    if not form.is_valid():
        context = batch_parts.context(actor_of(request), batch_id, PAYMENT, answer=form)
        return render(request, BATCH, context, status=422)
    typed = form.cleaned_data | {"answer": BankAnswer(form.cleaned_data["answer"])}
    try:
        answering.import_bank_answer(actor=actor_of(request), **typed)
    except DomainError as refusal:
        context = batch_parts.context(actor_of(request), batch_id, PAYMENT, answer=form)
        return refused(request, BATCH, context, refusal)
    return redirect(reverse("console:batch", args=[batch_id]) + "?stage=payment")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("settlement.pay")
def retry(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The last look at what the bank sent back, then a new order in its place."""
    if request.method != "POST":
        return _ask_retry(request, batch_id, request.GET.get("order", ""))
    form = RetryForm(request.POST)
    context = batch_parts.context(actor_of(request), batch_id, PAYMENT)
    if not form.is_valid():
        return render(request, BATCH, context, status=422)
    try:
        paying.retry_payment(actor=actor_of(request), **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, BATCH, context, refusal)
    return redirect(reverse("console:batch", args=[batch_id]) + "?stage=payment")


def _ask_retry(request: HttpRequest, batch_id: UUID, number: str) -> HttpResponse:
    here = reverse("console:batch", args=[batch_id]) + "?stage=payment"
    selectors.get_batch(batch_id, actor_of(request).scope)
    orders = [one for one in selectors.orders_of(batch_id) if one.state is OrderState.REFUSED]
    order = next((one for one in orders if one.number == number), None)
    if order is None:
        return redirect(here)
    confirmation = Confirmation(
        title=_("重付给%s") % order.org_name,
        amount_fen=order.amount_fen,
        sentence=_("原付款单作废，另开一张新的付款单送银行。"),
        facts=[
            Fact(_("原付款单"), order.number, "number"),
            Fact(_("银行退回时间"), order.answered_at, "time"),
            Fact(_("回单号"), order.bank_reference, "number"),
        ],
        action=reverse("console:retry", args=[batch_id]),
        button=_("确认重付"),
        back=here,
        fields={"request_id": str(ids.new_id()), "order_number": order.number},
        warning=_("请先确认商户的收款账户已更正，且银行确实没有付出。确认后不能撤回。"),
    )
    return render(request, CONFIRM, {"title": _("重付"), "confirmation": confirmation})


@require_safe
@audience("console")
@permitted("settlement.pay")
def bank_file(request: HttpRequest, batch_id: UUID, name: str) -> HttpResponse:
    scope = actor_of(request).scope
    selectors.get_batch(batch_id, scope)
    content = selectors.get_bank_file(name, scope)
    return attachment(content.encode("utf-8-sig"), "text/csv; charset=utf-8", name)


@require_safe
@audience("console")
@permitted("settlement.read")
def batch_pdf(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The batch as a paper to be signed: orders, funds, offsets."""
    scope = actor_of(request).scope
    card = selectors.get_batch(batch_id, scope)
    body = settlement_papers.batch_pdf(card, selectors.orders_of(batch_id))
    return attachment(body, "application/pdf", f"{card.number}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("settlement.reconcile")
def reconciliation(request: HttpRequest) -> HttpResponse:
    form = DayForm(request.POST or None, initial={"on": clock.today()})
    context: dict[str, Any] = {"form": form, "found": None}
    if not form.is_valid():
        context["gaps"] = gaps_table(answer_book.list_differences(actor_of(request).scope).items)
        return render(request, DAY, context, status=422 if form.is_bound else 200)
    found = reconciling.reconcile(actor=actor_of(request), on=form.cleaned_data["on"])
    gaps = gaps_table(list(found.differences))
    context |= {"found": found, "table": _day_table(found), "gaps": gaps}
    return render(request, DAY, context)


def _confirmation(card: BatchCard) -> Confirmation:
    here = reverse("console:batch", args=[card.batch_id])
    return Confirmation(
        title=_("本批应付"),
        amount_fen=card.amount_fen + card.trade_in_fen,
        sentence=_("共 %d 笔，按商户各开一张付款指令。") % card.claim_count,
        facts=[
            Fact(_("批次"), card.number, "number"),
            Fact(_("公示至"), card.objections_until, "day"),
            Fact(_("中央资金"), card.split.central_fen, "money"),
            Fact(_("省级资金"), card.split.province_fen, "money"),
            Fact(_("市级资金"), card.split.city_fen, "money"),
            Fact(_("焕新券（出资方支付）"), card.trade_in_fen, "money"),
        ],
        action=reverse("console:pay", args=[card.batch_id]),
        button=_("确认支付"),
        back=here,
        fields={"request_id": str(ids.new_id())},
        warning=_(
            "确认后付款文件随即送往银行，不能撤回；有误须走追回流程。公示后退货的申报会自动移出。"
        ),
    )


def _day_table(found: Reconciliation) -> Table:
    columns = (
        Column("name", _("核对项")),
        Column("records_fen", _("业务记录"), "money"),
        Column("ledger_fen", _("总账"), "money"),
        Column("difference_fen", _("差额"), "money"),
    )
    lines: list[Any] = sorted(found.lines, key=lambda line: -abs(line.difference_fen))
    rows = [
        Row(
            {
                "name": line.name,
                "records_fen": line.records_fen,
                "ledger_fen": line.ledger_fen,
                "difference_fen": line.difference_fen,
            },
            tone="danger" if line.difference_fen else "",
        )
        for line in lines
    ]
    return Table("lines", _("日终对账"), columns, rows, total_count=len(rows))
