"""The stretches of a claim's money in words, with links for who may follow them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huanxin.claims.types import ClaimDetail
from huanxin.identity import selectors as identity
from huanxin.kernel import money
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import TransferCard, Way
from huanxin.settlement.selectors import money_book
from huanxin.settlement.types import ItemState, MoneyWay, OrderState
from huanxin.web import ledger_parts, settlement_words
from huanxin.web.claim_parts import FUND_WORDS
from huanxin.web.parts import Column, Fact, Row, Step, Table

_SALE = "sale"


def context(actor: Actor, detail: ClaimDetail) -> dict[str, Any]:
    """The page: the line of stretches, the split among the funds, and every transfer."""
    way = money_book.way_of_claim(detail.card.sale_id)
    is_desk = identity.may(actor, "ledger.read")
    return {
        "card": detail.card,
        "is_desk": is_desk,
        "steps": [*_upward(actor, detail), *_downward(actor, detail, way)],
        "split": _split(way),
        "table": _table(way, is_desk=is_desk),
    }


def _upward(actor: Actor, detail: ClaimDetail) -> list[Step]:
    """Treasury first: what fed the pool that pays, one step an account."""
    try:
        way: Way = ledger.way_of(_SALE, detail.card.sale_id, actor.scope)
    except NotFound:
        return []
    return [
        Step(
            what=ledger_parts.account_name(step.account.code),
            state="done",
            at=step.fed_by[0].made_at if step.fed_by else None,
            note=_fed(step.is_visible, step.fed_count, step.fed_fen),
            href=_account(actor, step.account.code) if step.is_visible else "",
        )
        for step in reversed(way.upward)
    ]


def _fed(is_visible: bool, count: int, fen: int) -> str:  # noqa: FBT001
    if not is_visible:
        return _("上级账户，明细由上级查看")
    if not count:
        return _("资金由此而来")
    return _("此前共由上级转入 %(amount)s，%(count)d 笔") % {
        "amount": money.yuan(fen), "count": count,
    }  # fmt: skip


def _downward(actor: Actor, detail: ClaimDetail, way: MoneyWay) -> list[Step]:
    steps = [*_holds(actor, way), *_batch(actor, detail, way), *_order(actor, way), *_back(way)]
    return [one for one in steps if one is not None]


def _holds(actor: Actor, way: MoneyWay) -> list[Step]:
    return [
        Step(
            what=_("占用给商户：%s") % ledger_parts.leg_word(one.key.leg),
            state="done" if one.state in {"posted", "pending"} else "stopped",
            at=one.made_at,
            note=_("%(amount)s · %(state)s") % {
                "amount": money.yuan(one.amount_fen), "state": ledger_parts.STATES[one.state],
            },
            href=_transfer(actor, one),
        )
        for one in way.transfers
        if one.key.cause == _SALE
    ]  # fmt: skip


def _batch(actor: Actor, detail: ClaimDetail, way: MoneyWay) -> list[Step]:
    if way.batch is None:
        state = _("等待核验通过后组批") if not detail.card.is_payable else _("核验通过，等待组批")
        return [Step(what=_("结算批次"), state="next", note=state)]
    batch, is_out = way.batch, way.item_state in {ItemState.OBJECTED, ItemState.WITHDRAWN}
    note = _("已移出批次，资金仍占用") if is_out else ""
    if batch.objections_until and not is_out:
        note = _("公示至 %s") % f"{batch.objections_until:%Y-%m-%d}"
    href = ""
    if identity.may(actor, "settlement.read") and actor.org_id is None:
        href = reverse("console:batch", args=[batch.batch_id])
    what = _("结算批次 %s") % batch.number
    return [Step(what, "stopped" if is_out else "done", at=batch.opened_at, note=note, href=href)]


def _order(actor: Actor, way: MoneyWay) -> list[Step]:
    order = way.order
    if order is None:
        return []
    note = _("付款 %s") % money.yuan(order.cash_fen)
    if order.prepaid_fen or order.clawed_fen:
        note += _("（应付 %(whole)s，抵扣预付 %(ahead)s、追缴 %(owed)s）") % {
            "whole": money.yuan(order.amount_fen), "ahead": money.yuan(order.prepaid_fen),
            "owed": money.yuan(order.clawed_fen),
        }  # fmt: skip
    href = ""
    if actor.org_id is None:
        href = reverse("console:batch", args=[order.batch_id]) + "?stage=payment"
    steps = [Step(_("付款指令 %s") % order.number, "done", order.made_at, note=note, href=href)]
    said = order.state in {OrderState.ACCEPTED, OrderState.REFUSED, OrderState.UNKNOWN}
    words = _("银行答复：%s") % ledger_parts.order_word(order.state)
    state = {OrderState.ACCEPTED: "done", OrderState.REFUSED: "stopped"}.get(order.state, "now")
    note = _("回单 %s") % order.bank_reference if order.bank_reference else ""
    if order.state is OrderState.SENT:
        words, state = _("等待银行答复"), "next"
    at = order.answered_at if said else None
    steps.append(Step(words, state, at, note=note))  # type: ignore[arg-type]
    steps += [
        Step(
            _("回执文件第 %d 行") % one.line, "done",
            note=f"{settlement_words.ANSWERS.get(one.answer, one.answer)} · "
            f"{settlement_words.OUTCOMES[one.outcome]}",
        )
        for one in way.answers
    ]  # fmt: skip
    return steps


def _back(way: MoneyWay) -> list[Step]:
    owed = [one for one in way.transfers if one.key.cause == "settlement.claw_back"]
    came = [one for one in way.transfers if one.key.cause == "settlement.recovery"]
    steps = []
    if owed:
        fen = money.yuan(sum(one.amount_fen for one in owed))
        steps.append(Step(_("追缴"), "done", owed[0].made_at, note=_("应退 %s") % fen))
    if came:
        fen = money.yuan(sum(one.amount_fen for one in came))
        steps.append(Step(_("追缴到账，回到发放资金"), "done", came[-1].made_at, note=fen))
    if way.open_demand_fen:
        note = _("还应退 %s") % money.yuan(way.open_demand_fen)
        if way.offset_number:
            note += _("，在 %s 中抵扣") % way.offset_number
        steps.append(Step(_("等待退回"), "next", note=note))
    return steps


def _split(way: MoneyWay) -> list[Fact]:
    if way.split is None:
        return []
    parts = {
        "central": way.split.central_fen, "province": way.split.province_fen,
        "city": way.split.city_fen,
    }  # fmt: skip
    facts = [Fact(str(FUND_WORDS[fund]), fen, "money") for fund, fen in parts.items()]
    return [*facts, Fact(_("补贴合计"), way.split.total_fen, "money", is_sum=True)]


def _table(way: MoneyWay, *, is_desk: bool) -> Table:
    columns = (
        Column("at", _("时间"), "time"),
        Column("cause", _("事由")),
        Column("leg", _("分项")),
        Column("debit", _("付出账户")),
        Column("credit", _("收入账户")),
        Column("amount_fen", _("金额"), "money"),
        Column("state", _("状态")),
    )
    rows = [
        Row(
            {
                "at": one.made_at, "cause": ledger_parts.cause_word(one.key.cause),
                "leg": ledger_parts.leg_word(one.key.leg),
                "debit": ledger_parts.account_name(one.debit),
                "credit": ledger_parts.account_name(one.credit),
                "amount_fen": one.amount_fen, "state": str(ledger_parts.STATES[one.state]),
            },
            href=reverse("console:transfer", args=[one.id]) if is_desk else "",
        )
        for one in way.transfers
    ]  # fmt: skip
    return Table("transfers", _("每一笔流水"), columns, rows, total_count=len(rows))


def _account(actor: Actor, code: str) -> str:
    may = identity.may(actor, "ledger.read")
    return reverse("console:account", args=[code]) if may else ""


def _transfer(actor: Actor, one: TransferCard) -> str:
    may = identity.may(actor, "ledger.read")
    return reverse("console:transfer", args=[one.id]) if may else ""
