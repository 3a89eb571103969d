"""Large moves of public money: proposed by one officer, decided by another."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.vouchers import _budget_rules, _budgets, models, rules
from huanxin.vouchers.errors import (
    BudgetRequestDecided,
    BudgetRequestUnknown,
    NoParentBudget,
    OwnBudgetRequest,
)
from huanxin.vouchers.services import budgeting
from huanxin.vouchers.types.budgets import BudgetMove, BudgetRequestCard, BudgetVerb


@transaction.atomic
def propose_budget(*, actor: Actor, move: BudgetMove, document: str, request_id: UUID) -> UUID:
    """Lay a move of public money before a second officer; nothing moves (docs/adr/160).

    For whoever may make the move. Safe to retry. Refuses what could not be moved by its terms:
    no document, unknown funds, a programme that is over, amounts of zero or less. What the payer
    has is looked at when it is decided.
    """
    path = _payer_path(move)
    identity.require(actor, "vouchers.give_budget", region_path=path)
    content = [move.verb, move.programme, move.region_code, dict(move.shares_fen),
               move.amount_fen, move.fund, document]  # fmt: skip
    earlier = kernel_requests.first_answer(actor, "vouchers.propose_budget", request_id, content)
    if earlier is not None:
        return UUID(earlier["id"])
    _check(move)
    _budget_rules.check_reference(document)
    row = models.BudgetRequest.objects.create(
        id=ids.new_id(),
        verb=move.verb,
        programme=move.programme,
        region_code=move.region_code,
        region_path=identity.get_region(move.region_code).path,
        amount_fen=move.amount_fen,
        shares_fen=dict(move.shares_fen),
        fund=move.fund,
        document=document.strip()[:120],
        proposed_by=actor.account_id,
        proposed_at=clock.now(),
    )
    kernel_requests.remember(actor, "vouchers.propose_budget", request_id, {"id": str(row.id)})
    _record(actor, "vouchers.budget_proposed", row)
    return row.id


@transaction.atomic
def decide_budget(
    *, actor: Actor, proposal_id: UUID, is_approved: bool, note: str
) -> BudgetRequestCard:
    """Approve a waiting move, which makes it at once under the approver's hand, or send it back.

    Refuses the officer who proposed it (a constraint says so too), a second decision, and, when
    approving, whatever the move itself refuses: then nothing is decided.
    """
    identity.require(actor, "vouchers.give_budget")
    try:
        row = lock_row(models.BudgetRequest, proposal_id)
    except NotFound as error:
        raise BudgetRequestUnknown(proposal_id=proposal_id) from error
    move = row.as_card().move
    identity.require(actor, "vouchers.give_budget", region_path=_payer_path(move))
    if row.proposed_by == actor.account_id:
        raise OwnBudgetRequest(permission="vouchers.give_budget")
    if row.is_approved is not None:
        raise BudgetRequestDecided(proposal_id=proposal_id)
    row.decided_by, row.decided_at = actor.account_id, clock.now()
    row.is_approved, row.note = is_approved, note.strip()[:400]
    row.save(update_fields=["decided_by", "decided_at", "is_approved", "note"])
    if is_approved:
        _make(actor, row.id, move)
    _record(actor, "vouchers.budget_approved" if is_approved else "vouchers.budget_declined", row)
    return row.as_card()


def _make(actor: Actor, request_id: UUID, move: BudgetMove) -> None:
    """The move itself; its request id names the approved proposal in every leg."""
    if move.verb is BudgetVerb.GIVE:
        budgeting.give_budget(
            actor=actor, programme=move.programme, region_code=move.region_code,
            shares_fen=move.shares_fen, request_id=request_id,
        )  # fmt: skip
    else:
        budgeting.allocate_budget(
            actor=actor, programme=move.programme, region_code=move.region_code,
            amount_fen=move.amount_fen, fund=move.fund, request_id=request_id,
        )  # fmt: skip


def _payer_path(move: BudgetMove) -> str:
    region = identity.get_region(move.region_code)
    if move.verb is BudgetVerb.GIVE:
        return rules.city_path(region.path)
    above = _budget_rules.parent_of(region.path)
    if not above:
        raise NoParentBudget(region=region.name)
    return above


def _check(move: BudgetMove) -> None:
    region = identity.get_region(move.region_code)
    _budgets.check_programme(move.programme)
    if move.verb is BudgetVerb.GIVE:
        _budget_rules.check_shares(move.shares_fen, region.path, region.name)
        assert move.amount_fen == sum(move.shares_fen.values()), "the amount is its shares' sum"
    else:
        _budget_rules.check_fund(move.fund)
    _budget_rules.check_amount(move.amount_fen)


def _record(actor: Actor, action: str, row: models.BudgetRequest) -> None:
    audit.record(
        actor, action, "budget_request", row.id, region_path=row.region_path,
        programme=row.programme, verb=row.verb, amount_fen=row.amount_fen, document=row.document,
    )  # fmt: skip
