"""Moving money between the levels of public budgets, every transfer fund by fund."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.identity.types import Region
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Flow, Leg, NewAccount, budget_code, treasury_code
from huanxin.policy import selectors as policy
from huanxin.vouchers import _budget_rules as rules

_LEVELS = ("treasury:", "budget:", "pool:")


def check_programme(programme: str) -> None:
    """Refuse a programme that is not published, and one that is over."""
    card = policy.get_policy(programme)
    rules.check_still_running(card.title, card.to_on, clock.today())


def open_levels(path: str, programme: str, funds: Sequence[str] = rules.FUNDS) -> list[str]:
    """Open the budgets from the province down to a region, and the treasuries; returns codes."""
    codes = path.split("/")
    budgets = [
        NewAccount(
            budget_code(code, programme),
            AccountKind.BUDGET,
            "/".join(codes[: level + 1]),
            code,
        )
        for level, code in enumerate(codes)
    ]
    treasuries = [
        NewAccount(treasury_code(fund), AccountKind.TREASURY, owner_key=fund) for fund in funds
    ]
    ledger.open_accounts(accounts=[*budgets, *treasuries])
    return [account.code for account in budgets]


def legs_down(
    region: Region, programme: str, shares_fen: Mapping[str, int], request_id: UUID
) -> list[Leg]:
    """Each fund from its treasury through every level below it to the region."""
    codes = region.path.split("/")
    legs = []
    for fund, fen in shares_fen.items():
        payer = treasury_code(fund)
        for level, code in enumerate(codes[rules.ENTERS_AT[fund] :]):
            budget = budget_code(code, programme)
            leg = f"{fund}@{code}" if level else fund  # below the first, named for where it goes
            legs.append(Leg("budget.given", request_id, leg, payer, budget, fen))
            payer = budget
    return legs


def legs_up(
    region: Region, programme: str, shares_fen: Mapping[str, int], request_id: UUID
) -> list[Leg]:
    """Each fund one level up: to the parent's budget, or home to the treasury it entered from."""
    level, above = rules.level_of(region.path), rules.parent_of(region.path).rpartition("/")[2]
    budget = budget_code(region.code, programme)
    return [
        Leg(
            "budget.reclaimed", request_id, fund, budget,
            treasury_code(fund)
            if rules.ENTERS_AT[fund] == level
            else budget_code(above, programme),
            fen,
        )
        for fund, fen in shares_fen.items()
    ]  # fmt: skip


def split(programme: str, region_code: str, amount_fen: int, fund: str) -> dict[str, int]:
    """What an amount out of a budget would be made of."""
    code = budget_code(region_code, programme)
    parts = rules.parts_of(code, ledger_reads.flows([code]))
    return rules.take(parts, amount_fen, identity.get_region(region_code).name, fund)


def by_fund(legs: Sequence[Leg]) -> list[Leg]:
    """A leg a fund instead of each whole leg, in proportion to what its debit account has of each.

    The accounts stay locked, or another transfer could take the same fen. An account whose funds
    are unknown moves the whole under its own leg; what there is too little of, the ledger refuses.
    """
    ledger.lock_accounts(codes={code for leg in legs for code in (leg.debit, leg.credit)})
    payers = {leg.debit for leg in legs}
    found = [flow for flow in ledger_reads.flows(payers) if _is_between_levels(flow)]
    heaps = {code: rules.parts_of(code, found) for code in payers}
    return [part for leg in legs for part in _parts(leg, heaps[leg.debit])]


def _parts(whole: Leg, heap: dict[str, int]) -> list[Leg]:
    there_fen = sum(fen for fen in heap.values() if fen > 0)
    if not 0 < whole.amount_fen <= there_fen:
        return [whole]
    taken = rules.take(heap, whole.amount_fen, whole.debit)
    for fund, fen in taken.items():
        heap[fund] -= fen
    return [replace(whole, leg=fund, amount_fen=fen) for fund, fen in taken.items()]


def _is_between_levels(flow: Flow) -> bool:
    """Spending is no allocation: what a pool paid to shops has no fund before it is settled."""
    return flow.debit.startswith(_LEVELS) and flow.credit.startswith(_LEVELS)
