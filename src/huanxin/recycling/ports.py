"""The outside world that recycling asks: paying an owner."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class PaymentReceipt:
    """What the payer answered; `is_simulated` is shown beside every amount paid this way."""

    reference: str
    is_simulated: bool


class Payment(Protocol):
    """Pays cash to the owner of an order, once per order id."""

    def pay(self, *, order_id: UUID, amount_fen: int) -> PaymentReceipt: ...


class LocalPayment:
    """Simulated (模拟支付): no money moves, the reference follows from the order."""

    def pay(self, *, order_id: UUID, amount_fen: int) -> PaymentReceipt:
        assert amount_fen > 0, "a payment is more than nothing"
        return PaymentReceipt(reference=f"MNZF-{order_id.hex}", is_simulated=True)


def payment() -> Payment:
    """The implementation that HUANXIN_PAYMENT_PORT names, else the simulated one."""
    named = getattr(settings, "HUANXIN_PAYMENT_PORT", None)
    port: Payment = import_string(named)() if named else LocalPayment()
    return port
