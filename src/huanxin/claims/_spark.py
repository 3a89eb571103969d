"""Spark over folders of Parquet: many cities' claims on a cluster."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from huanxin.claims import _bulk
from huanxin.claims.errors import (
    BulkEngineMissing,
    ClusterUnreachable,
    JavaMissing,
    MartsUnreadable,
)


class SparkEngine:
    """A session on a cluster. The folder must be the same path on every worker."""

    def __init__(self, *, master: str, memory: str = "1g") -> None:
        check_java()
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ModuleNotFoundError as missing:
            raise BulkEngineMissing(engine="Spark", extra="spark") from missing
        from py4j.protocol import Py4JError

        self._master = master
        self._errors = (PySparkException, Py4JError)
        # Rounds of label propagation build on one another: each is kept, or its plan would double.
        self._kept: dict[str, Any] = {}
        build = (
            SparkSession.builder.master(master)
            .appName("huanxin claims")
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.sql.session.timeZone", "Asia/Shanghai")
            .config("spark.sql.parquet.mergeSchema", "false")
            .config("spark.sql.shuffle.partitions", os.environ.get("HUANXIN_SPARK_PARTITIONS", "8"))
            .config("spark.executor.memory", memory)
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.bindAddress", "127.0.0.1" if _is_here(master) else "0.0.0.0")  # noqa: S104
        )
        if _is_here(master):
            build = build.config("spark.driver.host", "127.0.0.1")
        try:
            self._session = build.getOrCreate()
            self._session.sparkContext.setLogLevel("ERROR")
        except (*self._errors, RuntimeError) as broken:
            raise ClusterUnreachable(master=master) from broken

    def open(self, folder: Path, marts: tuple[str, ...]) -> None:
        for mart in marts:
            try:
                shape = self._session.read.parquet(str(folder / _bulk.SCHEMAS / f"{mart}.parquet"))
                files = [str(path) for path in sorted(folder.glob(f"{mart}/**/*.parquet"))]
                rows = self._session.read.schema(shape.schema).parquet(*files) if files else shape
            except self._errors as broken:
                raise MartsUnreadable(folder=str(folder), mart=mart) from broken
            rows.createOrReplaceTempView(mart)

    def lay(self, name: str, query: str) -> None:
        rows = self._run(query).localCheckpoint()
        rows.createOrReplaceTempView(name)
        if earlier := self._kept.pop(name, None):
            earlier.unpersist()
        self._kept[name] = rows

    def number(self, query: str) -> int:
        return int(self.rows(query)[1][0][0])

    def rows(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        found = self._run(query)
        try:
            return found.columns, [tuple(row) for row in found.collect()]
        except self._errors as broken:
            raise ClusterUnreachable(master=self._master) from broken

    def close(self) -> None:
        self._session.stop()

    def _run(self, query: str) -> Any:
        try:
            return self._session.sql(_bulk.translated(query, "spark"))
        except self._errors as broken:
            raise ClusterUnreachable(master=self._master) from broken


def check_java() -> str:
    """The java that Spark will start; refuses with a sentence where there is none."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if found is None:
        raise JavaMissing
    try:
        subprocess.run([found, "-version"], capture_output=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as broken:
        raise JavaMissing from broken
    return found


def _is_here(master: str) -> bool:
    return master.startswith(("local", "spark://127.0.0.1", "spark://localhost"))
