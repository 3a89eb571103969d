"""Consumption vouchers: campaigns opened and ended, purchases quoted, made and given back."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey
from huanxin.api.security import actor_of
from huanxin.identity.services import registering
from huanxin.identity.types import NewPersonTag, TagKind
from huanxin.vouchers import selectors
from huanxin.vouchers.services import campaigning, claiming, purchasing
from huanxin.vouchers.types import (
    CampaignUse,
    NewPool,
    NewPurchase,
    PoolCard,
    Position,
    PurchaseCard,
    PurchaseQuote,
    ReturnReceipt,
)

router = Router(tags=["campaigns"])


class Reason(Schema):
    reason: str


class GivenBack(Schema):
    returned_fen: int


class NearToken(Schema):
    position: Position | None = None
    device_key: str = ""


class Token(Schema):
    token: str


class Return(Schema):
    returned_fen: int
    reason: str


class Tag(Schema):
    tag: TagKind
    source: str
    from_on: date
    to_on: date
    level: str = ""


class Recorded(Schema):
    tag_id: UUID


@router.get("/campaigns", response=list[PoolCard], summary="消费券活动：本单位出资的，或辖区内的")
def list_campaigns(request: HttpRequest) -> list[PoolCard]:
    return selectors.list_campaigns(actor_of(request).scope)


@router.post("/campaigns", response={201: PoolCard}, summary="开办一期消费券，资金足额划入")
def open_campaign(
    request: HttpRequest, key: IdempotencyKey, pool: Body[NewPool]
) -> Status[PoolCard]:
    pool_id = campaigning.open_campaign(actor=actor_of(request), pool=pool, request_id=key)
    return Status(201, selectors.get_pool(pool_id))


@router.get("/campaigns/{pool_id}/use", response=CampaignUse, summary="一期消费券的领用情况")
def campaign_use(request: HttpRequest, pool_id: UUID) -> CampaignUse:
    selectors.get_campaign(pool_id, actor_of(request).scope)
    return selectors.campaign_use(pool_id)


@router.post("/campaigns/{pool_id}/close", response=GivenBack, summary="结束一期，余款退回出资方")
def close_campaign(request: HttpRequest, pool_id: UUID, body: Reason) -> GivenBack:
    fen = campaigning.close_campaign(actor=actor_of(request), pool_id=pool_id, reason=body.reason)
    return GivenBack(returned_fen=fen)


@router.post(
    "/campaigns/{pool_id}/token",
    response=Token,
    summary="消费券领取凭证：位置只用于这一次判断；拿到后发给抢领网关的 POST /claim",
)
def claim_token(request: HttpRequest, pool_id: UUID, body: NearToken) -> Token:
    [token] = claiming.issue_claim_tokens(
        actor=actor_of(request), pool_id=pool_id, device_key=body.device_key,
        position=body.position,
    ).values()  # fmt: skip
    return Token(token=token)


@router.get("/purchases", response=list[PurchaseCard], summary="消费券购物记录")
def list_purchases(request: HttpRequest) -> list[PurchaseCard]:
    return selectors.list_purchases(actor_of(request).scope)


@router.post("/purchases/quote", response=PurchaseQuote, summary="试算消费券抵扣，不写入任何记录")
def quote_purchase(request: HttpRequest, purchase: Body[NewPurchase]) -> PurchaseQuote:
    return purchasing.quote_purchase(actor=actor_of(request), purchase=purchase)


@router.post("/purchases", response={201: PurchaseCard}, summary="用消费券结算不享受补贴的商品")
def buy(
    request: HttpRequest, key: IdempotencyKey, purchase: Body[NewPurchase]
) -> Status[PurchaseCard]:
    return Status(201, purchasing.buy(actor=actor_of(request), purchase=purchase, request_id=key))


@router.post("/purchases/{purchase_id}/return", response=ReturnReceipt, summary="全部或部分退货")
def return_purchase(
    request: HttpRequest, purchase_id: UUID, key: IdempotencyKey, body: Return
) -> ReturnReceipt:
    return purchasing.return_purchase(
        actor=actor_of(request), purchase_id=purchase_id, returned_fen=body.returned_fen,
        reason=body.reason, request_id=key,
    )  # fmt: skip


@router.post(
    "/people/{person_id}/tags", response={201: Recorded}, summary="登记一项身份信息及其证明"
)
def record_tag(
    request: HttpRequest, person_id: UUID, key: IdempotencyKey, body: Tag
) -> Status[Recorded]:
    new = NewPersonTag(person_id, body.tag, body.source, body.from_on, body.to_on, body.level)
    tag_id = registering.record_person_tag(actor=actor_of(request), new=new, request_id=key)
    return Status(201, Recorded(tag_id=tag_id))
