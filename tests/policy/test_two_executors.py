"""The till's closures and the archive's columns agree to the fen, on every vintage and engine."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

import duckdb
import pytest
import sqlglot
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from huanxin.policy import _edges, _library, _scalar, _words, rules
from huanxin.policy._ast import Line, Policy
from huanxin.policy.types import Case, Engine, Fact

LIBRARY = _library.shipped()
RULINGS = LIBRARY.rulings()
PAYING = [r.policy for r in RULINGS if not r.policy.is_admission]
COLUMNS = rules.columns(PAYING)
LINES = [(policy, line) for policy in PAYING for line in policy.lines]
REGIONS = ("371502", "371573", "371500", "370102")
CODES = sorted({code for policy in PAYING for code in policy.categories})


def fitting(policy: Policy, line: Line) -> dict[str, list[Fact | None]]:
    """Per field the edge values that the line accepts: what a paid case is made of."""
    values = _edges.edge_values([line])
    for requirement in line.when:
        kept = [
            v for v in values[requirement.field]
            if isinstance(requirement.wanted, _edges.Table)
            or _scalar.holds(requirement, _edges.case_of({requirement.field: v}))
        ]  # fmt: skip
        values[requirement.field] = kept
    values["price_fen"] = [*values.get("price_fen", []), *_edges.price_edges(line)]
    return values


FITTING = {(policy.id, line.id): fitting(policy, line) for policy, line in LINES}
EDGES = _edges.edge_values([line for _, line in LINES])
PRICES = st.integers(0, 40_000_000)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case at the edges of some line, then perhaps pushed over one or two of them."""
    policy, line = draw(st.sampled_from(LINES))
    said = {name: draw(st.sampled_from(v)) for name, v in FITTING[policy.id, line.id].items() if v}
    for name in draw(st.lists(st.sampled_from(sorted(EDGES)), max_size=2)):
        said[name] = draw(st.sampled_from(EDGES[name]))
    price = draw(st.one_of(PRICES, st.just(said.pop("price_fen", 300_000))))
    base = _edges.case_of({**said, "price_fen": price})
    days = [policy.from_on, policy.to_on - timedelta(days=1), policy.to_on,
            policy.from_on - timedelta(days=1)]  # fmt: skip
    on = draw(st.one_of(st.sampled_from(days), st.dates(policy.from_on, policy.to_on)))
    code = draw(st.one_of(st.sampled_from(line.categories), st.sampled_from(CODES)))
    region = draw(st.sampled_from(REGIONS))
    return Case(on, region, code, base.energy_grade, base.price_fen, base.facts)


def as_csv(found: Sequence[Case]) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["n", *COLUMNS])
    for number, case in enumerate(found):
        values = {
            "paid_on": case.on, "region_code": case.region_code,
            "category_code": case.category_code, "energy_grade": case.energy_grade,
            "price_fen": case.price_fen, **case.facts,
        }  # fmt: skip
        rows.writerow([number, *(values.get(name) for name in COLUMNS)])
    return out.getvalue()


def at_the_till(found: Sequence[Case]) -> list[tuple[int, str | None]]:
    decisions = [LIBRARY.decide(case) for case in found]
    return [
        (d.amount_fen, f"{d.policy_id}/{d.line_id}" if d.is_eligible else None) for d in decisions
    ]


def on_duckdb(found: Sequence[Case], folder) -> list[tuple[int, str | None]]:
    path = folder / "cases.csv"
    path.write_text(as_csv(found))
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in {"n": "integer", **COLUMNS}.items())
    source = (
        f"CREATE TEMP TABLE claims AS FROM read_csv('{path}', header = true, columns = {{{types}}})"
    )
    query = rules.columnar_select(RULINGS, relation="claims", engine=Engine.DUCKDB)
    with duckdb.connect() as engine:
        engine.execute(source)
        return engine.execute(f"SELECT amount_fen, decided_by FROM ({query}) ORDER BY n").fetchall()


def on_postgresql(found: Sequence[Case]) -> list[tuple[int, str | None]]:
    types = ", ".join(f"{name} {kind}" for name, kind in {"n": "integer", **COLUMNS}.items())
    query = rules.columnar_select(RULINGS, relation="claims", engine=Engine.POSTGRESQL)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS claims")
        cursor.execute(f"CREATE TEMP TABLE claims ({types})")
        with cursor.copy("COPY claims FROM STDIN (FORMAT csv, HEADER true)") as copy:
            copy.write(as_csv(found))
        cursor.execute(f"SELECT amount_fen, decided_by FROM ({query}) q ORDER BY n")
        return cursor.fetchall()


MANY = st.lists(cases(), min_size=100, max_size=200)
FEW_TIMES = settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.large_base_example, HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.mark.django_db
@FEW_TIMES
@examples(found=MANY)
def test_scalar_and_columns_agree_to_the_fen_on_both_engines(found, tmp_path):
    till = at_the_till(found)

    assert on_duckdb(found, tmp_path) == till
    assert on_postgresql(found) == till


def hand_rows() -> list[Case]:
    """Every hand-computed row of every paying file."""
    from huanxin.policy import _rows, _seeds

    found = []
    for name, _, text in _seeds.read_seeds():
        rows, problems = _rows.read_rows(name, text)
        assert problems == []
        found += [row.case for row in rows if row.case.category_code not in _words.parties()]
    return found


@pytest.mark.django_db
def test_the_hand_computed_rows_come_out_alike_on_both_engines(tmp_path):
    found = hand_rows()
    till = at_the_till(found)

    assert len({by for _, by in till}) == len(LINES) + 1, "every line pays in some row"
    assert on_duckdb(found, tmp_path) == till
    assert on_postgresql(found) == till


def test_a_columnar_rule_with_another_rounding_is_caught(tmp_path):
    found = hand_rows()
    query = rules.columnar_select(RULINGS, relation="claims", engine=Engine.DUCKDB)
    assert "//" in query

    original = rules.columnar_select
    try:
        rules.columnar_select = lambda *a, **k: original(*a, **k).replace("//", "/")  # type: ignore[assignment]
        assert on_duckdb(found, tmp_path) != at_the_till(found)
    finally:
        rules.columnar_select = original


@pytest.mark.parametrize("engine", Engine)
def test_the_query_is_valid_in_every_dialect_and_free_of_lossy_division(engine):
    query = rules.columnar_select(RULINGS, relation="claims", engine=engine)
    [tree] = sqlglot.parse(query, read=engine.value)

    assert tree is not None
    assert not list(tree.find_all(sqlglot.exp.Div))
    names = {column.name for column in tree.find_all(sqlglot.exp.Column)} - {"*"}
    assert names <= set(COLUMNS)


def test_a_new_version_divides_the_days_of_a_policy():
    first = LIBRARY.versions["digital-2026"][0]
    second = _library.Version(first.policy, date(2026, 7, 1), first.decide)
    both = _library.Library({"digital-2026": (first, second)})

    assert [(r.from_on, r.until_on) for r in both.rulings()] == [
        (date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), None),
    ]
