"""How a price reduction is computed and written: the rule of the sale's day on the new price."""

import json
from typing import Any

from huanxin.claims import rules
from huanxin.claims.models import Claim, Sale, SaleReduction
from huanxin.claims.types import PartReceipt, ReductionCard, SaleAmounts
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.money import yuan
from huanxin.policy import selectors as policy
from huanxin.policy.types import Case, Decision
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import redeeming
from huanxin.vouchers.types import Reduction


def decide(sale: Sale, claim: Claim, price_fen: int) -> Decision:
    """What the version that decided the sale gives on another price. Versions never reach back.

    Of a total that purchases share, what the holder's other sales were given counts.
    """
    used_fen = vouchers.used_of_right_fen(sale.qualification_id)
    case = Case(
        on=sale.sold_on,
        region_code=sale.region_path.rpartition("/")[2],
        category_code=sale.category_code,
        energy_grade=sale.energy_grade,
        price_fen=price_fen,
        facts=rules.rule_facts(max(0, used_fen - claim.subsidy_fen)),
    )
    decision = policy.quote_subsidy(case)
    assert decision.version_hash == sale.version_hash, "the day picks the version (docs/adr/021)"
    return decision


def plan(sale: Sale, claim: Claim, off_fen: int) -> tuple[PartReceipt, Decision]:
    """What one more step comes to, and the decision behind it; nothing is written."""
    was_released = claim.released_at is not None
    rules.reduced(  # refuses before the policy is asked
        sold=_sold(sale), price_fen=claim.price_fen, off_fen=off_fen, rule_fen=0, most_fen=0
    )
    decision = decide(sale, claim, claim.price_fen - off_fen)
    price_fen, subsidy_fen, to_pay_fen = rules.reduced(
        sold=_sold(sale),
        price_fen=claim.price_fen,
        off_fen=off_fen,
        rule_fen=decision.amount_fen if decision.is_eligible else 0,
        most_fen=claim.subsidy_fen if was_released else sale.subsidy_fen,
    )
    receipt = PartReceipt(
        sale_id=sale.pk,
        step=SaleReduction.objects.filter(sale=sale).count() + 1,
        off_fen=off_fen,
        price_fen=price_fen,
        subsidy_fen=subsidy_fen,
        refund_fen=claim.to_pay_fen - to_pay_fen,
        less_fen=claim.subsidy_fen - subsidy_fen,
        is_claw_back=was_released,
        sentence=_sentence(claim, subsidy_fen, to_pay_fen),
    )
    return receipt, decision


def reduce(actor: Actor, sale: Sale, claim: Claim, *, off_fen: int, reason: str) -> PartReceipt:
    """Write one more step of a sale whose claim is locked, and move the money."""
    receipt, decision = plan(sale, claim, off_fen)
    redeeming.reduce_redemption(
        actor=actor,
        reduction=Reduction(sale.pk, receipt.step, receipt.subsidy_fen, reason),
    )
    _write(actor, sale, receipt, decision, reason)
    Claim.objects.filter(pk=claim.pk).update(
        price_fen=receipt.price_fen,
        subsidy_fen=receipt.subsidy_fen,
        to_pay_fen=claim.to_pay_fen - receipt.refund_fen,
    )
    return receipt


def card(row: SaleReduction) -> ReductionCard:
    """A step as the sale's shop and buyer see it."""
    return ReductionCard(
        row.step, row.off_fen, row.price_fen, row.subsidy_fen, row.refund_fen, row.less_fen,
        row.was_released, row.reason, row.reduced_at,
    )  # fmt: skip


def _write(actor: Actor, sale: Sale, receipt: PartReceipt, decision: Decision, reason: str) -> None:
    now = clock.now()
    stored: dict[str, Any] = json.loads(json.dumps(decision.as_json(), default=str))
    SaleReduction.objects.create(
        id=ids.new_id(),
        sale=sale,
        step=receipt.step,
        off_fen=receipt.off_fen,
        price_fen=receipt.price_fen,
        subsidy_fen=receipt.subsidy_fen,
        refund_fen=receipt.refund_fen,
        less_fen=receipt.less_fen,
        was_released=receipt.is_claw_back,
        reason=reason[:200],
        decision=stored,
        reduced_at=now,
        reduced_on=clock.business_day(now),
        account_id=actor.account_id,
    )


def _sold(sale: Sale) -> SaleAmounts:
    return SaleAmounts(
        sale.list_price_fen, sale.discount_fen, sale.trade_in_fen, sale.price_fen,
        sale.subsidy_fen, sale.to_pay_fen, consumption_fen=sale.consumption_fen,
        tender_fen=sale.tender_fen,
    )  # fmt: skip


def _sentence(claim: Claim, subsidy_fen: int, to_pay_fen: int) -> str:
    return (
        f"补贴按售出当日规则和新价重算为 {yuan(subsidy_fen)}（原 {yuan(claim.subsidy_fen)}），"
        f"应退给消费者 {yuan(claim.to_pay_fen - to_pay_fen)}。"
    )
