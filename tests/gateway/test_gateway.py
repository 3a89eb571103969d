"""The gateway as browsers meet it: granian, HTTP, the real database."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from huanxin.kernel import clock, crypto
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, selectors
from huanxin.vouchers.services import claiming
from tests import given
from tests import given_vouchers as gv
from tests.gateway import given_gateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def running(django_db_setup):
    """One process for the tests that leave it standing."""
    with given_gateway.running() as process:
        yield process


@pytest.fixture
def gateway(running):
    """A running gateway; the platform's clock stands ten seconds after the release."""
    clock.set_clock(gv.OPENS + timedelta(seconds=10))
    assert running.get("/health")[0] == 200  # which reads the clock afresh
    return running


@pytest.fixture
def mortal():
    """A gateway of the test's own, to be stopped or killed."""
    clock.set_clock(gv.OPENS + timedelta(seconds=10))
    with given_gateway.running() as process:
        yield process


def token(pool_id, who):
    with clock.standing_at(gv.OPENS - timedelta(minutes=1)):
        return claiming.issue_claim_token(
            actor=given.consumer(who), pool_id=pool_id, category_code="refrigerator"
        )


def forged(**change):
    facts = {
        "id": uuid4().hex, "pool": uuid4().hex, "person": uuid4().hex,
        "category": "refrigerator", "device": "", "until": 2**33,
    }  # fmt: skip
    return crypto.sign_token(facts | change)


def test_a_storm_of_people_gets_every_place_once(gateway):
    pool_id = gv.pool(quantity=15)
    tokens = [token(pool_id, given.person()) for _ in range(40)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(gateway.claim, tokens + tokens[:10]))

    assert {status for status, _, _ in answers} == {200}
    won = {body["voucher_id"] for _, body, _ in answers if body["outcome"] == "won"}
    assert len(won) == 15 == models.Voucher.objects.count()
    assert won == {str(pk) for pk in models.Voucher.objects.values_list("pk", flat=True)}
    assert selectors.get_pool(pool_id).remaining == 0
    assert ledger.sum_check().difference_fen == 0
    counted = gateway.get("/metrics")[1]
    assert 'huanxin_gateway_claims_total{outcome="won"}' in counted


def test_the_answer_is_chinese_and_says_what_happened(gateway):
    pool_id, who = gv.pool(quantity=1), given.person()
    text = token(pool_id, who)
    status, body, response = gateway.claim(text)
    assert (status, body["outcome"], body["is_repeat"]) == (200, "won", False)
    assert body["sentence"].startswith("领取成功")
    assert gateway.claim(text)[1] == {**body, "is_repeat": True}
    assert response.getheader("cache-control") == "no-store"
    assert gateway.claim(token(pool_id, given.person()))[1]["outcome"] == "sold_out"
    status, card, _ = gateway.get(f"/pools/{pool_id}")
    assert (status, card["quantity"], card["remaining"]) == (200, 1, 0)


def test_a_poisoned_claim_fails_alone(gateway):
    pool_id = gv.pool(quantity=20)
    poison = forged(pool=pool_id.hex, device="\x00")  # PostgreSQL stores no NUL
    tokens = [token(pool_id, given.person()) for _ in range(10)] + [poison]
    with ThreadPoolExecutor(11) as pool:
        answers = list(pool.map(gateway.claim, tokens))
    assert [body["outcome"] for _, body, _ in answers[:10]] == ["won"] * 10
    status, problem, response = answers[10]
    assert (status, problem["code"]) == (503, "gateway.claim_failed")
    assert response.getheader("retry-after") == "2"


def test_what_is_no_claim_is_refused_and_writes_nothing(gateway):
    cases = [
        (gateway.claim("nonsense"), 422, "kernel.token_invalid"),
        (gateway.claim(crypto.sign_token({"id": "x"})), 422, "kernel.token_invalid"),
        (gateway.post("/claim", b"not json"), 422, "gateway.body_unreadable"),
        (gateway.post("/claim", b'{"other": 1}'), 422, "gateway.body_unreadable"),
        (
            gateway.post("/claim", b'{"token": "' + b"a" * 5000 + b'"}'),
            422,
            "gateway.body_too_large",
        ),
        (gateway.get("/nowhere"), 404, "gateway.path_unknown"),
        (gateway.get("/pools/not-an-id"), 404, "gateway.path_unknown"),
        (gateway.get(f"/pools/{uuid4()}"), 404, "kernel.not_found"),
    ]
    for (status, problem, _), wanted, code in cases:
        assert (status, problem["code"]) == (wanted, code)
        assert problem["sentence"] == problem["title"] + problem["detail"]
    assert models.Voucher.objects.count() == 0


def test_one_person_clicking_wildly_is_slowed_down_and_others_are_not(gateway):
    pool_id, who = gv.pool(), given.person()
    text = token(pool_id, who)
    with ThreadPoolExecutor(8) as pool:
        statuses = [status for status, _, _ in pool.map(gateway.claim, [text] * 60)]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= 10
    assert gateway.claim(token(pool_id, given.person()))[0] == 200


def test_pages_of_the_same_host_may_call_and_others_may_not(gateway):
    here = f"http://127.0.0.1:{gateway.port - 1}"
    _, _, allowed = gateway.get("/health", Origin=here)
    assert allowed.getheader("access-control-allow-origin") == here
    _, _, foreign = gateway.get("/health", Origin="https://evil.example")
    assert foreign.getheader("access-control-allow-origin") is None


@contextlib.contextmanager
def database_away():
    """Cut every connection but the test's own and let nobody in, for the length of a block."""
    db = connection.settings_dict
    name = sql.Identifier(db["NAME"])
    with psycopg.connect(
        host=db["HOST"], port=db["PORT"], user=db["USER"], password=db["PASSWORD"],
        dbname="postgres", autocommit=True,
    ) as outside:  # fmt: skip
        outside.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        outside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            " AND pid <> %s", [db["NAME"], connection.connection.info.backend_pid],
        )  # fmt: skip
        try:
            yield
        finally:
            outside.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def test_a_lost_database_is_admitted_and_survived(gateway):
    pool_id = gv.pool()
    assert gateway.claim(token(pool_id, given.person()))[0] == 200
    later = token(pool_id, given.person())
    with database_away():
        status, problem, response = gateway.claim(later)
        assert (status, problem["code"]) == (503, "gateway.database_away")
        assert response.getheader("retry-after") == "2"
        assert gateway.get("/health")[0] == 503
    status, body, _ = gateway.claim(later)
    assert (status, body["outcome"]) == (200, "won")
    assert gateway.get("/health")[0] == 200


def test_it_ends_when_asked(mortal):
    assert mortal.get("/health")[0] == 200
    assert mortal.stop() == 0


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_9_and_the_rest_can_be_asked_again(mortal):
    """Promise 2, three times over: kill the process in the middle of a storm."""
    pool_id = gv.pool(quantity=150)
    tokens = [token(pool_id, given.person()) for _ in range(200)]
    acknowledged = {}

    def claim(text):
        try:
            status, body, _ = mortal.claim(text)
        except (OSError, ValueError):
            return
        if status == 200:
            acknowledged[text] = body

    for kill_after in (40, 90, 140):
        open_tokens = [text for text in tokens if text not in acknowledged]
        with ThreadPoolExecutor(16) as pool:
            storm = [pool.submit(claim, text) for text in open_tokens]
            while len(acknowledged) < kill_after and not all(f.done() for f in storm):
                time.sleep(0.01)
            mortal.kill()
        won = {body["voucher_id"] for body in acknowledged.values() if body["outcome"] == "won"}
        stored = {str(pk) for pk in models.Voucher.objects.values_list("pk", flat=True)}
        assert won <= stored, "an acknowledged voucher was lost"
        assert ledger.sum_check().difference_fen == 0
        mortal.restart()
    for text in tokens:
        if text not in acknowledged:
            claim(text)
    outcomes = [body["outcome"] for body in acknowledged.values()]
    assert outcomes.count("won") == 150 == models.Voucher.objects.count()
    assert outcomes.count("sold_out") == 50
    assert gv.free_fen(pool_id) == 0
