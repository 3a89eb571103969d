"""Starting states of the ledger: a budget with money in it."""

from uuid import uuid4

from huanxin.ledger import services
from huanxin.ledger.types import AccountKind, Leg, NewAccount
from tests import given

TREASURY = "treasury:central"


def budget(amount_fen: int = 100_000, code: str = "budget:371502:test") -> str:
    """A budget that was given an amount, and the accounts it may pay into."""
    services.open_accounts(
        accounts=[
            NewAccount(TREASURY, AccountKind.TREASURY),
            NewAccount(code, AccountKind.BUDGET, given.COUNTY_PATH, "371502"),
            NewAccount("payable:a", AccountKind.PAYABLE, owner_key="a"),
            NewAccount("payable:b", AccountKind.PAYABLE, owner_key="b"),
        ]
    )
    services.post_transfers(legs=[leg(TREASURY, code, amount_fen)])
    return code


def leg(debit: str, credit: str, amount_fen: int, cause: str = "test") -> Leg:
    """A leg under a key of its own."""
    return Leg(cause, uuid4(), "only", debit, credit, amount_fen)
