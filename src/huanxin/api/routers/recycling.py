"""The old unit: valuation, booking, pick-up, depot, lots, dismantling."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Query, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.kernel.paging import Page
from huanxin.recycling.selectors import floor_book, order_book, route_book, stock_book
from huanxin.recycling.services import booking, dismantling, quoting, storing, visiting
from huanxin.recycling.types import LotState, OrderState
from huanxin.recycling.types.depot import (
    Carriage,
    GradeResult,
    Inspection,
    LotCard,
    LotReceipt,
    NewLot,
    StockLine,
    WeighIn,
)
from huanxin.recycling.types.door import Pickup, PickupReceipt, RequoteCard
from huanxin.recycling.types.floor import CertificateCard, NewRun
from huanxin.recycling.types.orders import NewOrder, OrderCard, OrderFilter, SlotOffer, TimelineStep
from huanxin.recycling.types.routes import JobCard
from huanxin.recycling.types.valuation import QuoteAsk, UnitAnswers, ValuationQuote

router = Router(tags=["recycling"])


class OrderSearch(Schema):
    state: OrderState | None = None
    number: str = ""
    category_code: str = ""
    from_on: date | None = None
    to_on: date | None = None


class Reason(Schema):
    reason: str


class Requote(Schema):
    unit_id: UUID
    answers: UnitAnswers


class RequoteAnswer(Schema):
    is_accepted: bool


class DepotWeights(Schema):
    depot_org_id: UUID
    weights: list[WeighIn]


class DepotInspections(Schema):
    depot_org_id: UUID
    inspections: list[Inspection]


class Count(Schema):
    count: int


class Scanned(Schema):
    scanned: list[WeighIn]


@router.post("/valuations", response={201: ValuationQuote}, summary="旧机估价，得到评估凭证")
def quote(request: HttpRequest, ask: Body[QuoteAsk]) -> Status[ValuationQuote]:
    return Status(
        201,
        quoting.quote_old_unit(
            actor=actor_of(request), person_id=ask.person_id, answers=ask.answers
        ),
    )


@router.get("/slots", response=list[SlotOffer], auth=None, summary="可预约的上门时段")
def list_slots(
    request: HttpRequest, region_code: str, from_on: date, to_on: date
) -> list[SlotOffer]:
    return order_book.list_free_slots(region_code, from_on=from_on, to_on=to_on)


@router.post("/orders", response={201: OrderCard}, summary="预约上门回收")
def book(request: HttpRequest, key: IdempotencyKey, order: Body[NewOrder]) -> Status[OrderCard]:
    return Status(201, booking.book_order(actor=actor_of(request), order=order, request_id=key))


@router.get("/orders", response=Page[OrderCard], summary="订单列表")
def list_orders(
    request: HttpRequest, asked: Query[OrderSearch], page: PageNumber = 1
) -> Page[OrderCard]:
    where = OrderFilter(**asked.model_dump())
    return order_book.list_orders(actor_of(request).scope, where, page=page)


@router.get("/orders/{order_id}", response=OrderCard, summary="一个订单")
def get_order(request: HttpRequest, order_id: UUID) -> OrderCard:
    return order_book.get_order(order_id, actor_of(request).scope)


@router.get("/orders/{order_id}/timeline", response=list[TimelineStep], summary="订单经过")
def timeline(request: HttpRequest, order_id: UUID) -> list[TimelineStep]:
    return order_book.timeline(order_id, actor_of(request).scope)


@router.post("/orders/{order_id}/cancel", response=OrderCard, summary="取消预约")
def cancel(request: HttpRequest, order_id: UUID, body: Reason) -> OrderCard:
    return booking.cancel_order(actor=actor_of(request), order_id=order_id, reason=body.reason)


@router.get("/jobs", response=list[JobCard], summary="某日的上门任务，按路线顺序")
def list_jobs(request: HttpRequest, on: date) -> list[JobCard]:
    return route_book.list_jobs(actor_of(request).scope, on=on)


@router.post("/orders/{order_id}/requotes", response={201: RequoteCard}, summary="到门改价")
def request_requote(
    request: HttpRequest, order_id: UUID, key: IdempotencyKey, body: Requote
) -> Status[RequoteCard]:
    return Status(
        201,
        visiting.request_requote(
            actor=actor_of(request),
            order_id=order_id,
            unit_id=body.unit_id,
            answers=body.answers,
            request_id=key,
        ),
    )


@router.post("/requotes/{requote_id}/answer", response=OrderCard, summary="消费者同意或不同意改价")
def answer_requote(request: HttpRequest, requote_id: UUID, body: RequoteAnswer) -> OrderCard:
    return visiting.answer_requote(
        actor=actor_of(request), requote_id=requote_id, is_accepted=body.is_accepted
    )


@router.post("/pickups", response={201: PickupReceipt}, summary="上门收件：付款或激活焕新券")
def collect(
    request: HttpRequest, key: IdempotencyKey, pickup: Body[Pickup]
) -> Status[PickupReceipt]:
    return Status(
        201, visiting.collect_unit(actor=actor_of(request), pickup=pickup, request_id=key)
    )


@router.post("/depot/weigh-ins", response=Count, summary="入库称重")
def weigh_in(request: HttpRequest, key: IdempotencyKey, body: DepotWeights) -> Count:
    count = storing.receive_at_depot(
        actor=actor_of(request),
        depot_org_id=body.depot_org_id,
        weights=body.weights,
        request_id=key,
    )
    return Count(count=count)


@router.post("/depot/grades", response=list[GradeResult], summary="按分级标准检测分级")
def grade(request: HttpRequest, key: IdempotencyKey, body: DepotInspections) -> list[GradeResult]:
    return storing.grade_units(
        actor=actor_of(request), depot_org_id=body.depot_org_id, inspections=body.inspections,
        request_id=key,
    )  # fmt: skip


@router.get("/depot/stock", response=list[StockLine], summary="库存")
def stock(request: HttpRequest) -> list[StockLine]:
    return stock_book.list_depot_stock(actor_of(request).scope)


@router.get("/lots", response=Page[LotCard], summary="移交批次")
def list_lots(
    request: HttpRequest, state: LotState | None = None, page: PageNumber = 1
) -> Page[LotCard]:
    return stock_book.list_lots(actor_of(request).scope, state=state, page=page)


@router.post("/lots", response={201: list[LotCard]}, summary="装批，取得 SSCC")
def pack(
    request: HttpRequest, key: IdempotencyKey, lots: Body[list[NewLot]]
) -> Status[list[LotCard]]:
    return Status(201, storing.pack_lots(actor=actor_of(request), lots=lots, request_id=key))


@router.post("/lots/{lot_id}/ship", response=LotCard, summary="发运：车牌、驾驶员、封签号")
def ship(request: HttpRequest, lot_id: UUID, carriage: Body[Carriage]) -> LotCard:
    return storing.ship_lot(actor=actor_of(request), lot_id=lot_id, carriage=carriage)


@router.post("/lots/{lot_id}/receive", response=LotCard, summary="拆解企业逐台扫码接收")
def receive(request: HttpRequest, lot_id: UUID, key: IdempotencyKey, body: Scanned) -> LotCard:
    receipt = LotReceipt(lot_id=lot_id, scanned=tuple(body.scanned))
    return dismantling.receive_lots(actor=actor_of(request), receipts=[receipt], request_id=key)[0]


@router.post("/runs", response={201: CertificateCard}, summary="拆解：投入、产出须平衡")
def dismantle(
    request: HttpRequest, key: IdempotencyKey, run: Body[NewRun]
) -> Status[CertificateCard]:
    return Status(
        201, dismantling.dismantle(actor=actor_of(request), runs=[run], request_id=key)[0]
    )


@router.get("/certificates/{number}", response=CertificateCard, auth=None, summary="查验拆解凭证")
def get_certificate(request: HttpRequest, number: str) -> CertificateCard:
    return floor_book.get_certificate(number)
