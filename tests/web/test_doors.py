"""The doors in and out: front page, sign-in three ways, elder mode, and who may enter where."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from huanxin.identity import selectors as identity
from huanxin.identity.services import registering, staffing
from huanxin.identity.types import NewPerson, OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed
from huanxin.web import session
from huanxin.web.public import demo_accounts
from tests import given, given_vouchers, given_web

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse"
PHONE = "10012345678"


def open_till(login: str = "till"):
    return staffing.open_account(
        actor=given.system(), login=login, display_name="收银员", role=Role.CASHIER,
        password=PASSWORD, org_id=given.organisation(OrgKind.RETAILER),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["front", "login", "gallery"])
def test_open_pages_answer_without_sign_in(client, name):
    assert client.get(reverse(f"public:{name}")).status_code == 200


@pytest.mark.parametrize("sheet", ["phone", "console", "wall"])
def test_the_gallery_shows_every_part(client, sheet):
    given.regions()
    assert client.get(f"/gallery/{sheet}").status_code == 200
    assert client.get("/gallery/nowhere").status_code == 404


def test_the_front_page_offers_the_three_things_one_comes_for(client):
    given.regions()
    page = client.get("/").content.decode()
    assert all(f"<strong>{word}</strong>" in page for word in ("卖旧", "领券", "买新"))
    assert "聊城市" in page


def test_the_front_page_lists_what_is_open_and_what_opens_next(client):
    given_vouchers.pool(quantity=500)
    with clock.standing_at(given_vouchers.OPENS - timedelta(hours=1)):
        early = client.get("/").content.decode()
    with clock.standing_at(given_vouchers.OPENS + timedelta(hours=1)):
        during = client.get("/").content.decode()
    with clock.standing_at(given_vouchers.ENDS):
        after = client.get("/").content.decode()
    assert 'data-state="soon"' in early
    assert "9月1日 09:00 开放" in early
    assert 'data-state="open"' in during
    assert "剩 500 / 500 份" in during
    assert "今天没有开放的补贴资格" in after


def test_staff_sign_in_by_login_name_and_out_again(client):
    card = open_till()
    answer = client.post("/login", {"login": "till", "password": PASSWORD})
    assert answer.status_code == 302
    assert given_web.account_of(client) == card.id
    client.post("/logout")
    assert given_web.account_of(client) is None


def test_a_wrong_password_opens_nothing_and_keeps_what_was_typed(client):
    open_till()
    answer = client.post("/login", {"login": "till", "password": "wrong"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert 'data-code="identity.sign_in_refused"' in page
    assert 'value="till"' in page
    assert "wrong" not in page
    assert given_web.account_of(client) is None


def test_sign_in_gives_a_fresh_session_key(client):
    open_till()
    client.get("/login")
    session_before = client.session
    session_before["mark"] = 1
    session_before.save()
    client.post("/login", {"login": "till", "password": PASSWORD})
    assert client.session.session_key != session_before.session_key


def test_sign_in_never_sends_one_to_another_site(client):
    open_till()
    sent = {"login": "till", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert "elsewhere" not in client.post("/login", sent)["Location"]
    client.post("/logout")
    sent["next"] = "/gallery/console"
    assert client.post("/login", sent)["Location"] == "/gallery/console"


def test_a_consumer_signs_in_by_the_code_shown_as_simulated(client):
    given.regions()
    person_id = registering.register_person(
        actor=given.system(),
        person=NewPerson(
            name="王测试", document_no=given.document_no(), phone=PHONE, region_code=given.COUNTY
        ),
    )
    page = client.post("/login/phone", {"phone": PHONE})
    code = page.context["sent"].simulated_code
    assert "模拟短信" in page.content.decode()
    wrong = client.post("/login/code", {"phone": PHONE, "code": f"{(int(code) + 1) % 10**6:06d}"})
    assert wrong.status_code == 422
    assert client.post("/login/code", {"phone": PHONE, "code": code}).status_code == 302
    account = identity.find_account_of_person(person_id)
    assert given_web.account_of(client) == account.id


def test_a_phone_nobody_registered_learns_so_only_with_the_right_code(client):
    given.regions()
    page = client.post("/login/phone", {"phone": PHONE})
    assert page.status_code == 200
    answer = client.post(
        "/login/code", {"phone": PHONE, "code": page.context["sent"].simulated_code}
    )
    assert answer.status_code == 404
    assert "还没有人用它登记过" in answer.content.decode()


def demo(monkeypatch, settings):
    """A demonstration that names one ready account."""
    ready = SimpleNamespace(
        login="till", name="收银员", role="cashier", role_title="收银员", try_first="卖一台"
    )
    module = SimpleNamespace(demo_accounts=lambda: [ready], DEMO_PASSWORD=PASSWORD)
    settings.HUANXIN_DEMO = "the.demo"
    monkeypatch.setattr(demo_accounts, "import_module", lambda name: module)


def test_a_ready_account_opens_with_one_tap(client, monkeypatch, settings):
    demo(monkeypatch, settings)
    card = open_till()
    assert "演示账号" in client.get("/login").content.decode()
    assert client.post("/login/demo", {"login": "till"}).status_code == 302
    assert given_web.account_of(client) == card.id


def test_production_has_no_ready_accounts(client, monkeypatch, settings):
    demo(monkeypatch, settings)
    open_till()
    settings.PRODUCTION = True
    assert "演示账号" not in client.get("/login").content.decode()
    assert client.post("/login/demo", {"login": "till"}).status_code == 404
    assert given_web.account_of(client) is None


def test_a_login_that_is_not_a_ready_one_has_no_one_tap_door(client, monkeypatch, settings):
    demo(monkeypatch, settings)
    open_till("other")
    assert client.post("/login/demo", {"login": "other"}).status_code == 404


def test_elder_mode_stays_for_the_next_page(client):
    assert "data-elder>" not in client.get("/").content.decode()
    answer = client.post("/elder", {"elder": "1", "next": "/login"})
    assert answer["Location"] == "/login"
    assert "data-elder>" in client.get("/login").content.decode()
    client.post("/elder", {"elder": "0"})
    assert "data-elder>" not in client.get("/login").content.decode()


def test_forms_without_their_token_change_nothing():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/elder", {"elder": "1"})
    assert answer.status_code == 403
    assert 'data-code="web.form_expired"' in answer.content.decode()
    assert "elder" not in answer.cookies


@session.audience("console")
def reviewers_only(request):
    return request


def request_of(client, path="/desk", **headers):
    request = RequestFactory().get(path, headers=headers)
    request.session = client.session
    from django.contrib.auth import get_user

    request.user = get_user(request)
    return request


def test_a_visitor_is_sent_to_sign_in_and_comes_back(client):
    answer = reviewers_only(request_of(client))
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=/desk")
    fragment = reviewers_only(request_of(client, **{"HX-Request": "true"}))
    assert fragment.headers["HX-Redirect"] == "/login"


def test_another_audience_is_refused(client):
    open_till()
    client.post("/login", {"login": "till", "password": PASSWORD})
    with pytest.raises(NotAllowed):
        reviewers_only(request_of(client))


def test_every_role_has_an_audience():
    assert set().union(*session.AUDIENCES.values()) == set(Role)
