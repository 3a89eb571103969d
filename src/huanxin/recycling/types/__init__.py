"""Words of recycling that tables, cards and pages share: choices, bands, states. No Django.

The cards themselves are in this package's modules, one an aggregate.
"""

from enum import StrEnum


class Choice(StrEnum):
    """What the old unit is given for."""

    CASH = "cash"
    VOUCHER = "voucher"

    @property
    def label(self) -> str:
        return "现金" if self == Choice.CASH else "焕新券"


class AgeBand(StrEnum):
    UNDER_3 = "under_3"
    FROM_3_TO_8 = "3_to_8"
    OVER_8 = "over_8"


class BrandTier(StrEnum):
    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


class Slot(StrEnum):
    """Two-hour windows of a collection day."""

    MORNING_EARLY = "9-11"
    MORNING_LATE = "11-13"
    AFTERNOON_EARLY = "14-16"
    AFTERNOON_LATE = "16-18"

    @property
    def hours(self) -> tuple[int, int]:
        start, _, end = self.value.partition("-")
        return int(start), int(end)


class OrderState(StrEnum):
    BOOKED = "booked"
    ASSIGNED = "assigned"
    REQUOTE_PENDING = "requote_pending"
    COLLECTED = "collected"
    RECEIVED = "received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return _ORDER_LABELS[self]


_ORDER_LABELS = {
    OrderState.BOOKED: "已预约",
    OrderState.ASSIGNED: "已安排上门",
    OrderState.REQUOTE_PENDING: "改价待确认",
    OrderState.COLLECTED: "已取走",
    OrderState.RECEIVED: "已入库",
    OrderState.COMPLETED: "已环保拆解",
    OrderState.CANCELLED: "已取消",
}


class UnitState(StrEnum):
    """EXPECTED until the door; from then on the same words as the passport's."""

    EXPECTED = "expected"
    COLLECTED = "collected"
    IN_DEPOT = "in_depot"
    IN_LOT = "in_lot"
    SHIPPED = "shipped"
    AT_DISMANTLER = "at_dismantler"
    DISMANTLED = "dismantled"
    REFURBISHED = "refurbished"
    CANCELLED = "cancelled"


class RequoteState(StrEnum):
    PENDING = "pending"
    CONSENTED = "consented"
    REFUSED = "refused"


class LotState(StrEnum):
    PACKED = "packed"
    SHIPPED = "shipped"
    RECEIVED = "received"


class NextStep(StrEnum):
    """What grading decides."""

    DISMANTLE = "dismantle"
    REFURBISH = "refurbish"


class DiscrepancyKind(StrEnum):
    MISSING = "missing"
    EXTRA = "extra"
    WEIGHT_OFF = "weight_off"
