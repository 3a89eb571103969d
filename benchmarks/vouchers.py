"""The flash claim and the till: sets against a row lock a claim, alone and over HTTP.

Every ratio is measured in one run, both cores, load generator included, durable commits. Rates on
a machine that does other work are worst cases; the ratios are what is promised.
"""

import os
import time
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from django.db import connection

from benchmarks import _city, _http, _pgbench, _till
from benchmarks.figures import Figure
from huanxin.kernel import clock, sets
from huanxin.kernel.actor import system_actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger.models import Account
from huanxin.ledger.types import pool_code, reserve_code
from huanxin.vouchers.models import Pool
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import Claim, ClaimOutcome

TOGETHER, BATCH = 30_000, 500  # the gateway's own largest batch
FLAT, FLAT_FULL = (10_000, 100_000, 1_000_000), (10_000, 100_000, 1_000_000, 10_000_000)
SAMPLE = 10_000
_FREE_GB = 12  # what ten million vouchers with their indexes take, and some air


def measure() -> Iterator[Figure]:
    """The engine, its growth, the till, then everything over HTTP; the books at the end."""
    sets.keep_plans()
    with clock.standing_at(_city.OPENS):
        yield from _engine()
        yield from _growth()
        yield from _till.measure()
    yield from _http.measure()
    yield Figure("ledger_difference", ledger.sum_check().difference_fen, "fen", goal=0)


def _engine() -> Iterator[Figure]:
    first = _claimed_per_second(_city.pool(TOGETHER), _city.people(TOGETHER))
    row_lock, alone = _row_lock(_pgbench.CLIENTS), _row_lock(1)
    inserts = _inserts()
    rate = max(first, _claimed_per_second(_city.pool(TOGETHER), _city.people(TOGETHER)))
    yield Figure("claims_first_on_fresh_tables", first, "1/s", goal=0, at_least=True)
    yield Figure("claims_set_based", rate, "1/s", goal=0, at_least=True)
    if row_lock and alone and inserts:
        yield Figure("claims_row_lock_32_clients", row_lock, "1/s", goal=0, at_least=True)
        yield Figure("claims_row_lock_1_client", alone, "1/s", goal=0, at_least=True)
        yield Figure("single_row_inserts_32_clients", inserts, "1/s", goal=0, at_least=True)
        yield Figure("claims_over_row_lock", rate / row_lock, "x", goal=25, at_least=True)
        yield Figure("claims_over_inserts", rate / inserts, "x", goal=1.2, at_least=True)
        if rows := _voucher_rows():
            yield Figure("single_voucher_rows_32_clients", rows, "1/s", goal=0, at_least=True)
            yield Figure("claims_over_voucher_rows", rate / rows, "x", goal=1.2, at_least=True)


def _claimed_per_second(pool_id: UUID, people: Sequence[UUID]) -> float:
    claims = [Claim(uuid4(), pool_id, who, _city.CATEGORY) for who in people]
    actor, won = system_actor(), 0
    started = time.perf_counter()
    for start in range(0, len(claims), BATCH):
        answers = claiming.claim_vouchers(actor=actor, claims=claims[start : start + BATCH])
        won += sum(answer.outcome is ClaimOutcome.WON for answer in answers)
    seconds = time.perf_counter() - started
    assert won == len(people), f"{won} of {len(people)} won"
    return won / seconds


def _growth() -> Iterator[Figure]:
    """Cost per claim as the table fills; ten million with FULL=1, if the disk has room."""
    stored, rates, pool_id = 0, {}, _city.pool(10**7)
    steps = FLAT_FULL if os.environ.get("FULL") and _has_room() else FLAT
    for size in steps:
        _city.store_vouchers(pool_id, first=stored + 1, last=size)
        stored = size
        rates[size] = _claimed_per_second(pool_id, _city.people(SAMPLE))
        yield Figure(f"claims_at_{size}_stored", rates[size], "1/s", goal=0, at_least=True)
    share = rates[steps[-1]] / rates[steps[0]]
    yield Figure(f"claims_at_{steps[-1]}_over_{steps[0]}", share, "x", goal=0.7, at_least=True)


def _has_room() -> bool:
    place = os.statvfs(os.environ.get("HUANXIN_STATE", "."))
    free_gb = place.f_bavail * place.f_frsize / 2**30
    if free_gb < _FREE_GB:
        print(f"磁盘只剩 {free_gb:.0f} GB，一千万张券需要 {_FREE_GB} GB，只测到一百万张。")
    return free_gb >= _FREE_GB


def _inserts() -> float | None:
    """PostgreSQL's own group commit: one row a transaction into a narrow table of its own."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_row")
        cursor.execute(
            "CREATE TABLE bench_row (id uuid PRIMARY KEY, who bigint, at timestamptz, fen bigint)"
        )
    return _pgbench.rate(
        "INSERT INTO bench_row VALUES (md5(:client_id || '-' || :n)::uuid, :n, '2026-09-01', 1);\n"
    )


def _voucher_rows() -> float | None:
    """The same with the claim's own first row: its width, its indexes and guards, nothing else."""
    pool_id, run = _city.pool(1), uuid4()
    new = f"md5('{run}' || :client_id || '-' || :n)::uuid"
    return _pgbench.rate(f"""
INSERT INTO vouchers_voucher
    (id, number, kind, state, person_id, holder_key, programme, category_code, ordinal, pool_id,
     region_path, request_id, device_key, worth_fen, topup_fen, funder_code, reserve_fen,
     reserve_cause, reserve_cause_id, issued_at, issued_on, expires_at, changed_at)
VALUES ({new}, 'BT' || left(({new})::text, 24), 'qualification', 'usable', {new},
    'person:' || {new}, 'bench-rows', '{_city.CATEGORY}', 1, '{pool_id}', '{_city.REGION}', {new},
    '', 1, 0, '', 1, 'bench', {new}, '2026-09-01', '2026-09-01', '2026-09-03', '2026-09-01');
""")


def _row_lock(clients: int) -> float | None:
    """A transaction a claim, as it is usually written: look, lock the pool, write, commit."""
    prefix, pool_id = f"{uuid4()}-", _city.pool(10**6)
    _city.people(60_000, prefix)
    programme = Pool.objects.values_list("programme", flat=True).get(pk=pool_id)
    accounts = [
        Account.objects.values_list("id", flat=True).get(code=code(pool_id))
        for code in (pool_code, reserve_code)
    ]
    return _pgbench.rate(
        row_lock_script(prefix, pool_id, programme, *accounts, clients=clients), clients=clients
    )


def row_lock_script(
    prefix: str, pool_id: UUID, programme: str, payer: int, counter: int, *, clients: int
) -> str:
    """The same reads, rows, indexes and guards; people are looked up before the lock is taken."""
    who = f"md5('{prefix}' || (:n * {clients} + :client_id + 1 - {clients}))::uuid"
    new = f"md5('{prefix}v' || (:n * {clients} + :client_id))::uuid"
    return f"""
BEGIN;
SELECT holder_key, is_verified FROM mart_identity_person WHERE person_id = {who};
SELECT 1 FROM mart_identity_restriction
    WHERE kind = 'person' AND key = ({who})::text AND from_on <= '2026-09-01';
SELECT category_code, cap_fen, reserve_fen, limit_count
    FROM vouchers_poolline WHERE pool_id = '{pool_id}';
SELECT remaining, programme, opens_at, closes_at
    FROM vouchers_pool WHERE id = '{pool_id}' FOR NO KEY UPDATE;
SELECT credits_posted_fen - debits_posted_fen - debits_pending_fen
    FROM ledger_balance WHERE account_id IN ({payer}, {counter}) ORDER BY account_id
    FOR NO KEY UPDATE;
SELECT id FROM vouchers_voucher WHERE request_id = {new};
SELECT id FROM vouchers_voucher
    WHERE holder_key = 'person:' || {who} AND programme = '{programme}'
      AND category_code = '{_city.CATEGORY}' AND kind IN ('qualification', 'consumption')
      AND state IN ('inactive', 'usable', 'locked', 'used');
INSERT INTO vouchers_voucher
    (id, number, kind, state, person_id, holder_key, programme, category_code, ordinal, pool_id,
     region_path, request_id, device_key, worth_fen, topup_fen, funder_code, reserve_fen,
     reserve_cause, reserve_cause_id, issued_at, issued_on, expires_at, changed_at)
VALUES ({new}, 'BT260901-1502-' || nextval('kernel_number_serial'), 'qualification', 'usable',
    {who}, 'person:' || {who}, '{programme}', '{_city.CATEGORY}', 1, '{pool_id}',
    '{_city.REGION}', {new}, '', {_city.CAP_FEN}, 0, '', {_city.CAP_FEN}, 'voucher.issue', {new},
    '2026-09-01', '2026-09-01', '2026-09-03', '2026-09-01');
INSERT INTO ledger_transfer
    (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, reason, made_at, made_on)
VALUES ('pending', 'voucher.issue', {new}, 'reserve', {payer}, {counter}, {_city.CAP_FEN}, '',
    '2026-09-01', '2026-09-01');
UPDATE ledger_balance SET debits_pending_fen = debits_pending_fen + {_city.CAP_FEN}
    WHERE account_id = {payer};
UPDATE ledger_balance SET credits_pending_fen = credits_pending_fen + {_city.CAP_FEN}
    WHERE account_id = {counter};
UPDATE vouchers_pool SET remaining = remaining - 1 WHERE id = '{pool_id}';
INSERT INTO kernel_auditentry
    (at, actor_id, actor_role, action, subject_kind, subject_id, region_path, facts, digest)
VALUES ('2026-09-01', '00000000-0000-0000-0000-000000000000', 'system', 'vouchers.issued',
    'voucher', ({new})::text, '{_city.REGION}',
    jsonb_build_object('number', :n::bigint, 'pool_id', '{pool_id}',
                       'reserve_fen', {_city.CAP_FEN}),
    sha256(convert_to('{programme}' || :n::text, 'UTF8')));
COMMIT;
"""
