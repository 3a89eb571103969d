"""A shop's claims: found by their address, summed, exported, explained, objected to, returned."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from huanxin.claims import selectors
from huanxin.claims.services import submitting
from huanxin.claims.types import ClaimFilter, ClaimStage, EvidenceKind, NewEvidence
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.simulation import _documents
from tests import given, given_claims, given_papers, given_vouchers
from tests.given_claims import SOLD_AT, claim_of
from tests.given_web import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db
LIST = "/merchant/claims"
LATER = SOLD_AT + timedelta(hours=8)


@pytest.fixture(autouse=True)
def _eight_hours_later():
    with clock.standing_at(LATER):
        yield


def shop(count: int = 1, **changes):
    """A shop's manager at the pages, and the tills that sold for it, decided by the machine."""
    org_id = given.organisation()
    pool_id = given_vouchers.pool(quantity=count)
    tills = [given_claims.till(org_id=org_id, pool_id=pool_id) for _ in range(count)]
    for till in tills:
        given_claims.decided(till, **changes)
    client, _ = visitor(Role.MERCHANT_MANAGER, org_id=org_id)
    return client, tills


def claim_at(till):
    [card] = selectors.list_claims(Scope(), where=ClaimFilter(serial=till.sale.serial)).items
    return claim_of(card.sale_id)


def test_the_list_adds_up_and_keeps_its_filters_in_the_address():
    client, _tills = shop(3)
    page = text_of(client.get(LIST))
    assert "共 3 条" in page
    assert f'value="{3 * 74_985}"' in page
    none = text_of(client.get(LIST + "?stage=refused"))
    assert "没有符合条件的申报" in none
    assert '<option value="refused" selected>' in none
    assert "共 3 条" in text_of(
        client.get(LIST + "?stage=passed&sort=-subsidy_fen&from=2026-09-01")
    )
    assert client.get(LIST + "?stage=nonsense&page=x&from=y&sort=z").status_code == 200


def test_htmx_gets_the_table_alone():
    client, _ = shop()
    part = client.get(LIST, headers=HTMX)
    assert text_of(part).strip() in text_of(client.get(LIST))
    assert "<html" not in text_of(part)


def test_both_files_carry_every_row_with_fen_beside_yuan():
    client, _ = shop(2)
    lines = list(
        csv.reader(io.StringIO(client.get(LIST + "?export=csv").content.decode("utf-8-sig")))
    )
    book = load_workbook(io.BytesIO(client.get(LIST + "?export=xlsx").content), read_only=True)
    rows = [list(row) for row in book.active.values]
    assert lines[0][5:7] == ["成交价（元）", "成交价（分）"]
    assert [line[5:9] for line in lines[1:]] == [["4999.00", "499900", "749.85", "74985"]] * 2
    assert [[str(cell) for cell in row[5:9]] for row in rows[1:]] == [
        line[5:9] for line in lines[1:]
    ]


def test_another_shops_claim_is_not_found():
    _, [till] = shop()
    stranger, _ = shop()
    claim = claim_at(till)
    for page in ("merchant:claim", "merchant:appeal"):
        address = reverse(page, args=[claim.card.claim_id])
        answer = stranger.post(address) if page.endswith("appeal") else stranger.get(address)
        assert answer.status_code == 404
    assert stranger.get(reverse("merchant:sold", args=[claim.card.sale_id])).status_code == 404


def test_a_claim_shows_every_reason_with_what_to_fix():
    client, [till] = shop(label__grade_read=3, label__lat_e6=None)
    page = text_of(client.get(reverse("merchant:claim", args=[claim_at(till).card.claim_id])))
    assert 'data-code="R304"' in page
    assert 'data-code="R314"' in page
    assert "请核对商品条码和能效标识" in page
    assert 'data-state="refused"' in page
    assert "看完整计算" in page
    assert till.document_no not in page


def test_a_shop_objects_once_and_a_repeat_changes_nothing():
    client, [till] = shop(label__grade_read=3)
    claim_id = claim_at(till).card.claim_id
    address = reverse("merchant:appeal", args=[claim_id])
    assert "只能申诉一次" in text_of(client.get(reverse("merchant:claim", args=[claim_id])))
    short = client.post(address, {"note": "不", "request_id": uuid4()})
    sent = {"note": "标签拍错了，附上整机照片", "request_id": uuid4()}
    answers = [client.post(address, sent).status_code for _ in range(2)]
    again = client.post(address, {**sent, "request_id": uuid4()})
    assert (short.status_code, answers, again.status_code) == (422, [302, 302], 409)
    assert 'data-code="claims.appeal_closed"' in text_of(again)
    assert claim_at(till).card.stage is ClaimStage.IN_REVIEW
    assert "只能申诉一次" not in text_of(client.get(reverse("merchant:claim", args=[claim_id])))


def test_goods_come_back_after_a_page_that_says_what_follows():
    client, [till] = shop()
    card = claim_at(till).card
    address = reverse("merchant:return", args=[card.sale_id])
    page = text_of(client.get(address))
    assert "恢复可用" in page
    assert "¥749.85" in page
    assert claim_at(till).card.stage is ClaimStage.PASSED  # looking changes nothing
    assert client.post(address, {"reason": "坏", "request_id": uuid4()}).status_code == 422
    sent = {"reason": "顾客改买别的型号", "request_id": uuid4()}
    assert [client.post(address, sent).status_code for _ in range(2)] == [302, 302]
    refused = client.post(address, {**sent, "request_id": uuid4()})
    assert refused.status_code == 409
    assert 'data-code="claims.already_returned"' in text_of(refused)
    assert claim_at(till).card.stage is ClaimStage.RETURNED


def test_a_cashier_neither_returns_nor_objects_nor_reads_the_statement():
    _, [till] = shop()
    card = claim_at(till).card
    cashier, _ = visitor(Role.CASHIER, org_id=till.sale.merchant_id)
    assert cashier.get(reverse("merchant:claim", args=[card.claim_id])).status_code == 200
    assert cashier.get(reverse("merchant:return", args=[card.sale_id])).status_code == 403
    assert cashier.get(reverse("merchant:statement")).status_code == 403
    page = text_of(cashier.get(LIST))
    assert reverse("merchant:statement") not in page


def test_a_kept_picture_is_shown_as_a_picture_and_anything_else_is_only_saved(settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    client, [first] = shop()
    till = given_claims.till(org_id=first.sale.merchant_id)
    receipt = till.sell()
    paper = _documents.invoice_xml(given_papers.invoice_facts())
    kept = [
        submitting.keep_file(actor=till.manager, content=content)
        for content in (given_papers.picture(form="PNG"), paper)
    ]
    submitting.submit_evidence(
        actor=till.manager, sale_id=receipt.sale_id, request_id=uuid4(),
        evidence=[NewEvidence(EvidenceKind.OLD_UNIT, one) for one in kept],
    )  # fmt: skip
    claim_id = claim_of(receipt.sale_id).card.claim_id
    picture, page = (client.get(reverse("merchant:file", args=[claim_id, one])) for one in kept)
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["Content-Disposition"].startswith("inline")
    assert page["Content-Type"] == "application/xml"
    assert page["Content-Disposition"].startswith("attachment")
    assert "sandbox" in page["Content-Security-Policy"]
    assert client.get(reverse("merchant:file", args=[claim_id, "0" * 64])).status_code == 404
