"""Release plans, what pools have left, registrations for a draw, and the draw's documents."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey
from huanxin.api.security import actor_of
from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound
from huanxin.vouchers import selectors
from huanxin.vouchers.services import drawing, releasing
from huanxin.vouchers.types import (
    LotteryCard,
    NewPlan,
    PlanCard,
    PlannedPool,
    PoolCard,
    RegistrationCard,
)
from huanxin.vouchers.types.outlook import Outlook

router = Router(tags=["releases"])


class Move(Schema):
    to_pool_id: UUID
    places: int
    amount_fen: int
    reason: str


class Growth(Schema):
    places: int
    amount_fen: int
    reason: str


class Wish(Schema):
    category_code: str
    person_id: UUID | None = None


class PublicNumber(Schema):
    value: str


class PoolNow(Schema):
    pool: PoolCard
    places_open: int
    next_stage_at: str | None
    outlook: Outlook


@router.post("/plans/preview", response=list[PlannedPool], summary="预览发放计划：会开放哪些场次")
def preview_plan(request: HttpRequest, plan: Body[NewPlan]) -> list[PlannedPool]:
    actor_of(request)
    return selectors.preview_plan(plan)


@router.post("/plans", response={201: PlanCard}, summary="开放发放计划：全部场次或一场也不")
def open_plan(request: HttpRequest, key: IdempotencyKey, plan: Body[NewPlan]) -> Status[PlanCard]:
    plan_id = releasing.open_plan(actor=actor_of(request), plan=plan, request_id=key)
    return Status(201, selectors.get_plan(plan_id))


@router.get("/plans/{plan_id}", response=PlanCard, auth=None, summary="一个发放计划")
def get_plan(request: HttpRequest, plan_id: UUID) -> PlanCard:
    del request
    return selectors.get_plan(plan_id)


@router.get("/pools/{pool_id}", response=PoolNow, auth=None, summary="一期：现可领、下一批、预测")
def get_pool(request: HttpRequest, pool_id: UUID) -> dict[str, Any]:
    del request
    card, now = selectors.get_pool(pool_id), clock.now()
    stage = card.next_stage(now)
    return {
        "pool": card,
        "places_open": card.places_open_at(now),
        "next_stage_at": stage.opens_at.isoformat() if stage else None,
        "outlook": selectors.outlook_of(card, now=now),
    }


@router.post("/pools/{pool_id}/move", response={204: None}, summary="把名额和资金调剂到另一期")
def move_places(
    request: HttpRequest, key: IdempotencyKey, pool_id: UUID, body: Move
) -> Status[None]:
    releasing.move_places(
        actor=actor_of(request), from_pool_id=pool_id, request_id=key, **body.dict()
    )
    return Status(204, None)


@router.post("/pools/{pool_id}/add", response={204: None}, summary="从预算追加名额和资金")
def add_to_pool(
    request: HttpRequest, key: IdempotencyKey, pool_id: UUID, body: Growth
) -> Status[None]:
    releasing.add_to_pool(actor=actor_of(request), pool_id=pool_id, request_id=key, **body.dict())
    return Status(204, None)


@router.get("/pools/{pool_id}/lottery", response=LotteryCard, auth=None, summary="摇号公布的值")
def get_lottery(request: HttpRequest, pool_id: UUID) -> LotteryCard:
    del request
    lottery = selectors.find_lottery(pool_id)
    if lottery is None:
        raise NotFound(model="Lottery", id=pool_id)
    return lottery


@router.get("/pools/{pool_id}/lottery/list", auth=None, summary="登记名单（登记截止后公布）")
def lottery_list(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    get_lottery(request, pool_id)
    return HttpResponse(selectors.lottery_list(pool_id), content_type="text/plain; charset=utf-8")


@router.get(
    "/pools/{pool_id}/lottery/document", response=dict, auth=None,
    summary="开奖文件：供 huanxin vouchers audit-draw 重新计算",
)  # fmt: skip
def draw_document(request: HttpRequest, pool_id: UUID) -> dict[str, Any]:
    del request
    return selectors.draw_document(pool_id)


@router.get(
    "/pools/{pool_id}/registrations", response=list[RegistrationCard], summary="我的摇号登记"
)
def list_registrations(request: HttpRequest, pool_id: UUID) -> list[RegistrationCard]:
    actor = actor_of(request)
    if actor.person_id is None:
        raise NotFound(model="Person", id="")
    return selectors.list_registrations(pool_id, actor.person_id, actor.scope)


@router.post("/pools/{pool_id}/registrations", response={201: UUID}, summary="登记摇号")
def register(request: HttpRequest, pool_id: UUID, body: Wish) -> Status[UUID]:
    registration_id = drawing.register_for_draw(
        actor=actor_of(request), pool_id=pool_id, **body.dict()
    )
    return Status(201, registration_id)


@router.delete("/registrations/{registration_id}", response={204: None}, summary="撤回摇号登记")
def withdraw(request: HttpRequest, registration_id: UUID) -> Status[None]:
    drawing.withdraw_registration(actor=actor_of(request), registration_id=registration_id)
    return Status(204, None)


@router.post("/pools/{pool_id}/lottery/list", response=str, summary="公布登记名单")
def publish_list(request: HttpRequest, pool_id: UUID) -> str:
    return drawing.publish_list(actor=actor_of(request), pool_id=pool_id)


@router.post("/pools/{pool_id}/lottery/number", response={204: None}, summary="录入公开数")
def enter_number(request: HttpRequest, pool_id: UUID, body: PublicNumber) -> Status[None]:
    drawing.enter_public_number(actor=actor_of(request), pool_id=pool_id, value=body.value)
    return Status(204, None)


@router.post("/pools/{pool_id}/lottery/draw", response=int, summary="复核公开数并开奖")
def draw(request: HttpRequest, key: IdempotencyKey, pool_id: UUID, body: PublicNumber) -> int:
    return drawing.reveal_and_draw(
        actor=actor_of(request), pool_id=pool_id, value=body.value, request_id=key
    )
