"""Moving money between the levels of public budgets, every transfer fund by fund."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from huanxin.identity.types import Region
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Leg, NewAccount, budget_code, treasury_code
from huanxin.policy import selectors as policy
from huanxin.vouchers import _budget_rules as rules


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


class Heaps:
    """What locked accounts have of each fund, while a batch of transfers takes from them."""

    def __init__(self, codes: Sequence[str]) -> None:
        """The caller holds the accounts locked, or another transfer could take the same fen."""
        found = ledger_reads.flows(codes)
        self._parts = {code: rules.parts_of(code, found) for code in set(codes)}

    def legs(self, whole: Leg) -> list[Leg]:
        """A leg a fund instead of the whole, in proportion to what the debit account has of each.

        An account whose funds are unknown moves the whole under its own leg. What there is too
        little of is left to the ledger to refuse.
        """
        parts = self._parts[whole.debit]
        there_fen = sum(fen for fen in parts.values() if fen > 0)
        if not 0 < whole.amount_fen <= there_fen:
            return [whole]
        taken = rules.take(parts, whole.amount_fen, whole.debit)
        for fund, fen in taken.items():
            parts[fund] -= fen
        return [replace(whole, leg=fund, amount_fen=fen) for fund, fen in taken.items()]
