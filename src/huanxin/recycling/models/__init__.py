"""Tables of recycling, one module an aggregate; Django asks for them here."""

from huanxin.recycling.models.depot import Discrepancy, Lot
from huanxin.recycling.models.floor import Run, RunMaterial, RunUnit
from huanxin.recycling.models.orders import Order, Payout, Requote, SlotRoom, Unit
from huanxin.recycling.models.routes import Route, RouteStop, Van
from huanxin.recycling.models.valuation import Quote, Standard

__all__ = [
    "Discrepancy",
    "Lot",
    "Order",
    "Payout",
    "Quote",
    "Requote",
    "Route",
    "RouteStop",
    "Run",
    "RunMaterial",
    "RunUnit",
    "SlotRoom",
    "Standard",
    "Unit",
    "Van",
]
