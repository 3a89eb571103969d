"""Money of those who pay for 焕新券 and consumption vouchers: paid in, paid back, lent."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, funder_code
from huanxin.vouchers import _budget_rules, _funders, rules


@transaction.atomic
def fund_funder(
    *, actor: Actor, owner: str, amount_fen: int, reference: str, request_id: UUID
) -> None:
    """Book money that a funder paid in: from then on its vouchers may use it.

    `owner` is `city` (the money comes from the city's treasury), `campaign-…`, or the id of a
    shop or maker (it came through the bank; `reference` is the bank's or the document's number).
    A posted transfer. Safe to retry. Refuses amounts of zero or less and unknown owners.
    """
    path = _permit(actor, "vouchers.fund_funder", owner)
    content = {"owner": owner, "amount_fen": amount_fen, "reference": reference}
    if kernel_requests.first_answer(actor, "vouchers.fund_funder", request_id, content) is not None:
        return
    _budget_rules.check_reference(reference)
    code = funder_code(owner)
    _funders.open_accounts([code])
    source = _funders.open_source(owner)
    ledger.post_transfers(
        legs=[Leg("funder.funded", request_id, "top_up", source, code, amount_fen)]
    )
    audit.record(
        actor, "vouchers.funder_funded", "funder", code, region_path=path,
        amount_fen=amount_fen, reference=reference,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.fund_funder", request_id, {"account": code})


@transaction.atomic
def repay_funder(
    *, actor: Actor, owner: str, amount_fen: int, reference: str, request_id: UUID
) -> None:
    """Give a funder back what its vouchers do not hold and it paid in before.

    Safe to retry. Refuses more than is free (FundExhausted); a credit line is never paid out.
    """
    path = _permit(actor, "vouchers.fund_funder", owner)
    content = {"owner": owner, "amount_fen": amount_fen, "reference": reference}
    if (
        kernel_requests.first_answer(actor, "vouchers.repay_funder", request_id, content)
        is not None
    ):
        return
    _budget_rules.check_reference(reference)
    code = funder_code(owner)
    _funders.open_accounts([code])
    source = _funders.open_source(owner)
    free_fen = ledger.lock_accounts(codes=[code, source])[code].available_fen
    _budget_rules.check_repayable(code, amount_fen, free_fen)
    ledger.post_transfers(
        legs=[Leg("funder.repaid", request_id, "pay_back", code, source, amount_fen)]
    )
    audit.record(
        actor, "vouchers.funder_repaid", "funder", code, region_path=path,
        amount_fen=amount_fen, reference=reference,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.repay_funder", request_id, {"account": code})


@transaction.atomic
def agree_credit(*, actor: Actor, owner: str, limit_fen: int, title: str, request_id: UUID) -> None:
    """Agree how far a funder may go below zero; the agreement's name is kept for ever.

    Safe to retry. Zero ends it. Refuses a limit below what is already drawn (CreditLineInUse).
    """
    path = _permit(actor, "vouchers.agree_credit", owner)
    code = funder_code(owner)
    _funders.open_accounts([code])
    ledger.agree_credit(code=code, limit_fen=limit_fen, title=title.strip(), cause_id=request_id)
    audit.record(
        actor, "vouchers.credit_agreed", "funder", code, region_path=path,
        limit_fen=limit_fen, title=title, request_id=request_id,
    )  # fmt: skip


def _permit(actor: Actor, permission: str, owner: str) -> str:
    """Refuse whom the funder's region is out of reach; the city's own is for the whole city."""
    identity.require(actor, permission)
    path = _funders.region_path_of(owner)
    if path is None:
        path = rules.city_path(actor.scope.region_path)
    identity.require(actor, permission, region_path=path)
    return path
