"""The front of the recycling chain: standard, moves, complaints, villages, offers, papers."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.kernel.paging import Page
from huanxin.recycling.selectors import care_book, order_book, quote_book, route_book
from huanxin.recycling.services import (
    booking,
    complaining,
    dispatching,
    holding,
    keeping,
    papering,
    publishing,
)
from huanxin.recycling.types import BatteryKind, ComplaintKind, ComplaintState, OfferState
from huanxin.recycling.types.care import AddressCard, ComplaintCard, NewAddress
from huanxin.recycling.types.orders import (
    BatteryCard,
    NewVehiclePaper,
    NewVillageDay,
    OrderCard,
    OrderMove,
    VehiclePaperCard,
    VillageDayCard,
)
from huanxin.recycling.types.routes import OfferCard, ShareLine
from huanxin.recycling.types.valuation import (
    CategoryGuide,
    NewScrapPrice,
    PublishedStandard,
    ScrapPriceCard,
    UnitAnswers,
    Valuation,
)

router = Router(tags=["recycling"])


class Note(Schema):
    note: str = ""


class NewComplaint(Schema):
    kind: ComplaintKind
    text: str


class Rating(Schema):
    satisfaction: int
    text: str = ""


class OfferAnswer(Schema):
    is_accepted: bool
    reason: str = ""


class BatteryWeight(Schema):
    kind: BatteryKind
    mass_g: int


class Count(Schema):
    count: int


class Made(Schema):
    id: UUID


@router.get("/standards", response=list[PublishedStandard], auth=None, summary="公布的估价标准")
def list_standards(request: HttpRequest) -> list[PublishedStandard]:
    return quote_book.list_standards()


@router.get("/guides", response=list[CategoryGuide], auth=None, summary="各类旧机要问什么")
def list_guides(request: HttpRequest) -> list[CategoryGuide]:
    return quote_book.list_guides()


@router.post("/indications", response=Valuation, auth=None, summary="试算，不留凭证")
def indicate(request: HttpRequest, answers: Body[UnitAnswers]) -> Valuation:
    return quote_book.value_old_unit(answers)


@router.get("/scrap-prices", response=list[ScrapPriceCard], auth=None, summary="废料行情")
def list_scrap_prices(request: HttpRequest) -> list[ScrapPriceCard]:
    return quote_book.list_scrap_prices()


@router.post("/scrap-prices", response={201: Count}, summary="发布废料行情")
def publish_scrap_prices(request: HttpRequest, prices: Body[list[NewScrapPrice]]) -> Status[Count]:
    count = publishing.publish_scrap_prices(actor=actor_of(request), prices=prices)
    return Status(201, Count(count=count))


@router.post("/orders/{order_id}/move", response=OrderCard, summary="改时间或地址")
def move(
    request: HttpRequest, order_id: UUID, key: IdempotencyKey, body: Body[OrderMove]
) -> OrderCard:
    return booking.move_order(actor=actor_of(request), order_id=order_id, move=body, request_id=key)


@router.post("/orders/{order_id}/missed-visit", response=OrderCard, summary="没有按时上门")
def missed_visit(
    request: HttpRequest, order_id: UUID, key: IdempotencyKey, body: Body[OrderMove]
) -> OrderCard:
    return booking.report_missed_visit(
        actor=actor_of(request), order_id=order_id, move=body, request_id=key
    )


@router.post("/orders/{order_id}/no-show", response=OrderCard, summary="上门未见到消费者")
def no_show(request: HttpRequest, order_id: UUID, body: Note) -> OrderCard:
    return booking.report_no_show(actor=actor_of(request), order_id=order_id, note=body.note)


@router.post("/orders/{order_id}/complaints", response={201: ComplaintCard}, summary="投诉")
def complain(
    request: HttpRequest, order_id: UUID, key: IdempotencyKey, body: NewComplaint
) -> Status[ComplaintCard]:
    return Status(201, complaining.open_complaint(
        actor=actor_of(request), order_id=order_id, kind=body.kind, text=body.text,
        request_id=key,
    ))  # fmt: skip


@router.get("/complaints", response=Page[ComplaintCard], summary="投诉列表")
def list_complaints(
    request: HttpRequest, state: ComplaintState | None = None, page: PageNumber = 1
) -> Page[ComplaintCard]:
    return care_book.list_complaints(actor_of(request).scope, state=state, page=page)


@router.post("/complaints/{complaint_id}/answer", response=ComplaintCard, summary="答复投诉")
def answer_complaint(request: HttpRequest, complaint_id: UUID, body: Note) -> ComplaintCard:
    return complaining.answer_complaint(
        actor=actor_of(request), complaint_id=complaint_id, text=body.note
    )


@router.post("/complaints/{complaint_id}/rating", response=ComplaintCard, summary="评价答复")
def rate(request: HttpRequest, complaint_id: UUID, body: Rating) -> ComplaintCard:
    return complaining.rate_answer(
        actor=actor_of(request), complaint_id=complaint_id, satisfaction=body.satisfaction,
        text=body.text,
    )  # fmt: skip


@router.get("/village-days", response=list[VillageDayCard], auth=None, summary="集中回收日")
def list_village_days(
    request: HttpRequest, region_code: str | None = None, from_on: date | None = None
) -> list[VillageDayCard]:
    return care_book.list_village_days(region_code=region_code, from_on=from_on)


@router.post("/village-days", response={201: VillageDayCard}, summary="安排集中回收日")
def open_village_day(
    request: HttpRequest, key: IdempotencyKey, day: Body[NewVillageDay]
) -> Status[VillageDayCard]:
    return Status(201, holding.open_village_day(actor=actor_of(request), day=day, request_id=key))


@router.get("/people/{person_id}/addresses", response=list[AddressCard], summary="地址簿")
def list_addresses(request: HttpRequest, person_id: UUID) -> list[AddressCard]:
    return care_book.list_addresses(person_id, actor_of(request).scope)


@router.post("/people/{person_id}/addresses", response={201: AddressCard}, summary="存地址")
def keep_address(
    request: HttpRequest, person_id: UUID, address: Body[NewAddress]
) -> Status[AddressCard]:
    return Status(
        201, keeping.keep_address(actor=actor_of(request), person_id=person_id, address=address)
    )


@router.get("/offers", response=list[OfferCard], summary="派给本企业的订单")
def list_offers(request: HttpRequest, state: OfferState | None = None) -> list[OfferCard]:
    return route_book.list_offers(actor_of(request).scope, state=state)


@router.post("/orders/{order_id}/offer-answer", response=OrderCard, summary="接单或拒单")
def answer_offer(request: HttpRequest, order_id: UUID, body: OfferAnswer) -> OrderCard:
    return dispatching.answer_offer(
        actor=actor_of(request), order_id=order_id, is_accepted=body.is_accepted,
        reason=body.reason,
    )  # fmt: skip


@router.post("/orders/{order_id}/return", response=OrderCard, summary="退单，立即转下一家")
def return_job(request: HttpRequest, order_id: UUID, body: Note) -> OrderCard:
    return dispatching.return_job(actor=actor_of(request), order_id=order_id, reason=body.note)


@router.get("/shares", response=list[ShareLine], auth=None, summary="各企业应得与已派份额")
def list_shares(request: HttpRequest, region_path: str) -> list[ShareLine]:
    return route_book.list_shares(region_path)


@router.post("/units/{unit_id}/battery", response={201: BatteryCard}, summary="电动自行车电池")
def weigh_battery(request: HttpRequest, unit_id: UUID, body: BatteryWeight) -> Status[BatteryCard]:
    return Status(
        201,
        papering.weigh_battery(
            actor=actor_of(request), unit_id=unit_id, kind=body.kind, mass_g=body.mass_g
        ),
    )


@router.post("/vehicle-papers", response={201: Made}, summary="登记报废车凭证")
def record_vehicle_paper(request: HttpRequest, paper: Body[NewVehiclePaper]) -> Status[Made]:
    made = papering.record_vehicle_paper(actor=actor_of(request), paper=paper)
    return Status(201, Made(id=made))


@router.get(
    "/orders/{order_id}/vehicle-papers", response=list[VehiclePaperCard], summary="报废车凭证"
)
def list_vehicle_papers(request: HttpRequest, order_id: UUID) -> list[VehiclePaperCard]:
    return order_book.list_vehicle_papers(order_id, actor_of(request).scope)
