"""Public money on its way down the levels, and what is unused on its way up again."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import Region
from huanxin.kernel import audit
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, budget_code, treasury_code
from huanxin.vouchers import _budget_rules, _budgets, _countersign, rules
from huanxin.vouchers.errors import NoParentBudget


@transaction.atomic
def give_budget(
    *,
    actor: Actor,
    programme: str,
    region_code: str,
    shares_fen: Mapping[str, int],
    request_id: UUID,
) -> None:
    """Book public money from its treasuries down to a region's budget, fund by fund (财政下达).

    Central and provincial money passes the province's budget and the city's, the city's own
    begins at the city: a posted transfer a level and fund, all or none. Safe to retry. For
    officers of the whole city or above. Refuses amounts of zero or less, unknown funds, a fund
    above its own level, a programme that is unknown or over, and what needs a second officer.
    """
    region = identity.get_region(region_code)
    identity.require(actor, "vouchers.give_budget", region_path=rules.city_path(region.path))
    shares = dict(shares_fen)
    content = {"programme": programme, "region": region_code, "shares_fen": shares}
    if kernel_requests.first_answer(actor, "vouchers.give_budget", request_id, content) is not None:
        return
    _budgets.check_programme(programme)
    _budget_rules.check_shares(shares, region.path, region.name)
    levels = _budgets.open_levels(region.path, programme, list(shares))
    ledger.lock_accounts(codes=[*levels, *(treasury_code(fund) for fund in shares)])
    _countersign.check_alone(actor, region, programme, sum(shares.values()), request_id)
    ledger.post_transfers(legs=_budgets.legs_down(region, programme, shares, request_id))
    _record(actor, "vouchers.budget_given", region, programme, shares)
    kernel_requests.remember(actor, "vouchers.give_budget", request_id, {"budget": levels[-1]})


@transaction.atomic
def allocate_budget(
    *,
    actor: Actor,
    programme: str,
    region_code: str,
    amount_fen: int,
    request_id: UUID,
    fund: str = "",
) -> dict[str, int]:
    """Hand a part of a region's unused budget down to one region below it (额度下达).

    `region_code` is who receives; its parent pays, so the permission is asked of the parent and
    nobody takes from a sibling. The funds go along in the parent's proportions, or one `fund`
    alone; returns what went down of each. Safe to retry. Refuses more than the parent has unused,
    and what needs a second officer.
    """
    region, parent = _with_parent(region_code)
    identity.require(actor, "vouchers.give_budget", region_path=parent.path)
    content = [programme, region_code, amount_fen, fund]
    earlier = kernel_requests.first_answer(actor, "vouchers.allocate", request_id, content)
    if earlier is not None:
        return {name: int(fen) for name, fen in earlier["shares_fen"].items()}
    _budgets.check_programme(programme)
    _budgets.open_levels(region.path, programme)
    payer, budget = (budget_code(code, programme) for code in (parent.code, region_code))
    shares = _take(payer, parent, amount_fen, fund, also=[budget])
    _countersign.check_alone(actor, region, programme, amount_fen, request_id)
    ledger.post_transfers(
        legs=[
            Leg("budget.allocated", request_id, name, payer, budget, fen)
            for name, fen in shares.items()
        ]
    )
    _record(actor, "vouchers.budget_allocated", region, programme, shares)
    kernel_requests.remember(actor, "vouchers.allocate", request_id, {"shares_fen": shares})
    return shares


@transaction.atomic
def reclaim_budget(
    *,
    actor: Actor,
    programme: str,
    region_code: str,
    amount_fen: int,
    request_id: UUID,
    fund: str = "",
) -> dict[str, int]:
    """Take unused budget of a region back up by one level (额度收回; 2026: 未用额度收回).

    What lies in pools is not unused: close them first. The funds return in the proportions in
    which they lie there; a fund whose treasury stands at the region's own level goes home to it.
    Asked of the parent (of the province itself at the top). Safe to retry; possible after the
    programme's end. Refuses more than is unused.
    """
    region = identity.get_region(region_code)
    above = _budget_rules.parent_of(region.path)
    identity.require(actor, "vouchers.give_budget", region_path=above or region.path)
    content = [programme, region_code, amount_fen, fund]
    earlier = kernel_requests.first_answer(actor, "vouchers.reclaim", request_id, content)
    if earlier is not None:
        return {name: int(fen) for name, fen in earlier["shares_fen"].items()}
    levels = _budgets.open_levels(region.path, programme)
    takers = [*levels[-2:-1], *(treasury_code(name) for name in _budget_rules.FUNDS)]
    shares = _take(levels[-1], region, amount_fen, fund, also=takers)
    ledger.post_transfers(legs=_budgets.legs_up(region, programme, shares, request_id))
    _record(actor, "vouchers.budget_reclaimed", region, programme, shares)
    kernel_requests.remember(actor, "vouchers.reclaim", request_id, {"shares_fen": shares})
    return shares


def _with_parent(region_code: str) -> tuple[Region, Region]:
    region = identity.get_region(region_code)
    above = _budget_rules.parent_of(region.path)
    if not above:
        raise NoParentBudget(region=region.name)
    return region, identity.get_region(above.rpartition("/")[2])


def _take(
    code: str, region: Region, amount_fen: int, fund: str, *, also: Sequence[str]
) -> dict[str, int]:
    """Which funds the amount is made of; all accounts stay locked until they have moved."""
    ledger.lock_accounts(codes=[code, *also])
    parts = _budget_rules.parts_of(code, ledger_reads.flows([code]))
    return _budget_rules.take(parts, amount_fen, region.name, fund)


def _record(
    actor: Actor, action: str, region: Region, programme: str, shares: Mapping[str, int]
) -> None:
    audit.record(
        actor, action, "budget", budget_code(region.code, programme), region_path=region.path,
        programme=programme, shares_fen=dict(shares),
    )  # fmt: skip
