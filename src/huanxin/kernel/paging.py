"""One page of a list, the same shape on pages and in the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

T = TypeVar("T")

PAGE_SIZE = 50
MOST_COUNTED = 10_000  # a screen says "more than" above this; counting on would take seconds


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`items` of page `number` (from 1); `total` counts all rows the scope lets through.

    With `is_more` counting stopped at `total`: there are more.
    """

    items: Sequence[T]
    number: int
    total: int
    size: int = PAGE_SIZE
    is_more: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def count_up_to(rows: "QuerySet[Any]", most: int | None) -> tuple[int, bool]:
    """How many rows there are, and whether there are more than `most`; None counts them all."""
    if most is None:
        return rows.count(), False
    found = rows.order_by()[: most + 1].count()
    return min(found, most), found > most
