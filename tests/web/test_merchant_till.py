"""The till: scans fill it, the quote explains itself, and what was shown is what is sold."""

import re
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huanxin.catalogue import selectors as catalogue_reads
from huanxin.catalogue import services as catalogue
from huanxin.catalogue.types import NewPrice
from huanxin.claims import selectors
from huanxin.claims.types import EvidenceKind
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.vouchers import selectors as vouchers_reads
from huanxin.vouchers.services import till_codes
from tests import given, given_claims, given_papers, given_vouchers
from tests.given_claims import SOLD_AT
from tests.given_web import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db
HOME = "/merchant/"


class Scene:
    """A cashier at a till and a customer who shows her vouchers."""

    def __init__(self, **sale) -> None:
        self.at = given_claims.till(**sale)
        self.client, self.cashier = visitor(Role.CASHIER, org_id=self.at.sale.merchant_id)

    def code(self) -> str:
        rights = [self.at.sale.qualification_id, self.at.sale.trade_in_voucher_id]
        buyer = given.consumer(self.at.buyer)
        return till_codes.till_code(actor=buyer, voucher_ids=[r for r in rights if r]).code

    def scan(self, text: str, **headers):
        return self.client.post(reverse("merchant:scan"), {"scan": text}, headers=headers)

    def fill(self):
        for text in (self.code(), self.at.sale.gtin, self.at.sale.serial):
            assert self.scan(text).status_code == 302
        return self.client.post(
            reverse("merchant:edit"), {**self.typed(), "list_price_fen": "4999.00"}, headers=HTMX
        )

    def typed(self, **changes) -> dict[str, str]:
        basket = self.client.session["till"]
        fields = ("gtin", "serial", "imei", "trade_in_id")
        typed = {name: basket[name] for name in fields}
        return {**typed, "list_price_fen": "4999.00", "discount_fen": "", **changes}

    def press(self, page, **changes):
        quote = page.context["quote"]
        seen = {
            "request_id": self.client.session["till"]["request_id"],
            "seen_to_pay_fen": quote.amounts.to_pay_fen if quote else "",
        }
        return self.client.post(reverse("merchant:sell"), {**self.typed(), **seen, **changes})


@contextmanager
def at(moment=SOLD_AT):
    with clock.standing_at(moment):
        yield


def test_scans_fill_the_till_and_the_quote_says_why():
    with at():
        scene = Scene(trade_in_fen=6_000)
        page = scene.fill()
    text = text_of(page)
    assert page.templates[0].name == "merchant/_till.html"
    assert "王*试" in text
    assert "¥4,198.15" in text
    assert "¥740.85" in text
    assert "商办流通函〔2025〕469号" in text
    assert scene.at.document_no not in text
    assert given_claims.count_sales() == 0


def test_the_part_for_htmx_is_cut_from_the_same_page():
    with at():
        scene = Scene()
        part = text_of(scene.fill())
        whole = text_of(scene.client.get(HOME))
    token = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert token.sub("", part).strip() in token.sub("", whole)


def test_a_customers_code_is_taken_once():
    with at():
        scene = Scene()
        code = scene.code()
        assert scene.scan(code).status_code == 302
        again = scene.scan(code)
    assert again.status_code == 422
    assert 'data-code="vouchers.till_code_used"' in text_of(again)
    assert len(scene.client.session["till"]["vouchers"]) == 1


def test_one_press_sells_what_was_shown_and_a_second_finds_the_same_sale():
    with at():
        scene = Scene(trade_in_fen=6_000)
        page = scene.fill()
        request_id = scene.client.session["till"]["request_id"]
        first = scene.press(page)
        seen = page.context["quote"].amounts.to_pay_fen
        repeat = scene.client.post(
            reverse("merchant:sell"), {"request_id": request_id, "seen_to_pay_fen": seen}
        )
        result = scene.client.get(first["Location"])
    assert (first.status_code, repeat["Location"]) == (302, first["Location"])
    assert given_claims.count_sales() == 1
    assert "till" not in scene.client.session
    text = text_of(result)
    assert '<data class="money till" value="419815">¥4,198.15</data>' in text
    assert '<data class="money till" value="74085">¥740.85</data>' in text


def test_a_price_typed_after_the_quote_is_shown_again_and_not_sold():
    with at():
        scene = Scene()
        page = scene.fill()
        answer = scene.press(page, list_price_fen="3999.00")
    assert answer.status_code == 409
    assert 'data-code="web.price_moved"' in text_of(answer)
    assert answer.context["quote"].amounts.list_price_fen == 399_900
    assert given_claims.count_sales() == 0


def test_a_quote_of_an_hour_ago_is_made_anew():
    with at():
        scene = Scene()
        page = scene.fill()
    with at(SOLD_AT + timedelta(hours=1)):
        answer = scene.press(page)
        assert answer.status_code == 409
        assert given_claims.count_sales() == 0
        assert scene.press(answer).status_code == 302
    assert given_claims.count_sales() == 1


def test_without_a_serial_number_nothing_is_sold():
    with at():
        scene = Scene()
        page = scene.fill()
        answer = scene.press(page, serial="")
    assert answer.status_code == 422
    assert "请扫描机身序列号" in text_of(answer)
    assert given_claims.count_sales() == 0


def test_a_product_the_rule_does_not_pay_says_why_and_offers_no_sale():
    with at():
        scene = Scene(gtin=given_claims.model(energy_grade=2))
        page = scene.fill()
    text = text_of(page)
    assert page.context["quote"].is_eligible is False
    assert 'data-code="R' in text
    assert "怎么办" in text
    assert reverse("merchant:sell") not in text
    with at():
        refused = scene.press(page)
    assert refused.status_code == 409
    assert given_claims.count_sales() == 0


def test_a_unit_sold_before_is_refused_and_everything_typed_stays():
    with at():
        pool_id = given_vouchers.pool(quantity=2)
        first = given_claims.till(pool_id=pool_id)
        first.sell()
        scene = Scene(pool_id=pool_id, gtin=first.sale.gtin, serial=first.sale.serial)
        answer = scene.press(scene.fill())
    text = text_of(answer)
    assert answer.status_code == 409
    assert 'data-code="vouchers.device_already_sold"' in text
    assert f'value="{first.sale.serial}"' in text
    assert given_claims.count_sales() == 1


def test_a_page_cannot_name_a_voucher_that_nobody_showed():
    with at():
        scene = Scene()
        stolen = {
            "trade_in_id": str(uuid4()),
            "qualification_id": str(scene.at.sale.qualification_id),
        }
        answer = scene.client.post(
            reverse("merchant:sell"),
            {**stolen, "gtin": scene.at.sale.gtin, "serial": "SN123456", "list_price_fen": "4999"},
        )
    assert answer.status_code == 409
    assert answer.context["quote"] is None
    assert given_claims.count_sales() == 0


def test_the_filed_price_is_the_first_price_offered():
    with at():
        scene = Scene()
        model = catalogue_reads.find_model(scene.at.sale.gtin)
        catalogue.file_prices(
            actor=given.system(),
            prices=[NewPrice(model.id, 459_900, clock.today(), scene.at.sale.merchant_id)],
        )
        scene.scan(scene.at.sale.gtin)
    assert scene.client.session["till"]["list_price_fen"] == 459_900


def test_the_next_customer_starts_with_an_empty_till():
    with at():
        scene = Scene()
        scene.fill()
        assert scene.client.post(reverse("merchant:clear")).status_code == 302
        page = scene.client.get(HOME)
    assert "王*试" not in text_of(page)
    assert vouchers_reads.get_voucher(scene.at.sale.qualification_id, Scope()).state == "usable"


def test_papers_are_handed_in_one_by_one_until_the_claim_waits(settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    with at():
        scene = Scene()
        sale_id = UUID(scene.press(scene.fill())["Location"].rpartition("/")[2])
        answers = [scene_paper(scene, sale_id, kind) for kind in ("invoice", "label", "delivery")]
        assert selectors.get_claim_of_sale(sale_id, Scope()).card.submitted_at is None
        assert given_papers.read() == 3
        page = scene.client.get(reverse("merchant:sold", args=[sale_id]))
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    detail = selectors.get_claim_of_sale(sale_id, Scope())
    assert detail.missing == ()
    assert detail.card.submitted_at is not None
    label = next(card for card in detail.evidence if card.kind is EvidenceKind.LABEL)
    assert label.facts == {
        "serial_read": "SN1234", "grade_read": 1, "lat_e6": 36_450_000, "lon_e6": 115_980_001,
    }  # fmt: skip
    assert scene.at.document_no not in text_of(page)


def scene_paper(scene: Scene, sale_id: UUID, kind: str, **changes):
    facts = {
        "invoice": {
            "invoice_number": "26372000000012345678", "invoice_total_fen": "4999",
            "invoiced_on": "2026-09-01", "buyer_document_no": scene.at.document_no,
        },
        "label": {
            "serial_read": "sn-1234", "grade_read": "1", "lat_e6": "36.45", "lon_e6": "115.980001",
        },
        "delivery": {
            "signed_at": "2026-09-01T10:30", "receiver_document_no": scene.at.document_no,
        },
    }[kind]  # fmt: skip
    sent = {f"{kind}-{name}": value for name, value in {**facts, **changes}.items()}
    sent[f"{kind}-request_id"] = str(uuid4())
    sent[f"{kind}-file"] = SimpleUploadedFile(f"{kind}.jpg", given_papers.picture(len(kind)))
    return scene.client.post(reverse("merchant:hand_in", args=[sale_id, kind]), sent)


def test_a_paper_with_a_wrong_number_is_refused_and_kept_on_the_page(settings, tmp_path):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    with at():
        scene = Scene()
        sale_id = UUID(scene.press(scene.fill())["Location"].rpartition("/")[2])
        answer = scene_paper(scene, sale_id, "invoice", invoice_number="123")
        typed_badly = scene_paper(scene, sale_id, "label", lat_e6="north")
    assert answer.status_code == 422
    assert 'data-code="claims.evidence_invalid"' in text_of(answer)
    assert 'value="123"' in text_of(answer)
    assert typed_badly.status_code == 422
    assert "请填写十进制度数" in text_of(typed_badly)
    assert selectors.get_claim_of_sale(sale_id, Scope()).evidence == ()


def test_only_who_sells_has_a_till():
    client, _ = visitor(Role.MAKER_CLERK, org_id=given.organisation(OrgKind.MAKER))
    assert client.get(HOME)["Location"] == reverse("merchant:models")
    outsider, _ = visitor(Role.REVIEWER)
    assert outsider.get(HOME).status_code == 403


def test_a_barcode_read_wrong_is_refused_and_not_taken_for_a_serial_number():
    scene = Scene()
    answer = scene.scan("6901234567893")
    assert answer.status_code == 422
    assert 'data-code="web.barcode_misread"' in text_of(answer)
    assert "till" not in scene.client.session
    assert scene.scan("6901234567892").status_code == 302
    assert scene.client.session["till"]["gtin"] == "6901234567892"
    assert scene.scan("1234567890123").status_code == 302  # thirteen digits of a maker's own
    assert scene.client.session["till"]["serial"] == "1234567890123"
