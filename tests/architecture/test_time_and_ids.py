"""Time comes from kernel.clock and ids from kernel.ids, in Python and in SQL alike.

Otherwise a replay would not repeat, and the demo's clock would not be the only one.
"""

import ast
import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "huanxin"
CLOCK, IDS = SRC / "kernel" / "clock.py", SRC / "kernel" / "ids.py"
TLS = SRC / "project" / "tls.py"  # browsers hold a certificate against the day outside

BANNED_CALLS = {
    ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("date", "today"),
    ("timezone", "now"), ("time", "time"), ("time", "time_ns"), ("time", "localtime"),
    ("time", "gmtime"),
    ("uuid", "uuid1"), ("uuid", "uuid4"), ("uuid", "uuid6"), ("uuid", "uuid7"),
}  # fmt: skip
BANNED_WITHOUT_ARGUMENT = {("timezone", "localdate"), ("timezone", "localtime")}
BANNED_NAMES = {"uuid1", "uuid4", "uuid6", "uuid7", "Now", "TransactionNow", "RandomUUID"}
BANNED_ARGUMENTS = {"auto_now", "auto_now_add"}
BANNED_SQL = re.compile(
    r"\b(now\s*\(|current_date\b|current_time\b|current_timestamp\b|localtime(stamp)?\b"
    r"|clock_timestamp\s*\(|statement_timestamp\s*\(|transaction_timestamp\s*\("
    r"|timeofday\s*\(|gen_random_uuid\s*\(|uuidv[47]\s*\(|uuid_generate_v\w+\s*\()",
    re.IGNORECASE,
)
SQL_WORDS = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|VALUES|WHERE|RETURNING)\b")
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def offences(source: str) -> list[str]:
    """What a Python source does that only the clock and the id maker may do."""
    nodes = ast.walk(ast.parse(source))
    return [f"line {node.lineno}: {found}" for node in nodes if (found := offence(node))]


def offence(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute) and owner_and_name(node) in BANNED_CALLS:
        return ".".join(owner_and_name(node))
    if isinstance(node, ast.Call) and not (node.args or node.keywords):
        called = owner_and_name(node.func)
        return f"{called} of nothing is now" if called in BANNED_WITHOUT_ARGUMENT else None
    if isinstance(node, ast.Name) and node.id in BANNED_NAMES:
        return node.id
    if isinstance(node, ast.keyword) and node.arg in BANNED_ARGUMENTS:
        return node.arg
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return sql_offence(node.value) if SQL_WORDS.search(node.value) else None
    return None


def owner_and_name(node: ast.expr) -> tuple[str, str]:
    """('timezone', 'now') of `timezone.now` and of `django.utils.timezone.now`."""
    if not isinstance(node, ast.Attribute):
        return "", ""
    owner = node.value
    if isinstance(owner, ast.Name):
        return owner.id, node.attr
    return (owner.attr if isinstance(owner, ast.Attribute) else ""), node.attr


def sql_offence(text: str) -> str | None:
    match = BANNED_SQL.search(COMMENT.sub("", text))
    return match.group(0) if match else None


@pytest.mark.parametrize(
    "path",
    sorted(set(SRC.rglob("*.py")) - {CLOCK, IDS, TLS}),
    ids=lambda p: str(p.relative_to(SRC)),
)
def test_python_asks_the_clock_and_the_id_maker(path):
    found = offences(path.read_text(encoding="utf-8"))
    assert not found, f"use kernel.clock.now()/today() and kernel.ids.new_id(): {found}"


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.sql")), ids=lambda p: str(p.relative_to(SRC)))
def test_sql_takes_the_time_as_a_parameter(path):
    found = sql_offence(path.read_text(encoding="utf-8"))
    assert not found, f"{found}: pass the time or the id in as a parameter"


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)", "datetime.datetime.now()", "timezone.now()", "date.today()",
        "time.time()", "timezone.localtime()", "uuid4()", "uuid.uuid4()",
        "DateTimeField(auto_now=True)",
        "run('SELECT now()')", "run('SELECT current_date')", "run('UPDATE x SET at = Now ()')",
    ],
)  # fmt: skip
def test_the_ban_sees_each_way_round(source):
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    [
        "clock.now()",
        "time.monotonic()",
        "timezone.localtime(at)",
        "'now() is banned'",
        "run('SELECT 1 -- not now()')",
    ],
)
def test_the_ban_leaves_the_rest_alone(source):
    assert not offences(source)
