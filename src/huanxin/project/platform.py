"""Django on a running database, for the commands that need it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.apps import apps
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from huanxin.project import embedded, state
from huanxin.project.binaries import NEWEST, OLDEST
from huanxin.project.errors import PostgresVersionUnsupported, SchemaBehind


@contextmanager
def opened(*, migrated: bool = True) -> Iterator[None]:
    """Set Django up on DATABASE_URL or on the embedded cluster, which is started if need be.

    `migrated` refuses a database whose schema is behind the code.
    """
    if os.environ.get("DATABASE_URL"):
        with _connected(migrated=migrated):
            yield
        return
    with embedded.running(state.state_folder()) as url:
        os.environ["DATABASE_URL"] = url
        try:
            with _connected(migrated=migrated):
                yield
        finally:
            del os.environ["DATABASE_URL"]


@contextmanager
def _connected(*, migrated: bool) -> Iterator[None]:
    ours = not apps.ready  # in a test Django is up already and its connection is not ours to close
    if ours:
        set_up()
    check_server()
    if migrated:
        check_schema()
    try:
        yield
    finally:
        if ours:
            connections.close_all()


def set_up() -> None:
    """Load the settings and every room's models; DATABASE_URL must be final by now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
    django.setup()


def check_server() -> None:
    """Refuse a server older or newer than what our SQL is tested on."""
    connection.ensure_connection()
    major = connection.pg_version // 10_000  # type: ignore[attr-defined]
    if not OLDEST <= major <= NEWEST:
        raise PostgresVersionUnsupported(found=major)


def check_schema() -> None:
    """Refuse to work on a database that lacks migrations."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        first = plan[0][0]
        raise SchemaBehind(missing=f"{first.app_label} 等 {len(plan)} 项")
