"""What a changed policy would have done to past cases: two columnar amounts side by side, summed.

The past is read from PostgreSQL in a transaction that cannot write, or from a Parquet file.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from huanxin.kernel.sqlfiles import read_sql
from huanxin.policy import _columnar
from huanxin.policy._ast import Policy
from huanxin.policy._columnar import Ruling
from huanxin.policy.errors import (
    BulkEngineMissing,
    SimulationInputMissing,
    SimulationInputUnreadable,
)
from huanxin.policy.types import Engine, Slice, WhatIf

# Lower bounds in fen and what people call the band from there.
BANDS = ((0, "2000 元以下"), (200_000, "2000 至 5000 元"), (500_000, "5000 至 1 万元"),
         (1_000_000, "1 万元以上"))  # fmt: skip
_OTHER_NAMES = {"paid_on": "sold_on", "region_code": "region_path"}
_GROUPED = """
SELECT region_code, category_code, {band} AS band, count(*) AS cases,
       CAST(sum(before_fen) AS bigint), CAST(sum(after_fen) AS bigint),
       CAST(sum(CASE WHEN after_fen > before_fen THEN 1 ELSE 0 END) AS bigint),
       CAST(sum(CASE WHEN after_fen < before_fen THEN 1 ELSE 0 END) AS bigint),
       CAST(sum(CASE WHEN after_fen > before_fen THEN after_fen - before_fen ELSE 0 END) AS bigint),
       CAST(sum(CASE WHEN after_fen < before_fen THEN before_fen - after_fen ELSE 0 END) AS bigint)
FROM (SELECT region_code, category_code, price_fen, {before} AS before_fen, {after} AS after_fen
      FROM ({cases}) seen) decided
GROUP BY 1, 2, 3"""


def changed(rulings: Sequence[Ruling], policy: Policy) -> list[Ruling]:
    """The same library, with one policy as if it had always read so."""
    others = [ruling for ruling in rulings if ruling.policy.id != policy.id]
    return [*others, Ruling(policy, policy.from_on)]


def over_period(
    before: Sequence[Ruling], policy: Policy, *, from_on: date, to_on: date, path: str
) -> WhatIf:
    """Over the live sales of [from_on, to_on) at or below a region path."""
    after = changed(before, policy)
    given = read_sql("huanxin.policy.sql", "simulated_cases").text
    have = set(_columnar.FIXED)
    query = _query(before, after, given, have, Engine.POSTGRESQL, escape=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT looking")
        cursor.execute("SET LOCAL transaction_read_only = on")
        cursor.execute(query, {"from_on": from_on, "to_on": to_on, "path": path})
        rows = cursor.fetchall()
        cursor.execute("ROLLBACK TO SAVEPOINT looking")
    return _answer(policy.id, f"{from_on} 至 {to_on}（不含）", rows)


def over_parquet(before: Sequence[Ruling], policy: Policy, path: Path) -> WhatIf:
    """Over a Parquet file: the columns of the exported claims, or those of a case."""
    try:
        import duckdb
    except ModuleNotFoundError as missing:
        raise BulkEngineMissing from missing
    after = changed(before, policy)
    source = f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')"
    with duckdb.connect() as engine:
        try:
            found = engine.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
        except duckdb.Error as broken:
            raise SimulationInputUnreadable(source=path.name) from broken
        have = {row[0] for row in found}
        cases = _renamed(source, have, path.name)
        query = _query(before, after, cases, have | set(_columnar.FIXED), Engine.DUCKDB)
        return _answer(policy.id, path.name, engine.execute(query).fetchall())


def _renamed(source: str, have: set[str], name: str) -> str:
    lacking = [c for c in _columnar.FIXED if c not in have and _OTHER_NAMES.get(c) not in have]
    if lacking:
        raise SimulationInputMissing(source=name, columns="、".join(lacking))
    said = ["*"]
    if "paid_on" not in have:
        said.append("sold_on AS paid_on")
    if "region_code" not in have:
        said.append("regexp_extract(region_path, '[^/]+$') AS region_code")
    kept = " WHERE NOT is_returned" if "is_returned" in have else ""
    return f"SELECT {', '.join(said)} FROM {source}{kept}"  # noqa: S608


def _query(
    before: Sequence[Ruling],
    after: Sequence[Ruling],
    cases: str,
    have: set[str],
    engine: Engine,
    *,
    escape: bool = False,
) -> str:
    """Facts that the past does not hold are unknown: their lines pay neither before nor after."""
    wanted = _columnar.columns([r.policy for r in (*before, *after)])
    absent = "".join(
        f", CAST(NULL AS {kind}) AS {name}" for name, kind in wanted.items() if name not in have
    )
    cases = f"SELECT raw.*{absent} FROM ({cases}) raw"  # noqa: S608
    write: Callable[[str], str] = (lambda sql: sql.replace("%", "%%")) if escape else str
    return _GROUPED.format(
        band=_band(),
        before=write(_columnar.amount_expression(before, engine=engine)),
        after=write(_columnar.amount_expression(after, engine=engine)),
        cases=cases,
    )


def _band() -> str:
    steps = "".join(f" WHEN price_fen >= {fen} THEN {i}" for i, (fen, _) in _from_the_top())
    return f"CASE{steps} ELSE 0 END"


def _from_the_top() -> Iterable[tuple[int, tuple[int, str]]]:
    return reversed(list(enumerate(BANDS)))


def _answer(policy_id: str, over: str, rows: Sequence[tuple[Any, ...]]) -> WhatIf:
    return WhatIf(
        policy_id=policy_id,
        over=over,
        whole=_summed("", rows),
        by_county=_by(rows, lambda row: str(row[0])),
        by_category=_by(rows, lambda row: str(row[1])),
        by_price=_by(rows, lambda row: BANDS[row[2]][1]),
    )


def _by(
    rows: Sequence[tuple[Any, ...]], key: Callable[[tuple[Any, ...]], str]
) -> tuple[Slice, ...]:
    order = {label: i for i, (_, label) in enumerate(BANDS)}
    keys = sorted({key(row) for row in rows}, key=lambda k: (order.get(k, 0), k))
    return tuple(_summed(k, [row for row in rows if key(row) == k]) for k in keys)


def _summed(key: str, rows: Sequence[tuple[Any, ...]]) -> Slice:
    whole = Slice(key, 0, 0, 0, 0, 0, 0, 0)
    for row in rows:
        cases, before, after, winners, losers, gained, lost = map(int, row[3:])
        whole = replace(
            whole,
            cases=whole.cases + cases,
            before_fen=whole.before_fen + before,
            after_fen=whole.after_fen + after,
            winners=whole.winners + winners,
            losers=whole.losers + losers,
            gained_fen=whole.gained_fen + gained,
            lost_fen=whole.lost_fen + lost,
        )
    return whole
