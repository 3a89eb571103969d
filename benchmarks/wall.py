"""The wall of a whole city: one reading over a year's business at full size.

Rows are written straight into the tables, with their constraints' triggers off: what is measured
is reading. Sizes are those of a city of six million in a year (docs/adr/061).
"""

import time
from collections.abc import Iterator, Mapping
from datetime import date

from django.db import connection, transaction

from benchmarks.figures import Figure
from huanxin.identity import selectors as identity
from huanxin.identity.services import admitting
from huanxin.indicators import selectors
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope, system_actor

SALES, OLD_UNITS, ACCOUNTS = 400_000, 280_000, 400
TODAY = date(2026, 9, 1)
CITY = "370000/371500"
_BY_TYPE = {
    "uuid": "md5(i::text)::uuid", "boolean": "false", "date": "DATE '2026-01-01'", "bytea": "''",
    "jsonb": "'{}'", "timestamp with time zone": "TIMESTAMPTZ '2026-01-01 09:00+08'",
}  # fmt: skip
_DAY = "(DATE '2026-01-01' + (i % 240)::int)"
_AT = f"({_DAY} + TIME '09:00') AT TIME ZONE 'Asia/Shanghai'"
_COUNTY = (
    "(ARRAY['371502','371503','371521','371522','371524','371525','371526','371581',"
    "'371571','371572','371573'])[1 + i % 11]"
)
_PATH = f"'{CITY}/' || {_COUNTY}"
_PERSON = "md5('p' || (i % 150000)::text)::uuid"


def measure() -> Iterator[Figure]:
    """Seconds for a city's wall and a county's, cold and when the feed stands still."""
    admitting.load_regions(actor=system_actor())
    _fill_city()
    with clock.standing_at(clock.moment(TODAY, 9)):
        for code in ("371500", "371502"):
            yield Figure(f"wall_{code}_cold", _read(code), "s", goal=30)
            yield Figure(f"wall_{code}_again", _read(code), "s", goal=0.05)


def _read(code: str) -> float:
    region = identity.get_region(code)
    began = time.perf_counter()
    window = selectors.window_named("year")
    scope = Scope(region_path=region.path)
    wall = selectors.read_wall(scope, region, window, map_metric="sales_driven_fen")
    assert (wall.keys[1].series.value or 0) > 0
    return time.perf_counter() - began


def _fill_city() -> None:
    with transaction.atomic():
        connection.cursor().execute("SET LOCAL session_replication_role = replica")
        _fill("claims_sale", SALES, {
            "number": "'GX' || i", "category_code": "'refrigerator'", "region_path": _PATH,
            "sold_on": _DAY, "sold_epoch": f"extract(epoch FROM {_AT})::bigint", "sold_at": _AT,
            "price_fen": "400000", "to_pay_fen": "340000", "list_price_fen": "400000",
            "discount_fen": "0", "trade_in_fen": "0", "subsidy_fen": "60000", "person_id": _PERSON,
            "person_pseudonym": f"{_PERSON}::text", "channel": "'shop'",
        })  # fmt: skip
        _fill("claims_claim", SALES, {
            "sale_id": "md5(i::text)::uuid", "verify_status": "'passed'", "audit_status": "'none'",
            "submitted_at": _AT, "decided_at": f"{_AT} + INTERVAL '20 seconds'",
            "device_key": "i::text",
        })  # fmt: skip
        _fill("recycling_quote", OLD_UNITS, {
            "number": "'PG' || i", "cash_fen": "1", "voucher_fen": "2", "age_band": "'under_3'",
            "brand_tier": "'low'",
        })  # fmt: skip
        _fill("recycling_order", OLD_UNITS, {
            "number": "'HS' || i", "region_path": _PATH, "person_id": _PERSON, "booked_on": _DAY,
            "booked_at": _AT, "collected_on": _DAY, "collected_at": _AT, "offered_at": _AT,
            "state": "'collected'", "choice": "'cash'", "paid_fen": "1",
            "organisation_id": "md5(i::text)::uuid",
        })  # fmt: skip
        _fill("recycling_unit", OLD_UNITS, {
            "unit_code": "'HX' || i", "order_id": "md5(i::text)::uuid", "state": "'collected'",
            "category_code": "'refrigerator'", "final_quote_id": "md5(i::text)::uuid",
        })  # fmt: skip
        _fill_ledger()
    for table in ("claims_sale", "claims_claim", "recycling_order", "ledger_transfer"):
        connection.cursor().execute(f"ANALYZE {table}")


def _fill_ledger() -> None:
    """Pools of every county; a right held and voided, a subsidy held and posted for each sale."""
    _fill("ledger_account", ACCOUNTS, {
        "id": "i", "code": "CASE WHEN i % 2 = 0 THEN 'pool:' ELSE 'payable:' END || i",
        "kind": "CASE WHEN i % 2 = 0 THEN 'pool' ELSE 'payable' END", "region_path": _PATH,
    })  # fmt: skip
    _fill("ledger_balance", ACCOUNTS, {"account_id": "i", "kind": "'payable'"})
    pair = {"debit_id": f"2 + 2 * (i % {ACCOUNTS // 2 - 1})", "credit_id": "1", "made_on": _DAY,
            "made_at": _AT, "amount_fen": "60000"}  # fmt: skip
    for n, leg in enumerate(("reserve", "subsidy")):
        first, then = 1 + 2 * n * SALES, 1 + (2 * n + 1) * SALES
        _fill("ledger_transfer", SALES, {
            **pair, "id": f"{first} + i", "kind": "'pending'", "leg": f"'{leg}'",
            "cause_id": "md5(i::text)::uuid", "cause": "'sale'",
        })  # fmt: skip
        _fill("ledger_transfer", SALES, {
            **pair, "id": f"{then} + i", "pending_id": f"{first} + i", "leg": f"'{leg}'",
            "kind": "'void_pending'" if n == 0 else "'post_pending'",
        })  # fmt: skip


def _fill(table: str, count: int, values: Mapping[str, str]) -> None:
    """Rows 1 … count; columns that must hold something and are not named get a plain value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            [table],
        )
        must = {name: _BY_TYPE.get(kind, _plain(kind)) for name, kind in cursor.fetchall()}
        row = must | dict(values)
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(row)}) OVERRIDING SYSTEM VALUE"
            f" SELECT {', '.join(row.values())} FROM generate_series(1, {count}) AS g(i)"
        )


def _plain(kind: str) -> str:
    return "left(i::text, 12)" if kind.startswith("character") else "1"
