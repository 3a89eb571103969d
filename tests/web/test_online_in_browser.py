"""Rights, online orders and their money in a real browser, on a phone and on a desk.

One journey: ordered and locked, paid too late and refunded, ordered again and paid, a part given
back, and the shop's statement adds up. Pictures are left in screenshots/.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from huanxin.claims.services import ordering
from huanxin.claims.types import Channel, NewOrder, OnlineOrderCard
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.ledger.types import funder_code
from huanxin.vouchers.services import funding, moving
from huanxin.vouchers.types import RightChannel, VoucherState
from tests import given, given_budgets, given_citizen, given_claims
from tests import given_vouchers as gv
from tests.given_browser import MARKS, TOUCH
from tests.given_claims import SOLD_AT as AT
from tests.web.test_walk_sale import DESK, PHONE, Walk

pytestmark = MARKS


def place(till, at, minutes=30) -> OnlineOrderCard:
    sale = replace(
        till.sale, channel=Channel.ONLINE, sold_at=at, merchant_order_no=f"D{uuid4().hex[:10]}"
    )
    order = NewOrder(sale, at + timedelta(minutes=minutes))
    return ordering.place_order(actor=till.cashier, order=order, request_id=uuid4())


def opened(walk, client: Client, size):
    """A window of somebody who is signed in already."""
    context = walk.browser.new_context(viewport=size, locale="zh-CN")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([{**cookie, "url": walk.address}])
    page = context.new_page()
    page.on("console", lambda message: walk.said.append(message.text))
    page.on("pageerror", lambda error: walk.said.append(str(error)))
    return page


def test_locked_paid_late_refunded_ordered_again_paid_and_part_given_back(
    browser, live_server, client
):
    till = given_claims.till(trade_in_fen=6_000)
    given_citizen.resident(client, till.buyer)
    walk = Walk(browser, live_server.url)
    clock.set_clock(AT)
    first = place(till, AT, minutes=10)
    hers = opened(walk, client, PHONE)
    hers.goto(live_server.url + f"/my/online/{first.order_id}")
    walk.look(hers, "online-phone-1-waiting")
    hers.get_by_role("link", name="去付款").click()
    walk.look(hers, "online-phone-2-pay")

    late = AT + timedelta(minutes=12)
    clock.set_clock(late)
    rival = place(replace(till, sale=till.sale), late)  # a second shop's order has the right now
    hers.get_by_role("button", name="确认付款").click()
    hers.wait_for_url(f"**/my/online/{first.order_id}")
    assert "全额原路退回 ¥4,198.15" in hers.content()
    walk.look(hers, "online-phone-3-refunded")

    hers.goto(live_server.url + f"/my/online/{rival.order_id}")
    hers.get_by_role("link", name="去付款").click()
    hers.get_by_role("button", name="确认付款").click()
    hers.get_by_role("link", name="看这笔购买和补贴").wait_for()
    walk.look(hers, "online-phone-4-paid")
    assert gv.card(till.sale.qualification_id).state is VoucherState.USED
    assert given_claims.count_sales() == 1

    shop = walk.enter(Role.MERCHANT_MANAGER, org_id=till.sale.merchant_id)
    shop.goto(live_server.url + "/merchant/online")
    walk.look(shop, "online-desk-1-list")
    shop.get_by_role("link", name=rival.merchant_order_no).click()
    walk.look(shop, "online-desk-2-order")
    shop.get_by_role("link", name="看销售和申报").click()
    shop.get_by_role("link", name="保价、部分退款").click()
    shop.get_by_label("降价多少（元）").fill("100")
    shop.get_by_label("原因").fill("七天保价退差")
    walk.look(shop, "online-desk-3-reduce")
    shop.get_by_role("button", name="下一步：核对").click()
    assert "¥85.00" in shop.inner_text("main")
    walk.look(shop, "online-desk-4-confirm")
    shop.get_by_role("button", name="确认降价").click()
    shop.wait_for_url("**#reductions")
    walk.look(shop, "online-desk-5-lowered")
    shop.goto(live_server.url + "/merchant/statement")
    assert "¥785.85" in shop.inner_text("main")  # 725.85 of subsidy and 60.00 of 焕新券
    walk.look(shop, "online-desk-6-statement")
    assert walk.said == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.slow
def test_the_pages_of_rights_and_of_who_pays_fit(browser, live_server, client, size):
    till = given_claims.till(trade_in_fen=6_000)
    given_citizen.resident(client, till.buyer)
    given_budgets.money(given_budgets.CITY)
    pool_id = gv.pool(quantity=5)
    given_claims.till(pool_id=pool_id).sell()
    maker, firm = given.organisation(OrgKind.MAKER), given.organisation()
    clock.set_clock(AT)
    right = till.sale.qualification_id
    moving.move_right(actor=given.consumer(till.buyer), voucher_id=right,
                      channel=RightChannel.UNIONPAY)  # fmt: skip
    moving.move_right(actor=given.consumer(till.buyer), voucher_id=right,
                      channel=RightChannel.APP)  # fmt: skip
    order = place(till, AT)
    funding.fund_funder(
        actor=given.system(), owner=str(firm), amount_fen=500_000, reference="回单-1",
        request_id=uuid4(),
    )  # fmt: skip
    programme = f"programme={gv.PROGRAMME}"
    walk = Walk(browser, live_server.url)
    hers = [f"/my/{page}" for page in (
        "", "vouchers", f"vouchers/{right}", f"vouchers/{right}/move", f"vouchers/{right}/give-up",
        "online", f"online/{order.order_id}", f"online/{order.order_id}/pay",
        f"online/{order.order_id}/cancel", "buy",
    )]  # fmt: skip
    seen = [
        (opened(walk, client, size), hers),
        (walk.enter(Role.MERCHANT_MANAGER, size=size, org_id=firm), ["/merchant/funding"]),
        (walk.enter(Role.MAKER_CLERK, size=size, org_id=maker), ["/merchant/funding"]),
        (
            walk.enter(Role.MERCHANT_MANAGER, size=size, org_id=till.sale.merchant_id),
            ["/merchant/online", f"/merchant/online/{order.order_id}"],
        ),
        (
            walk.enter(Role.FINANCE_OFFICER, size=size, region_path=given.CITY_PATH),
            ["/console/funders", "/console/funders/top-up", "/console/funders/credit",
             "/console/ledger/proofs", f"/console/ledger/accounts/{funder_code(str(firm))}"],
        ),
        (
            walk.enter(Role.OPERATOR, size=size, region_path=given.CITY_PATH),
            [f"/console/budgets?{programme}", f"/console/budgets/move/allocate?{programme}"],
        ),
    ]  # fmt: skip
    for number, (page, paths) in enumerate(seen):
        for path in paths:
            answer = page.goto(live_server.url + path)
            assert answer is not None
            assert answer.status == 200, path
            name = path.split("?")[0].strip("/").replace("/", "-")[:24]
            walk.look(page, f"rights-{size['width']}-{number}-{name}-{paths.index(path)}")
            if size == PHONE and path.startswith("/my"):
                assert page.evaluate(TOUCH) == [], path
    assert walk.said == []
