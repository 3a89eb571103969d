"""What of one sale must still come back, and how its arrival is booked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, TransferCard, receivable_code
from huanxin.settlement import _clawing, _orders
from huanxin.settlement.models import ClawBack, Item, PartClawBack

RECOVERY = "settlement.recovery"


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand of an item: for goods that came back (no part) or a price lowered later."""

    row: ClawBack | PartClawBack
    mark: str  # tells the transfers of the demands of one sale apart
    funds: Mapping[str, int]

    @property
    def amount_fen(self) -> int:
        return sum(self.funds.values())


def open_demands(item: Item) -> list[Demand]:
    """What an item's shop still owes, parts first; what an order takes off already included."""
    parts = item.part_claw_backs.filter(received_at=None).order_by("step")
    found = [Demand(part, f".{part.step}", _orders.funds(part.split)) for part in parts]
    whole = ClawBack.objects.filter(item=item, received_at=None).first()
    if whole is not None:
        rest = _clawing.remaining(item)
        found.append(
            Demand(whole, "", _orders.funds(rest, item.trade_in_fen, item.consumption_fen))
        )
    return found


def codes_of(items: Iterable[Item]) -> set[str]:
    """Every account that booking() of these items touches, to be locked beforehand."""
    codes: set[str] = set()
    for item in items:
        codes.add(receivable_code(item.merchant_id))
        codes |= {one.credit for one in _transfers(item)}
        codes |= {f"bank:{fund}" for demand in open_demands(item) for fund in demand.funds}
    return codes


def book(item: Item, demands: Sequence[Demand], reference: str) -> None:
    """The receivable is settled, its fund has the money back, and the pool may spend it again."""
    legs = {_leg(demand) for demand in demands}
    held = [one for one in _transfers(item) if one.state == "pending" and _base(one) in legs]
    ledger.post_held(posts=[(one.key, None) for one in held])
    owed = receivable_code(item.merchant_id)
    ledger.post_transfers(
        legs=[
            Leg(
                RECOVERY, item.sale_id, fund + demand.mark, debit=f"bank:{fund}", credit=owed,
                amount_fen=fen,
            )
            for demand in demands
            for fund, fen in demand.funds.items()
        ]
    )  # fmt: skip
    now = clock.now()
    for demand in demands:
        demand.row.received_at, demand.row.received_on = now, clock.business_day(now)
        demand.row.bank_reference = reference
        demand.row.save(update_fields=["received_at", "received_on", "bank_reference"])


def _transfers(item: Item) -> list[TransferCard]:
    return ledger_reads.transfers_of(_clawing.CLAW_BACK, item.sale_id)


def _leg(demand: Demand) -> str:
    row = demand.row
    return _clawing.part_leg(row.step) if isinstance(row, PartClawBack) else ""


def _base(one: TransferCard) -> str:
    return one.key.leg if one.key.leg.startswith("part.") else ""
