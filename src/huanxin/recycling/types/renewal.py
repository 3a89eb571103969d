"""What crosses recycling's door of re-use: work on a unit, its price, its sale. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that was done to a unit; a part that was put in is named."""

    done: str
    part: str = ""
    cost_fen: int = 0


@dataclass(frozen=True, slots=True)
class NewWork:
    """A unit repaired and tested (GB 4706.1); without passing it is not sold."""

    unit_code: str
    items: tuple[WorkItem, ...]
    is_safe: bool
    tester: str


@dataclass(frozen=True, slots=True)
class NewSale:
    """A refurbished unit handed to its next owner. The buyer is not named here: the invoice is."""

    unit_code: str
    price_fen: int
    invoice_no: str
    warranty_months: int


@dataclass(frozen=True, slots=True)
class RenewalCard:
    """A unit on its way to a next life: work, price, sale, and the code under which it goes on."""

    unit_code: str
    category_code: str
    class_code: str
    org_id: UUID
    org_name: str
    grade: str
    items: tuple[WorkItem, ...]
    cost_fen: int
    is_safe: bool | None
    worked_at: datetime | None
    price_fen: int | None
    warranty_months: int | None
    sale_number: str | None
    sold_fen: int | None
    invoice_no: str | None
    sold_at: datetime | None
    warranty_until: date | None
    next_code: str | None
