"""The embedded PostgreSQL: how long a newcomer waits for it, and what a durable commit costs."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from benchmarks.figures import Figure
from huanxin.project import embedded, state

_COMMITS = 300


def measure() -> Iterator[Figure]:
    """First start, next start, and durable commits one after the other on one connection."""
    home = Path(tempfile.mkdtemp(prefix="test-bench-", dir=state.state_folder()))
    home.chmod(0o755)
    cluster = embedded.Cluster(home)
    try:
        yield Figure("cluster_first_start", _timed(cluster.start), "s", goal=20)
        cluster.stop()
        yield Figure("cluster_next_start", _timed(cluster.start), "s", goal=5)
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE committed (n int)")
            started = time.perf_counter()
            for n in range(_COMMITS):
                connection.execute("INSERT INTO committed VALUES (%s)", [n])
            each_ms = (time.perf_counter() - started) / _COMMITS * 1000
        yield Figure("durable_commit", each_ms, "ms", goal=20)
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def _timed(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
