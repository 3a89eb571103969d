"""A city's years, copied by SQL out of a fortnight that the twin really played.

Each copy of the fortnight has sales, claims, rights, old units, transfers and lines of its own;
copies move back in time by whole fortnights; pools and batches belong to one fortnight, people to
several copies. Triggers and keys are off while rows are laid: what is measured is reading.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models, transaction

SEASON_DAYS, SEASONS = 14, 52
_AT_ONCE = 100_000  # rows a statement: nobody waits long for a transaction to end
_PEOPLE = 90  # copies of a person; each stands in several copies of the season
_WIDE = 1_000_000_000  # between the numbers of one copy's rows and the next's
_KEPT = {"account_id", "actor_id", "org_id", "assisted_by_id", "assisted_org_id", "event_id"}
_OWN_TEXT = {
    "number", "certificate_no", "holder_key", "serial", "serial_norm", "device_key", "unit_code",
    "imei", "invoice_key", "invoice_number", "bank_reference", "sscc", "subject_id", "reference",
}  # fmt: skip
_HASHED = {"document_index", "document_index_province", "phone_index"}

BY_COPY = (
    "vouchers.Voucher", "vouchers.Redemption", "vouchers.DeviceLock", "claims.Sale",
    "claims.Claim", "claims.Reading", "claims.Finding", "claims.SaleReturn", "settlement.Item",
    "ledger.Transfer",
)  # fmt: skip
OLD_UNITS = (
    "recycling.Quote", "recycling.Order", "recycling.Unit", "recycling.Payout", "recycling.Lot",
    "recycling.Run", "recycling.RunUnit", "recycling.RunMaterial",
)  # fmt: skip
BY_SEASON = (
    "vouchers.Pool", "vouchers.PoolLine", "vouchers.PoolTerms", "vouchers.PoolTier",
    "vouchers.PoolStageRow", "vouchers.Lottery", "settlement.Batch", "settlement.PaymentOrder",
    "ledger.Account", "ledger.Balance",
)  # fmt: skip
LINES = "kernel.AuditEntry"
_LINES_OF = "t.subject_kind IN ('claim', 'sale', 'recycling_order', 'voucher')"
_POOL_ACCOUNTS = (
    "SELECT id FROM ledger_account WHERE code ~ '^(pool|reserve):[0-9a-f-]{36}$' AND id < 1000000"
)
_SLOT = f"(n % {SEASONS})"
_BACK = f"({SEASON_DAYS} * {_SLOT})"


@dataclass(frozen=True, slots=True)
class Volume:
    """How many copies of the season stand for sales, how many for old units, how many for lines."""

    sales: int
    old_units: int
    lines: int


def lay(volume: Volume, say: Callable[[str], None] = lambda _: None) -> None:
    """Copy the season that stands in the database until it is a city's years."""
    _lay("identity.Person", _PEOPLE, say)
    for label in BY_SEASON:
        _lay(label, SEASONS, say)
    for label in BY_COPY:
        _lay(label, volume.sales, say)
    for label in OLD_UNITS:
        _lay(label, volume.old_units, say)
    _lay(LINES, volume.lines, say)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _lay(label: str, copies: int, say: Callable[[str], None]) -> None:
    model = apps.get_model(label)
    table = model._meta.db_table
    columns = {
        field.column: text
        for field in model._meta.concrete_fields
        if (text := _column(model, field)) is not None
    }
    names = ", ".join(f'"{name}"' for name in columns)
    rows = apps.get_model(label)._default_manager.count()
    step = max(1, _AT_ONCE // max(1, rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE laid AS SELECT * FROM {table} AS t WHERE {_which(label)}"
        )
    for first in range(1, copies, step):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE"
                f" SELECT {', '.join(columns.values())} FROM laid AS t,"
                f" generate_series({first}, {min(first + step, copies) - 1}) AS g(n)"
            )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE laid")
    say(f"{table}: {rows} rows, {copies} times")


def _which(label: str) -> str:
    if label == LINES:
        return _LINES_OF
    if label == "ledger.Account":
        return f"t.id IN ({_POOL_ACCOUNTS})"
    return f"t.account_id IN ({_POOL_ACCOUNTS})" if label == "ledger.Balance" else "true"


def _column(model: type[models.Model], field: "models.Field[object, object]") -> str | None:
    """What a copy holds in a column; None where the database gives a value of its own."""
    name, label = field.column or "", model._meta.label
    column = f't."{name}"'
    if name == "tx" or (label == LINES and name == "id"):
        return None
    if target := field.related_model if field.is_relation else None:
        return _mapped(target._meta.label, column, target._meta.pk)
    if field.primary_key or isinstance(field, models.UUIDField):
        return column if name in _KEPT else _mapped(label, column, field)
    return _plain(label, name, field, column)


def _plain(label: str, name: str, field: "models.Field[object, object]", column: str) -> str:
    if isinstance(field, models.DateTimeField):
        return f"{column} - make_interval(days => {_BACK})"
    if isinstance(field, models.DateField):
        return f"{column} - {_BACK}"
    if name.endswith("_epoch"):
        return f"{column} - {_BACK} * 86400"
    if label == "ledger.Account" and name == "code":
        return f"split_part({column}, ':', 1) || ':' || md5(split_part({column}, ':', 2) || 's' || {_SLOT})::uuid"  # noqa: E501  # one expression
    if name in _HASHED:
        return f"CASE WHEN {column} = '' THEN '' ELSE md5({column} || n) END"
    if name in _OWN_TEXT:
        mark = _SLOT if label in BY_SEASON else "n"
        own = f"{column} || '~' || {mark}"
        if (field.max_length or 0) < 30:
            own = f"left(md5({own}), {field.max_length})"
        return f"CASE WHEN {column} = '' THEN '' ELSE {own} END"
    return column


def _mapped(label: str, column: str, kind: "models.Field[object, object]") -> str:
    """The copy of what a column names; what is not copied stays the same."""
    if label == "identity.Person":
        return f"CASE WHEN n % {_PEOPLE} = 0 THEN {column} ELSE md5({column}::text || 'p' || n % {_PEOPLE})::uuid END"  # noqa: E501  # one expression
    if label in {"ledger.Account", "ledger.Balance"}:
        return f"CASE WHEN {column} IN ({_POOL_ACCOUNTS}) THEN {column} + {_SLOT} * 1000000 ELSE {column} END"  # noqa: E501  # one expression
    if label in (*BY_SEASON, *BY_COPY, *OLD_UNITS) and isinstance(kind, models.IntegerField):
        return f"{column} + n * {_WIDE}::bigint"
    if label in BY_SEASON and label != "vouchers.PoolLine":
        return f"CASE WHEN {_SLOT} = 0 THEN {column} ELSE md5({column}::text || 's' || {_SLOT})::uuid END"  # noqa: E501  # one expression
    if label in (*BY_COPY, *OLD_UNITS, "vouchers.PoolLine"):
        return f"md5({column}::text || n)::uuid"
    return column
