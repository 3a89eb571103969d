"""What the gateway is measured against, served by the same granian.

bare      an ASGI application that answers an empty 200
application   the same claim as an ordinary Django view: a transaction and a row lock a claim
redis     the same gateway in front of the usual Redis Lua script, which keeps nothing
"""

# ruff: noqa: E402  the models need the settings

import json
import os
import socket
from functools import cache
from uuid import UUID, uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
django.setup()

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from benchmarks import _city
from huanxin.gateway.app import Gateway
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import system_actor
from huanxin.kernel.locking import lock_row
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, pool_code, reserve_code
from huanxin.vouchers import rules, selectors
from huanxin.vouchers.models import Pool, PoolLine, Voucher
from huanxin.vouchers.types import ClaimAnswer, ClaimOutcome

WON, SOLD_OUT = ClaimOutcome.WON, ClaimOutcome.SOLD_OUT


async def bare(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@csrf_exempt
def claim(request, *_):
    """The claim as a Django developer writes it: ORM, select_for_update, atomic."""
    token = json.loads(request.body)["token"]
    asked = selectors.get_claim_of_token(token, now=clock.now())
    outcome, voucher_id = _give(asked)
    return JsonResponse(
        {
            "outcome": outcome, "voucher_id": voucher_id, "is_repeat": False,
            "sentence": rules.sentence(outcome),
        }
    )  # fmt: skip


@transaction.atomic
def _give(asked):
    holder = _holder(asked.person_id)
    pool = lock_row(Pool, asked.pool_id)
    line = PoolLine.objects.get(pool=pool, category_code=asked.category_code)
    live = Voucher.objects.filter(
        holder_key=holder, programme=pool.programme, category_code=asked.category_code,
        kind=pool.kind, state__in=rules.LIVE,
    )  # fmt: skip
    if pool.remaining < 1 or live.exists():
        return SOLD_OUT, None
    now, new = clock.now(), ids.new_id()
    on = clock.business_day(now)
    Voucher.objects.create(
        id=new, number=ids.new_number("BT", on=on, region_code=pool.region_code), kind=pool.kind,
        state="usable", person_id=asked.person_id, holder_key=holder, programme=pool.programme,
        category_code=asked.category_code, ordinal=1, pool=pool, region_path=pool.region_path,
        request_id=asked.request_id, device_key=asked.device_key, worth_fen=line.cap_fen,
        reserve_fen=line.reserve_fen, reserve_cause="voucher.issue", reserve_cause_id=new,
        issued_at=now, issued_on=on, expires_at=_city.CLOSES, changed_at=now,
    )  # fmt: skip
    pool.remaining -= 1
    pool.save(update_fields=["remaining"])
    leg = Leg(
        "voucher.issue", new, "reserve", pool_code(pool.id), reserve_code(pool.id), line.reserve_fen
    )
    ledger.hold_transfers(legs=[leg])
    audit.record(system_actor(), "vouchers.issued", "voucher", new, region_path=pool.region_path)
    return WON, new


def _holder(person_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT holder_key FROM mart_identity_person WHERE person_id = %s", [person_id]
        )
        return cursor.fetchone()[0]


urlpatterns = [path("claim", claim)]
if os.environ.get("RUSH_RIVAL") == "view":
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
    application = get_wsgi_application()

LUA = (
    b"if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return 2 end "
    b"if redis.call('DECR', KEYS[2]) < 0 then redis.call('SREM', KEYS[1], ARGV[1]) return 0 end "
    b"redis.call('RPUSH', KEYS[3], ARGV[1]) return 1"
)


class Redis:
    """The little of RESP that the script needs: a batch goes out whole, answers come back."""

    def __init__(self, port):
        self._line = socket.create_connection(("127.0.0.1", port))
        self._answers = self._line.makefile("rb")
        self._line.sendall(b"*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$%d\r\n%s\r\n" % (len(LUA), LUA))
        self._answers.readline()
        sha = self._answers.readline().strip()
        self._head = b"*7\r\n$7\r\nEVALSHA\r\n$40\r\n" + sha + b"\r\n$1\r\n3\r\n"

    def decide(self, claims):
        asked = []
        for one in claims:
            pool, who = one.pool_id.hex.encode(), one.person_id.hex.encode()
            asked.append(
                b"%s$33\r\nw%s\r\n$33\r\nn%s\r\n$33\r\nq%s\r\n$32\r\n%s\r\n"
                % (self._head, pool, pool, pool, who)
            )
        self._line.sendall(b"".join(asked))
        return [self._answer(one, self._answers.readline()) for one in claims]

    def _answer(self, one, said):
        outcome = WON if said == b":1\r\n" else SOLD_OUT
        voucher_id = UUID(int=uuid4().int) if outcome is WON else None
        return ClaimAnswer(one.request_id, outcome, voucher_id, False, rules.sentence(outcome))


@cache
def _redis():
    return Redis(int(os.environ["RUSH_REDIS_PORT"]))


def _by_redis(claims):
    return _redis().decide(claims)


redis = Gateway(_by_redis)
