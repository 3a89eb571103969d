import re

import pyotp
import pytest

from huanxin.identity import selectors
from huanxin.identity.services import staffing
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from tests import given, given_accounts, given_citizen, given_web
from tests.given_web import PASSWORD, text_of, visitor

pytestmark = pytest.mark.django_db

EVERYONE = ("/account/", "/account/roles", "/account/lists")
KEEPERS = (
    "/account/staff", "/account/staff/new", "/account/keys", "/account/keys/new",
    "/account/webhooks", "/account/webhooks/new",
)  # fmt: skip
KINDS = {
    Role.MERCHANT_MANAGER: OrgKind.RETAILER, Role.RECYCLER_MANAGER: OrgKind.RECYCLER,
    Role.DISMANTLER_CLERK: OrgKind.DISMANTLER, Role.STATION_CLERK: OrgKind.STATION,
    Role.MAKER_CLERK: OrgKind.MAKER, Role.CASHIER: OrgKind.RETAILER,
    Role.COLLECTOR: OrgKind.RECYCLER,
}  # fmt: skip


def desk(role):
    org_id = given.organisation(KINDS[role]) if role in KINDS else None
    return visitor(role, org_id=org_id)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CONSUMER])
def test_every_role_reaches_its_own_pages_and_no_others(role):
    client, actor = desk(role)
    for page in EVERYONE:
        assert client.get(page).status_code == 200, page
    for page in KEEPERS:
        permission = "identity.open_account" if "staff" in page else "identity.manage_keys"
        expected = 200 if selectors.may(actor, permission) else 403
        assert client.get(page).status_code == expected, page


def test_a_resident_sees_her_own_devices_on_her_phone(client):
    given_citizen.resident(client)
    page = text_of(client.get("/account/"))
    assert "登录中的设备" in page
    assert "修改密码" not in page
    assert client.get("/account/staff").status_code == 403


def test_a_visitor_is_asked_to_sign_in(client):
    for page in (*EVERYONE, *KEEPERS):
        assert client.get(page).status_code == 302


def test_a_colleague_is_taken_on_signs_in_and_chooses_her_password(client):
    boss, actor = desk(Role.MERCHANT_MANAGER)
    form = {
        "login": "li.na", "display_name": "李娜", "role": "cashier", "place": f"org:{actor.org_id}",
    }  # fmt: skip
    told = text_of(boss.post("/account/staff/new", form))
    one_time = re.search(r'class="secret mono">([^<]+)<', told)[1]
    assert "li.na" in text_of(boss.get("/account/staff"))
    step = client.post("/login", {"login": "li.na", "password": one_time})
    ticket = re.search(r'name="ticket" value="([^"]+)"', text_of(step))[1]
    assert given_web.account_of(client) is None, "no session before her own password"
    weak = {"ticket": ticket, "password": "1234567890", "again": "1234567890"}
    assert 'data-code="identity.password_weak"' in text_of(client.post("/login/password", weak))
    good = {"ticket": ticket, "password": "a longer secret 1", "again": "a longer secret 1"}
    assert client.post("/login/password", good).status_code == 302
    assert given_web.account_of(client) == selectors.find_account("li.na").id


def test_a_role_that_may_not_be_given_is_refused_with_what_was_typed():
    boss, actor = desk(Role.MERCHANT_MANAGER)
    form = {"login": "x1", "display_name": "李娜", "role": "admin", "place": f"org:{actor.org_id}"}
    answer = boss.post("/account/staff/new", form)
    assert answer.status_code == 422, "not among the choices of this form"
    assert selectors.find_account("x1") is None


def test_disabling_ends_the_colleagues_browser_at_once():
    boss, actor = desk(Role.MERCHANT_MANAGER)
    clerk = given_accounts.account("till", org_id=actor.org_id)
    other = given_web.Client()
    given_web.enter(other, clerk.account_id)
    assert other.get("/account/").status_code == 200
    page = f"/account/staff/{clerk.account_id}"
    refused = boss.post(f"{page}/disable", {"reason": ""})
    assert refused.status_code == 422
    assert boss.post(f"{page}/disable", {"reason": "本人已离职"}).status_code == 302
    assert other.get("/account/").status_code == 302
    assert "已停用" in text_of(boss.get(page))


def test_an_authenticator_is_bound_on_the_page_and_asked_at_the_next_sign_in(client):
    shop = given.organisation(OrgKind.RETAILER)
    clerk = given_accounts.account("till", org_id=shop)
    given_web.enter(client, clerk.account_id)
    shown = text_of(client.post("/account/factor", {"password": PASSWORD}))
    assert "<svg" in shown
    secret = re.search(r'<span class="mono">([A-Z2-7]{32})</span>', shown)[1]
    totp = pyotp.TOTP(secret)
    codes = text_of(client.post("/account/factor/confirm", {"code": totp.at(clock.now())}))
    recovery = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", codes)
    assert len(recovery) == 8
    client.post("/logout")
    step = text_of(client.post("/login", {"login": "till", "password": PASSWORD}))
    ticket = re.search(r'name="ticket" value="([^"]+)"', step)[1]
    replay = {"ticket": ticket, "code": totp.at(clock.now())}
    assert 'data-code="identity.second_factor_wrong"' in text_of(
        client.post("/login/second", replay)
    )
    assert client.post("/login/second", {**replay, "code": recovery[0]}).status_code == 302
    assert given_web.account_of(client) == clerk.account_id


def test_a_role_that_must_binds_before_its_first_page(client):
    given_accounts.account("till", org_id=given.organisation(OrgKind.RETAILER))
    staffing.set_role(actor=given.staff(Role.ADMIN), role=Role.CASHIER, needs_second_factor=True)
    shown = text_of(client.post("/login", {"login": "till", "password": PASSWORD}))
    ticket = re.search(r'name="ticket" value="([^"]+)"', shown)[1]
    secret = re.search(r'<span class="mono">([A-Z2-7]{32})</span>', shown)[1]
    wrong = client.post("/login/bind", {"ticket": ticket, "code": "000000"})
    assert wrong.status_code == 422
    assert secret in text_of(wrong), "the same picture again"
    right = {"ticket": ticket, "code": pyotp.TOTP(secret).at(clock.now())}
    assert "恢复码" in text_of(client.post("/login/bind", right))
    assert given_web.account_of(client) is not None


def test_the_lock_is_told_with_its_wait(client):
    given_accounts.account("till", org_id=given.organisation(OrgKind.RETAILER))
    for _ in range(5):
        client.post("/login", {"login": "till", "password": "wrong"})
    answer = client.post("/login", {"login": "till", "password": PASSWORD})
    assert answer.status_code == 429
    assert "15 分钟后再试" in text_of(answer)


def test_a_key_is_shown_once_rotated_and_revoked():
    boss, actor = desk(Role.MERCHANT_MANAGER)
    form = {"name": "进销存", "permissions": ["claims.read"], "days": 30, "per_minute": 60}
    told = text_of(boss.post("/account/keys/new", form))
    secret = re.search(r'class="secret mono">(hxk_[^<]+)<', told)[1]
    listed = text_of(boss.get("/account/keys"))
    assert secret not in listed
    [card] = selectors.list_keys(actor)
    assert card.prefix in listed
    rotated = boss.post(f"/account/keys/{card.id}/rotate", {"overlap_hours": 24, "days": 30})
    assert "hxk_" in text_of(rotated)
    new = selectors.list_keys(actor)[0]
    boss.post(f"/account/keys/{new.id}/revoke", {"reason": "不再对接"})
    assert selectors.get_key(actor, new.id).revoked_because == "不再对接"


def test_an_administrator_decides_which_roles_show_a_second_factor():
    admin, _ = desk(Role.ADMIN)
    assert admin.post("/account/roles/cashier", {"needs_second_factor": "1"}).status_code == 302
    assert selectors.needs_second_factor(Role.CASHIER)
    boss, _ = desk(Role.MERCHANT_MANAGER)
    assert boss.post("/account/roles/cashier", {"needs_second_factor": "0"}).status_code == 403
    assert selectors.needs_second_factor(Role.CASHIER)


def test_a_webhook_is_set_paused_and_its_secret_changed():
    boss, _ = desk(Role.MERCHANT_MANAGER)
    form = {"name": "进销存", "url": "http://127.0.0.1/", "topics": ["claims.decided"]}
    refused = boss.post("/account/webhooks/new", form)
    assert 'data-code="exchange.endpoint_invalid"' in text_of(refused)
    assert 'value="进销存"' in text_of(refused)
    told = text_of(boss.post("/account/webhooks/new", {**form, "url": "https://8.8.8.8/x"}))
    assert "whsec_" in told
    page = re.search(r'href="(/account/webhooks/[0-9a-f-]+)"', told)[1]
    assert "还没有推送" in text_of(boss.get(page))
    assert boss.post(f"{page}/pause").status_code == 302
    assert "已暂停" in text_of(boss.get(page))
    assert "whsec_" in text_of(boss.post(f"{page}/rotate"))
    assert boss.post(f"{page}/nothing").status_code == 404


def test_a_list_is_tried_then_brought_in_on_the_page():
    from uuid import uuid4

    from django.core.files.uploadedfile import SimpleUploadedFile

    boss, actor = desk(Role.MERCHANT_MANAGER)
    uscc = selectors.get_organisation(actor.org_id).uscc
    text = f"登录名,姓名,角色,统一社会信用代码\nli,小李,cashier,{uscc}\n"

    def upload(is_trial, content=text):
        file = SimpleUploadedFile("a.csv", content.encode(), "text/csv")
        form = {"file": file, "is_trial": is_trial, "request_id": str(uuid4())}
        return boss.post("/account/lists/accounts", form)

    assert "将新增 1 行" in text_of(upload("1"))
    assert selectors.find_account("li") is None
    assert "什么都没有写入" in text_of(upload("0", text + "li2,小李,admin,\n"))
    assert "新增 1 行" in text_of(upload("0"))
    assert selectors.find_account("li") is not None
    assert boss.get("/account/lists/accounts/xlsx").status_code == 200
    assert boss.get("/account/lists/payments/csv").status_code == 200
    assert boss.get("/account/lists/accounts/pdf").status_code == 404
