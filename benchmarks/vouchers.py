"""The flash claim: a transaction and a row lock for each claim against set-based batches.

Both do the full work on the same durable database: look up the right, take a place, write the
voucher, hold the money, leave the audit line. The first is how such a thing is usually written.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from uuid import UUID, uuid4

from django.db import connection, transaction

from benchmarks.figures import Figure
from huanxin.kernel import clock
from huanxin.kernel.actor import system_actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as ledger_services
from huanxin.ledger.types import AccountKind, Leg, NewAccount, pool_code, reserve_code
from huanxin.vouchers import models
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import Claim, ClaimOutcome

OPENS = clock.moment(date(2026, 9, 1), 9)
CATEGORY, CAP_FEN = "refrigerator", 150_000
ALONE, TOGETHER, BATCH = 400, 12_000, 300


def measure() -> Iterator[Figure]:
    """Claims a second one by one and in batches, their ratio, and the proof of the books."""
    people = _people(ALONE + TOGETHER)
    with clock.standing_at(OPENS):
        alone = _rate(_one_by_one, people[:ALONE])
        batched = _rate(_in_batches, people[ALONE:])
    yield Figure("claims_row_lock_each", alone, "1/s", goal=1, at_least=True)  # the yardstick
    yield Figure("claims_set_based", batched, "1/s", goal=2_500, at_least=True)
    yield Figure("claims_batch_over_row_lock", batched / alone, "x", goal=10, at_least=True)
    yield Figure("ledger_difference", ledger.sum_check().difference_fen, "fen", goal=0)


def _people(count: int) -> list[UUID]:
    """Verified people, written straight into the table: sealing real fields is not measured."""
    ids = [uuid4() for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_region (code, name, level, path, statutory_code, source)"
            " VALUES ('371502', '测试区', 'county', '371502', '371502', '')"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "INSERT INTO identity_person (id, region_id, region_path, birth_year, is_verified,"
            " document_type, name_sealed, document_sealed, phone_sealed, name_masked,"
            " document_masked, phone_masked, document_index, document_index_province,"
            " phone_index, created_at)"
            " SELECT id, '371502', '371502', 1980, true, 'id_card', '', '', '', '', '', '',"
            " id::text, id::text, '', %s FROM unnest(%s::uuid[]) AS t(id)",
            [OPENS, ids],
        )
    return ids


def _pool(quantity: int) -> UUID:
    """An open pool with money for everybody."""
    pool = models.Pool.objects.create(
        id=uuid4(), title="测速", kind="qualification", programme=f"bench-{uuid4()}",
        region_code="371502", region_path="371502", quantity=quantity, remaining=quantity,
        opens_at=OPENS, closes_at=clock.moment(date(2026, 9, 2)), lapse_hours=48,
        reserve_bps=10_000, mode="timed", opened_at=OPENS, opened_on=date(2026, 9, 1),
    )  # fmt: skip
    models.PoolLine.objects.create(
        pool=pool, category_code=CATEGORY, cap_fen=CAP_FEN, reserve_fen=CAP_FEN, limit_count=1
    )
    code = pool_code(pool.id)
    ledger_services.open_accounts(
        accounts=[
            NewAccount("treasury:bench", AccountKind.TREASURY),
            NewAccount(code, AccountKind.POOL),
            NewAccount(reserve_code(pool.id), AccountKind.RESERVE),
        ]
    )
    leg = Leg("bench", pool.id, "budget", "treasury:bench", code, quantity * CAP_FEN)
    ledger_services.post_transfers(legs=[leg])
    return pool.id


def _rate(claim: Callable[[UUID, Sequence[UUID]], int], people: Sequence[UUID]) -> float:
    pool_id = _pool(len(people))
    started = time.perf_counter()
    won = claim(pool_id, people)
    seconds = time.perf_counter() - started
    assert won == len(people), f"{won} of {len(people)} won"
    return won / seconds


def _in_batches(pool_id: UUID, people: Sequence[UUID]) -> int:
    actor, won = system_actor(), 0
    for start in range(0, len(people), BATCH):
        claims = [Claim(uuid4(), pool_id, who, CATEGORY) for who in people[start : start + BATCH]]
        answers = claiming.claim_vouchers(actor=actor, claims=claims)
        won += sum(answer.outcome is ClaimOutcome.WON for answer in answers)
    return won


_LOCK = "SELECT remaining, programme FROM vouchers_pool WHERE id = %s FOR NO KEY UPDATE"
_ACCOUNTS = """
    SELECT b.account_id FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
    WHERE a.code = ANY(%s) ORDER BY 1 FOR NO KEY UPDATE OF b"""
_LOOK = """
    SELECT 1 FROM vouchers_voucher
    WHERE programme = %s AND category_code = %s AND holder_key = %s AND kind = 'qualification'
      AND state IN ('inactive', 'usable', 'locked', 'used')"""
_VOUCHER = """
    INSERT INTO vouchers_voucher
        (id, number, kind, state, person_id, holder_key, programme, category_code, ordinal,
         pool_id, region_path, request_id, device_key, worth_fen, topup_fen, funder_code,
         reserve_fen, reserve_cause, reserve_cause_id, issued_at, issued_on, changed_at)
    VALUES (%s, %s, 'qualification', 'usable', %s, %s, %s, %s, 1, %s, '371502', %s, '', %s, 0, '',
            %s, 'voucher.issue', %s, %s, '2026-09-01', %s)"""
_TRANSFER = """
    INSERT INTO ledger_transfer
        (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, reason, made_at, made_on)
    VALUES ('pending', 'voucher.issue', %s, 'reserve', %s, %s, %s, '', %s, '2026-09-01')"""
_DEBIT = """
    UPDATE ledger_balance SET debits_pending_fen = debits_pending_fen + %s
    WHERE account_id = %s"""
_CREDIT = _DEBIT.replace("debits", "credits")
_PLACE = "UPDATE vouchers_pool SET remaining = remaining - 1 WHERE id = %s"
_AUDIT = """
    INSERT INTO kernel_auditentry
        (at, actor_id, actor_role, action, subject_kind, subject_id, region_path, facts, digest)
    VALUES (%s, %s, 'system', 'vouchers.issued', 'voucher', %s, '371502', '{}',
            decode(repeat('00', 32), 'hex'))"""


def _one_by_one(pool_id: UUID, people: Sequence[UUID]) -> int:
    for person_id in people:
        _lock_and_take(pool_id, person_id)
    return len(people)


@transaction.atomic
def _lock_and_take(pool_id: UUID, person_id: UUID) -> None:
    """The usual way: lock the pool's row, look, write, commit."""
    new, holder = uuid4(), f"person:{person_id}"
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [pool_id])
        remaining, programme = cursor.fetchone()
        assert remaining > 0
        cursor.execute(_ACCOUNTS, [[pool_code(pool_id), reserve_code(pool_id)]])
        [payer], [counter] = cursor.fetchall()
        cursor.execute(_LOOK, [programme, CATEGORY, holder])
        assert cursor.fetchone() is None
        cursor.execute(
            _VOUCHER,
            [new, str(new)[:30], person_id, holder, programme, CATEGORY, pool_id, uuid4(), CAP_FEN,
             CAP_FEN, new, OPENS, OPENS],
        )  # fmt: skip
        cursor.execute(_TRANSFER, [new, payer, counter, CAP_FEN, OPENS])
        cursor.execute(_DEBIT, [CAP_FEN, payer])
        cursor.execute(_CREDIT, [CAP_FEN, counter])
        cursor.execute(_PLACE, [pool_id])
        cursor.execute(_AUDIT, [OPENS, new, str(new)])
