"""Public money on its levels, funders' accounts, and the statement of any account."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.identity import selectors as identity
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import BudgetNode, FunderCard, Statement, Way
from huanxin.vouchers import selectors
from huanxin.vouchers.services import budgeting, funding

router = Router(tags=["budgets"])
Instant = Annotated[datetime | None, Query(description="带时区的时刻；缺省为最早或现在")]


class Budget(Schema):
    programme: str
    region_code: str
    shares_fen: dict[str, int]


class Move(Schema):
    programme: str
    region_code: str
    amount_fen: int
    fund: str = ""


class Shares(Schema):
    shares_fen: dict[str, int]


class TopUp(Schema):
    amount_fen: int
    reference: str


@router.get("/budgets", response=list[BudgetNode], summary="额度树：省、市、县各级的资金")
def list_budgets(request: HttpRequest, programme: str) -> list[BudgetNode]:
    actor = actor_of(request)
    identity.require(actor, "ledger.read")
    return selectors.list_budgets(actor.scope, programme=programme)


@router.post("/budgets", response={204: None}, summary="财政下达：资金从国库到地区预算")
def give_budget(request: HttpRequest, key: IdempotencyKey, body: Budget) -> Status[None]:
    budgeting.give_budget(
        actor=actor_of(request),
        programme=body.programme,
        region_code=body.region_code,
        shares_fen=body.shares_fen,
        request_id=key,
    )
    return Status(204, None)


@router.post("/budgets/allocate", response=Shares, summary="额度下达：上级预算到下一级地区")
def allocate_budget(request: HttpRequest, key: IdempotencyKey, body: Move) -> Shares:
    shares = budgeting.allocate_budget(actor=actor_of(request), request_id=key, **body.model_dump())
    return Shares(shares_fen=shares)


@router.post("/budgets/reclaim", response=Shares, summary="额度收回：未用额度退回上一级")
def reclaim_budget(request: HttpRequest, key: IdempotencyKey, body: Move) -> Shares:
    shares = budgeting.reclaim_budget(actor=actor_of(request), request_id=key, **body.model_dump())
    return Shares(shares_fen=shares)


@router.get("/funders", response=list[FunderCard], summary="出资账户")
def list_funders(request: HttpRequest) -> list[FunderCard]:
    actor = actor_of(request)
    identity.require(actor, "ledger.read")
    return selectors.list_funders(actor.scope)


@router.post("/funders/{owner}/top-ups", response={204: None}, summary="出资账户充值入账")
def fund_funder(request: HttpRequest, owner: str, key: IdempotencyKey, body: TopUp) -> Status[None]:
    funding.fund_funder(
        actor=actor_of(request), owner=owner, amount_fen=body.amount_fen,
        reference=body.reference, request_id=key,
    )  # fmt: skip
    return Status(204, None)


@router.get("/accounts/{code}/statement", response=Statement, summary="账户流水：期初、逐笔、期末")
def get_statement(
    request: HttpRequest,
    code: str,
    from_at: Instant = None,
    until_at: Instant = None,
    page: PageNumber = 1,
) -> Statement:
    actor = actor_of(request)
    _require_reader(request)
    return ledger.get_statement(code, actor.scope, from_at=from_at, until_at=until_at, page=page)


@router.get("/transfers/{transfer_id}/way", response=Way, summary="一笔资金的来路，直到国库")
def get_way(request: HttpRequest, transfer_id: int) -> Way:
    actor = actor_of(request)
    _require_reader(request)
    transfer = ledger.get_transfer(transfer_id, actor.scope)
    return ledger.way_of(transfer.key.cause, transfer.key.cause_id, actor.scope)


def _require_reader(request: HttpRequest) -> None:
    """Officers read the books; an organisation reads its own accounts (the scope sees to it)."""
    actor = actor_of(request)
    if actor.scope.org_id is None:
        identity.require(actor, "ledger.read")
