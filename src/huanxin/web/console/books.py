"""The books: any account's statement, one transfer with its whole way, and the nightly proofs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.claims import selectors as claims
from huanxin.identity import selectors as identity
from huanxin.kernel import money
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import HoldKey, Proof, TransferCard, Way, WayStep
from huanxin.web import ledger_parts as parts_of_ledger
from huanxin.web.exports import table_file
from huanxin.web.parts import Column, Empty, Fact, Row, Step, Table
from huanxin.web.session import actor_of, audience, permitted


@require_safe
@audience("console")
@permitted("ledger.read")
def account(request: HttpRequest, code: str) -> HttpResponse:
    """A statement: opening, entries, closing; any period, and as a file."""
    found, bar = parts_of_ledger.statement_asked(request, code, actor_of(request).scope)
    table = parts_of_ledger.statement_table(found)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    context = {
        "title": parts_of_ledger.account_name(code),
        "code": code,
        "filters": bar,
        "table": table,
        "opening": parts_of_ledger.balance_facts(_("期初可用"), found.opening),
        "closing": parts_of_ledger.balance_facts(_("期末可用"), found.closing),
    }
    return render(request, "console/account.html", context)


@require_safe
@audience("console")
@permitted("ledger.read")
def transfer(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """One transfer: what it moved and why, and where its money came from up to the treasury."""
    actor = actor_of(request)
    card = ledger.get_transfer(transfer_id, actor.scope)
    way = ledger.way_of(card.key.cause, card.key.cause_id, actor.scope)
    context = {"card": card, "facts": _facts(actor, card), "steps": _steps(way), "legs": _legs(way)}
    return render(request, "console/transfer.html", context)


@require_safe
@audience("console")
@permitted("ledger.read")
def proofs(request: HttpRequest) -> HttpResponse:
    found = ledger.list_proofs()
    return render(request, "console/proofs.html", {"proofs": found, "table": _proofs(found)})


def cause_page(actor: Actor, key: HoldKey) -> str:
    """The page of what caused a transfer, if there is one that this officer may open."""
    if key.cause.startswith("pool.opened") and identity.may(actor, "vouchers.open_pool"):
        return reverse("console:pool", args=[key.cause_id])
    if key.cause in {"sale", "sale.cancel", "settlement.claw_back", "settlement.recovery",
                     "settlement.reversal"} and identity.may(actor, "claims.read"):  # fmt: skip
        try:
            found = claims.get_claim_of_sale(key.cause_id, actor.scope)
        except NotFound:
            return ""
        return reverse("console:claim", args=[found.card.claim_id])
    return reverse("console:budgets") if key.cause.startswith("budget.") else ""


def _facts(actor: Actor, card: TransferCard) -> list[Fact]:
    facts = [
        Fact(_("金额"), card.amount_fen, "money", is_sum=True),
        Fact(_("状态"), str(parts_of_ledger.STATES[card.state])),
        Fact(_("付出账户"), parts_of_ledger.account_name(card.debit), href=_account(card.debit)),
        Fact(_("收入账户"), parts_of_ledger.account_name(card.credit), href=_account(card.credit)),
        Fact(
            _("事由"), parts_of_ledger.cause_word(card.key.cause),
            href=cause_page(actor, card.key),
        ),
        Fact(_("业务编号"), str(card.key.cause_id), "number"),
        Fact(_("分项"), parts_of_ledger.leg_word(card.key.leg)),
        Fact(_("发生时间"), card.made_at, "time"),
    ]  # fmt: skip
    if card.held_fen and card.held_fen != card.amount_fen:
        facts.insert(1, Fact(_("原占用"), card.held_fen, "money"))
    return facts


def _account(code: str) -> str:
    return reverse("console:account", args=[code])


def _legs(way: Way) -> Table:
    columns = (
        Column("leg", _("分项")),
        Column("debit", _("付出账户")),
        Column("credit", _("收入账户")),
        Column("amount_fen", _("金额"), "money"),
        Column("state", _("状态")),
    )
    rows = [
        Row(
            {
                "leg": parts_of_ledger.leg_word(one.key.leg),
                "debit": parts_of_ledger.account_name(one.debit),
                "credit": parts_of_ledger.account_name(one.credit),
                "amount_fen": one.amount_fen,
                "state": str(parts_of_ledger.STATES[one.state]),
            },
            reverse("console:transfer", args=[one.id]),
        )
        for one in way.transfers
    ]
    return Table("legs", _("同一业务的全部分项"), columns, rows)


def _steps(way: Way) -> list[Step]:
    """The way up, from who paid to the source: one step an account, with what fed it till then."""
    return [
        Step(
            what=parts_of_ledger.account_name(step.account.code),
            state="done",
            at=step.fed_by[0].made_at if step.fed_by else None,
            note=_fed(step),
            href=_account(step.account.code) if step.is_visible else "",
        )
        for step in way.upward
    ]


def _fed(step: WayStep) -> str:
    if not step.is_visible:
        return _("上级账户，明细由上级查看")
    if not step.fed_count:
        return _("资金由此而来")
    return _("此前共由上级转入 %(amount)s，%(count)d 笔") % {
        "amount": money.yuan(step.fed_fen), "count": step.fed_count,
    }  # fmt: skip


def _proofs(found: list[Proof]) -> Table:
    columns = (
        Column("made_at", _("核对时间"), "time"),
        Column("result", _("结果")),
        Column("accounts", _("账户数"), "count"),
        Column("transfers", _("流水数"), "count"),
        Column("difference_fen", _("相差"), "money"),
        Column("findings", _("发现")),
    )
    rows = [
        Row(
            {
                "made_at": one.made_at,
                "result": _("全部相符") if one.is_clean else _("不相符"),
                "accounts": one.accounts,
                "transfers": one.transfers,
                "difference_fen": one.difference_fen,
                "findings": "；".join(one.findings),
            },
            tone="" if one.is_clean else "danger",
        )
        for one in found
    ]
    empty = Empty(
        _("还没有核对过"),
        _("每天凌晨两点后自动核对一次；运维人员也可随时执行 huanxin ledger check。"),
    )
    return Table("proofs", _("账本核对记录"), columns, rows, empty)
