"""The marts that the checks read, written as Parquet for the bulk engines."""

import tempfile
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from huanxin.claims import _bulk
from huanxin.claims.errors import BulkEngineMissing, NothingToExport
from huanxin.claims.types.bulk import ExportedMart
from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel.actor import Actor
from huanxin.kernel.audit import Entry

# Text and binary ids as text: Spark does not know a UUID column in Parquet.
_TYPES = {16: "BOOLEAN", 20: "BIGINT", 21: "INTEGER", 23: "INTEGER", 1082: "DATE"}
_OF_A_SALE = {"mart_claims_claim", "mart_claims_sale"}


@transaction.atomic
def export_marts(*, actor: Actor, folder: Path) -> list[ExportedMart]:
    """Write this city's marts as Parquet below the folder, by city and month of sale.

    mart/city=371500/month=2026-07/… for what belongs to a sale, mart/city=371500/all.parquet for
    the rest; several cities may share a folder. Safe to repeat: a city's earlier files of the same
    months are replaced. One snapshot, no plain personal data (pseudonyms and blind indexes only).
    Refuses a platform without claims, or without DuckDB, which writes the files.
    """
    identity.require(actor, "claims.export")
    try:
        import duckdb
    except ModuleNotFoundError as missing:
        raise BulkEngineMissing(engine="DuckDB", extra="bulk") from missing
    city = _city()
    with tempfile.TemporaryDirectory(prefix="huanxin-export-") as home, duckdb.connect() as engine:
        engine.execute(f"SET temp_directory = '{home}'")
        written = [_write(engine, Path(home), folder, mart, city) for mart in _bulk.exported()]
    facts = {"marts": len(written), "rows": sum(one.row_count for one in written)}
    audit.record_many(actor, "claims.exported", [Entry("export", city, "", None, facts)])
    return written


def _city() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(split_part(region_path, '/', 2)) FROM mart_claims_claim")
        row = cursor.fetchone()
    if not row or row[0] is None:
        raise NothingToExport
    city: str = row[0]
    return city


def _write(engine: Any, home: Path, folder: Path, mart: str, city: str) -> ExportedMart:
    columns = _columns(mart)
    is_by_month = "sale_id" in columns
    text = home / f"{mart}.csv"
    _copy_out(text, mart, is_by_month=is_by_month)
    typed = {**columns, "month": "VARCHAR"} if is_by_month else columns
    said = ", ".join(f"'{name}': '{kind}'" for name, kind in typed.items())
    engine.execute(
        f"CREATE OR REPLACE VIEW rows AS FROM read_csv('{text}', header = true,"
        f" columns = {{{said}}}, quote = '\"', escape = '\"', nullstr = '',"
        " allow_quoted_nulls = false)"
    )
    schemas, place = folder / _bulk.SCHEMAS, folder / mart / f"city={city}"
    schemas.mkdir(parents=True, exist_ok=True)
    place.mkdir(parents=True, exist_ok=True)
    kept = ", ".join(columns)
    engine.execute(
        f"COPY (SELECT {kept} FROM rows LIMIT 0) TO '{_safe(schemas / mart)}.parquet'"  # noqa: S608
    )
    if is_by_month:
        engine.execute(
            f"COPY rows TO '{_safe(place)}' (FORMAT parquet, PARTITION_BY (month), OVERWRITE)"
        )
    else:
        engine.execute(f"COPY rows TO '{_safe(place)}/all.parquet' (FORMAT parquet)")
    row_count = int(engine.execute("SELECT count(*) FROM rows").fetchone()[0])
    text.unlink()
    return ExportedMart(mart, city, row_count)


def _columns(mart: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {mart} LIMIT 0")  # noqa: S608  one of our own views
        return {c.name: _TYPES.get(c.type_code, "VARCHAR") for c in cursor.description or ()}


def _copy_out(text: Path, mart: str, *, is_by_month: bool) -> None:
    """The view's rows as CSV; what belongs to a sale with the month of the sale."""
    query = f"SELECT m.* FROM {mart} m"  # noqa: S608
    if mart in _OF_A_SALE:
        query = f"SELECT m.*, to_char(m.sold_on, 'YYYY-MM') AS month FROM {mart} m"  # noqa: S608
    elif is_by_month:
        query = (
            f"SELECT m.*, to_char(s.sold_on, 'YYYY-MM') AS month FROM {mart} m"  # noqa: S608
            " JOIN mart_claims_sale s ON s.sale_id = m.sale_id"
        )
    if mart == "mart_claims_tie":
        query += " ORDER BY m.kind"  # so that a reader skips the kinds it does not ask for
    with connection.cursor() as cursor, text.open("wb") as out:
        copied = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER true, ENCODING 'UTF8')"
        with cursor.cursor.copy(copied) as rows:
            for block in rows:
                out.write(block)


def _safe(path: Path) -> str:
    return str(path).replace("'", "''")
