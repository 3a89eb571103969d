"""One subsidised sale as the measured city knows it: what happened, and what its papers will say.

A deal is made honest and whole; look-alikes and forgeries change what differs. `pattern` is the
truth. It stays here: the platform is told what a till and an upload page would tell it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from huanxin.simulation.types import Look, Pattern, Resident

Place = tuple[int, int]  # micro-degrees: latitude, longitude

LABEL, DELIVERY, ACTIVATION = "label", "delivery", "activation"


@dataclass(slots=True)
class Deal:
    """Everything about one sale. Times are instants; money is in fen."""

    key: str
    shop: str
    till: str
    channel: str
    gtin: str
    category_code: str
    grade: int | None
    programme: str
    holder: Resident
    device: str
    ip: str
    claimed_at: datetime
    sold_at: datetime
    recorded_at: datetime
    submit_at: datetime
    serial: str
    imei: str | None
    list_price_fen: int
    discount_fen: int
    goods_name: str
    invoice_number: str
    invoiced_at: datetime
    buyer: Resident
    payer: Resident
    account: str
    receiver: Resident
    receiver_phone: str
    address: str
    address_at: Place
    waybill: str
    shipped_at: datetime
    signed_at: datetime
    made_on: datetime
    label_serial: str | None
    photos: dict[str, str]  # perceptual hash by kind
    places: dict[str, Place | None]  # where each photo was taken; None: it does not say
    taken: dict[str, datetime]
    activated_at: datetime | None = None
    label_grade: int | None = None
    label_imei: str | None = None
    invoice_off_fen: int = 0  # what the invoice shows more than the price
    paid_off_fen: int = 0  # what the channel saw more than the receipt asks for
    refund_fen: int = 0  # what went back to the payer afterwards
    refunded_at: datetime | None = None
    route_scans: int | None = None  # how often the carrier scanned it; None: the shop's own van
    ip_region: str = "371500"  # where the line was that the payment came over
    address_region: str = ""
    payer_relation: str | None = None  # declared when the claim came back
    receiver_relation: str | None = None
    label_gtin: str = ""  # the barcode on the plate where it is not the sold model's
    retake: int = 0  # how often the papers were taken anew
    hidden_bps: int = 0  # how well its ring hides
    left_out: set[str] = field(default_factory=set)  # kinds handed in days later
    later_days: int = 2
    returns_after_days: int | None = None
    files_price_fen: int | None = None  # the shop files this price for itself first
    pattern: Pattern | None = None
    ring: str = ""
    form: str = ""
    look: Look | None = None
    is_base: bool = False  # the real sale that a ring's forged ones live off

    @property
    def is_fraud(self) -> bool:
        return self.pattern is not None and not self.is_base

    @property
    def invoice(self) -> str:
        """Its number: its own (the tax office counts with the clock), or one that was borrowed."""
        if self.invoice_number:
            return self.invoice_number
        order = int(hashlib.sha256(self.key.encode()).hexdigest()[:8], 16) % 1_000_000
        return f"{self.invoiced_at:%y}99{int(self.invoiced_at.timestamp()):010d}{order:06d}"

    @property
    def second_photo(self) -> str:
        """The photo that is wanted beside the label's: of the delivery or of the activation."""
        return ACTIVATION if self.programme.startswith("digital") else DELIVERY

    def move(self, shift: timedelta) -> None:
        """The whole sale earlier or later."""
        self.claimed_at += shift
        self.sold_at += shift
        self.recorded_at += shift
        self.submit_at += shift
        self.invoiced_at += shift
        self.shipped_at += shift
        self.signed_at += shift
        self.taken = {kind: at + shift for kind, at in self.taken.items()}
        if self.activated_at is not None:
            self.activated_at += shift

    def name(self, who: Resident) -> None:
        """Somebody else buys it, with everything that bears a name."""
        self.holder = self.buyer = self.payer = self.receiver = who
        self.receiver_phone = who.phone
        self.account = own_account(who)
        self.device = own_device(who)

    def deliver_to(self, who: Resident) -> None:
        """It goes to somebody's home."""
        self.address, self.address_at = who.address, (who.lat_e6, who.lon_e6)
        self.address_region = who.county
        if self.places.get(self.second_photo) is not None:
            self.places[self.second_photo] = self.address_at


def own_account(who: Resident) -> str:
    """The account somebody pays from."""
    return f"account-{who.document_no[-12:]}"


def own_device(who: Resident) -> str:
    """The phone in somebody's pocket."""
    return f"phone-{who.key}"
