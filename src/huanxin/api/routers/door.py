"""At the door and around it: photos, labels for a day without network, consent by code, plans."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from huanxin.api.parameters import IdempotencyKey
from huanxin.api.security import actor_of
from huanxin.recycling.services import (
    dispatching,
    holding,
    keeping,
    quoting,
    renewing,
    visiting,
)
from huanxin.recycling.types.orders import OrderCard, VillageDayCard
from huanxin.recycling.types.routes import RoutePlan
from huanxin.recycling.types.valuation import QuotePhotoCard

router = Router(tags=["recycling"])


class LookReason(Schema):
    reason: str


class FullAddress(Schema):
    address: str


class DoorPhoto(Schema):
    sha256: str


class ConsentCode(Schema):
    consent_code: str


class LeftAt(Schema):
    happened_at: datetime


class LabelCount(Schema):
    count: int


class AutoAccept(Schema):
    org_id: UUID
    is_auto_accept: bool


class DayToPlan(Schema):
    on: date
    region_path: str


class Placed(Schema):
    count: int


class GivenUp(Schema):
    depot_org_id: UUID
    unit_code: str
    reason: str


@router.post("/orders/{order_id}/address", response=FullAddress, summary="查看上门地址，留痕")
def reveal_address(request: HttpRequest, order_id: UUID, body: LookReason) -> FullAddress:
    actor = actor_of(request)
    full = visiting.reveal_address(actor=actor, order_id=order_id, reason=body.reason)
    return FullAddress(address=full)


@router.post("/orders/{order_id}/photos", response={201: DoorPhoto}, summary="上传上门照片")
def keep_photo(request: HttpRequest, order_id: UUID, file: File[UploadedFile]) -> Status[DoorPhoto]:
    sha256 = visiting.keep_photo(actor=actor_of(request), order_id=order_id, content=file.read())
    return Status(201, DoorPhoto(sha256=sha256))


@router.post("/orders/{order_id}/leave", response=OrderCard, summary="未取机离开")
def leave_without(
    request: HttpRequest, order_id: UUID, key: IdempotencyKey, body: LeftAt
) -> OrderCard:
    return visiting.leave_without(
        actor=actor_of(request), order_id=order_id, happened_at=body.happened_at, request_id=key
    )


@router.post("/requotes/{requote_id}/code", response=OrderCard, summary="以口述码同意改价")
def consent_by_code(request: HttpRequest, requote_id: UUID, body: ConsentCode) -> OrderCard:
    return visiting.consent_by_code(
        actor=actor_of(request), requote_id=requote_id, consent_code=body.consent_code
    )


@router.post("/labels", response={201: list[str]}, summary="预留身份码，供离线作业")
def reserve_labels(request: HttpRequest, body: LabelCount) -> Status[list[str]]:
    return Status(201, visiting.reserve_labels(actor=actor_of(request), count=body.count))


@router.post("/routes/plan", response=list[RoutePlan], summary="排一天的路线")
def plan_routes(request: HttpRequest, body: DayToPlan) -> list[RoutePlan]:
    return dispatching.plan_routes(
        actor=actor_of(request), on=body.on, region_path=body.region_path
    )


@router.post("/routes/dispatch", response=Placed, summary="把等待的订单插入在途路线")
def dispatch_waiting(request: HttpRequest) -> Placed:
    actor = actor_of(request)
    count = dispatching.dispatch_waiting(actor=actor, region_path=actor.scope.region_path)
    return Placed(count=count)


@router.post("/offers/auto-accept", response={204: None}, summary="设置自动接单")
def set_auto_accept(request: HttpRequest, body: AutoAccept) -> Status[None]:
    dispatching.set_auto_accept(actor=actor_of(request), **body.model_dump())
    return Status(204, None)


@router.post("/village-days/{day_id}/cancel", response=VillageDayCard, summary="取消集中回收日")
def cancel_village_day(request: HttpRequest, day_id: UUID, body: LookReason) -> VillageDayCard:
    return holding.cancel_village_day(actor=actor_of(request), day_id=day_id, reason=body.reason)


@router.delete(
    "/people/{person_id}/addresses/{address_id}", response={204: None}, summary="删除地址"
)
def remove_address(request: HttpRequest, person_id: UUID, address_id: UUID) -> Status[None]:
    keeping.remove_address(actor=actor_of(request), person_id=person_id, address_id=address_id)
    return Status(204, None)


@router.post(
    "/valuations/{quote_id}/photos", response={201: QuotePhotoCard}, summary="为估价凭证附照片"
)
def add_quote_photo(
    request: HttpRequest, quote_id: UUID, file: File[UploadedFile]
) -> Status[QuotePhotoCard]:
    card = quoting.add_quote_photo(actor=actor_of(request), quote_id=quote_id, content=file.read())
    return Status(201, card)


@router.post("/renewals/give-up", response={204: None}, summary="放弃翻新，改送拆解")
def give_up_renewal(request: HttpRequest, key: IdempotencyKey, body: GivenUp) -> Status[None]:
    renewing.give_up_renewal(actor=actor_of(request), request_id=key, **body.model_dump())
    return Status(204, None)
