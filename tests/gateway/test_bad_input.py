"""Whatever is sent: the right refusal with a next step, and nothing is written or held."""

import http.client
import json
import socket
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.kernel import clock, crypto
from huanxin.vouchers import models
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import ClaimOutcome
from tests import given
from tests import given_vouchers as gv
from tests.gateway import given_gateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running(django_db_setup):
    with given_gateway.running() as process:
        yield process


@pytest.fixture
def gateway(running):
    clock.set_clock(gv.OPENS + timedelta(seconds=10))
    assert running.get("/health")[0] == 200  # which reads the clock afresh
    return running


def ticket(pool_id, who, at=gv.OPENS, **more):
    with clock.standing_at(at):
        return claiming.issue_claim_token(
            actor=given.consumer(who), pool_id=pool_id, category_code="refrigerator", **more
        )


def signed(**change):
    facts = {
        "id": uuid4().hex, "pool": uuid4().hex, "person": uuid4().hex,
        "category": "refrigerator", "device": "", "until": 2**33,
    }  # fmt: skip
    return crypto.sign_token(facts | change)


def test_a_ticket_of_an_hour_ago_is_refused_and_says_where_to_get_another(gateway):
    pool_id, who = gv.pool(), given.person()
    old = signed(
        pool=pool_id.hex, person=who.id.hex, until=int((gv.OPENS - timedelta(hours=1)).timestamp())
    )
    status, problem, _ = gateway.claim(old)
    assert (status, problem["code"]) == (422, "vouchers.claim_token_expired")
    assert "重新进入" in problem["detail"]
    assert models.Voucher.objects.count() == 0
    assert gv.free_fen(pool_id) == 10 * gv.CAP_FEN


def test_a_replayed_ticket_gets_the_first_answer_and_takes_no_second_place(gateway):
    pool_id, who = gv.pool(quantity=2), given.person()
    text = ticket(pool_id, who)
    first, again = gateway.claim(text)[1], gateway.claim(text)[1]
    assert (again["voucher_id"], again["is_repeat"]) == (first["voucher_id"], True)
    assert models.Voucher.objects.count() == 1
    assert gv.free_fen(pool_id) == gv.CAP_FEN


def test_a_ticket_that_somebody_else_sends_helps_nobody_but_its_owner(gateway):
    pool_id, owner = gv.pool(), given.person()
    gateway.claim(ticket(pool_id, owner))
    assert {v.person_id for v in models.Voucher.objects.all()} == {owner.id}


def test_what_no_pool_gives_is_refused_with_its_reason(gateway):
    pool_id, who = gv.pool(), given.person()
    for change, outcome in (
        ({"category": "dishwasher"}, ClaimOutcome.NOT_ELIGIBLE),
        ({"pool": uuid4().hex}, ClaimOutcome.NOT_ELIGIBLE),
        ({"person": uuid4().hex}, ClaimOutcome.NOT_ELIGIBLE),
    ):
        status, body, _ = gateway.claim(
            signed(**{"pool": pool_id.hex, "person": who.id.hex} | change)
        )
        assert (status, body["outcome"]) == (200, outcome)
        assert body["sentence"].endswith("。")
    assert models.Voucher.objects.count() == 0
    assert gv.free_fen(pool_id) == 10 * gv.CAP_FEN


def test_a_clock_that_is_ahead_opens_nothing_early(gateway):
    """The ticket's issuer may err; the gateway's own clock decides when a pool is open."""
    pool_id, who = gv.pool(), given.person()
    text = ticket(pool_id, who, at=gv.OPENS + timedelta(minutes=20))
    clock.set_clock(gv.OPENS - timedelta(seconds=30))
    assert gateway.get("/health")[0] == 200
    time.sleep(5.1)  # the writer looks at the clock's offset every five seconds
    status, body, _ = gateway.claim(text)
    assert (status, body["outcome"]) == (200, "not_open")
    assert models.Voucher.objects.count() == 0


def test_rubbish_of_every_kind_is_answered_and_the_next_is_served(gateway):
    pool_id = gv.pool()
    for rubbish in (b"", b"\x00\xff", b"[]", b'{"token": 5}', b'{"token": null}', b"{" * 4000):
        status, problem, _ = gateway.post("/claim", rubbish)
        assert (status, problem["code"]) == (422, "gateway.body_unreadable")
    for text in (
        "",
        "a.b",
        "." * 300,
        "é.ü",
        signed(until="soon"),
        signed(id="x"),
        signed(until=None),
    ):
        status, problem, _ = gateway.claim(text)
        assert (status, problem["code"]) == (422, "kernel.token_invalid")
    assert gateway.claim(ticket(pool_id, given.person()))[1]["outcome"] == "won"


def test_a_body_that_does_not_come_is_given_up(gateway):
    with socket.create_connection(("127.0.0.1", gateway.port), 20) as line:
        line.sendall(b'POST /claim HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n{"token":')
        began = time.monotonic()
        answer = http.client.HTTPResponse(line)
        answer.begin()
        problem = json.loads(answer.read())
    assert (answer.status, problem["code"]) == (422, "gateway.body_too_slow")
    assert time.monotonic() - began < 15


def test_health_and_metrics_say_how_it_stands(gateway):
    pool_id = gv.pool(quantity=1)
    gateway.claim(ticket(pool_id, given.person()))
    gateway.claim("nonsense")
    status, health, _ = gateway.get("/health")
    assert (status, health["status"], health["waiting"]) == (200, "ok", 0)
    assert health["database_ms"] > 0
    text = gateway.get("/metrics")[1]
    for line in (
        'huanxin_gateway_claims_total{outcome="won"}',
        'huanxin_gateway_refusals_total{code="kernel.token_invalid"}',
        "huanxin_gateway_waiting 0",
        'huanxin_gateway_batch_claims_bucket{le="+Inf"}',
        "huanxin_gateway_commit_seconds_sum",
        'huanxin_gateway_wait_seconds_bucket{le="0.1"}',
    ):
        assert line in text
    card = gateway.get(f"/pools/{pool_id}")[1]
    assert (card["remaining"], card["waiting"]) == (0, 0)
    assert card["wait_seconds"] is not None
