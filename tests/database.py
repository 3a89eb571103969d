"""Loaded before settings: DATABASE_URL if it is set, else a cluster of this test run's own.

Under xdist the controller starts the cluster and its workers inherit the address. The cluster
forgets what it is told (no fsync) and its folder goes when the run ends.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from huanxin.kernel.errors import DomainError
from huanxin.project import embedded, state

os.environ["HUANXIN_MODE"] = "test"
_PREFIX = "test-"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Before pytest-django reads the settings. (That hook runs even for `pytest --help`.)"""
    if not os.environ.get("DATABASE_URL"):
        _start()
    return (yield)


def _start() -> None:
    home = state.make_folder(state.state_folder(), mode=0o755)
    _sweep(home)
    own = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=home))
    own.chmod(0o755)  # PostgreSQL may run as another account
    cluster = embedded.Cluster(own, durable=False)
    try:
        cluster.start()
    except DomainError as refusal:
        shutil.rmtree(cluster.home, ignore_errors=True)
        pytest.exit(f"测试用的数据库没有启动：{refusal.message}", returncode=2)
    atexit.register(_end, cluster)
    os.environ["DATABASE_URL"] = cluster.url()


def _end(cluster: embedded.Cluster) -> None:
    cluster.stop()
    shutil.rmtree(cluster.home, ignore_errors=True)


def _sweep(home: Path) -> None:
    """Remove what killed runs left behind."""
    for folder in home.glob(f"{_PREFIX}*"):
        lock = state.FolderLock(folder / "owner.lock")
        if lock.take():
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
