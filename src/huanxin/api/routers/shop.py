"""The shop's desk beside the till: filed models and prices, files, part refunds, appeals."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey
from huanxin.api.security import actor_of
from huanxin.catalogue import services as catalogue
from huanxin.catalogue.types import NewModel, NewPrice
from huanxin.claims.services import ordering, returning, reviewing
from huanxin.claims.types import PartQuote, PaymentAnswer

router = Router(tags=["shop"])


class FiledModels(Schema):
    ids: list[UUID]


class FiledPrices(Schema):
    count: int


class AppealNote(Schema):
    note: str


class Reduction(Schema):
    off_fen: int


@router.post("/models", response={201: FiledModels}, summary="备案型号")
def file_models(request: HttpRequest, models: Body[list[NewModel]]) -> Status[FiledModels]:
    ids = catalogue.file_models(actor=actor_of(request), models=models)
    return Status(201, FiledModels(ids=ids))


@router.post("/prices", response={201: FiledPrices}, summary="备案价格")
def file_prices(request: HttpRequest, prices: Body[list[NewPrice]]) -> Status[FiledPrices]:
    count = catalogue.file_prices(actor=actor_of(request), prices=prices)
    return Status(201, FiledPrices(count=count))


@router.post("/sales/{sale_id}/part-return/quote", response=PartQuote, summary="试算部分退款")
def quote_part(request: HttpRequest, sale_id: UUID, body: Reduction) -> PartQuote:
    return returning.quote_part(actor=actor_of(request), sale_id=sale_id, off_fen=body.off_fen)


@router.post("/claims/{claim_id}/appeal", response={204: None}, summary="对核验结果申诉")
def appeal(
    request: HttpRequest, claim_id: UUID, key: IdempotencyKey, body: AppealNote
) -> Status[None]:
    reviewing.appeal_claim(
        actor=actor_of(request), claim_id=claim_id, note=body.note, request_id=key
    )
    return Status(204, None)


@router.post("/online-orders/{order_id}/pay", response=PaymentAnswer, summary="消费者支付线上订单")
def pay_order(request: HttpRequest, order_id: UUID, key: IdempotencyKey) -> PaymentAnswer:
    return ordering.pay_order(actor=actor_of(request), order_id=order_id, request_id=key)
