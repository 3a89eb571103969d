"""One definition, three engines: PostgreSQL, DuckDB and Spark find the same claims and evidence."""

import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from django.db import connection
from sqlglot import exp, parse_one

from benchmarks import _claims
from huanxin.claims import _bulk, _deriving, _duck
from huanxin.claims.errors import JavaMissing, MartsUnreadable, NothingToExport
from huanxin.claims.services import exporting
from huanxin.kernel.sqlfiles import read_folder
from huanxin.project.cli import main
from tests import given, given_claims

CLAIMS = 4_000
_KINDS = {"BOOLEAN": "boolean", "BIGINT": "bigint", "INTEGER": "integer", "DATE": "date"}
# What no made-up claim shows; their own cases do.
_SILENT = {"model_not_eligible", "serial_form_unknown"}


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    """Marts of a made-up city where crooks are many, so that every check has work."""
    folder = tmp_path_factory.mktemp("city")
    _claims.lay(folder, CLAIMS, seed=5, shops_per_city=10_000, frauds=250, rings=150)
    return folder


@pytest.fixture(scope="module")
def found(city) -> dict[str, list[_bulk.Hit]]:
    """What DuckDB finds there."""
    engine = _duck.DuckEngine(memory="500MB")
    try:
        _bulk.prepare(engine, city)
        return {check.name: hits for check, hits in _bulk.run(engine)}
    finally:
        engine.close()


class Live(_deriving.Temporary):
    """PostgreSQL over the same files, in temporary tables under the views' names."""

    def open(self, folder: Path, marts: tuple[str, ...]) -> None:
        with duckdb.connect() as reader, connection.cursor() as cursor:
            for mart in marts:
                shape = folder / _bulk.SCHEMAS / f"{mart}.parquet"
                described = reader.execute(f"DESCRIBE FROM '{shape}'").fetchall()
                kinds = {row[0]: _KINDS.get(row[1], 'text COLLATE "C"') for row in described}
                columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
                cursor.execute(f"CREATE TEMP TABLE {mart} ({columns})")
                text = folder / "rows.csv"
                source = f"read_parquet('{folder}/{mart}/**/*.parquet', hive_partitioning = false)"
                reader.execute(
                    f"COPY (SELECT {', '.join(kinds)} FROM {source}) TO '{text}'"
                    " (FORMAT csv, HEADER false, NULLSTR 'NIL')"
                )
                copied = f"COPY {mart} FROM STDIN (FORMAT csv, NULL 'NIL')"
                with cursor.cursor.copy(copied) as rows:
                    rows.write(text.read_bytes())
                cursor.execute(f"ANALYZE {mart}")

    def rows(self, query: str):
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [column.name for column in cursor.description], cursor.fetchall()

    def close(self) -> None:
        """Temporary tables go with the transaction."""


@pytest.mark.django_db
def test_postgresql_and_duckdb_find_the_same(city, found):
    live = Live()
    _bulk.prepare(live, city)

    for check, hits in _bulk.run(live):
        assert hits == found[check.name], check.name


def test_every_check_finds_something_there(found):
    assert {name for name, hits in found.items() if not hits} <= _SILENT


def test_a_person_a_serial_and_an_invoice_used_in_two_cities_are_found(tmp_path, city, found):
    shutil.copytree(city, tmp_path / "both")
    _second_city(tmp_path / "both")
    engine = _duck.DuckEngine(memory="500MB")
    try:
        _bulk.prepare(engine, tmp_path / "both")
        both = {check.name: hits for check, hits in _bulk.run(engine)}
    finally:
        engine.close()

    for name in ("right_used_twice", "serial_reused", "invoice_reused"):
        new = {hit.claim_id for hit in both[name]} - {hit.claim_id for hit in found[name]}
        assert new == {"second-city"}, name


def _second_city(folder: Path) -> None:
    """One honest claim of the first city sold again, later, in another."""
    with duckdb.connect() as engine:
        [(chosen,)] = engine.execute(
            f"SELECT min(sale_id) FROM read_parquet('{folder}/mart_claims_claim/**/*.parquet')"
            " WHERE NOT is_returned AND right_limit = 1"
        ).fetchall()
        for mart in ("claim", "sale", "invoice"):
            files = f"{folder}/mart_claims_{mart}/**/*.parquet"
            source = f"read_parquet('{files}', hive_partitioning = false)"
            place = folder / f"mart_claims_{mart}" / "city=379900"
            place.mkdir(parents=True)
            changes = "'second-sale' AS sale_id"
            if mart != "invoice":
                changes += ", sold_epoch + 9000000 AS sold_epoch, 'XS-2' AS number"
            if mart == "claim":
                changes += (", 'second-city' AS claim_id, 'shop-2' AS merchant_id,"
                            " submitted_epoch + 9000000 AS submitted_epoch")  # fmt: skip
            engine.execute(
                f"COPY (SELECT * REPLACE ({changes}) FROM {source} WHERE sale_id = '{chosen}')"
                f" TO '{place}/all.parquet'"
            )


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_spark_on_a_real_cluster_finds_the_same(city, found):
    pytest.importorskip("pyspark", reason="make test-long installs requirements/spark.txt")
    from huanxin.claims import _cluster, _spark

    try:
        _spark.check_java()
    except JavaMissing as missing:
        pytest.skip(missing.message)
    with _cluster.running(workers=2) as master:
        engine = _spark.SparkEngine(master=master)
        try:
            _bulk.prepare(engine, city)
            for check, hits in _bulk.run(engine):
                assert hits == found[check.name], check.name
        finally:
            engine.close()


@pytest.mark.parametrize("file", read_folder(_deriving.FOLDER), ids=lambda file: file.name)
@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_a_derived_fact_is_written_in_the_portable_subset(file, dialect):
    tree = parse_one(file.text, read="postgres")

    assert not list(tree.find_all(exp.Div, exp.Lateral, exp.PercentileCont, exp.JSONExtract))
    assert _bulk.translated(file.text, dialect)


@pytest.mark.django_db
def test_what_is_exported_is_checked_on_duckdb_as_it_was_decided_live(tmp_path):
    at, _ = given_claims.decided(invoice__invoice_total_fen=1)
    given_claims.decided()

    written = exporting.export_marts(actor=given.system(), folder=tmp_path)
    engine = _duck.DuckEngine(memory="500MB")
    try:
        _bulk.prepare(engine, tmp_path)
        found = {check.name: hits for check, hits in _bulk.run(engine)}
    finally:
        engine.close()

    live = given_claims.found_by_check()
    assert {name: sorted(h.claim_id for h in hits) for name, hits in found.items() if hits} == live
    assert "amount_differs" in live
    assert {one.mart: one.row_count for one in written}["mart_claims_claim"] == 2
    assert (tmp_path / "mart_claims_claim/city=371500").is_dir()
    plain = b"".join(path.read_bytes() for path in tmp_path.rglob("*.parquet"))
    assert at.document_no.encode() not in plain


@pytest.mark.django_db
def test_a_second_export_replaces_the_first(tmp_path):
    given_claims.decided()
    first = exporting.export_marts(actor=given.system(), folder=tmp_path)
    again = exporting.export_marts(actor=given.system(), folder=tmp_path)

    with duckdb.connect() as engine:
        source = f"read_parquet('{tmp_path}/mart_claims_claim/**/*.parquet')"
        assert engine.execute(f"SELECT count(*) FROM {source}").fetchone() == (1,)
    assert first == again


@pytest.mark.django_db
def test_nothing_is_exported_where_nothing_was_claimed(tmp_path):
    with pytest.raises(NothingToExport):
        exporting.export_marts(actor=given.system(), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_export_is_refused_by_name(tmp_path):
    engine = _duck.DuckEngine(memory="500MB")
    try:
        with pytest.raises(MartsUnreadable) as refusal:
            _bulk.prepare(engine, tmp_path)
    finally:
        engine.close()
    assert refusal.value.facts["mart"] == "mart_catalogue_category"


def test_the_command_counts_by_check_and_writes_every_hit(city, found, tmp_path):
    out = tmp_path / "发现.csv"
    done = CliRunner().invoke(main, ["verify", "--engine", "duckdb", str(city), "--out", str(out)])

    assert done.exit_code == 1
    assert "发票重复" in done.output
    assert len(out.read_text("utf-8-sig").splitlines()) == 1 + sum(map(len, found.values()))


def test_without_java_spark_says_so(monkeypatch):
    from huanxin.claims import _spark

    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(JavaMissing) as refusal:
        _spark.SparkEngine(master="spark://127.0.0.1:7077")
    assert "Java" in refusal.value.message


def test_spark_wants_an_address(city):
    done = CliRunner().invoke(main, ["verify", "--engine", "spark", str(city)])

    assert done.exit_code == 2
    assert "--master" in done.output
