"""The review desk watched: stops, muted checks, the published numbers and the day's draw."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.claims import selectors
from huanxin.claims.services import watching
from huanxin.claims.types.desk import (
    CheckCard,
    DrawCard,
    NewWaiver,
    StopCard,
    StopOutcome,
    Stratum,
    TermsCard,
    WaiverCard,
)
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.paging import Page

router = Router(tags=["desk"])


class Settlement(Schema):
    outcome: StopOutcome
    note: str


class Settled(Schema):
    has_ended: bool


class Waived(Schema):
    waiver_id: UUID


class Reason(Schema):
    reason: str


class Proposal(Schema):
    content: dict[str, Any]
    reason: str


class Proposed(Schema):
    terms_id: UUID


class Urn(Schema):
    stratum: Stratum
    in_urn: int
    drawn: int


class Day(Schema):
    on: date
    commitment: str
    seed: str | None
    urns: list[Urn]
    draws: Page[DrawCard]


class Version(Schema):
    terms_id: UUID
    number: int
    content: dict[str, Any]
    reason: str
    approved_at: datetime | None


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    identity.require(actor, "claims.settle_stop")
    return actor


@router.get("/desk/stops", response=list[StopCard], summary="暂停付款的商户与检查")
def list_stops(request: HttpRequest) -> list[StopCard]:
    return selectors.list_stops(_officer(request).scope)


@router.post("/desk/stops/{stop_id}/settle", response=Settled, summary="结束暂停，两人一致即生效")
def settle(request: HttpRequest, stop_id: UUID, key: IdempotencyKey, body: Settlement) -> Settled:
    ended = watching.settle_stop(
        actor=actor_of(request), stop_id=stop_id, outcome=body.outcome, note=body.note,
        request_id=key,
    )  # fmt: skip
    return Settled(has_ended=ended)


@router.get("/desk/checks", response=list[CheckCard], summary="各项检查最近一小时")
def list_checks(request: HttpRequest) -> list[CheckCard]:
    _officer(request)
    return selectors.list_checks()


@router.get("/desk/waivers", response=list[WaiverCard], summary="检查的豁免")
def list_waivers(request: HttpRequest) -> list[WaiverCard]:
    return selectors.list_waivers(_officer(request).scope)


@router.post("/desk/waivers", response={201: Waived}, summary="豁免一项检查，有期限有署名")
def waive(request: HttpRequest, key: IdempotencyKey, waiver: Body[NewWaiver]) -> Status[Waived]:
    made = watching.waive_check(actor=actor_of(request), waiver=waiver, request_id=key)
    return Status(201, Waived(waiver_id=made))


@router.post("/desk/waivers/{waiver_id}/end", response=list[WaiverCard], summary="提前结束豁免")
def end_waiver(request: HttpRequest, waiver_id: UUID, body: Reason) -> list[WaiverCard]:
    watching.end_waiver(actor=actor_of(request), waiver_id=waiver_id, reason=body.reason)
    return selectors.list_waivers(_officer(request).scope)


@router.get("/desk/terms", response=list[Version], summary="核验参数的各版")
def list_terms(request: HttpRequest) -> list[TermsCard]:
    _officer(request)
    return selectors.list_terms()


@router.post("/desk/terms", response={201: Proposed}, summary="起草下一版核验参数")
def propose(request: HttpRequest, key: IdempotencyKey, body: Proposal) -> Status[Proposed]:
    made = watching.propose_terms(
        actor=actor_of(request), content=body.content, reason=body.reason, request_id=key
    )
    return Status(201, Proposed(terms_id=made))


@router.post("/desk/terms/{terms_id}/approve", response=list[Version], summary="另一人批准")
def approve(request: HttpRequest, terms_id: UUID) -> list[TermsCard]:
    watching.approve_terms(actor=actor_of(request), terms_id=terms_id)
    return selectors.list_terms()


@router.get("/desk/samples/{on}", response=Day, summary="某日的抽签：指纹、种子与每笔结果")
def sample_day(request: HttpRequest, on: date, page: PageNumber = 1) -> Day:
    day = selectors.get_sample_day(on)
    return Day(
        on=on, commitment=day.commitment, seed=day.seed,
        urns=[Urn(stratum=one, in_urn=all_, drawn=drawn)
              for one, (all_, drawn) in day.counts.items()],
        draws=selectors.list_draws(_officer(request).scope, on, page=page),
    )  # fmt: skip
