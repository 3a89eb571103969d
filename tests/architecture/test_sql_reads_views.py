"""Checks, metrics and views that cross rooms read only published mart_* views (seen by parsing)."""

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

SRC = Path(__file__).parents[2] / "src" / "huanxin"
MART_ONLY = sorted([*SRC.glob("*/checks/*.sql"), *SRC.glob("*/metrics/*.sql")])
DERIVED = sorted(SRC.glob("*/derived/claim_due_*.sql"))
VIEWS = sorted(SRC.glob("*/views/*.sql"))
# What the caller lays before a check or a metric.
GIVEN = {"claim_due", "claim_due_copy", "claim_due_name", "metric_window"}


def tables_of(text: str) -> set[str]:
    """The tables and views a statement reads, its own WITH names left out."""
    found = set()
    for statement in sqlglot.parse(text, read="postgres"):
        if statement is None:
            continue
        own = {cte.alias_or_name for cte in statement.find_all(exp.CTE)}
        names = {table.name for table in statement.find_all(exp.Table) if table.name}
        found |= names - own
    return found


def foreign_tables(text: str, *, own_room: str | None = None) -> set[str]:
    """What it reads that is neither a mart view nor, if a room is given, that room's own table."""
    prefixes = ("mart_", f"{own_room}_") if own_room else ("mart_",)
    return {name for name in tables_of(text) - GIVEN if not name.startswith(prefixes)}


def name_of(path: Path) -> str:
    return str(path.relative_to(SRC))


@pytest.mark.parametrize("path", [*MART_ONLY, *DERIVED], ids=name_of)
def test_checks_and_metrics_read_only_mart_views(path):
    foreign = foreign_tables(path.read_text(encoding="utf-8"))
    assert not foreign, f"read the room's mart_* view instead, or publish a column in it: {foreign}"


@pytest.mark.parametrize("path", VIEWS, ids=name_of)
def test_a_view_reads_its_own_room_and_lower_views(path):
    room = path.relative_to(SRC).parts[0]
    foreign = foreign_tables(path.read_text(encoding="utf-8"), own_room=room)
    assert not foreign, f"a view reads its own room's tables and other rooms' views: {foreign}"
    assert path.stem.startswith(f"mart_{room}_"), f"call it mart_{room}_<what>.sql"


@pytest.mark.parametrize("path", MART_ONLY, ids=name_of)
def test_checks_and_metrics_say_what_they_are(path):
    from huanxin.kernel.sqlfiles import parse

    header = parse(path.stem, path.read_text(encoding="utf-8")).header
    wanted = {"id", "title"}
    assert wanted <= header.keys(), (
        f"start the file with -- id: and -- title:, missing {wanted - header.keys()}"
    )
    assert header["id"] == path.stem, "the id is the file's name"


def test_the_parser_sees_through_joins_subqueries_and_with():
    text = """
    WITH due AS (SELECT claim_id FROM claim_due)
    SELECT d.claim_id FROM due d JOIN mart_claims_sale s USING (claim_id)
    WHERE EXISTS (SELECT 1 FROM vouchers_voucher v WHERE v.id = s.voucher_id)
    """
    assert foreign_tables(text) == {"vouchers_voucher"}
    assert foreign_tables(text, own_room="vouchers") == set()
