"""The old unit's back half: re-use, lots on the road, cases, stock-takes, the fund."""

from datetime import date
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.kernel.paging import Page
from huanxin.recycling.selectors import case_book, plant_book, renewal_book, stock_book
from huanxin.recycling.services import clearing, counting, renewing, storing, visiting
from huanxin.recycling.types.cases import CaseCard, CaseState, Outcome
from huanxin.recycling.types.depot import GradingQuestion, LotCard, LotReceipt, StockUnit, WeighIn
from huanxin.recycling.types.door import DoorVisit, PickupReceipt
from huanxin.recycling.types.floor import (
    CoefficientLine,
    FundClaimCard,
    FundLine,
    FundUnit,
    StockCount,
    StockTakeCard,
    StockTakeLine,
)
from huanxin.recycling.types.renewal import NewSale, NewWork, RenewalCard

router = Router(tags=["recycling"])


class Scanned(Schema):
    scanned: list[WeighIn]


class DepotWork(Schema):
    depot_org_id: UUID
    work: NewWork


class DepotOffer(Schema):
    depot_org_id: UUID
    unit_code: str
    price_fen: int
    warranty_months: int


class DepotSale(Schema):
    depot_org_id: UUID
    sale: NewSale


class Said(Schema):
    said: str


class Ending(Schema):
    outcome: Outcome
    said: str


class FloorCounts(Schema):
    dismantler_org_id: UUID
    counts: list[StockCount]


class FundMonth(Schema):
    dismantler_org_id: UUID
    month: date


@router.post("/pickups/hand-in", response={201: PickupReceipt}, summary="补交离线上门记录")
def hand_in(
    request: HttpRequest, key: IdempotencyKey, visit: Body[DoorVisit]
) -> Status[PickupReceipt]:
    return Status(201, visiting.hand_in(actor=actor_of(request), visit=visit, request_id=key))


@router.get("/depot/questions", response=list[GradingQuestion], summary="现行分级标准的问题")
def questions(request: HttpRequest) -> list[GradingQuestion]:
    actor_of(request)
    return list(stock_book.grading_questions())


@router.get("/depot/units", response=Page[StockUnit], summary="在库旧机与库龄")
def stock_units(
    request: HttpRequest, class_code: str | None = None, page: PageNumber = 1
) -> Page[StockUnit]:
    return stock_book.list_stock_units(actor_of(request).scope, class_code=class_code, page=page)


@router.post("/renewals/work", response={201: RenewalCard}, summary="登记维修与安全检测")
def work(request: HttpRequest, key: IdempotencyKey, body: DepotWork) -> Status[RenewalCard]:
    return Status(
        201,
        renewing.record_work(
            actor=actor_of(request), depot_org_id=body.depot_org_id, work=body.work, request_id=key
        ),
    )


@router.post("/renewals/offers", response={201: RenewalCard}, summary="翻新机定价")
def offer(request: HttpRequest, key: IdempotencyKey, body: DepotOffer) -> Status[RenewalCard]:
    return Status(
        201, renewing.offer_unit(actor=actor_of(request), request_id=key, **body.model_dump())
    )


@router.post("/renewals/sales", response={201: RenewalCard}, summary="翻新机售出，护照转入下一段")
def sell(request: HttpRequest, key: IdempotencyKey, body: DepotSale) -> Status[RenewalCard]:
    return Status(
        201,
        renewing.sell_unit(
            actor=actor_of(request), depot_org_id=body.depot_org_id, sale=body.sale, request_id=key
        ),
    )


@router.get("/renewals", response=Page[RenewalCard], summary="翻新再用的旧机：待修待售，或已售出")
def list_renewals(
    request: HttpRequest, of: Literal["waiting", "sold"] = "waiting", page: PageNumber = 1
) -> Page[RenewalCard]:
    return renewal_book.list_renewals(actor_of(request).scope, is_sold=of == "sold", page=page)


@router.post("/lots/{lot_id}/unpack", response=LotCard, summary="未发运的批次拆封")
def unpack(request: HttpRequest, lot_id: UUID) -> LotCard:
    return storing.unpack_lots(actor=actor_of(request), lot_ids=[lot_id])[0]


@router.post("/lots/{lot_id}/transfer", response=LotCard, summary="调拨到货逐台验收")
def transfer(request: HttpRequest, lot_id: UUID, key: IdempotencyKey, body: Scanned) -> LotCard:
    receipt = LotReceipt(lot_id, tuple(body.scanned))
    return storing.receive_transfers(
        actor=actor_of(request), receipts=[receipt], request_id=key
    )[0]  # fmt: skip


@router.get("/cases", response=Page[CaseCard], summary="差异案件，最急的在前")
def list_cases(
    request: HttpRequest, state: CaseState | None = None, page: PageNumber = 1
) -> Page[CaseCard]:
    return case_book.list_cases(actor_of(request).scope, state=state, page=page)


@router.post("/cases/{case_id}/words", response=CaseCard, summary="对差异作说明")
def speak(request: HttpRequest, case_id: UUID, key: IdempotencyKey, body: Said) -> CaseCard:
    return clearing.speak_in_case(
        actor=actor_of(request), case_id=case_id, said=body.said, request_id=key
    )


@router.post("/cases/{case_id}/resolve", response=CaseCard, summary="办结差异案件")
def resolve(request: HttpRequest, case_id: UUID, key: IdempotencyKey, body: Ending) -> CaseCard:
    return clearing.resolve_case(
        actor=actor_of(request), case_id=case_id, outcome=body.outcome, said=body.said,
        request_id=key,
    )  # fmt: skip


@router.get("/floor/book", response=list[StockTakeLine], summary="账面库存：期初＋验收－拆解")
def book(request: HttpRequest) -> list[StockTakeLine]:
    return plant_book.list_book_stock(actor_of(request).scope)


@router.post("/floor/counts", response={201: StockTakeCard}, summary="盘点")
def count(request: HttpRequest, key: IdempotencyKey, body: FloorCounts) -> Status[StockTakeCard]:
    return Status(201, counting.count_stock(
        actor=actor_of(request), dismantler_org_id=body.dismantler_org_id, counts=body.counts,
        request_id=key,
    ))  # fmt: skip


@router.get("/floor/coefficients", response=list[CoefficientLine], summary="物料系数核算")
def coefficients(request: HttpRequest, month: date) -> list[CoefficientLine]:
    return plant_book.list_coefficients(actor_of(request).scope, month=month.replace(day=1))


@router.get("/fund/lines", response=list[FundLine], summary="按类应补")
def fund_lines(request: HttpRequest, month: date) -> list[FundLine]:
    return plant_book.list_fund_lines(actor_of(request).scope, month=month.replace(day=1))


@router.get("/fund/units", response=list[FundUnit], summary="逐台应补，附拆解证明")
def fund_units(request: HttpRequest, month: date) -> list[FundUnit]:
    return plant_book.list_fund_units(actor_of(request).scope, month=month.replace(day=1))


@router.post("/fund/claims", response={201: FundClaimCard}, summary="提交一个月的拆解补贴申报")
def claim(request: HttpRequest, key: IdempotencyKey, body: FundMonth) -> Status[FundClaimCard]:
    return Status(201, counting.claim_fund(
        actor=actor_of(request), dismantler_org_id=body.dismantler_org_id, month=body.month,
        request_id=key,
    ))  # fmt: skip
