"""What was read from a paper stands beside what was typed, with its confidence and its tick."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huanxin.claims._reading_tables import PaperFile
from huanxin.claims.models import Evidence
from huanxin.claims.reading import reader
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.simulation import _documents
from tests import given_claims, given_papers
from tests.api.test_campaigns import headers
from tests.given_claims import SOLD_AT
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    with clock.standing_at(SOLD_AT):
        yield


@pytest.fixture
def sold():
    at = given_claims.till(serial="HX2607AB12CD34")
    return at, at.sell()


def hand_in(client, receipt, kind, content, name="x.jpg", **typed):
    sent = {f"{kind}-{fact}": value for fact, value in typed.items()}
    sent |= {f"{kind}-request_id": str(uuid4()), f"{kind}-file": SimpleUploadedFile(name, content)}
    return client.post(reverse("merchant:hand_in", args=[receipt.sale_id, kind]), sent)


def page_of(client, receipt):
    return text_of(client.get(reverse("merchant:sold", args=[receipt.sale_id])))


def test_a_photo_alone_is_enough_and_the_page_shows_what_was_read_on_it(sold):
    at, receipt = sold
    client, _ = visitor(Role.CASHIER, org_id=at.sale.merchant_id)

    answer = hand_in(client, receipt, "label", given_papers.label_photo(), serial_read="HX-WRONG-1")
    assert answer.status_code == 302
    waiting = page_of(client, receipt)
    assert "正在识别文件内容" in waiting
    assert 'hx-select="#read-label"' in waiting

    given_papers.read()
    page = page_of(client, receipt)
    assert "正在识别文件内容" not in page
    assert "HX2607AB12CD34" in page
    words = re.sub(r"<[^>]+>", "", page)
    assert "条码；与填写的 HXWRONG1 不一致，以读出的为准" in words
    assert "校验位相符" in page  # the barcode of the goods
    assert len(re.findall(r"<rect class=\"tag\"", page)) >= 4  # drawn on the picture
    sha256 = PaperFile.objects.get().pk
    shown = client.get(reverse("merchant:file", args=[_claim(receipt), sha256]))
    assert shown["Content-Type"] == "image/jpeg"


def test_a_reviewer_sees_what_was_read_beside_the_picture_it_was_read_from(sold):
    at, receipt = sold
    client, _ = visitor(Role.CASHIER, org_id=at.sale.merchant_id)
    facts = given_papers.invoice_facts(buyer_document_no=at.document_no)
    hand_in(client, receipt, "invoice", _documents.invoice_pdf(facts), invoice_total_fen="1.00")
    given_papers.read()

    reviewer, _ = visitor(Role.REVIEWER)
    page = text_of(reviewer.get(reverse("console:case", args=[_claim(receipt)])))
    words = re.sub(r"<[^>]+>", "", page)
    assert "文件文字；与填写的 ¥1.00 不一致，以读出的为准" in words
    assert "校验位相符" in words
    assert "下载原件" in words
    assert at.document_no not in page


def _claim(receipt):
    return given_claims.claim_of(receipt.sale_id).card.claim_id


def test_a_digital_invoice_is_read_before_the_page_comes_back(sold):
    at, receipt = sold
    client, _ = visitor(Role.CASHIER, org_id=at.sale.merchant_id)
    facts = given_papers.invoice_facts(buyer_document_no=at.document_no)

    hand_in(client, receipt, "invoice", _documents.invoice_ofd(facts), name="发票.jpg")

    page = page_of(client, receipt)
    assert "26372000000012345678" in page
    assert "发票数据" in page
    assert at.document_no not in page


def test_a_hostile_file_is_refused_on_the_page_and_what_was_typed_stays(sold):
    at, receipt = sold
    client, _ = visitor(Role.CASHIER, org_id=at.sale.merchant_id)

    answer = hand_in(client, receipt, "label", b"MZ" + bytes(300), serial_read="SN-TYPED-1")

    assert answer.status_code == 422
    page = text_of(answer)
    assert "程序不能作为材料" in page
    assert "请上传 JPG" in page
    assert "SN-TYPED-1" in page
    assert not Evidence.objects.exists()


def test_without_the_extra_the_page_says_how_to_install_it_and_asks_for_the_facts(
    sold, monkeypatch
):
    at, receipt = sold
    client, _ = visitor(Role.CASHIER, org_id=at.sale.merchant_id)
    assert "未安装自动识别" not in page_of(client, receipt)  # the control

    monkeypatch.setattr(reader, "is_installed", lambda: False)
    page = page_of(client, receipt)
    assert "未安装自动识别" in page
    assert "requirements/reading.txt" in page
    assert hand_in(client, receipt, "label", given_papers.picture()).status_code == 422
    typed = hand_in(client, receipt, "label", given_papers.picture(), serial_read="SN-1234")
    assert typed.status_code == 302
    assert "本平台未安装自动识别组件" in page_of(client, receipt)


def test_files_are_kept_and_readings_read_over_the_api(sold, client):
    at, receipt = sold
    head = headers(client, Role.MERCHANT_MANAGER, org_id=at.sale.merchant_id)
    facts = given_papers.invoice_facts(buyer_document_no=at.document_no)
    file = SimpleUploadedFile("a.bin", _documents.invoice_xml(facts))

    kept = client.post("/api/v1/claims/files", {"file": file}, headers=head)
    assert kept.status_code == 201
    evidence = [{"kind": "invoice", "sha256": kept.json()["sha256"], "facts": {}}]
    path = f"/api/v1/sales/{receipt.sale_id}/evidence"
    answer = client.post(path, evidence, content_type="application/json", headers=head)
    assert answer.status_code == 200, answer.content
    assert answer.json()["is_reading"] is False
    found = client.get(f"/api/v1/claims/{_claim(receipt)}/readings", headers=head).json()
    read = {one["fact"]: one for one in found[0]["fields"]}
    assert read["invoice_number"]["value"] == "26372000000012345678"
    assert read["invoice_number"]["source"] == "data"
    assert at.document_no not in str(found)

    bomb = SimpleUploadedFile(
        "a.jpg", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
    )
    refused = client.post("/api/v1/claims/files", {"file": bomb}, headers=head)
    assert (refused.status_code, refused.json()["code"]) == (422, "claims.paper_refused")
