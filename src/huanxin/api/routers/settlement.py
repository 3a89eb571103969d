"""Batches, publicity, payment and what the bank answered."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.identity import selectors as identity
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import Page
from huanxin.settlement import selectors
from huanxin.settlement.selectors import answer_book, money_book, public_book
from huanxin.settlement.services import answering, batching, paying, reconciling
from huanxin.settlement.types import (
    AnswerFileCard,
    BankAnswer,
    BatchCard,
    BatchState,
    ClawBackCard,
    DifferenceCard,
    ItemCard,
    PaymentOrderCard,
    PublicBatch,
    PublicLine,
    Reconciliation,
    Statement,
)

router = Router(tags=["settlement"])


class NewBatch(Schema):
    programme: str
    region_code: str


class Publicity(Schema):
    days: int = 5


class Answer(Schema):
    answer: BankAnswer
    reference: str


@router.get("/batches", response=Page[BatchCard], summary="结算批次")
def list_batches(
    request: HttpRequest, state: BatchState | None = None, page: PageNumber = 1
) -> Page[BatchCard]:
    return selectors.list_batches(actor_of(request).scope, state=state, page=page)


@router.post("/batches", response={201: BatchCard}, summary="组批：收入已通过的申报")
def open_batch(request: HttpRequest, key: IdempotencyKey, body: NewBatch) -> Status[BatchCard]:
    return Status(
        201,
        batching.open_batch(
            actor=actor_of(request),
            programme=body.programme,
            region_code=body.region_code,
            request_id=key,
        ),
    )


@router.get("/batches/{batch_id}/items", response=Page[ItemCard], summary="批次明细（无个人信息）")
def list_items(request: HttpRequest, batch_id: UUID, page: PageNumber = 1) -> Page[ItemCard]:
    return selectors.list_items(batch_id, actor_of(request).scope, page=page)


@router.post("/batches/{batch_id}/publish", response=BatchCard, summary="公示")
def publish(request: HttpRequest, batch_id: UUID, body: Publicity) -> BatchCard:
    return batching.publish_batch(actor=actor_of(request), batch_id=batch_id, days=body.days)


@router.post("/batches/{batch_id}/pay", response=list[PaymentOrderCard], summary="支付")
def pay(request: HttpRequest, batch_id: UUID, key: IdempotencyKey) -> list[PaymentOrderCard]:
    return paying.pay_batch(actor=actor_of(request), batch_id=batch_id, request_id=key)


@router.post("/payment-orders/{number}/answer", response=PaymentOrderCard, summary="导入银行回执")
def answer(
    request: HttpRequest, number: str, key: IdempotencyKey, body: Answer
) -> PaymentOrderCard:
    return answering.import_bank_answer(
        actor=actor_of(request),
        order_number=number,
        answer=body.answer,
        reference=body.reference,
        request_id=key,
    )


@router.post("/bank-answer-files", response=AnswerFileCard, summary="导入银行回执文件，逐行结果")
def import_answer_file(request: HttpRequest, file: File[UploadedFile]) -> AnswerFileCard:
    return answering.import_answer_file(
        actor=actor_of(request), name=file.name or "", content=file.read()
    )


@router.get("/money-gaps", response=Page[DifferenceCard], summary="未了结的对账差异")
def list_differences(request: HttpRequest, page: PageNumber = 1) -> Page[DifferenceCard]:
    actor = actor_of(request)
    identity.require(actor, "settlement.reconcile")
    return answer_book.list_differences(actor.scope, page=page)


@router.get("/claw-backs", response=Page[ClawBackCard], summary="追缴")
def list_claw_backs(
    request: HttpRequest, *, is_received: bool = False, page: PageNumber = 1
) -> Page[ClawBackCard]:
    actor = actor_of(request)
    identity.require(actor, "settlement.read")
    return money_book.list_claw_backs(actor.scope, is_received=is_received, page=page)


@router.get("/publicity", auth=None, response=list[PublicBatch], summary="公示中的批次，不用登录")
def list_public_batches(request: HttpRequest) -> list[PublicBatch]:
    del request
    return public_book.list_public_batches()


@router.get(
    "/publicity/{batch_id}", auth=None, response=Page[PublicLine], summary="公示清单，无个人信息"
)
def list_public_lines(
    request: HttpRequest, batch_id: UUID, page: PageNumber = 1
) -> Page[PublicLine]:
    del request
    return public_book.list_public_lines(batch_id, page=page)


@router.get("/statement", response=Statement, summary="本单位对账单")
def statement(request: HttpRequest) -> Statement:
    actor = actor_of(request)
    if actor.org_id is None:
        raise NotFound(model="Organisation", id="")
    return selectors.statement(actor.org_id, actor.scope)


@router.post("/reconciliations/{on}", response=Reconciliation, summary="对账")
def reconcile(request: HttpRequest, on: date) -> Reconciliation:
    return reconciling.reconcile(actor=actor_of(request), on=on)
