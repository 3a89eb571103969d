"""The rush meets tables that were never analysed: its statements must stay on their indexes.

Without statistics PostgreSQL 15 to 18 would rather read the whole table for a `NOT EXISTS`.
"""

import json
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection

from huanxin.kernel.sqlfiles import read_sql
from tests import given_ledger, given_vouchers

pytestmark = pytest.mark.django_db

ROWS = 20_000
GROW_VOUCHERS = """
INSERT INTO vouchers_voucher
    (id, number, kind, state, person_id, holder_key, programme, category_code, ordinal, pool_id,
     region_path, request_id, device_key, worth_fen, topup_fen, funder_code, reserve_fen,
     reserve_cause, issued_at, issued_on, changed_at)
SELECT md5('v' || n)::uuid, 'N' || n, kind, state, md5('p' || n)::uuid, 'person:' || n, programme,
       category_code, 1, pool_id, region_path, md5('r' || n)::uuid, '', 1, 0, '', 0, '', issued_at,
       issued_on, changed_at
FROM vouchers_voucher, generate_series(1, %s) AS n
"""
GROW_PEOPLE = """
INSERT INTO identity_person
    (id, region_id, region_path, birth_year, is_verified, document_type, name_sealed,
     document_sealed, phone_sealed, name_masked, document_masked, phone_masked, document_index,
     document_index_province, phone_index, created_at)
SELECT md5('p' || n)::uuid, region_id, region_path, 1980, true, 'id_card', '', '', '', '', '', '',
       'grown' || n, 'grown' || n, '', created_at
FROM identity_person, generate_series(1, %s) AS n
"""
GROW_TRANSFERS = """
INSERT INTO ledger_transfer
    (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, reason, made_at, made_on)
SELECT 'posted', 'grown', md5('t' || n)::uuid, leg, debit_id, credit_id, 1, '', made_at, made_on
FROM ledger_transfer, generate_series(1, %s) AS n
"""


def plan_of(package, name, parameters):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + read_sql(package, name).text, parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def grow(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement, [ROWS])


def keys(count, **columns):
    return json.dumps([{name: make() for name, make in columns.items()} for _ in range(count)])


def standings(count):
    return {
        "request_ids": [uuid4() for _ in range(count)],
        "pool_ids": [uuid4() for _ in range(count)],
        "person_ids": [uuid4() for _ in range(count)],
        "category_codes": ["refrigerator"] * count,
        "device_keys": [f"phone-{n}" for n in range(count)],
        "on": date(2026, 9, 1),
    }


@pytest.mark.parametrize("count", [1, 500])
def test_looking_up_who_asks_and_what_she_has_stays_on_indexes(count):
    given_vouchers.right()
    grow(GROW_VOUCHERS)
    grow(GROW_PEOPLE)
    plan = plan_of("huanxin.vouchers.sql", "standings", standings(count))
    for index in ("voucher_right_once", "voucher_request_once", "identity_person_pkey"):
        assert index in plan
    assert "Seq Scan on vouchers_voucher" not in plan
    assert "Seq Scan on identity_person" not in plan


def test_a_plan_made_for_empty_tables_is_still_right_when_they_are_full():
    """The writer keeps its plans as long as its connection, which may be days."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.kernel.sql", "keep_plans").text)
        cursor.execute(
            "PREPARE asked (uuid[], uuid[], uuid[], text[], text[], date) AS "
            + _numbered("standings", *standings(1))
        )
        run = "asked('{}', '{}', '{}', '{}', '{}', '2026-09-01')"
        cursor.execute(f"EXECUTE {run}")
    given_vouchers.right()
    grow(GROW_VOUCHERS)
    grow(GROW_PEOPLE)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN EXECUTE {run}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("DEALLOCATE asked")
        cursor.execute("RESET enable_seqscan")
        cursor.execute("RESET plan_cache_mode")
    assert "voucher_right_once" in plan
    assert "Seq Scan on vouchers_voucher" not in plan
    assert "Seq Scan on identity_person" not in plan


def _numbered(name, *parameters):
    text = read_sql("huanxin.vouchers.sql", name).text
    for n, parameter in enumerate(parameters, start=1):
        text = text.replace(f"%({parameter})s", f"${n}")
    return text


@pytest.mark.parametrize("count", [1, 500])
def test_looking_up_holds_stays_on_the_key_index(count):
    given_ledger.budget()
    grow(GROW_TRANSFERS)
    wanted = keys(count, cause=lambda: "sale", cause_id=lambda: str(uuid4()), leg=lambda: "subsidy")
    plan = plan_of("huanxin.ledger.sql", "find_transfers", {"keys": wanted})
    assert "transfer_key_once" in plan
    assert "transfer_resolved_once" in plan
    assert "Seq Scan on ledger_transfer" not in plan
