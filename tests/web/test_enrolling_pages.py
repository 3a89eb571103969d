"""A phone nobody knows registers itself; a phone that several share asks who it is."""

import pytest
from django.urls import reverse

from huanxin.identity import models
from huanxin.identity import selectors as identity
from huanxin.identity.services import registering
from huanxin.identity.types import NewPerson
from huanxin.kernel.actor import Scope
from tests import given, given_citizen, given_web

pytestmark = pytest.mark.django_db
PHONE = "10012340000"


def after_code(client, next_url=""):
    """What the page says once the right code was typed."""
    sent = client.post("/login/phone", {"phone": PHONE, "next": next_url}).context["sent"]
    code = {"phone": PHONE, "code": sent.simulated_code, "next": next_url}
    return client.post("/login/code", code)


def household(count: int):
    people = [
        NewPerson(f"王家{n}号", given.document_no(), PHONE, given.COUNTY) for n in range(count)
    ]
    return registering.register_people(actor=given.system(), people=people)


def form(page, **changes):
    facts = {
        "proof": page.context["form"].initial["proof"], "name": "王测试",
        "document_no": given.document_no(), "region_code": given.COUNTY, "next": "",
    }  # fmt: skip
    return facts | changes


def test_an_unknown_phone_registers_is_verified_and_lands_on_its_home(client):
    given_citizen.city()
    page = after_code(client, "/my/sell")
    assert page.status_code == 404
    assert "模拟实名" in page.content.decode()
    answer = client.post("/login/register", form(page, next="/my/sell"))
    assert answer["Location"] == "/my/sell"
    [person] = identity.find_people_by_phone(PHONE)
    assert person.is_verified
    assert client.get("/my/").status_code == 200


def test_a_name_that_does_not_fit_keeps_the_form_and_registers_nobody(client):
    given.regions()
    page = after_code(client)
    answer = client.post("/login/register", form(page, name="王不符"))
    body = answer.content.decode()
    assert answer.status_code == 409
    assert 'data-code="identity.real_name_mismatch"' in body
    assert 'value="王不符"' in body
    assert not models.Person.objects.exists()
    assert given_web.account_of(client) is None


def test_without_a_proof_nobody_is_registered(client):
    given.regions()
    page = after_code(client)
    for proof in ("", "made.up", page.context["form"].initial["proof"][:-1] + "x"):
        assert client.post("/login/register", form(page, proof=proof)).status_code == 422
    assert not models.Person.objects.exists()


def test_several_people_under_one_phone_choose_who_they_are(client):
    given.regions()
    first, second = household(2)
    page = after_code(client)
    assert "您是哪一位" in page.content.decode()
    assert given_web.account_of(client) is None
    account = identity.find_account_of_person(second)
    sent = {"proof": page.context["proof"], "account": str(account.id)}
    answer = client.post(reverse("public:choose"), sent)
    assert answer["Location"] == "/my/"
    assert identity.actor_for(account.id).person_id == second != first


def test_nobody_chooses_an_account_of_another_phone(client):
    given.regions()
    household(2)
    page = after_code(client)
    other = given_citizen.resident(client)
    client.post("/logout")
    account = identity.find_account_of_person(other.id)
    sent = {"proof": page.context["proof"], "account": str(account.id)}
    assert client.post(reverse("public:choose"), sent).status_code == 404
    assert given_web.account_of(client) is None


def test_one_person_alone_is_signed_in_at_once(client):
    given.regions()
    [only] = household(1)
    assert after_code(client)["Location"] == "/my/"
    card = identity.get_person(only, Scope())
    assert not card.is_verified
