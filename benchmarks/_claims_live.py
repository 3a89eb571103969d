"""The live checks: five hundred new claims decided among a million stored ones, on PostgreSQL."""

import time
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from benchmarks.figures import Figure

_STORED, _BATCH, _TIMES = 1_000_000, 500, 5
_ID = "('{kind}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"
_SALE, _CLAIM, _SHOP = (_ID.format(kind=k, number=n) for k, n in (
    ("00000001", "n"), ("00000002", "n"), ("00000003", "n % 1000"),
))  # fmt: skip
_MODEL = _ID.format(kind="00000004", number="n % 480")
_AT = "(timestamptz '2026-01-01 01:00Z' + n * interval '25.9 seconds')"
_PERSON = "encode(sha256(('p' || n * 10 / 14)::bytea), 'hex')"

# Column by column what a stored claim says; whatever else a table asks for is empty or zero.
_TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "identity_organisation": ("range(1000)", {
        "id": _SHOP, "kind": "'retailer'", "name": "'店' || n",
        "uscc": "'9137' || lpad(n::text, 14, '0')",
        "region_id": "'371502'", "region_path": "'370000/371500/371502'", "status": "'admitted'",
        "phone": "'tel' || n", "lat_e6": "36450000", "lon_e6": "115980000",
    }),
    "catalogue_model": ("range(480)", {
        "id": _MODEL, "gtin": "lpad(n::text, 13, '0')", "brand": "'牌' || n % 40",
        "name": "'型' || n", "category_id": "'refrigerator'", "energy_grade": "1",
        "is_active": "true",
    }),
    "claims_sale": ("claims", {
        "id": _SALE, "number": "'XS-' || lpad(n::text, 10, '0')", "merchant_id": _SHOP,
        "till_id": "(n % 3)::text", "channel": "'shop'", "person_id": _SALE,
        "person_pseudonym": _PERSON, "qualification_id": _SALE, "model_id": _MODEL,
        "gtin": "lpad((n % 480)::text, 13, '0')", "category_code": "'refrigerator'",
        "energy_grade": "1", "manufacturer": "'牌' || n % 40", "serial": "'SN' || n",
        "serial_norm": "'SN' || lpad(n::text, 10, '0')", "list_price_fen": "499900 - n % 30 * 1000",
        "price_fen": "499900 - n % 30 * 1000", "subsidy_fen": "70000",
        "to_pay_fen": "429900 - n % 30 * 1000", "policy_amount_fen": "70000",
        "filed_price_fen": "499900", "right_limit": "1", "programme": "'p' || n % 2",
        "region_path": "'370000/371500/371502'", "sold_at": _AT, "sold_on": f"{_AT}::date",
        "sold_epoch": f"extract(epoch FROM {_AT})::bigint", "recorded_at": _AT,
        "decision": "'{}'",
    }),
    "claims_claim": ("claims", {
        "id": _CLAIM, "sale_id": _SALE, "qualification_id": _SALE, "device_key": "'D' || n",
        "wanted": "'invoice,label,delivery'", "verify_status": "'passed'",
        "audit_status": "'none'", "submitted_at": f"{_AT} + interval '1 day'",
        "price_fen": "499900 - n % 30 * 1000", "subsidy_fen": "70000",
        "to_pay_fen": "429900 - n % 30 * 1000",
    }),
    "claims_reading": ("claims", {
        "sale_id": _SALE, "invoice_key": "'2637' || lpad(n::text, 16, '0')",
        "invoice_number": "'2637' || lpad(n::text, 16, '0')",
        "invoice_total_fen": "499900 - n % 30 * 1000", "invoiced_on": f"{_AT}::date",
        "invoiced_at": _AT, "buyer_pseudonym": _PERSON,
        "seller_uscc": "'9137' || lpad((n % 1000)::text, 14, '0')",
        "serial_read": "'SN' || lpad(n::text, 10, '0')", "grade_read": "1",
        "label_lat_e6": "36450000", "label_lon_e6": "115980000", "waybill": "'YD' || n",
        "shipped_at": _AT, "signed_at": f"{_AT} + interval '5 hours'",
        "receiver_pseudonym": _PERSON, "payer_pseudonym": _PERSON,
        "paid_fen": "429900 - n % 30 * 1000",
        "card_key": "encode(sha256(('c' || n * 10 / 14)::bytea), 'hex')",
        "address_key": "encode(sha256(('h' || n * 5 / 14)::bytea), 'hex')",
        "receiver_phone_key": "encode(sha256(('t' || n * 10 / 14)::bytea), 'hex')",
    }),
    "claims_evidence": ("claims", {
        "id": _SALE, "sale_id": _SALE, "kind": "'label'",
        "sha256": "encode(sha256(('e' || n)::bytea), 'hex')",
        "photo_hash": "left(md5(n::text), 16)", "lat_e6": "36450000", "lon_e6": "115980000",
        "taken_at": _AT, "facts": "'{}'", "submitted_at": _AT,
    }),
}  # fmt: skip
_TIES = """
INSERT INTO claims_tie (sale_id, person_pseudonym, merchant_id, kind, key, at_epoch)
SELECT s.id, s.person_pseudonym, s.merchant_id, k.kind, k.key, s.sold_epoch
FROM claims_sale s JOIN claims_reading r ON r.sale_id = s.id
CROSS JOIN LATERAL (VALUES ('phone', r.receiver_phone_key), ('card', r.card_key),
    ('address', r.address_key), ('photo', right(s.id::text, 12))) AS k (kind, key)
"""


def measure() -> Iterator[Figure]:
    """The median of a few batches, each new and taken back; the first warms the connection."""
    _lay()
    took = sorted(_decided(number) for number in range(_TIMES + 1))
    yield Figure("checks_live_500_among_1m", took[len(took) // 2], "s", goal=1)


def _lay() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # no triggers, no FK look-ups
        for table, (source, given) in _TABLES.items():
            count = _STORED + _BATCH if source == "claims" else int(source[6:-1])
            columns = {**_rest(cursor, table), **given}
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" SELECT {', '.join(columns.values())} FROM generate_series(0, {count - 1}) n"
            )
        cursor.execute(_TIES)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    from huanxin.claims.services import deriving
    from huanxin.kernel.actor import system_actor

    deriving.keep_serial_forms(actor=system_actor("bench"))


def _rest(cursor: Any, table: str) -> dict[str, str]:
    """What a table insists on and nobody named, as empty as its type allows."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    )
    empty = {"uuid": _SALE, "boolean": "false", "jsonb": "'{}'", "date": f"{_AT}::date",
             "timestamp with time zone": _AT}  # fmt: skip
    return {
        name: empty.get(kind, "0" if "int" in kind else "''") for name, kind in cursor.fetchall()
    }


def _decided(number: int) -> float:
    """Seconds for the checks of one batch of the newest claims, rings and all."""
    from huanxin.claims import _checking

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id FROM claims_claim c ORDER BY c.id DESC LIMIT %s OFFSET %s",
            [_BATCH, number * _BATCH],
        )
        claims = [row[0] for row in cursor.fetchall()]
        started = time.perf_counter()
        _checking.run(claims)
        return time.perf_counter() - started
