"""Plans, registrations and draws over the API: the same services, the same refusals."""

import dataclasses
import json
from datetime import date
from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.identity import selectors as identity
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.clock import moment
from huanxin.vouchers import models
from huanxin.vouchers import selectors as vouchers
from tests import given, given_citizen, given_release
from tests import given_vouchers as gv
from tests.given_release import CLOSES, DRAWS, NUMBER, OPENS
from tests.given_web import visitor

pytestmark = pytest.mark.django_db
BEFORE = moment(date(2026, 8, 31), 9)


def bearer(account_id):
    token, _ = security.issue_token(account_id)
    return {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}


def post(client, address, body, headers):
    return client.post(f"/api/v1{address}", body, "application/json", headers=headers)


def test_a_plan_is_opened_once_over_the_api(client):
    plan = given_release.new_plan()
    body = json.dumps(dataclasses.asdict(plan), default=str)
    with clock.standing_at(BEFORE), given_release.terms():
        given_release.budget(16 * gv.CAP_FEN)
        officer = bearer(visitor(Role.OPERATOR)[1].account_id)
        previewed = post(client, "/plans/preview", body, officer).json()
        answers = [post(client, "/plans", body, officer) for _ in range(2)]
        short = post(client, "/plans", body, {**officer, "idempotency-key": str(uuid4())})
    assert [one["quantity"] for one in previewed] == [5, 3, 5, 3]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (short.status_code, short.json()["code"]) == (409, "vouchers.plan_unfunded")
    assert models.Pool.objects.count() == 4
    shown = client.get(f"/api/v1/plans/{answers[0].json()['id']}").json()
    assert len(shown["pool_ids"]) == 4


def test_a_pool_says_what_is_open_now_and_when_more_comes(client):
    pool_id = given_release.staged(10)
    with clock.standing_at(OPENS):
        answer = client.get(f"/api/v1/pools/{pool_id}").json()
    assert answer["places_open"] == 4
    assert answer["next_stage_at"] == "2026-09-01T01:05:00+00:00"


def test_a_lottery_runs_over_the_api_to_a_document_that_comes_out(client):
    pool_id, who = given_release.lottery(), given.person()
    given_release.register(pool_id, given.person())
    given_citizen.resident(client, who)
    hers = identity.find_account_of_person(who.id)
    one, two = (visitor(Role.OPERATOR)[1] for _ in range(2))
    lottery, number = f"/pools/{pool_id}/lottery", json.dumps({"value": NUMBER})
    wish, mine = json.dumps({"category_code": "refrigerator"}), f"/pools/{pool_id}/registrations"
    with clock.standing_at(OPENS):
        assert post(client, mine, wish, bearer(hers.id)).status_code == 201
        twice = post(client, mine, wish, bearer(hers.id))
        assert twice.json()["code"] == "vouchers.already_registered"
    with clock.standing_at(CLOSES):
        listed = post(client, f"{lottery}/list", "", bearer(one.account_id)).json()
    with clock.standing_at(DRAWS):
        assert client.get(f"/api/v1{lottery}/document").status_code == 409
        entered = post(client, f"{lottery}/number", number, bearer(one.account_id))
        alone = post(client, f"{lottery}/draw", number, bearer(one.account_id))
        won = post(client, f"{lottery}/draw", number, bearer(two.account_id)).json()
        document = client.get(f"/api/v1{lottery}/document").json()
        [card] = client.get(f"/api/v1{mine}", headers=bearer(hers.id)).json()
    assert (entered.status_code, alone.status_code, won) == (204, 403, 2)
    assert vouchers.audit_draw(document, noted=[listed, card["hash"]]).fault is None
    assert card["state"] == "won"
