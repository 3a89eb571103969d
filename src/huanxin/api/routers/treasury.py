"""Money's later life: prepayments, objections, claw-backs, months shut."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, File, Router, Schema, Status
from ninja.files import UploadedFile

from huanxin.api.parameters import IdempotencyKey
from huanxin.api.security import actor_of
from huanxin.identity.services import restricting
from huanxin.ledger.types import ClosingCard
from huanxin.settlement.services import closing, objecting, prepaying, reconciling, recovering
from huanxin.settlement.types import NewTerms, PrepaymentCard, TermsCard
from huanxin.vouchers.services import purchasing

router = Router(tags=["treasury"])


class PrepaymentAsk(Schema):
    org_id: UUID
    amount_fen: int


class BackPayment(Schema):
    amount_fen: int
    reference: str


class BankReference(Schema):
    reference: str


class MonthToClose(Schema):
    month_on: date


class ReopeningAsk(Schema):
    reason: str


class ObjectionWords(Schema):
    item_id: int
    words: str
    contact: str


class ObjectionVerdict(Schema):
    is_upheld: bool
    answer: str


class LodgedObjection(Schema):
    number: str


class FullContact(Schema):
    contact: str


class DifferenceNote(Schema):
    note: str


class BoughtAnswer(Schema):
    purchase_id: UUID | None


class KeptEvidence(Schema):
    sha256: str


@router.post("/prepayment-terms", response={201: TermsCard}, summary="起草预付约定")
def propose_terms(
    request: HttpRequest, key: IdempotencyKey, terms: Body[NewTerms]
) -> Status[TermsCard]:
    made = prepaying.propose_terms(actor=actor_of(request), terms=terms, request_id=key)
    return Status(201, made)


@router.post(
    "/prepayment-terms/{terms_id}/approve", response=TermsCard, summary="第二人批准预付约定"
)
def approve_terms(request: HttpRequest, terms_id: UUID, key: IdempotencyKey) -> TermsCard:
    return prepaying.approve_terms(actor=actor_of(request), terms_id=terms_id, request_id=key)


@router.post("/prepayments", response={201: PrepaymentCard}, summary="提请一笔预付")
def propose_prepayment(
    request: HttpRequest, key: IdempotencyKey, body: PrepaymentAsk
) -> Status[PrepaymentCard]:
    return Status(201, prepaying.propose_prepayment(
        actor=actor_of(request), request_id=key, **body.model_dump()
    ))  # fmt: skip


@router.post("/prepayments/{prepayment_id}/pay", response=PrepaymentCard, summary="支付预付")
def pay_prepayment(
    request: HttpRequest, prepayment_id: UUID, key: IdempotencyKey
) -> PrepaymentCard:
    return prepaying.pay_prepayment(
        actor=actor_of(request), prepayment_id=prepayment_id, request_id=key
    )


@router.post("/prepayments/{prepayment_id}/withdraw", response=PrepaymentCard, summary="撤回预付")
def withdraw_prepayment(
    request: HttpRequest, prepayment_id: UUID, key: IdempotencyKey
) -> PrepaymentCard:
    return prepaying.withdraw_prepayment(
        actor=actor_of(request), prepayment_id=prepayment_id, request_id=key
    )


@router.post(
    "/organisations/{org_id}/prepaid-back", response={204: None}, summary="登记退回的预付款"
)
def receive_prepaid_back(
    request: HttpRequest, org_id: UUID, key: IdempotencyKey, body: BackPayment
) -> Status[None]:
    prepaying.receive_prepaid_back(
        actor=actor_of(request), org_id=org_id, request_id=key, **body.model_dump()
    )
    return Status(204, None)


@router.post("/sales/{sale_id}/claw-back/received", response={204: None}, summary="登记追回款到账")
def receive_claw_back(
    request: HttpRequest, sale_id: UUID, key: IdempotencyKey, body: BankReference
) -> Status[None]:
    recovering.receive_claw_back(
        actor=actor_of(request), sale_id=sale_id, reference=body.reference, request_id=key
    )
    return Status(204, None)


@router.post("/months", response={201: ClosingCard}, summary="月结：封存一个月的账")
def close_month(request: HttpRequest, body: MonthToClose) -> Status[ClosingCard]:
    return Status(201, closing.close_month(actor=actor_of(request), month_on=body.month_on))


@router.post("/months/{closing_id}/reopening", response=ClosingCard, summary="提请反结账")
def ask_reopening(request: HttpRequest, closing_id: UUID, body: ReopeningAsk) -> ClosingCard:
    return closing.ask_reopening(actor=actor_of(request), closing_id=closing_id, reason=body.reason)


@router.post("/months/{closing_id}/reopen", response=ClosingCard, summary="第二人反结账")
def reopen_month(request: HttpRequest, closing_id: UUID) -> ClosingCard:
    return closing.reopen_month(actor=actor_of(request), closing_id=closing_id)


@router.post("/objections", response={201: LodgedObjection}, summary="对公示明细提出异议")
def lodge_objection(
    request: HttpRequest, key: IdempotencyKey, body: ObjectionWords
) -> Status[LodgedObjection]:
    number = objecting.lodge_objection(actor=actor_of(request), request_id=key, **body.model_dump())
    return Status(201, LodgedObjection(number=number))


@router.post("/objections/{objection_id}/decide", response={204: None}, summary="答复异议")
def decide_objection(
    request: HttpRequest, objection_id: UUID, key: IdempotencyKey, body: ObjectionVerdict
) -> Status[None]:
    objecting.decide_objection(
        actor=actor_of(request), objection_id=objection_id, request_id=key, **body.model_dump()
    )
    return Status(204, None)


@router.post(
    "/objections/{objection_id}/contact", response=FullContact, summary="查看异议人联系方式，留痕"
)
def reveal_contact(request: HttpRequest, objection_id: UUID) -> FullContact:
    contact = objecting.reveal_contact(actor=actor_of(request), objection_id=objection_id)
    return FullContact(contact=contact)


@router.post("/differences/{difference_id}/take", response={204: None}, summary="认领对账差异")
def take_difference(request: HttpRequest, difference_id: UUID) -> Status[None]:
    reconciling.take_difference(actor=actor_of(request), difference_id=difference_id)
    return Status(204, None)


@router.post("/differences/{difference_id}/settle", response={204: None}, summary="办结对账差异")
def settle_difference(
    request: HttpRequest, difference_id: UUID, key: IdempotencyKey, body: DifferenceNote
) -> Status[None]:
    reconciling.settle_difference(
        actor=actor_of(request), difference_id=difference_id, note=body.note, request_id=key
    )
    return Status(204, None)


@router.get(
    "/purchases/by-request/{request_id}", response=BoughtAnswer, summary="按请求编号找回结果"
)
def find_bought(request: HttpRequest, request_id: UUID) -> BoughtAnswer:
    found = purchasing.find_bought(actor=actor_of(request), request_id=request_id)
    return BoughtAnswer(purchase_id=found)


@router.post("/restrictions/evidence", response={201: KeptEvidence}, summary="保存限制的证明材料")
def keep_evidence(request: HttpRequest, file: File[UploadedFile]) -> Status[KeptEvidence]:
    sha256 = restricting.keep_evidence(actor=actor_of(request), content=file.read())
    return Status(201, KeptEvidence(sha256=sha256))
