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
    UNPACKED = "unpacked"


class LotPurpose(StrEnum):
    """Where a sealed lot goes: to be taken apart, or to another depot."""

    DISMANTLE = "dismantle"
    TRANSFER = "transfer"


class NextStep(StrEnum):
    """What grading decides."""

    DISMANTLE = "dismantle"
    REFURBISH = "refurbish"
    HAZARDOUS = "hazardous"


class DiscrepancyKind(StrEnum):
    MISSING = "missing"
    EXTRA = "extra"
    SWAPPED = "swapped"
    WEIGHT_OFF = "weight_off"


class OrderMode(StrEnum):
    """How the old unit comes to the recycler."""

    DOOR = "door"
    STATION = "station"
    VILLAGE = "village"

    @property
    def label(self) -> str:
        return {"door": "上门回收", "station": "送到服务站", "village": "村口集中回收"}[self.value]


class MissedBy(StrEnum):
    """Who was not there at the promised time."""

    CONSUMER = "consumer"
    RECYCLER = "recycler"


class OfferState(StrEnum):
    """What became of an order's offer to one recycler."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATE = "late"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        words = {"open": "待接单", "accepted": "已接单", "refused": "已拒绝", "late": "超时未接",
                 "withdrawn": "已收回"}  # fmt: skip
        return words[self.value]


class ComplaintKind(StrEnum):
    PRICE = "price"
    MISSED = "missed"
    PAYMENT = "payment"
    CONDUCT = "conduct"
    DAMAGE = "damage"
    OTHER = "other"

    @property
    def label(self) -> str:
        words = {"price": "估价或改价", "missed": "没有按时上门", "payment": "付款或焕新券",
                 "conduct": "服务态度", "damage": "损坏或遗失", "other": "其他"}  # fmt: skip
        return words[self.value]


class ComplaintState(StrEnum):
    OPEN = "open"
    ESCALATED = "escalated"
    ANSWERED = "answered"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        words = {"open": "待答复", "escalated": "超时已升级", "answered": "已答复，待评价",
                 "closed": "已办结"}  # fmt: skip
        return words[self.value]


class ProposalState(StrEnum):
    """A valuation standard on its way to being published."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class PaperKind(StrEnum):
    """The papers of a scrapped car."""

    SCRAP_CERTIFICATE = "scrap_certificate"
    DEREGISTRATION = "deregistration"

    @property
    def label(self) -> str:
        return "报废机动车回收证明" if self == PaperKind.SCRAP_CERTIFICATE else "机动车注销证明"


class StandardKind(StrEnum):
    """What is published as a standard by two people."""

    VALUATION = "valuation"
    GRADING = "grading"
    FLOOR = "floor"

    @property
    def label(self) -> str:
        return {"valuation": "估价标准", "grading": "分级标准", "floor": "核算标准"}[self.value]


class BatteryKind(StrEnum):
    LEAD_ACID = "lead_acid"
    LITHIUM = "lithium"

    @property
    def label(self) -> str:
        return "铅酸电池" if self == BatteryKind.LEAD_ACID else "锂电池"
