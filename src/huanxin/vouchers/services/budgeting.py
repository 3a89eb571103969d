"""Giving public money to a region's budget."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    budget_code,
    treasury_code,
)


@transaction.atomic
def give_budget(
    *,
    actor: Actor,
    programme: str,
    region_code: str,
    shares_fen: Mapping[str, int],
    request_id: UUID,
) -> None:
    """Allocate public money to a region's budget, from each fund (central, province, city).

    A posted transfer: from then on the budget alone decides what can be spent. Safe to retry.
    Refuses amounts of zero or less.
    """
    region = identity.get_region(region_code)
    identity.require(actor, "vouchers.give_budget", region_path=region.path)
    content = {"programme": programme, "region": region_code, "shares_fen": dict(shares_fen)}
    if kernel_requests.first_answer(actor, "vouchers.give_budget", request_id, content):
        return
    budget = budget_code(region_code, programme)
    treasuries = [
        NewAccount(treasury_code(f), AccountKind.TREASURY, owner_key=f) for f in shares_fen
    ]
    opened = NewAccount(budget, AccountKind.BUDGET, region.path, region_code)
    ledger.open_accounts(accounts=[opened, *treasuries])
    ledger.post_transfers(
        legs=[
            Leg("budget.given", request_id, fund, treasury_code(fund), budget, amount_fen)
            for fund, amount_fen in shares_fen.items()
        ]
    )
    audit.record(
        actor, "vouchers.budget_given", "budget", budget, region_path=region.path,
        programme=programme, shares_fen=dict(shares_fen),
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.give_budget", request_id, {"budget": budget})
