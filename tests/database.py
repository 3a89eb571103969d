"""Loaded before settings: DATABASE_URL if it is set, else a cluster of this test run's own.

Either way the run keeps its files in a folder of its own (HUANXIN_STATE), which goes when the run
ends. Under xdist the controller makes both and its workers inherit them. The cluster forgets what
it is told (no fsync).
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
_MADE = "HUANXIN_TEST_RUN"  # tells xdist's workers that the controller has seen to everything


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Before pytest-django reads the settings. (That hook runs even for `pytest --help`.)"""
    if _MADE not in os.environ:
        os.environ[_MADE] = str(os.getpid())
        _prepare()
    return (yield)


def _prepare() -> None:
    parent = state.make_folder(state.state_folder(), mode=0o755)
    _sweep(parent)
    own = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    own.chmod(0o755)  # PostgreSQL may run as another account
    os.environ["HUANXIN_STATE"] = str(own)
    cluster = embedded.Cluster(own, durable=False)
    atexit.register(_end, cluster)
    if os.environ.get("DATABASE_URL"):
        return
    try:
        cluster.start()
    except DomainError as refusal:
        pytest.exit(f"测试用的数据库没有启动：{refusal.message}", returncode=2)
    os.environ["DATABASE_URL"] = cluster.url()


def _end(cluster: embedded.Cluster) -> None:
    cluster.stop()
    shutil.rmtree(cluster.home, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what killed runs left behind: folders whose lock nobody holds."""
    for folder in parent.glob(f"{_PREFIX}*"):
        lock = state.FolderLock(folder / "owner.lock")
        if (folder / "owner.lock").exists() and lock.take():
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
