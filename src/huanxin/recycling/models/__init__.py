"""Tables of recycling, one module an aggregate; Django asks for them here."""

from huanxin.recycling.models.depot import Discrepancy, Lot
from huanxin.recycling.models.floor import Run, RunMaterial, RunUnit
from huanxin.recycling.models.orders import (
    Battery,
    Order,
    Payout,
    PayoutDue,
    Requote,
    SlotRoom,
    Unit,
    VehiclePaper,
)
from huanxin.recycling.models.routes import DispatchProfile, Offer, Route, RouteStop, Van
from huanxin.recycling.models.valuation import (
    Quote,
    QuotePhoto,
    ScrapPrice,
    Standard,
    StandardProposal,
)
from huanxin.recycling.models.village import Address, Complaint, ComplaintStep, VillageDay

__all__ = [
    "Address",
    "Battery",
    "Complaint",
    "ComplaintStep",
    "Discrepancy",
    "DispatchProfile",
    "Lot",
    "Offer",
    "Order",
    "Payout",
    "PayoutDue",
    "Quote",
    "QuotePhoto",
    "Requote",
    "Route",
    "RouteStop",
    "Run",
    "RunMaterial",
    "RunUnit",
    "ScrapPrice",
    "SlotRoom",
    "Standard",
    "StandardProposal",
    "Unit",
    "Van",
    "VehiclePaper",
    "VillageDay",
]
