"""DuckDB over folders of Parquet: whole years on one machine, within a bound of memory."""

import tempfile
from pathlib import Path
from typing import Any

from huanxin.claims import _bulk
from huanxin.claims.errors import BulkEngineMissing, MartsUnreadable

MEMORY = "2500MB"  # what DuckDB may hold before it spills; the process needs about a half more
THREADS = 2


class DuckEngine:
    """A database in a folder of its own that is gone when closed."""

    def __init__(self, *, memory: str = MEMORY, threads: int = THREADS) -> None:
        try:
            import duckdb
        except ModuleNotFoundError as missing:
            raise BulkEngineMissing(engine="DuckDB", extra="bulk") from missing
        self._errors = duckdb.Error
        self._home = tempfile.TemporaryDirectory(prefix="huanxin-duckdb-")
        self._database = duckdb.connect(f"{self._home.name}/claims.duckdb")
        for setting, value in (
            ("threads", threads),
            ("memory_limit", f"'{memory}'"),
            ("temp_directory", f"'{self._home.name}'"),
            ("preserve_insertion_order", "false"),
        ):
            self._database.execute(f"SET {setting} = {value}")

    def open(self, folder: Path, marts: tuple[str, ...]) -> None:
        for mart in marts:
            files = [
                folder / _bulk.SCHEMAS / f"{mart}.parquet",
                *folder.glob(f"{mart}/**/*.parquet"),
            ]
            listed = ", ".join(_quoted(str(file)) for file in files)
            try:
                self._database.execute(
                    f"CREATE OR REPLACE VIEW {mart} AS FROM read_parquet([{listed}],"
                    " union_by_name = true, hive_partitioning = false)"
                )
            except self._errors as broken:
                raise MartsUnreadable(folder=str(folder), mart=mart) from broken

    def lay(self, name: str, query: str) -> None:
        text = _bulk.translated(query, "duckdb")
        self._database.execute(f"CREATE OR REPLACE TABLE {name} AS {text}")

    def number(self, query: str) -> int:
        return int(self.rows(query)[1][0][0])

    def rows(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        done = self._database.execute(_bulk.translated(query, "duckdb"))
        return [column[0] for column in done.description], done.fetchall()

    def close(self) -> None:
        self._database.close()
        self._home.cleanup()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
