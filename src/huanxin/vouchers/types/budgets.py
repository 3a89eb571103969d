"""What crosses the door of public budgets that two officers move together. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class BudgetVerb(StrEnum):
    """How money goes down: from the treasuries, or from a budget to one below it."""

    GIVE = "give"
    ALLOCATE = "allocate"

    @property
    def label(self) -> str:
        return "财政下达" if self is BudgetVerb.GIVE else "额度下达"


@dataclass(frozen=True, slots=True)
class BudgetMove:
    """A move of public money down the levels, as either verb of budgeting takes it.

    Given money names its `shares_fen`; allocated money its `amount_fen` and perhaps one `fund`.
    """

    verb: BudgetVerb
    programme: str
    region_code: str
    shares_fen: Mapping[str, int]
    amount_fen: int
    fund: str = ""


@dataclass(frozen=True, slots=True)
class BudgetRequestCard:
    """A large move that a second officer has to decide, or has decided."""

    id: UUID
    move: BudgetMove
    region_path: str
    document: str
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    is_approved: bool | None
    note: str
