"""The violation library: found, imposed, confirmed, appealed against, lifted."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.identity import selectors
from huanxin.identity.services import restricting
from huanxin.identity.types import NewRestriction, RestrictionCard, RestrictionKind
from huanxin.kernel.errors import NotAllowed
from huanxin.kernel.paging import Page

router = Router(tags=["restrictions"])


class Words(Schema):
    words: str


class Answer(Schema):
    is_granted: bool
    answer: str


class Imposed(Schema):
    restriction_id: UUID


class Appealed(Schema):
    appeal_id: UUID


@router.get("/restrictions", response=Page[RestrictionCard], summary="违规名单，辖区内")
def list_restrictions(
    request: HttpRequest,
    kind: RestrictionKind | None = None,
    words: str = "",
    is_live: bool | None = None,  # noqa: FBT001  a query parameter
    page: PageNumber = 1,
) -> Page[RestrictionCard]:
    actor = actor_of(request)
    if not selectors.may(actor, "identity.restrict"):
        raise NotAllowed(permission="identity.restrict", role=actor.role)
    return selectors.list_restrictions(
        actor.scope, kind=kind, words=words, is_live=is_live, page=page
    )


@router.get("/restrictions/mine", response=list[RestrictionCard], summary="针对本人或本单位的限制")
def mine(request: HttpRequest) -> list[RestrictionCard]:
    return selectors.list_own_restrictions(actor_of(request))


@router.post("/restrictions", response={201: Imposed}, summary="登记限制，一人先生效七天")
def impose(
    request: HttpRequest, key: IdempotencyKey, restriction: Body[NewRestriction]
) -> Status[Imposed]:
    made = restricting.impose(actor=actor_of(request), new=restriction, request_id=key)
    return Status(201, Imposed(restriction_id=made))


@router.get("/restrictions/{restriction_id}", response=RestrictionCard, summary="一条限制")
def get_restriction(request: HttpRequest, restriction_id: UUID) -> RestrictionCard:
    return selectors.get_restriction(restriction_id, actor_of(request))


@router.post(
    "/restrictions/{restriction_id}/confirm", response=RestrictionCard, summary="第二人确认"
)
def confirm(request: HttpRequest, restriction_id: UUID) -> RestrictionCard:
    restricting.confirm(actor=actor_of(request), restriction_id=restriction_id)
    return get_restriction(request, restriction_id)


@router.post(
    "/restrictions/{restriction_id}/ask-to-lift", response=RestrictionCard, summary="提出解除"
)
def ask_to_lift(request: HttpRequest, restriction_id: UUID, body: Words) -> RestrictionCard:
    restricting.ask_to_lift(
        actor=actor_of(request), restriction_id=restriction_id, reason=body.words
    )
    return get_restriction(request, restriction_id)


@router.post(
    "/restrictions/{restriction_id}/lift", response=RestrictionCard, summary="另一人同意解除"
)
def lift(request: HttpRequest, restriction_id: UUID) -> RestrictionCard:
    restricting.lift(actor=actor_of(request), restriction_id=restriction_id)
    return get_restriction(request, restriction_id)


@router.post(
    "/restrictions/{restriction_id}/appeal", response={201: Appealed}, summary="当事人申诉"
)
def appeal(
    request: HttpRequest, restriction_id: UUID, key: IdempotencyKey, body: Words
) -> Status[Appealed]:
    made = restricting.appeal(
        actor=actor_of(request), restriction_id=restriction_id, note=body.words, request_id=key
    )
    return Status(201, Appealed(appeal_id=made))


@router.post("/restrictions/{restriction_id}/answer", response=RestrictionCard, summary="答复申诉")
def answer_appeal(request: HttpRequest, restriction_id: UUID, body: Answer) -> RestrictionCard:
    restricting.answer_appeal(
        actor=actor_of(request), restriction_id=restriction_id, is_granted=body.is_granted,
        answer=body.answer,
    )  # fmt: skip
    return get_restriction(request, restriction_id)
