"""Building fewer models anew while migrating lays the very same tables."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connection
from django.db.migrations.state import StateApps

from huanxin.kernel import schema

_LAID = {
    "columns": """SELECT table_name, column_name, udt_name, is_nullable, column_default,
        character_maximum_length, generation_expression FROM information_schema.columns
        WHERE table_schema = 'public'""",
    "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid),
        condeferred, convalidated FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'""",
    "migrations": "SELECT app, name FROM django_migrations",
}


@contextmanager
def empty_database() -> Iterator[None]:
    """Django's connection leads to a database of its own meanwhile."""
    tests_own = connection.settings_dict["NAME"]
    name = f"{tests_own}_laid"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = tests_own
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def laid() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for what, query in _LAID.items():
            cursor.execute(query)
            found[what] = sorted(re.sub(r"0x[0-9a-f]+", "", str(row)) for row in cursor.fetchall())
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("django_db_setup")
def test_the_tables_are_those_that_django_lays_by_itself(monkeypatch, django_db_blocker):
    rendered = []
    render = StateApps.render_multiple

    def counted(apps, states):
        rendered.append(len(states))
        return render(apps, states)

    monkeypatch.setattr(StateApps, "render_multiple", counted)
    with django_db_blocker.unblock():
        with empty_database():
            call_command("migrate", verbosity=0)
            mine, few = laid(), sum(rendered)
        rendered.clear()
        with empty_database():
            call_command(DjangoMigrate(), verbosity=0)
            schema.create_views()
            theirs, many = laid(), sum(rendered)
    assert mine == theirs
    assert len(mine["constraints"]) > 1_000
    assert few * 3 < many  # what it is done for
