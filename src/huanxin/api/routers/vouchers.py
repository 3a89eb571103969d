"""Pools, rights and the codes that are shown at a till."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey
from huanxin.api.security import actor_of
from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound
from huanxin.vouchers import selectors
from huanxin.vouchers.services import claiming, making, moving, releasing, till_codes
from huanxin.vouchers.types import (
    NewPool,
    NewRight,
    PoolCard,
    RightChannel,
    TillCode,
    VoucherCard,
    VoucherMoment,
)

router = Router(tags=["vouchers"])


class TokenRequest(Schema):
    category_code: str
    device_key: str = ""
    person_id: UUID | None = None


class Token(Schema):
    token: str


class MadeRight(Schema):
    person_id: UUID
    pool_id: UUID
    category_code: str
    holder_key: str = ""


class Codes(Schema):
    voucher_ids: list[UUID]


class ShownCode(Schema):
    code: str


@router.get("/pools", response=list[PoolCard], auth=None, summary="现在开放的资金池")
def list_pools(request: HttpRequest, region_path: str | None = None) -> list[PoolCard]:
    return selectors.list_open_pools(now=clock.now(), region_path=region_path)


@router.post("/pools", response={201: PoolCard}, summary="开放一个资金池")
def open_pool(request: HttpRequest, key: IdempotencyKey, pool: Body[NewPool]) -> Status[PoolCard]:
    pool_id = releasing.open_pool(actor=actor_of(request), pool=pool, request_id=key)
    return Status(201, selectors.get_pool(pool_id))


@router.post(
    "/pools/{pool_id}/token",
    response=Token,
    summary="领取凭证：拿到后把 token 发给抢领网关的 POST /claim",
)
def issue_token(request: HttpRequest, pool_id: UUID, body: TokenRequest) -> Token:
    token = claiming.issue_claim_token(
        actor=actor_of(request),
        pool_id=pool_id,
        category_code=body.category_code,
        device_key=body.device_key,
        person_id=body.person_id,
    )
    return Token(token=token)


@router.get("/vouchers", response=list[VoucherCard], summary="我的资格与焕新券")
def list_vouchers(request: HttpRequest) -> list[VoucherCard]:
    actor = actor_of(request)
    if actor.person_id is None:
        raise NotFound(model="Person", id="")
    return selectors.list_vouchers(actor.person_id, actor.scope)


@router.post("/till-codes", response={201: TillCode}, summary="生成出示码：六十秒有效，用一次")
def till_code(request: HttpRequest, body: Codes) -> Status[TillCode]:
    return Status(201, till_codes.till_code(actor=actor_of(request), voucher_ids=body.voucher_ids))


@router.post("/till-codes/take", response=list[VoucherCard], summary="收银台读取出示码")
def take_till_code(request: HttpRequest, body: ShownCode) -> list[VoucherCard]:
    return till_codes.take_till_code(actor=actor_of(request), code=body.code)


class Channel(Schema):
    channel: RightChannel


class Reason(Schema):
    reason: str = ""


@router.get("/vouchers/{voucher_id}/history", response=list[VoucherMoment], summary="一张券的经过")
def history(request: HttpRequest, voucher_id: UUID) -> list[VoucherMoment]:
    return selectors.list_moments(voucher_id, actor_of(request).scope)


@router.post("/vouchers/{voucher_id}/channel", response=VoucherCard, summary="改绑渠道；空串为解绑")
def move(request: HttpRequest, voucher_id: UUID, body: Channel) -> VoucherCard:
    actor = actor_of(request)
    if body.channel is RightChannel.NONE:
        return moving.unbind_right(actor=actor, voucher_id=voucher_id)
    return moving.move_right(actor=actor, voucher_id=voucher_id, channel=body.channel)


@router.post(
    "/vouchers/{voucher_id}/give-up", response=VoucherCard, summary="放弃资格：名额与资金归还"
)
def give_up(request: HttpRequest, voucher_id: UUID, body: Reason) -> VoucherCard:
    return moving.give_up_right(actor=actor_of(request), voucher_id=voucher_id, reason=body.reason)


@router.post(
    "/rights", response={201: VoucherCard}, summary="补录一份资格，占用指定资金池的名额与资金"
)
def make_right(
    request: HttpRequest, key: IdempotencyKey, right: Body[MadeRight]
) -> Status[VoucherCard]:
    actor = actor_of(request)
    new = NewRight(right.person_id, right.pool_id, right.category_code, key, right.holder_key)
    voucher_id = making.make_right(actor=actor, right=new)
    return Status(201, selectors.get_voucher(voucher_id, actor.scope))
