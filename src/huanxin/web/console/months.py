"""The month's end: which months are shut, shutting one, and opening it again by two."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError, NotFound
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import AccountKind, ClosingCard
from huanxin.settlement import selectors
from huanxin.settlement.selectors import answer_book
from huanxin.settlement.services import closing
from huanxin.settlement.types import OrderState
from huanxin.web import ledger_parts, settlement_papers
from huanxin.web.console.settlement_forms import MonthForm, ReopenForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Empty, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

MONTHS = "console/months.html"
_UNANSWERED = (OrderState.SENT, OrderState.UNKNOWN)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("ledger.read")
def months(request: HttpRequest) -> HttpResponse:
    """The list; a post shuts a month."""
    actor = actor_of(request)
    last = settlement_papers.month_before(clock.today())
    form = MonthForm(request.POST or None, initial={"month_on": last})
    context = _context(actor, form)
    if not form.is_valid():
        return render(request, MONTHS, context, status=422 if form.is_bound else 200)
    try:
        closing.close_month(actor=actor, month_on=form.cleaned_data["month_on"])
    except DomainError as refusal:
        return refused(request, MONTHS, context, refusal)
    return redirect("console:months")


@require_safe
@audience("console")
@permitted("settlement.close")
def close(request: HttpRequest) -> HttpResponse:
    """The last look before a month is shut: what is still open in it."""
    actor, form = actor_of(request), MonthForm(request.GET)
    if not form.is_valid():
        return render(request, MONTHS, _context(actor, form), status=422)
    month_on = form.cleaned_data["month_on"]
    gaps = answer_book.list_differences(actor.scope)
    until_at = clock.moment(settlement_papers.month_after(month_on))
    ownerless = sum(1 for one in gaps.items if one.owner_id is None and one.found_at < until_at)
    waiting = [
        selectors.list_payment_orders(actor.scope, state=state).total for state in _UNANSWERED
    ]
    context = {
        "month": f"{month_on:%Y-%m}",
        "facts": [
            Fact(_("月份"), f"{month_on:%Y-%m}", "number"),
            Fact(_("等银行答复的付款单"), sum(waiting), "count",
                 _("可以月结；答复到了记入当日")),
            Fact(_("未了结的对账差异"), gaps.total, "count",
                 href=reverse("console:money_gaps")),
            Fact(_("其中无人负责的"), ownerless, "count",
                 _("须先有人负责才能月结") if ownerless else ""),
        ],
    }  # fmt: skip
    return render(request, "console/month_close.html", context)


@require_POST
@audience("console")
def ask_reopening(request: HttpRequest, closing_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), ReopenForm(request.POST)
    context = _context(actor, MonthForm(), reopen=form)
    if not form.is_valid():
        return render(request, MONTHS, context, status=422)
    try:
        closing.ask_reopening(actor=actor, closing_id=closing_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, MONTHS, context, refusal)
    return redirect("console:months")


@require_POST
@audience("console")
def reopen(request: HttpRequest, closing_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        closing.reopen_month(actor=actor, closing_id=closing_id)
    except DomainError as refusal:
        return refused(request, MONTHS, _context(actor, MonthForm()), refusal)
    return redirect("console:months")


@require_safe
@audience("console")
@permitted("ledger.read")
def balances(request: HttpRequest, closing_id: UUID) -> HttpResponse:
    """Every account's closing balance, as a page or a file."""
    card = next((one for one in ledger.list_closings() if one.id == closing_id), None)
    if card is None:
        raise NotFound(model="Closing", id=closing_id)
    table = _balances(card, actor_of(request))
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    proof = ledger.prove_closing(card)
    context = {"card": card, "table": table, "findings": proof.findings}
    return render(request, "console/month.html", context)


def _context(actor: Actor, form: MonthForm, *, reopen: ReopenForm | None = None) -> dict[str, Any]:
    found = ledger.list_closings()
    standing = next((one for one in found if one.reopened_at is None), None)
    return {
        "form": form,
        "table": _table(found),
        "latest": standing,
        "reopen": reopen or ReopenForm(),
        "may_close": identity.may(actor, "settlement.close"),
        "asked_by_me": standing is not None and standing.asked_by == actor.account_id,
    }


def _table(found: list[ClosingCard]) -> Table:
    columns = (
        Column("month", _("月份"), "number"),
        Column("state", _("状态")),
        Column("closed_at", _("月结时间"), "time"),
        Column("accounts", _("账户数"), "count"),
        Column("transfers", _("流水数"), "count"),
        Column("digest", _("封存摘要"), "number"),
        Column("note", _("说明")),
    )
    rows = [
        Row(
            {
                "month": f"{one.month_on:%Y-%m}",
                "state": _("已月结") if one.reopened_at is None else _("已反结账"),
                "closed_at": one.closed_at, "accounts": one.account_count,
                "transfers": one.transfer_count, "digest": one.digest[:16],
                "note": one.reopening_reason,
            },
            href=ledger_parts.closing_url(one.id),
            tone="" if one.reopened_at is None else "warn",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(_("还没有月结"), _("月份结束后由财政人员月结，之后该月不再记账。"), icon="seal")
    return Table("months", _("月结记录"), columns, rows, empty)


def _balances(card: ClosingCard, actor: Actor) -> Table:
    columns = (
        Column("account", _("账户")),
        Column("code", _("账户代码"), "number"),
        Column("debits_fen", _("累计付出"), "money"),
        Column("credits_fen", _("累计收入"), "money"),
        Column("held_fen", _("占用"), "money"),
        Column("left_fen", _("余额"), "money"),
    )
    seen = {
        one.code for kind in AccountKind for one in ledger.list_accounts(actor.scope, kind=kind)
    }
    rows = [
        Row(
            {
                "account": ledger_parts.account_name(code), "code": code,
                "debits_fen": one.debits_posted_fen, "credits_fen": one.credits_posted_fen,
                "held_fen": one.debits_pending_fen,
                "left_fen": one.credits_posted_fen - one.debits_posted_fen,
            }
        )
        for code, one in ledger.closing_balances(card.id).items()
        if code in seen
    ]  # fmt: skip
    title = _("%s 结账余额") % f"{card.month_on:%Y-%m}"
    return Table("balances", title, columns, rows, total_count=len(rows), can_export=True)
