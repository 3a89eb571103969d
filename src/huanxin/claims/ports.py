"""The outside world that claims asks: taking a buyer's money, and what of it went back to her."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from huanxin.claims.types.refunds import PaidSale, Refunds

SIMULATED = "MNSK-"


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment taken; `reference` names it for ever and tells whether it was simulated."""

    reference: str

    @property
    def is_simulated(self) -> bool:
        return is_simulated(self.reference)


class OnlinePayment(Protocol):
    """Takes an amount from the buyer of an order, once per request id."""

    def take(self, *, order_id: UUID, request_id: UUID, amount_fen: int) -> Taken: ...


class LocalOnlinePayment:
    """Simulated (模拟支付): no money moves, the reference follows from the request."""

    def take(self, *, order_id: UUID, request_id: UUID, amount_fen: int) -> Taken:
        del order_id
        assert amount_fen > 0, "a payment is more than nothing"
        return Taken(f"{SIMULATED}{request_id.hex}")


class NoRefunds:
    """Simulated: no channel is asked, so nothing is known to have gone back."""

    def given_back(self, *, sales: Sequence[PaidSale]) -> Mapping[UUID, int]:
        del sales
        return {}


def refunds() -> Refunds:
    """The implementation that HUANXIN_REFUNDS_PORT names, else the one that knows of none."""
    named = getattr(settings, "HUANXIN_REFUNDS_PORT", None)
    port: Refunds = import_string(named)() if named else NoRefunds()
    return port


def is_simulated(reference: str) -> bool:
    """Whether a payment's reference is one of the simulated channel."""
    return reference.startswith(SIMULATED)


def online_payment() -> OnlinePayment:
    """The implementation that HUANXIN_ONLINE_PAYMENT_PORT names, else the simulated one."""
    named = getattr(settings, "HUANXIN_ONLINE_PAYMENT_PORT", None)
    port: OnlinePayment = import_string(named)() if named else LocalOnlinePayment()
    return port
