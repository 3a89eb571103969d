"""Bank answers, differences, objections, claw-backs, money ahead, months: through the pages."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from huanxin.claims.services import returning
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.settlement import models, selectors
from huanxin.settlement.selectors import answer_book, money_book, public_book
from huanxin.settlement.services import recovering
from huanxin.settlement.types import ObjectionState, OrderState, PrepaymentState
from tests import given, given_settlement
from tests.given_settlement import OPENED_AT, PAID_AT
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db


def finance(region_path=given.COUNTY_PATH):
    return visitor(Role.FINANCE_OFFICER, region_path=region_path)[0]


def operator():
    return visitor(Role.OPERATOR)[0]


def rid(**typed):
    return {"request_id": str(uuid4()), **typed}


def post(client, name, typed, *args):
    return client.post(reverse(f"console:{name}", args=args), typed)


def answer_file(order, amount="749.85"):
    body = f"指令编号,金额,结果,回单号\n{order.number},{amount},成功,回单1\n".encode()
    return {"file": SimpleUploadedFile("回执.csv", body, content_type="text/csv")}


def ordered():
    given_settlement.cleared(*given_settlement.shops(1))
    return given_settlement.pay(given_settlement.published())[0]


def paid_and_returned():
    till, claim, _ = given_settlement.paid()
    with clock.standing_at(PAID_AT + timedelta(days=1)):
        returning.return_sale(
            actor=till.manager, sale_id=claim.card.sale_id, reason="质量问题退货",
            request_id=uuid4(),
        )  # fmt: skip
        recovering.claw_back_returns(actor=given.system())
    return till, claim


def test_an_answer_file_is_brought_in_and_the_second_time_says_so():
    order, client = ordered(), finance()

    first = post(client, "answer_files", answer_file(order))
    again = client.post(reverse("console:answer_files"), answer_file(order), follow=True)

    assert first.status_code == 302
    assert selectors.order_card(order.order_id).state is OrderState.ACCEPTED
    assert "这个文件此前已经导入过" in text_of(again)
    assert models.AnswerFile.objects.count() == 1


def test_a_file_that_is_none_is_refused_on_the_page():
    body = {"file": SimpleUploadedFile("x.csv", b"\x89PNG\x00", content_type="text/csv")}

    page = post(finance(), "answer_files", body)

    assert page.status_code == 422
    assert b'data-code="settlement.answer_file_unreadable"' in page.content


def test_a_difference_is_taken_and_settled_by_its_owner():
    order, one, other = ordered(), finance(), finance()
    post(one, "answer_files", answer_file(order, "1.00"))
    [gap] = answer_book.list_differences(given.system().scope).items
    assert "金额不符" in text_of(one.get(reverse("console:money_gaps")))

    post(one, "take_gap", {}, gap.id)
    refused = post(other, "settle_gap", rid(note="与银行核对无误"), gap.id)
    post(one, "settle_gap", rid(note="与银行核对无误"), gap.id)

    assert refused.status_code == 403
    assert answer_book.list_differences(given.system().scope).total == 0
    assert "与银行核对无误" in text_of(one.get(reverse("console:money_gap", args=[gap.id])))


def test_anyone_objects_without_signing_in_and_reads_the_answer():
    given_settlement.cleared(*given_settlement.shops(2))
    batch, anyone, officer = given_settlement.published(), Client(), operator()
    with clock.standing_at(OPENED_AT):
        assert batch.number in text_of(anyone.get(reverse("public:publicity")))
        listed = anyone.get(reverse("public:publicity_batch", args=[batch.batch_id]))
        line = listed.context["lines"][0][0]
        typed = rid(words="邻居都知道这家没有买过空调", contact="13800001234")
        address = reverse("public:object_to", args=[line.item_id])
        poor = anyone.post(address, typed | {"words": "假的"})
        lodged = anyone.post(address, typed, follow=True)
        anyone.post(address, typed)  # the same form sent twice
        row = models.Objection.objects.get()
        shown = text_of(officer.get(reverse("console:objection", args=[row.pk])))
        seen = text_of(post(officer, "contact", {}, row.pk))
        post(officer, "decide", rid(is_upheld="yes", answer="已核实情况属实"), row.pk)
        status = anyone.post(
            reverse("public:objection"), {"number": row.number, "contact": "138 0000 1234"}
        )

    assert poor.status_code == 422
    assert row.number in text_of(lodged)
    assert "13800001234" not in shown
    assert "13800001234" in seen
    assert "已核实情况属实" in text_of(status)
    assert public_book.list_objections(given.system().scope).items[0].state is ObjectionState.UPHELD


def test_what_a_shop_paid_back_is_booked_once():
    _, claim = paid_and_returned()
    client, typed = finance(), rid(reference="回款7")
    address = reverse("console:receive", args=[claim.card.sale_id])
    assert claim.card.number in text_of(client.get(reverse("console:claw_backs")))

    assert client.get(address).status_code == 200
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 409  # nothing is owed any more

    [done] = money_book.list_claw_backs(given.system().scope, is_received=True).items
    assert (done.bank_reference, done.amount_fen) == ("回款7", 80_085)
    assert "回款7" in text_of(client.get(reverse("console:claw_backs") + "?state=received"))


def test_money_ahead_needs_two_officers_through_the_pages():
    [till] = given_settlement.shops(1)
    given_settlement.cleared(till)
    one, other, org = finance(), finance(), till.sale.merchant_id
    terms = rid(org_id=str(org), basis="claims", share_percent="50", most_fen="10000",
                title="预付协议1号", line_fen="")  # fmt: skip
    with clock.standing_at(OPENED_AT):
        assert post(one, "new_terms", terms).status_code == 302
        [drawn] = money_book.list_terms(given.system().scope).items
        assert post(one, "approve_terms", rid(), drawn.id).status_code == 403
        assert post(other, "approve_terms", rid(), drawn.id).status_code == 302
        too_much = post(one, "ahead", rid(amount_fen="400"), org)
        assert post(one, "ahead", rid(amount_fen="300"), org).status_code == 302
        [ahead] = money_book.list_prepayments(given.system().scope).items
        asked = other.get(reverse("console:pay_ahead", args=[ahead.id]))
        assert asked.context["confirmation"].amount_fen == ahead.amount_fen
        [still] = money_book.list_prepayments(given.system().scope).items
        assert still.state is PrepaymentState.PROPOSED  # asking pays nothing
        assert post(one, "pay_ahead", rid(), ahead.id).status_code == 403
        assert post(other, "pay_ahead", rid(), ahead.id).status_code == 302
        page = text_of(one.get(reverse("console:prepayments")))

    assert too_much.status_code == 409
    assert ahead.number in page
    [paid] = money_book.list_prepayments(given.system().scope).items
    assert paid.state is PrepaymentState.SENT


def test_a_month_is_closed_and_reopened_by_two_through_the_pages():
    given_settlement.paid()
    one, other = finance(given.CITY_PATH), finance(given.CITY_PATH)
    county = finance()
    with clock.standing_at(clock.moment(PAID_AT.date().replace(month=10), 9)):
        asked = one.get(reverse("console:close_month"), {"month_on": "2026-09"})
        assert "其中无人负责的" in text_of(asked)
        assert one.get(reverse("console:months")).context["latest"] is None  # asking shuts nothing
        assert county.post(reverse("console:months"), {"month_on": "2026-09"}).status_code == 403
        assert one.post(reverse("console:months"), {"month_on": "2026-09"}).status_code == 302
        page = one.get(reverse("console:months"))
        closing = page.context["latest"]
        month = one.get(reverse("console:month", args=[closing.id]))
        file = one.get(reverse("console:month", args=[closing.id]) + "?export=xlsx")
        post(one, "ask_reopening", {"reason": "漏记一笔财政下达"}, closing.id)
        assert post(one, "reopen_month", {}, closing.id).status_code == 409
        assert post(other, "reopen_month", {}, closing.id).status_code == 302
        after = text_of(one.get(reverse("console:months")))

    assert "与封存的余额和摘要完全一致" in text_of(month)
    assert file.content[:2] == b"PK"
    assert "已反结账" in after


def test_the_whole_way_of_a_claims_money_is_on_one_page_for_desk_and_shop():
    till, claim = paid_and_returned()
    desk = finance(given.CITY_PATH)
    shop = visitor(Role.MERCHANT_MANAGER, org_id=till.sale.merchant_id)[0]

    page = text_of(desk.get(reverse("console:money_way", args=[claim.card.claim_id])))
    mine = text_of(shop.get(reverse("merchant:money_way", args=[claim.card.claim_id])))
    other = visitor(Role.MERCHANT_MANAGER, org_id=given.organisation())[0]

    for word in ("预算", "占用给商户", "结算批次", "付款指令", "银行答复：已到账", "追缴"):
        assert word in page, word
    assert "付款指令" in mine
    hidden = other.get(reverse("merchant:money_way", args=[claim.card.claim_id]))
    assert hidden.status_code == 404


def test_statements_print_and_the_calendar_says_what_comes_when():
    till, _, order = given_settlement.paid()
    shop = visitor(Role.MERCHANT_MANAGER, org_id=till.sale.merchant_id)[0]
    with clock.standing_at(PAID_AT + timedelta(hours=2)):
        mine = shop.get(reverse("merchant:statement_pdf") + "?month=2026-09")
        batch = finance().get(reverse("console:batch_pdf", args=[order.batch_id]))
        calendar = text_of(shop.get(reverse("merchant:calendar")))
        table = shop.get(reverse("merchant:statement") + "?export=xlsx")

    for paper in (mine, batch):
        assert paper.headers["Content-Type"] == "application/pdf"
        assert paper.content[:5] == b"%PDF-"
    assert order.number in calendar
    assert "已到账" in calendar
    sheet = load_workbook(BytesIO(table.content)).worksheets[0]
    assert sheet.cell(2, 1).value == order.number


@pytest.mark.parametrize("name", [
    "answer_files", "money_gaps", "objections", "claw_backs", "prepayments", "new_terms", "months",
])  # fmt: skip
def test_the_pages_are_for_officers_alone(name):
    shop = visitor(Role.MERCHANT_MANAGER, org_id=given.organisation())[0]
    officer = operator() if name == "objections" else finance(given.CITY_PATH)

    assert officer.get(reverse(f"console:{name}")).status_code == 200
    assert shop.get(reverse(f"console:{name}")).status_code == 403
