"""Runs the benchmarks and prints one JSON line a figure; exits 1 if a goal is not met."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
from psycopg import sql

from huanxin.kernel.errors import DomainError
from huanxin.project import embedded, state

HERE = Path(__file__).parent
MACHINERY = {"figures", "load", "trace_city"}


def names() -> list[str]:
    stems = {path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")}
    return sorted(stems - MACHINERY)


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--here"]:
        return run_here(arguments[1])
    if unknown := set(arguments) - set(names()):
        print(
            f"没有名为 {'、'.join(sorted(unknown))} 的测量；有：{'、'.join(names())}",
            file=sys.stderr,
        )
        return 2
    codes = [run_apart(name) for name in arguments or names()]
    return max(codes)


def run_apart(name: str) -> int:
    """One benchmark in a process and a database of its own."""
    command = [sys.executable, "-m", "benchmarks", "--here", name]
    if os.environ.get("DATABASE_URL"):
        return subprocess.run(command, check=False).returncode
    home = Path(tempfile.mkdtemp(prefix="test-bench-", dir=state.make_folder(state.state_folder())))
    home.chmod(0o755)
    cluster = embedded.Cluster(home)
    try:
        cluster.start()
        _may_lay_cities(cluster)
        environment = {**os.environ, "DATABASE_URL": cluster.url()}
        return subprocess.run(command, env=environment, check=False).returncode
    except DomainError as refusal:
        print(refusal.message, file=sys.stderr)
        return 2
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def _may_lay_cities(cluster: embedded.Cluster) -> None:
    """Lets the platform's role switch triggers and keys off while it lays rows to be read."""
    with psycopg.connect(cluster._superuser_dsn(), autocommit=True) as connection:
        role = sql.Identifier(urlsplit(cluster.url()).username or "")
        connection.execute(
            sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(role)
        )


def run_here(name: str) -> int:
    """The benchmark itself, on DATABASE_URL."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
    django.setup()
    from huanxin.project.reference import migrate  # models need the settings

    migrate(lambda sentence: None)
    missed = 0
    for figure in importlib.import_module(f"benchmarks.{name}").measure():
        print(figure.as_json(), flush=True)
        missed += not figure.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
