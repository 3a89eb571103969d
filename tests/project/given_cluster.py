"""Clusters of a test's own: in folders of any length, by any binaries, as any account."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from huanxin.project import embedded

CHECKOUT = Path(__file__).parents[2]
KEEPER = """
import sys, time
from pathlib import Path
from huanxin.project.embedded import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print(cluster.url(), cluster._server.pid, flush=True)
time.sleep(600)
"""


@contextmanager
def cluster(home: Path, *, durable: bool = False) -> Iterator[embedded.Cluster]:
    """A started cluster, stopped at the end of the block."""
    made = embedded.Cluster(home, durable=durable)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def keeper(home: Path) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """Another process that owns a cluster: the process, its address, the server's process id."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(home)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url, pid = process.stdout.readline().split()
        yield process, url, int(pid)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Run statements, each durable by itself, and return what the last one answers."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []
