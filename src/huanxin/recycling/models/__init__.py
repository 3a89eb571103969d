"""Tables of recycling, one module an aggregate; Django asks for them here."""

from huanxin.recycling.models.books import (
    FundClaim,
    FundClaimUnit,
    RunPart,
    StockTake,
    StockTakeLine,
)
from huanxin.recycling.models.cases import Case, CaseNote
from huanxin.recycling.models.depot import Discrepancy, Lot, LotUnit
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
from huanxin.recycling.models.renewal import (
    Inspection,
    RenewalOffer,
    RenewalSale,
    RenewalWork,
    WorkStandard,
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
    "Case",
    "CaseNote",
    "Complaint",
    "ComplaintStep",
    "Discrepancy",
    "DispatchProfile",
    "FundClaim",
    "FundClaimUnit",
    "Inspection",
    "Lot",
    "LotUnit",
    "Offer",
    "Order",
    "Payout",
    "PayoutDue",
    "Quote",
    "QuotePhoto",
    "RenewalOffer",
    "RenewalSale",
    "RenewalWork",
    "Requote",
    "Route",
    "RouteStop",
    "Run",
    "RunMaterial",
    "RunPart",
    "RunUnit",
    "ScrapPrice",
    "SlotRoom",
    "Standard",
    "StandardProposal",
    "StockTake",
    "StockTakeLine",
    "Unit",
    "Van",
    "VehiclePaper",
    "VillageDay",
    "WorkStandard",
]
