"""Sales, their evidence, and what became of each claim."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Field, File, Router, Schema, Status
from ninja.files import UploadedFile

from huanxin.api.parameters import IdempotencyKey, PageNumber
from huanxin.api.security import actor_of
from huanxin.claims import selectors
from huanxin.claims.services import recording, returning, reviewing, selling, submitting, uploading
from huanxin.claims.types import (
    AuditStatus,
    ClaimCard,
    ClaimDetail,
    ClaimFilter,
    FileReport,
    Finding,
    NewEvidence,
    NewSale,
    PartReceipt,
    ReviewVerdict,
    SaleQuote,
    SaleReceipt,
    SubmissionAnswer,
    VerifyStatus,
)
from huanxin.claims.types.reading import PaperReading
from huanxin.claims.types.uploads import Keep, Paper, UploadCard, UploadRow
from huanxin.kernel.paging import Page

router = Router(tags=["claims"])


class EvidenceRow(Schema):
    number: str
    papers: list[Paper]


class EvidenceBatch(Schema):
    keep: Keep = Keep.GOOD
    rows: list[EvidenceRow] = Field(max_length=1_000)


class Return(Schema):
    reason: str


class PartReturn(Schema):
    off_fen: int
    reason: str


class Review(Schema):
    verdict: ReviewVerdict
    reason_code: str
    note: str = ""


class ReviewAnswer(Schema):
    audit_status: AuditStatus


class KeptFile(Schema):
    """Named in evidence, the file is read by the platform within seconds."""

    sha256: str


class ReturnAnswer(Schema):
    is_claw_back: bool


@router.post("/sales/quote", response=SaleQuote, summary="试算一笔销售，不写入任何记录")
def quote_sale(request: HttpRequest, sale: Body[NewSale]) -> SaleQuote:
    return selling.quote_sale(actor=actor_of(request), sale=sale)


@router.post("/sales", response={201: SaleReceipt}, summary="成交：核销资格与焕新券，锁定序列号")
def sell(request: HttpRequest, key: IdempotencyKey, sale: Body[NewSale]) -> Status[SaleReceipt]:
    return Status(201, selling.sell(actor=actor_of(request), sale=sale, request_id=key))


@router.post("/sales/{sale_id}/return", response=ReturnAnswer, summary="退货：恢复资格，必要时追回")
def return_sale(
    request: HttpRequest, sale_id: UUID, key: IdempotencyKey, body: Return
) -> ReturnAnswer:
    owed = returning.return_sale(
        actor=actor_of(request), sale_id=sale_id, reason=body.reason, request_id=key
    )
    return ReturnAnswer(is_claw_back=owed)


@router.post(
    "/sales/{sale_id}/part-return", response=PartReceipt, summary="部分退款：补贴按新价重算到分"
)
def return_part(
    request: HttpRequest, sale_id: UUID, key: IdempotencyKey, body: PartReturn
) -> PartReceipt:
    return returning.return_part(
        actor=actor_of(request), sale_id=sale_id, off_fen=body.off_fen, reason=body.reason,
        request_id=key,
    )  # fmt: skip


@router.post("/claims/files", response={201: KeptFile}, summary="保存一份材料原件，返回其指纹")
def keep_file(request: HttpRequest, file: File[UploadedFile]) -> Status[KeptFile]:
    sha256 = submitting.keep_file(actor=actor_of(request), content=file.read())
    return Status(201, KeptFile(sha256=sha256))


@router.post("/sales/{sale_id}/evidence", response=SubmissionAnswer, summary="提交佐证材料")
def submit_evidence(
    request: HttpRequest,
    sale_id: UUID,
    key: IdempotencyKey,
    evidence: Body[list[NewEvidence]],
) -> SubmissionAnswer:
    return submitting.submit_evidence(
        actor=actor_of(request), sale_id=sale_id, evidence=evidence, request_id=key
    )


@router.post("/claims/evidence-batches", response=UploadCard, summary="批量提交材料，逐行答复")
def submit_batch(request: HttpRequest, key: IdempotencyKey, body: EvidenceBatch) -> UploadCard:
    rows = [UploadRow(i, one.number, tuple(one.papers)) for i, one in enumerate(body.rows, start=1)]
    return uploading.submit_batch(
        actor=actor_of(request), rows=rows, keep=body.keep, request_id=key
    )


@router.post(
    "/claims/evidence-files", response=UploadCard, summary="提交一份材料表（Excel 或 CSV）"
)
def upload_file(
    request: HttpRequest, file: File[UploadedFile], keep: Keep = Keep.GOOD
) -> UploadCard:
    return uploading.upload_file(
        actor=actor_of(request), name=file.name or "", content=file.read(), keep=keep
    )


@router.get("/claims/{claim_id}/record", response=dict[str, Any], summary="申报的标准记录")
def record(request: HttpRequest, claim_id: UUID) -> dict[str, Any]:
    return recording.read_record(actor=actor_of(request), claim_id=claim_id)


@router.get("/claims", response=Page[ClaimCard], summary="申报列表")
def list_claims(
    request: HttpRequest,
    verify_status: VerifyStatus | None = None,
    audit_status: AuditStatus | None = None,
    page: PageNumber = 1,
) -> Page[ClaimCard]:
    where = ClaimFilter(verify_status=verify_status, audit_status=audit_status)
    return selectors.list_claims(actor_of(request).scope, where=where, page=page)


@router.get("/claims/queue", response=Page[ClaimCard], summary="待复核，风险高者在前")
def queue(request: HttpRequest, page: PageNumber = 1) -> Page[ClaimCard]:
    return selectors.queue(actor_of(request).scope, page=page)


@router.get("/claims/{claim_id}", response=ClaimDetail, summary="一笔申报的全部内容")
def get_claim(request: HttpRequest, claim_id: UUID) -> ClaimDetail:
    return selectors.get_claim(claim_id, actor_of(request).scope)


@router.get("/claims/{claim_id}/findings", response=list[Finding], summary="检查发现与理由")
def list_findings(request: HttpRequest, claim_id: UUID) -> list[Finding]:
    return list(selectors.list_findings(claim_id, actor_of(request).scope))


@router.get(
    "/claims/{claim_id}/readings", response=list[PaperReading], summary="从材料中自动读出的内容"
)
def list_readings(request: HttpRequest, claim_id: UUID) -> list[PaperReading]:
    return selectors.list_readings(claim_id, actor_of(request).scope)


@router.post("/claims/{claim_id}/review", response=ReviewAnswer, summary="人工复核")
def review(request: HttpRequest, claim_id: UUID, key: IdempotencyKey, body: Review) -> ReviewAnswer:
    status = reviewing.review_claim(
        actor=actor_of(request),
        claim_id=claim_id,
        verdict=body.verdict,
        reason_code=body.reason_code,
        note=body.note,
        request_id=key,
    )
    return ReviewAnswer(audit_status=status)


@router.post("/claims/check-file", response=FileReport, summary="预审一份申报表（CSV 或 Excel）")
def check_file(request: HttpRequest, file: File[UploadedFile]) -> FileReport:
    actor_of(request)
    return selectors.check_upload(file.name or "", file.read())
