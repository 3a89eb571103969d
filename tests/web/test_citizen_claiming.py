"""领券 through the pages: honest states, a claim without script, what comes next."""

from datetime import timedelta

import pytest
from django.conf import settings

from huanxin.identity.services import restricting
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import clock
from huanxin.vouchers import models
from huanxin.vouchers import selectors as vouchers
from tests import given, given_catalogue, given_citizen, given_vouchers
from tests.given_citizen import NOW
from tests.given_vouchers import ENDS, OPENS

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
TWO = {"refrigerator": (150_000, 1), "television": (150_000, 1)}


@pytest.fixture(autouse=True)
def _categories():
    given.regions()
    given_catalogue.reference()


def at(moment=NOW):
    return clock.standing_at(moment)


def offers(client, pool_id):
    """The release's lines as the page has them, by category."""
    return {o["code"]: o for o in client.get(f"/my/releases/{pool_id}").context["offers"]}


def claim(client, pool_id, category="refrigerator"):
    ticket = offers(client, pool_id)[category]["ticket"]
    return client.post(f"/my/releases/{pool_id}/claim", {"token": ticket})


def state(client, pool_id):
    return client.get(f"/my/releases/{pool_id}").context["line"].state


def test_a_release_says_where_it_stands(client):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool(quantity=1)
    with at(OPENS - timedelta(minutes=2)):
        early = client.get(f"/my/releases/{pool_id}")
        assert early.context["line"].state == "soon"
        assert 'data-countdown="121"' in early.content.decode()
        assert "立即领取" not in early.content.decode()
    with at():
        assert state(client, pool_id) == "open"
        given_vouchers.claims(given_vouchers.claim(pool_id, given.person()), at=NOW)
        assert state(client, pool_id) == "sold_out"
    with at(ENDS):
        assert state(client, pool_id) == "closed"


def test_a_claim_without_script_wins_a_voucher_and_says_until_when(client):
    who = given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at():
        answer = claim(client, pool_id)
        assert answer["Location"] == f"/my/releases/{pool_id}/result/won"
        page = client.get(answer["Location"]).content.decode()
    [right] = models.Voucher.objects.all()
    assert (right.person_id, right.category_code) == (who.id, "refrigerator")
    assert "领取成功" in page
    assert "9月3日 10:00" in page


def test_the_same_ticket_sent_twice_wins_once(client):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at():
        ticket = offers(client, pool_id)["refrigerator"]["ticket"]
        sent = [client.post(f"/my/releases/{pool_id}/claim", {"token": ticket}) for _ in range(2)]
    assert {answer["Location"] for answer in sent} == {f"/my/releases/{pool_id}/result/won"}
    assert models.Voucher.objects.count() == 1


def test_what_is_already_hers_is_marked_and_offered_no_more(client):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool(lines=TWO)
    with at():
        ticket = offers(client, pool_id)["refrigerator"]["ticket"]
        claim(client, pool_id)
        left = offers(client, pool_id)
        assert (left["refrigerator"]["is_mine"], left["refrigerator"]["ticket"]) == (True, "")
        assert left["television"]["ticket"]
        again = client.post(f"/my/releases/{pool_id}/claim", {"token": ticket})
    assert again["Location"].endswith("/result/already_yours")
    assert models.Voucher.objects.count() == 1


@pytest.mark.parametrize(
    ("word", "says"),
    [("sold_out", "没有随机拒绝"), ("not_open", "开放，请届时再来"), ("closed", "请关注下一期"),
     ("not_eligible", "社区服务站")],
)  # fmt: skip
def test_every_outcome_says_what_next(client, word, says):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at():
        page = client.get(f"/my/releases/{pool_id}/result/{word}").content.decode()
    assert says in page
    assert f'data-outcome="{word}"' in page


def test_a_win_that_did_not_happen_is_not_shown(client):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at():
        page = client.get(f"/my/releases/{pool_id}/result/won").content.decode()
        assert client.get(f"/my/releases/{pool_id}/result/nonsense").status_code == 404
    assert "领取成功" not in page


def test_a_sold_out_release_names_the_next_one(client):
    given_citizen.resident(client)
    pool_id, other = given_vouchers.pool(quantity=1), given_vouchers.pool()
    with at():
        ticket = offers(client, pool_id)["refrigerator"]["ticket"]
        given_vouchers.claims(given_vouchers.claim(pool_id, given.person()), at=NOW)
        answer = client.post(f"/my/releases/{pool_id}/claim", {"token": ticket})
        assert answer["Location"].endswith("/result/sold_out")
        page = client.get(answer["Location"]).content.decode()
    assert f"/my/releases/{other}" in page
    assert not models.Voucher.objects.filter(pool_id=pool_id).exclude(
        person_id=given_vouchers.card(models.Voucher.objects.get().id).person_id
    )


def test_anothers_ticket_wins_nothing(client):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at():
        ticket = offers(client, pool_id)["refrigerator"]["ticket"]
        given_citizen.resident(client)
        answer = client.post(f"/my/releases/{pool_id}/claim", {"token": ticket})
    assert answer.status_code == 422
    assert 'data-code="kernel.token_invalid"' in answer.content.decode()
    assert not models.Voucher.objects.exists()


def test_who_may_not_claim_is_told_why_and_gets_no_ticket(client):
    who = given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at():
        restricting.restrict(
            actor=given.system(), kind=RestrictionKind.PERSON, key=str(who.id),
            reason="多次违规套补", from_on=clock.today(),
        )  # fmt: skip
        page = client.get(f"/my/releases/{pool_id}")
    assert 'data-code="vouchers.not_eligible"' in page.content.decode()
    assert [offer["ticket"] for offer in page.context["offers"]] == [""]


def test_the_ticket_is_bound_to_the_phone_and_the_script_finds_the_gateway(client):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at():
        page = client.get(f"/my/releases/{pool_id}")
        device = client.cookies["device"].value
        wanted = vouchers.get_claim_of_token(page.context["offers"][0]["ticket"], now=NOW)
        again = client.get(f"/my/releases/{pool_id}")
    assert wanted.device_key == device == client.cookies["device"].value
    assert again.status_code == 200
    assert f'data-gateway="{settings.HUANXIN_GATEWAY_URL}/claim"' in page.content.decode()
    assert settings.HUANXIN_GATEWAY_URL in page.headers["Content-Security-Policy"]


def test_the_release_opens_on_a_page_that_waits(client):
    given_citizen.resident(client)
    pool_id = given_vouchers.pool()
    with at(OPENS - timedelta(seconds=30)):
        assert (
            'hx-trigger="load delay:31s, every 3s"'
            in client.get(f"/my/releases/{pool_id}").content.decode()
        )
    with at(OPENS):
        part = client.get(f"/my/releases/{pool_id}", headers=HX).content.decode()
    assert "<html" not in part
    assert "立即领取" in part


def test_only_releases_of_her_own_county_are_listed(client):
    given_citizen.resident(client)
    here, there = given_vouchers.pool(), given_vouchers.pool(region_code="371521")
    with at():
        page = client.get("/my/releases").content.decode()
    assert str(here) in page
    assert str(there) not in page
