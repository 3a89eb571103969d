"""What every test stands on: closed connections, and templates that may not guess."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.template import base as template_base
from django.template.context import Context
from django.template.defaulttags import ForNode
from django.test import TransactionTestCase
from django.urls import get_resolver

from huanxin.kernel import clock


class UnknownName(AssertionError):
    """A page names something that its view does not give it."""


@pytest.fixture(autouse=True, scope="session")
def _templates_know_every_name() -> Iterator[None]:
    """Printing an unknown variable fails the test instead of printing nothing.

    Django resolves a missing name to `string_if_invalid` only when it is printed: `{% if x %}`
    and `|default:` stay free to ask for what may be absent.
    """
    original = template_base.FilterExpression.resolve

    def resolve(
        self: template_base.FilterExpression,
        context: Context,
        ignore_failures: bool = False,  # noqa: FBT001, FBT002  Django's own signature
    ) -> Any:
        asks_for_absent = any(name.__name__ in _FORGIVING for name, _ in self.filters)
        if not ignore_failures and not asks_for_absent and _is_variable(self.var):
            try:
                self.var.resolve(context)
            except template_base.VariableDoesNotExist as missing:
                where = context.template_name or "字符串模板"
                message = f"{where}: {{{{ {self.token} }}}} is unknown; pass it from the view"
                raise UnknownName(message) from missing
        return original(self, context, ignore_failures=ignore_failures)

    loop = ForNode.render

    def render_loop(self: ForNode, context: Context) -> str:
        if isinstance(self.sequence, template_base.FilterExpression):
            self.sequence.resolve(context)  # Django would loop over nothing
        return loop(self, context)

    patch = pytest.MonkeyPatch()
    patch.setattr(template_base.FilterExpression, "resolve", resolve)
    patch.setattr(ForNode, "render", render_loop)
    yield
    patch.undo()


_KEPT = {"django_content_type", "auth_permission"}  # what post_migrate would only write again


@pytest.fixture(autouse=True, scope="session")
def _only_tables_with_rows_are_emptied() -> Iterator[None]:
    """What a committing test wrote is deleted where it lies.

    Django truncates every table after each such test: half a second for 170 of them, against a
    few hundredths for the dozen that hold rows. Triggers rest meanwhile, since facts may not be
    deleted; only a superuser may put them to rest, so any other account flushes as Django does.
    """
    teardown = "_fixture_teardown"
    original: Callable[[TransactionTestCase], None] = getattr(TransactionTestCase, teardown)

    def empty(self: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone() != (True,):
                original(self)
                return
            tables = set(connection.introspection.django_table_names(only_existing=True)) - _KEPT
            probes = [f"SELECT '{one}' WHERE EXISTS (SELECT 1 FROM {one})" for one in tables]
            cursor.execute(" UNION ALL ".join(probes))
            deletes = [f"DELETE FROM {one}" for (one,) in cursor.fetchall()]
            resting = ["SET session_replication_role = replica"]
            waking = ["SET session_replication_role = DEFAULT"]
            cursor.execute("; ".join(resting + deletes + waking))

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, teardown, empty)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _addresses_are_those_of_a_test_run() -> None:
    """Lay the addresses out before a test pretends to be production: they are read only once."""
    get_resolver().url_patterns  # noqa: B018


_FORGIVING = {"default", "default_if_none", "yesno"}


def _is_variable(var: object) -> bool:
    return isinstance(var, template_base.Variable) and var.lookups is not None


@pytest.fixture(autouse=True)
def _clock_is_read_afresh() -> None:
    """The offset row of one test's database is not another's."""
    clock._cached["read"] = float("-inf")


@pytest.fixture
def race() -> Callable[..., list[Any]]:
    """Run the same call in many threads at once and return what each returned or raised.

    Every thread has its own connection, which is closed at its end, so the test database can be
    dropped. Needs `@pytest.mark.django_db(transaction=True)`.
    """

    def run(call: Callable[[int], Any], times: int) -> list[Any]:
        assert settings.DATABASES, "races need a database"
        start = threading.Barrier(times)

        def runner(number: int) -> Any:
            start.wait(timeout=30)
            try:
                return call(number)
            except Exception as refusal:
                return refusal
            finally:
                connections.close_all()

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(runner, range(times)))

    return run
