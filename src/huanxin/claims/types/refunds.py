"""What the payment channel is asked about a sale, and tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PaidSale:
    """A sale as the payment channel knows it: its number, and what the buyer paid."""

    sale_id: UUID
    number: str
    paid_fen: int


class Refunds(Protocol):
    """Tells what went back to the buyers of sales until now, in fen; unknown ones are left out."""

    def given_back(self, *, sales: Sequence[PaidSale]) -> Mapping[UUID, int]: ...
