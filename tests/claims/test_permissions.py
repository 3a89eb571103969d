"""Nobody without the permission gets past the first line of any verb, and nothing is written."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from huanxin.claims.services import (
    deciding,
    deriving,
    exporting,
    ordering,
    reading,
    recording,
    releasing,
    returning,
    reviewing,
    selling,
    submitting,
    uploading,
    watching,
)
from huanxin.claims.types import (
    NewOrder,
    NewSale,
    PaymentNotice,
    ReviewVerdict,
    SaleRequest,
    Submission,
)
from huanxin.claims.types.desk import NewWaiver, StopOutcome, WaiverSubject
from huanxin.claims.types.uploads import Keep
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel.models import AuditEntry, Request
from huanxin.settlement.services import (
    answering,
    batching,
    closing,
    objecting,
    paying,
    prepaying,
    reconciling,
    recovering,
)
from huanxin.settlement.types import BankAnswer, NewTerms, PrepaymentBasis
from tests import given, given_claims

pytestmark = pytest.mark.django_db

ID = uuid4()
SALE = NewSale(ID, "1", ID, "6901234567892", "SN0001", 1, given_claims.SOLD_AT)
CALLS: dict[Any, dict[str, Any]] = {
    selling.quote_sale: {"sale": SALE},
    selling.sell: {"sale": SALE, "request_id": ID},
    selling.sell_many: {"sales": [SaleRequest(SALE, ID)]},
    returning.return_sale: {"sale_id": ID, "reason": "退货退货", "request_id": ID},
    returning.quote_part: {"sale_id": ID, "off_fen": 1},
    returning.return_part: {"sale_id": ID, "off_fen": 1, "reason": "保价退差", "request_id": ID},
    ordering.place_order: {"order": NewOrder(SALE, given_claims.SOLD_AT), "request_id": ID},
    ordering.take_payment: {"notice": PaymentNotice(ID, "1", 1, given_claims.SOLD_AT)},
    ordering.pay_order: {"order_id": ID, "request_id": ID},
    ordering.cancel_order: {"order_id": ID, "request_id": ID},
    ordering.expire_orders: {},
    submitting.keep_file: {"content": b""},
    submitting.submit_evidence: {"sale_id": ID, "evidence": [], "request_id": ID},
    submitting.submit_many: {"submissions": [Submission(ID, (), ID)]},
    uploading.upload_file: {"name": "x", "content": b"", "keep": Keep.ALL},
    uploading.submit_batch: {"rows": [], "keep": Keep.ALL, "request_id": ID},
    uploading.list_uploads: {},
    uploading.find_upload: {"upload_id": ID},
    uploading.mark_file: {"upload_id": ID},
    uploading.list_columns: {},
    recording.read_record: {"claim_id": ID},
    deciding.decide_due: {},
    deciding.look_again: {},
    deciding.ask_refunds: {},
    reading.read_waiting: {},
    reviewing.review_claim: {
        "claim_id": ID, "verdict": ReviewVerdict.PASS, "reason_code": "R401", "note": "核实无误",
        "request_id": ID,
    },
    reviewing.appeal_claim: {"claim_id": ID, "note": "不同意", "request_id": ID},
    deciding.close_refused: {},
    deciding.void_left_over: {},
    deriving.keep_ties: {},
    exporting.export_marts: {"folder": Path("nowhere")},
    deriving.keep_serial_forms: {},
    releasing.release_claims: {"claim_ids": [ID]},
    reviewing.open_paper: {"claim_id": ID, "sha256": "0" * 64},
    watching.load_reference: {},
    watching.propose_terms: {"content": {}, "reason": "调整抽查比例", "request_id": ID},
    watching.approve_terms: {"terms_id": ID},
    watching.settle_stop: {
        "stop_id": ID, "outcome": StopOutcome.FREE, "note": "查无异常", "request_id": ID,
    },
    watching.waive_check: {
        "waiver": NewWaiver("serial_differs", WaiverSubject.ALL, "", "识别程序有误", SALE.sold_at),
        "request_id": ID,
    },
    watching.end_waiver: {"waiver_id": ID, "reason": "程序已修好"},
    reviewing.reopen_claim: {"claim_id": ID, "note": "有异议的"},
    objecting.lodge_objection: {
        "item_id": 1, "words": "这家没有送货", "contact": "13800000000", "request_id": ID,
    },
    objecting.decide_objection: {
        "objection_id": ID, "is_upheld": True, "answer": "情况属实", "request_id": ID,
    },
    objecting.reveal_contact: {"objection_id": ID},
    answering.import_answer_file: {"name": "x", "content": b""},
    reconciling.take_difference: {"difference_id": ID},
    reconciling.settle_difference: {
        "difference_id": ID, "note": "已与银行核对", "request_id": ID,
    },
    closing.close_month: {"month_on": date(2026, 9, 1)},
    closing.ask_reopening: {"closing_id": ID, "reason": "漏记一笔"},
    closing.reopen_month: {"closing_id": ID},
    prepaying.propose_terms: {
        "terms": NewTerms(ID, PrepaymentBasis.CLAIMS, 5_000, 1, "预付协议"), "request_id": ID,
    },
    prepaying.approve_terms: {"terms_id": ID, "request_id": ID},
    prepaying.propose_prepayment: {"org_id": ID, "amount_fen": 1, "request_id": ID},
    prepaying.pay_prepayment: {"prepayment_id": ID, "request_id": ID},
    prepaying.withdraw_prepayment: {"prepayment_id": ID, "request_id": ID},
    prepaying.receive_prepaid_back: {
        "org_id": ID, "amount_fen": 1, "reference": "1", "request_id": ID,
    },
    batching.open_batch: {
        "programme": "appliances-2026", "region_code": given.COUNTY, "request_id": ID,
    },
    batching.publish_batch: {"batch_id": ID, "days": 5},
    objecting.object_to_claim: {"claim_id": ID, "note": "有异议的", "request_id": ID},
    paying.pay_batch: {"batch_id": ID, "request_id": ID},
    paying.send_bank_files: {},
    answering.import_bank_answer: {
        "order_number": "FK", "answer": BankAnswer.ACCEPTED, "reference": "1", "request_id": ID,
    },
    paying.retry_payment: {"order_number": "FK", "request_id": ID},
    recovering.claw_back: {"sale_id": ID, "request_id": ID},
    recovering.claw_back_returns: {},
    recovering.receive_claw_back: {"sale_id": ID, "reference": "1", "request_id": ID},
    reconciling.reconcile: {"on": date(2026, 9, 1)},
}  # fmt: skip


@pytest.mark.parametrize("verb", CALLS, ids=lambda verb: f"{verb.__module__[8:]}.{verb.__name__}")
def test_without_the_permission_a_verb_refuses_and_writes_nothing(verb):
    given.regions()
    nobody = replace(given.staff(Role.OBSERVER), permissions=frozenset())
    before = AuditEntry.objects.count(), Request.objects.count()

    with pytest.raises(NotAllowed):
        verb(actor=nobody, **CALLS[verb])

    assert (AuditEntry.objects.count(), Request.objects.count()) == before


def test_every_verb_of_both_rooms_is_in_the_list():
    public = {
        verb
        for room in (
            deciding,
            deriving,
            exporting,
            ordering,
            reading,
            recording,
            releasing,
            returning,
            reviewing,
            selling,
            submitting,
            uploading,
            watching,
            answering,
            batching,
            closing,
            objecting,
            paying,
            prepaying,
            reconciling,
            recovering,
        )
        for name, verb in vars(room).items()
        if not name.startswith("_") and getattr(verb, "__module__", "") == room.__name__
    }

    assert public == set(CALLS)
