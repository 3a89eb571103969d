"""Redemption in batches: hold, device lock and voucher change, a thousand at the tills at once."""

import time
from collections.abc import Iterator
from uuid import UUID, uuid4

from django.db import connection

from benchmarks import _city
from benchmarks.figures import Figure
from huanxin.kernel.actor import system_actor
from huanxin.vouchers.services import claiming, redeeming
from huanxin.vouchers.types import Claim, Device, Redemption

COUNT, BATCH, SHOPS = 6_000, 300, 40
_SHOP = """
INSERT INTO identity_organisation
    (id, kind, name, short_name, uscc, region_id, region_path, status, address, phone, created_at)
SELECT md5(%(prefix)s || n)::uuid, 'retailer', '店' || n, '店' || n, %(prefix)s || n,
       '371502', '371502', 'admitted', '', '', %(at)s
FROM generate_series(1, %(count)s) AS n
RETURNING id
"""


def measure() -> Iterator[Figure]:
    """Redemptions a second in batches."""
    redemptions = _redemptions(_shops())
    actor = system_actor()
    started = time.perf_counter()
    for start in range(0, COUNT, BATCH):
        redeeming.redeem_vouchers(actor=actor, redemptions=redemptions[start : start + BATCH])
    seconds = time.perf_counter() - started
    yield Figure("redeemed_in_batches", COUNT / seconds, "1/s", goal=1_000, at_least=True)


def _redemptions(shops: list[UUID]) -> list[Redemption]:
    pool_id, people = _city.pool(COUNT), _city.people(COUNT)
    claims = [Claim(uuid4(), pool_id, who, _city.CATEGORY) for who in people]
    answers = claiming.claim_vouchers(actor=system_actor(), claims=claims)
    made, prefix = [], _prefix()
    for n, (who, answer) in enumerate(zip(people, answers, strict=True)):
        assert answer.voucher_id is not None
        made.append(
            Redemption(
                sale_id=uuid4(),
                voucher_id=answer.voucher_id,
                person_id=who,
                org_id=shops[n % len(shops)],
                amount_fen=74_085,
                device=Device("海尔", f"{prefix}{n:08d}"),
                at=_city.OPENS,
            )
        )
    return made


def _prefix() -> str:
    return uuid4().hex[:10].upper()


def _shops() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_SHOP, {"count": SHOPS, "at": _city.OPENS, "prefix": _prefix()})
        return [row[0] for row in cursor.fetchall()]
