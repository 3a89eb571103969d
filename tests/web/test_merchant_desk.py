"""The manager's desk: judging a file, the statement, models and prices; who may open what."""

import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import selectors
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from tests import given, given_claims, given_settlement
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).parents[2] / "examples" / "claims-template.csv"
PAGES = ("home", "claims", "precheck", "statement", "models")


def manager(org_id=None):
    return visitor(Role.MERCHANT_MANAGER, org_id=org_id or given.organisation())[0]


def upload(client, content: bytes, **more):
    file = SimpleUploadedFile("七月.csv", content)
    return client.post(reverse("merchant:precheck"), {"file": file, **more})


@pytest.mark.parametrize("name", PAGES)
def test_every_page_answers_its_manager_and_nobody_else(name):
    given_claims.rules_in_force()
    address = reverse(f"merchant:{name}")
    assert manager().get(address).status_code == 200
    stranger, _ = visitor(Role.REVIEWER)
    assert stranger.get(address).status_code == 403


def test_a_file_is_judged_row_by_row():
    given_claims.rules_in_force()
    report = selectors.check_upload("七月.csv", EXAMPLE.read_bytes())
    page = upload(manager(), EXAMPLE.read_bytes())
    text = text_of(page)
    assert page.status_code == 200
    shown = re.findall(r'class="pill [a-z]*" data-state="(\w+)"', text)
    assert shown == [row.decision for row in report.rows]
    for problem in report.problems:
        assert f"第 {problem.row} 行“{problem.column}”" in text
    for row in report.rows:
        assert all(reason.code in text for reason in row.reasons)


def test_the_result_can_be_saved_with_every_row():
    given_claims.rules_in_force()
    answer = upload(manager(), EXAMPLE.read_bytes(), export="xlsx")
    book = load_workbook(io.BytesIO(answer.content), read_only=True)
    rows = list(book.active.values)
    report = selectors.check_upload("七月.csv", EXAMPLE.read_bytes())
    assert len(rows) == len(report.rows) + 1


def test_a_file_that_cannot_be_read_says_so_and_the_page_stays():
    answer = upload(manager(), b"\xd0\xcf\x11\xe0old excel")
    assert answer.status_code == 422
    assert 'data-code="claims.file_unreadable"' in text_of(answer)
    assert "下载模板" in text_of(answer)


def test_the_template_that_is_given_out_is_the_one_that_is_read():
    client = manager()
    headings = [column.heading for column in selectors.file_columns()]
    book = load_workbook(io.BytesIO(client.get("/merchant/precheck/template.xlsx").content))
    sheet = [str(cell).rstrip("*") for cell in next(book.worksheets[0].values)]
    plain = client.get("/merchant/precheck/template.csv").content.decode("utf-8-sig")
    assert sheet == headings
    assert [cell.rstrip("*") for cell in plain.strip().split(",")] == headings
    assert client.get("/merchant/precheck/template.exe").status_code == 404


def test_the_statement_adds_up_to_what_was_paid():
    till, _claim, order = given_settlement.paid()
    client = manager(till.sale.merchant_id)
    page = text_of(client.get(reverse("merchant:statement")))
    assert order.number in page
    assert f'value="{order.amount_fen}"' in page
    assert 'data-state="accepted"' in page
    stranger = text_of(manager().get(reverse("merchant:statement")))
    assert order.number not in stranger
    saved = client.get(reverse("merchant:statement") + "?export=csv").content.decode("utf-8-sig")
    assert order.number in saved


def test_a_shop_files_its_price_and_a_maker_the_guide_price():
    given_claims.rules_in_force()
    gtin = given_claims.model()
    org_id = given.organisation()
    sent = {"gtin": gtin, "price_fen": "4,599.00", "from_on": clock.today().isoformat()}
    assert manager(org_id).post(reverse("merchant:file_price"), sent).status_code == 302
    model = catalogue.find_model(gtin)
    assert catalogue.filed_price_fen(model.id, clock.today(), org_id=org_id) == 459_900
    assert catalogue.filed_price_fen(model.id, clock.today()) is None
    assert "¥4,599.00" in text_of(manager(org_id).get(reverse("merchant:models")))

    maker, _ = visitor(Role.MAKER_CLERK, org_id=given.organisation(OrgKind.MAKER))
    refused = maker.post(reverse("merchant:file_price"), sent)
    assert refused.status_code == 403
    assert 'data-code="catalogue.price_not_yours"' in text_of(refused)
    assert catalogue.filed_price_fen(model.id, clock.today()) is None


def test_an_unknown_barcode_keeps_what_was_typed():
    sent = {"gtin": "6909999999999", "price_fen": "10", "from_on": "2026-09-01"}
    answer = manager().post(reverse("merchant:file_price"), sent)
    assert answer.status_code == 404
    assert 'data-code="catalogue.model_unknown"' in text_of(answer)
    assert 'value="6909999999999"' in text_of(answer)


MODEL = {
    "gtin": "6901234567892", "category_code": "refrigerator", "brand": "泉湖", "name": "BCD-500",
    "energy_grade": "1", "efficiency_record_no": "",
}  # fmt: skip


def test_a_maker_files_a_model_and_is_asked_for_its_price_next():
    given_claims.rules_in_force()
    maker_id = given.organisation(OrgKind.MAKER)
    client, _ = visitor(Role.MAKER_CLERK, org_id=maker_id)
    answer = client.post(reverse("merchant:file_model"), MODEL)
    assert answer["Location"] == "/merchant/models?filed=6901234567892"
    model = catalogue.find_model(MODEL["gtin"])
    assert (model.maker_id, model.brand, model.energy_grade) == (maker_id, "泉湖", 1)
    page = text_of(client.get(answer["Location"]))
    assert "已备案 BCD-500" in page
    assert 'value="6901234567892"' in page
    assert client.post(reverse("merchant:file_model"), MODEL).status_code == 302  # again: the same
    other = client.post(reverse("merchant:file_model"), MODEL | {"energy_grade": "2"})
    assert 'data-code="catalogue.model_already_filed"' in text_of(other)
    assert catalogue.find_model(MODEL["gtin"]).energy_grade == 1


def test_a_model_filed_by_a_shop_names_no_maker_and_a_wrong_barcode_is_told():
    given_claims.rules_in_force()
    client = manager()
    wrong = client.post(reverse("merchant:file_model"), MODEL | {"gtin": "6901234567893"})
    assert wrong.status_code == 422
    assert "校验位不对" in text_of(wrong)
    assert catalogue.find_model("6901234567893") is None
    assert client.post(reverse("merchant:file_model"), MODEL).status_code == 302
    assert catalogue.find_model(MODEL["gtin"]).maker_id is None


def test_models_are_found_by_barcode_brand_or_name():
    given_claims.rules_in_force()
    client = manager()
    client.post(reverse("merchant:file_model"), MODEL)
    for words in ("bcd-5", "泉湖", "690123456"):
        assert "BCD-500" in text_of(client.get(reverse("merchant:models"), {"q": words}))
    assert "BCD-500" not in text_of(client.get(reverse("merchant:models"), {"q": "没有这个"}))


def test_a_cashier_is_not_offered_to_file_models():
    given_claims.rules_in_force()
    client, _ = visitor(Role.CASHIER, org_id=given.organisation())
    assert "备案一个新型号" not in text_of(client.get(reverse("merchant:models")))
    assert client.post(reverse("merchant:file_model"), MODEL).status_code == 403
    assert catalogue.find_model(MODEL["gtin"]) is None
