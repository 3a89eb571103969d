"""What offices decide: policies and standards by two people, credit, objections, tracing back."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from huanxin.api.parameters import IdempotencyKey
from huanxin.api.security import actor_of
from huanxin.policy import services as policy
from huanxin.policy.types import PolicyCard
from huanxin.recycling.services import publishing
from huanxin.recycling.types.valuation import StandardProposalCard
from huanxin.settlement.services import objecting, paying
from huanxin.settlement.types import PaymentOrderCard
from huanxin.trace import services as trace
from huanxin.trace.types import Source
from huanxin.vouchers.services import countersigning, funding, releasing
from huanxin.vouchers.types.budgets import BudgetMove, BudgetRequestCard

router = Router(tags=["office"])


class PolicyProposal(Schema):
    text: str
    test_rows: str
    reason: str
    effective_on: date | None = None


class Proposed(Schema):
    proposal_id: UUID


class Declined(Schema):
    reason: str


class StandardText(Schema):
    text: str
    reason: str


class Verdict(Schema):
    is_approved: bool
    note: str = ""


class CreditLine(Schema):
    limit_fen: int
    title: str


class PoolEnd(Schema):
    reason: str


class ReturnedMoney(Schema):
    returned_fen: int


class ObjectionNote(Schema):
    note: str


class TraceQuestion(Schema):
    epc_class: str
    reason: str


class BudgetProposal(Schema):
    move: BudgetMove
    document: str


@router.post("/policies/proposals", response={201: Proposed}, summary="提出一版政策")
def propose_policy(
    request: HttpRequest, key: IdempotencyKey, body: PolicyProposal
) -> Status[Proposed]:
    made = policy.propose_policy(actor=actor_of(request), request_id=key, **body.model_dump())
    return Status(201, Proposed(proposal_id=made))


@router.post(
    "/policies/proposals/{proposal_id}/approve", response=PolicyCard, summary="第二人批准政策"
)
def approve_policy(request: HttpRequest, proposal_id: UUID, key: IdempotencyKey) -> PolicyCard:
    return policy.approve_policy(actor=actor_of(request), proposal_id=proposal_id, request_id=key)


@router.post(
    "/policies/proposals/{proposal_id}/decline", response={204: None}, summary="退回政策提案"
)
def decline_policy(
    request: HttpRequest, proposal_id: UUID, key: IdempotencyKey, body: Declined
) -> Status[None]:
    policy.decline_policy(
        actor=actor_of(request), proposal_id=proposal_id, reason=body.reason, request_id=key
    )
    return Status(204, None)


@router.post("/standards", response={201: StandardProposalCard}, summary="提出估价标准新版本")
def propose_standard(
    request: HttpRequest, key: IdempotencyKey, body: StandardText
) -> Status[StandardProposalCard]:
    return Status(201, publishing.propose_standard(
        actor=actor_of(request), text=body.text, reason=body.reason, request_id=key
    ))  # fmt: skip


@router.post(
    "/standards/{proposal_id}/decide", response=StandardProposalCard, summary="第二人批准或退回标准"
)
def decide_standard(request: HttpRequest, proposal_id: UUID, body: Verdict) -> StandardProposalCard:
    return publishing.decide_standard(
        actor=actor_of(request), proposal_id=proposal_id, is_approved=body.is_approved,
        note=body.note,
    )  # fmt: skip


@router.post("/funders/{owner}/credit", response={204: None}, summary="约定出资方垫付额度")
def agree_credit(
    request: HttpRequest, owner: str, key: IdempotencyKey, body: CreditLine
) -> Status[None]:
    funding.agree_credit(actor=actor_of(request), owner=owner, request_id=key, **body.model_dump())
    return Status(204, None)


@router.post("/budgets/requests", response={201: Proposed}, summary="提请大额资金变动")
def propose_budget(
    request: HttpRequest, key: IdempotencyKey, body: Body[BudgetProposal]
) -> Status[Proposed]:
    made = countersigning.propose_budget(
        actor=actor_of(request), move=body.move, document=body.document, request_id=key
    )
    return Status(201, Proposed(proposal_id=made))


@router.post(
    "/budgets/requests/{proposal_id}/decide", response=BudgetRequestCard,
    summary="第二人批准或退回资金变动",
)  # fmt: skip
def decide_budget(request: HttpRequest, proposal_id: UUID, body: Verdict) -> BudgetRequestCard:
    return countersigning.decide_budget(
        actor=actor_of(request), proposal_id=proposal_id, is_approved=body.is_approved,
        note=body.note,
    )  # fmt: skip


@router.post("/pools/{pool_id}/close", response=ReturnedMoney, summary="结束一期发放，余额退回")
def close_pool(request: HttpRequest, pool_id: UUID, body: PoolEnd) -> ReturnedMoney:
    fen = releasing.close_pool(actor=actor_of(request), pool_id=pool_id, reason=body.reason)
    return ReturnedMoney(returned_fen=fen)


@router.post("/claims/{claim_id}/object", response={204: None}, summary="登记公示异议")
def object_to_claim(
    request: HttpRequest, claim_id: UUID, key: IdempotencyKey, body: ObjectionNote
) -> Status[None]:
    objecting.object_to_claim(
        actor=actor_of(request), claim_id=claim_id, note=body.note, request_id=key
    )
    return Status(204, None)


@router.post(
    "/payment-orders/{number}/retry", response=PaymentOrderCard | None, summary="退回的付款重新下单"
)
def retry_payment(
    request: HttpRequest, number: str, key: IdempotencyKey
) -> PaymentOrderCard | None:
    return paying.retry_payment(actor=actor_of(request), order_number=number, request_id=key)


@router.post("/trace-back", response=list[Source], summary="倒查材料来源，留痕")
def trace_back(request: HttpRequest, body: TraceQuestion) -> list[Source]:
    return trace.trace_back(actor=actor_of(request), epc_class=body.epc_class, reason=body.reason)
