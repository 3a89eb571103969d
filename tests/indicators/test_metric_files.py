"""Metric files read only published views, say what they mean, and run on other engines."""

import re

import pytest
import sqlglot
from sqlglot import exp

from huanxin.indicators import _metrics, selectors
from huanxin.indicators.types import Aggregate, Metric
from huanxin.kernel.actor import Scope
from huanxin.kernel.sqlfiles import SqlFile, read_folder
from tests import given
from tests.dashboards.build import FROM, TO

FILES = {file.name: file for file in read_folder(_metrics.FOLDER)}
WITH_ROWS = [name for name, metric in _metrics.catalogue().items() if not metric.parts]
FLOW = read_folder("huanxin.indicators.sql")
COLUMNS = ["fact_no", "region_path", "fact_on", "fact_epoch", "category_code", "value"]


def _tables(file: SqlFile) -> set[str]:
    text = re.sub(r"%%\(\w+\)s", "NULL", _metrics.statement(file))
    tree = sqlglot.parse_one(text, read="postgres")
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - own


@pytest.mark.parametrize("file", [*(FILES[name] for name in WITH_ROWS), *FLOW])
def test_a_file_reads_only_mart_views_and_its_window(file: SqlFile) -> None:
    strangers = {t for t in _tables(file) if not t.startswith("mart_")} - {"metric_window"}

    assert strangers == set()


@pytest.mark.parametrize("name", WITH_ROWS)
def test_a_file_yields_the_common_columns(name: str) -> None:
    metric = _metrics.get_metric(name)
    tree = sqlglot.parse_one(_metrics.statement(FILES[name]), read="postgres")
    while isinstance(tree, exp.SetOperation):
        tree = tree.left
    wanted = [*COLUMNS, "fact_key"] if metric.aggregate is Aggregate.DISTINCT else COLUMNS

    assert tree.named_selects == wanted


@pytest.mark.parametrize("name", WITH_ROWS)
@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_file_translates_to_the_bulk_engines(name: str, engine: str) -> None:
    text = _metrics.statement(FILES[name])

    out = sqlglot.transpile(
        text, read="postgres", write=engine, unsupported_level=sqlglot.ErrorLevel.RAISE
    )

    assert len(out) == 1


@pytest.mark.parametrize("metric", selectors.list_metrics(), ids=lambda metric: metric.id)
def test_a_header_says_what_is_counted_and_for_whom(metric: Metric) -> None:
    assert metric.title
    assert metric.definition
    assert metric.source
    assert metric.direction in {"up", "down", "none"}
    for part in metric.parts:
        assert not _metrics.get_metric(part).parts
    assert (metric.target is None) == (metric.target_source == "")


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(FILES))
def test_an_empty_city_reads_as_nought_or_nothing(name: str) -> None:
    given.regions()
    metric = _metrics.get_metric(name)
    nothing = {Aggregate.LOWER_MEDIAN, Aggregate.RATIO}

    series = selectors.read_metric(name, Scope(region_path=given.CITY_PATH), FROM, TO)

    assert series.value == (None if metric.aggregate in nothing else 0)
    assert series.row_count == 0
