"""What a rush needs before it is measured: verified people, pools with money, stored vouchers.

Written straight into the tables: sealing real fields and opening real pools is not measured.
"""

from datetime import date
from uuid import UUID, uuid4

from django.db import connection

from huanxin.kernel import clock
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Leg, NewAccount, pool_code, reserve_code
from huanxin.vouchers import models

OPENS = clock.moment(date(2026, 9, 1), 9)
CLOSES = clock.moment(date(2026, 9, 2))
CATEGORY, CAP_FEN = "refrigerator", 150_000
REGION = "371502"

_REGION = """
INSERT INTO identity_region (code, name, level, path, statutory_code, source)
VALUES ('371502', '测试区', 'county', '371502', '371502', '') ON CONFLICT DO NOTHING
"""
_PEOPLE = """
INSERT INTO identity_person
    (id, region_id, region_path, birth_year, is_verified, document_type, name_sealed,
     document_sealed, phone_sealed, name_masked, document_masked, phone_masked, document_index,
     document_index_province, phone_index, created_at)
SELECT md5(%(prefix)s || n)::uuid, '371502', '371502', 1980, true, 'id_card', '', '', '',
       '', '', '', %(prefix)s || n, %(prefix)s || n, '', %(at)s
FROM generate_series(%(first)s, %(last)s) AS n
RETURNING id
"""
_STORED = """
INSERT INTO vouchers_voucher
    (id, number, kind, state, person_id, holder_key, programme, category_code, ordinal, pool_id,
     region_path, request_id, device_key, worth_fen, topup_fen, funder_code, reserve_fen,
     reserve_cause, issued_at, issued_on, expires_at, changed_at)
SELECT md5('v' || n)::uuid, 'STORED' || n, 'qualification', 'usable', md5('o' || n)::uuid,
       'person:' || md5('o' || n)::uuid, %(programme)s, 'refrigerator', 1, %(pool_id)s, '371502',
       md5('r' || n)::uuid, '', 1, 0, '', 0, '', %(at)s, %(at)s, %(at)s, %(at)s
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""


def people(count: int, prefix: str = "") -> list[UUID]:
    """Verified people of a name of their own."""
    prefix = prefix or f"{uuid4()}-"
    with connection.cursor() as cursor:
        cursor.execute(_REGION)
        cursor.execute(_PEOPLE, {"prefix": prefix, "first": 1, "last": count, "at": OPENS})
        return [row[0] for row in cursor.fetchall()]


def pool(quantity: int) -> UUID:
    """An open pool with money for everybody."""
    made = models.Pool.objects.create(
        id=uuid4(), title="测速", kind="qualification", programme=f"bench-{uuid4()}",
        region_code=REGION, region_path=REGION, quantity=quantity, remaining=quantity,
        opens_at=OPENS, closes_at=CLOSES, lapse_hours=48, reserve_bps=10_000, mode="timed",
        opened_at=OPENS, opened_on=date(2026, 9, 1),
    )  # fmt: skip
    models.PoolLine.objects.create(
        pool=made, category_code=CATEGORY, cap_fen=CAP_FEN, reserve_fen=CAP_FEN, limit_count=1
    )
    code = pool_code(made.id)
    ledger.open_accounts(
        accounts=[
            NewAccount("treasury:bench", AccountKind.TREASURY),
            NewAccount(code, AccountKind.POOL),
            NewAccount(reserve_code(made.id), AccountKind.RESERVE),
        ]
    )
    leg = Leg("bench", made.id, "budget", "treasury:bench", code, quantity * CAP_FEN)
    ledger.post_transfers(legs=[leg])
    return made.id


def store_vouchers(pool_id: UUID, *, first: int, last: int) -> None:
    """Vouchers of other people, in the pool's own programme, by SQL."""
    programme = models.Pool.objects.values_list("programme", flat=True).get(pk=pool_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _STORED,
            {"programme": programme, "pool_id": pool_id, "first": first, "last": last, "at": OPENS},
        )
