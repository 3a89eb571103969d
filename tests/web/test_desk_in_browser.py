"""The review desk by keyboard alone, and the desk's other pages at both sizes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from huanxin.claims import models
from huanxin.claims.services import reviewing, watching
from huanxin.claims.types import AuditStatus, ReviewVerdict
from huanxin.claims.types.desk import NewWaiver, WaiverSubject
from huanxin.identity.services import restricting
from huanxin.identity.types import NewRestriction, Penalty, RestrictionKind, Role
from huanxin.kernel import clock
from tests import given, given_citizen, given_claims, given_desk_terms, given_vouchers
from tests.given_browser import MARKS
from tests.given_claims import SOLD_AT, claim_of
from tests.web.test_walk_sale import DESK, PHONE, Walk

pytestmark = MARKS
LATER = SOLD_AT + timedelta(hours=8)


def held(count: int):
    """Claims that wait; the first two hand in the same photo."""
    pool_id = given_vouchers.pool(quantity=count + 1)
    photo = {"label__photo_hash": "00ff00ff00ff00ff"}
    claims = []
    for n in range(count):
        till = given_claims.till(pool_id=pool_id)
        changes = {"invoice__invoice_total_fen": 1} | (photo if n < 2 else {})
        claims.append(given_claims.decided(till, **changes)[1])
    return claims


def test_three_cases_are_decided_without_a_mouse(browser, live_server):
    held(3)
    clock.set_clock(LATER)
    walk = Walk(browser, live_server.url)
    page = walk.enter(Role.REVIEWER, region_path=given.COUNTY_PATH)
    page.goto(live_server.url + "/console/desk")
    walk.look(page, "desk-keyboard")
    first = page.locator("h2.mono").inner_text()

    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("j")
    second = page.locator("h2.mono").inner_text()
    assert second != first
    with page.expect_navigation():
        page.keyboard.press("k")
    assert page.locator("h2.mono").inner_text() == first

    for key, note in (("a", ""), ("r", "照片与另一笔相同"), ("h", "请补拍铭牌照片")):
        page.keyboard.press(key)
        if note:
            page.keyboard.type(note)
        walk.look(page, f"desk-keyboard-{key}")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")

    assert sorted(models.Review.objects.values_list("verdict", flat=True)) == [
        "correct", "pass", "refuse",
    ]  # fmt: skip
    assert "没有需要人工复核的申报" in page.content()
    assert walk.said == []


def test_the_queue_renews_itself_and_keeps_its_part_in_the_address(browser, live_server):
    one, two = held(2)
    clock.set_clock(LATER)
    walk = Walk(browser, live_server.url)
    page = walk.enter(Role.REVIEWER, region_path=given.COUNTY_PATH)
    page.goto(live_server.url + f"/console/desk/{one.card.claim_id}?which=all")
    assert page.locator(".queue-case").count() == 2

    reviewing.review_claim(
        actor=given_claims.reviewer(), claim_id=two.card.claim_id, verdict=ReviewVerdict.PASS,
        reason_code="R401", note="材料核实无误", request_id=uuid4(),
    )  # fmt: skip
    page.evaluate("htmx.trigger('#queue', 'every')")
    page.evaluate("htmx.ajax('GET', document.querySelector('#queue').getAttribute('hx-get'),"
                  "{target: '#queue', swap: 'outerHTML'})")  # fmt: skip
    page.wait_for_function("document.querySelectorAll('.queue-case').length === 1")
    assert claim_of(two.card.sale_id).card.audit_status is AuditStatus.PASSED
    page.get_by_role("link", name="高风险").click()
    page.wait_for_url("**/desk?which=high")


def a_watched_city():
    """A stopped check, a waiver, a proposal, restrictions in several states."""
    given_desk_terms.published(
        breaker={"*": {"count": 1, "share_bps": 10_000, "least": 1}},
        sample_bps=given_desk_terms.ALL_SAMPLED,
    )
    pool_id = given_vouchers.pool(quantity=4)
    shops = []
    for n in range(3):
        till = given_claims.till(pool_id=pool_id)
        receipt = till.sell()
        given_claims.submit(till, receipt, **({"invoice__invoice_total_fen": 1} if n else {}))
        shops.append(till.sale.merchant_id)
    given_claims.decide()
    clock.set_clock(LATER)
    officer = given_desk_terms.operator()
    until = LATER + timedelta(days=5)
    new = NewWaiver("serial_differs", WaiverSubject.ALL, "", "识别程序升级中", until)
    watching.waive_check(actor=officer, waiver=new, request_id=uuid4())
    watching.propose_terms(
        actor=officer, content=given_desk_terms.content(), reason="提高抽查率", request_id=uuid4()
    )
    return officer, shops


def barred(officer, kind, key):
    return restricting.impose(
        actor=officer,
        new=NewRestriction(
            kind, str(key), Penalty.SUSPENSION, "伪造送货单套取补贴", "聊商务罚〔2026〕7号",
            clock.today(), clock.today() + timedelta(days=90),
        ),
        request_id=uuid4(),
    )  # fmt: skip


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.slow
def test_the_desks_other_pages_fit_and_say_nothing_wrong(browser, live_server, size):
    officer, shops = a_watched_city()
    restriction_id = barred(officer, RestrictionKind.ORGANISATION, shops[0])
    person = given.person()
    barred(officer, RestrictionKind.PERSON, person.id)
    walk = Walk(browser, live_server.url)
    name = "phone" if size == PHONE else "desk"
    console = walk.enter(Role.OPERATOR, size=size, region_path=given.CITY_PATH)
    pages = {
        "watch": "/console/watch", "terms": "/console/watch/terms",
        "samples": f"/console/watch/samples?on={clock.business_day(SOLD_AT)}",
        "restrictions": "/console/restrictions", "restriction-new": "/console/restrictions/new",
        "restriction": f"/console/restrictions/{restriction_id}",
    }  # fmt: skip
    for word, path in pages.items():
        assert console.goto(live_server.url + path).status == 200
        walk.look(console, f"{word}-{name}")
    desk = walk.enter(Role.REVIEWER, size=size, region_path=given.COUNTY_PATH)
    desk.goto(live_server.url + "/console/desk")
    walk.look(desk, f"review-{name}")
    shop = walk.enter(Role.MERCHANT_MANAGER, size=size, org_id=shops[0])
    shop.goto(live_server.url + "/merchant/restrictions")
    walk.look(shop, f"own-restriction-shop-{name}")
    client = Client()
    given_citizen.resident(client, person)
    context = browser.new_context(viewport=size, locale="zh-CN")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([{**cookie, "url": live_server.url}])
    resident = context.new_page()
    resident.goto(live_server.url + "/my/restrictions")
    walk.look(resident, f"own-restriction-{name}")
    assert walk.said == []
