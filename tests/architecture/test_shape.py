"""The house rules that no linter ships. Each failure message says what to do instead."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "huanxin"
DOORS = {"services", "selectors", "types", "errors"}
OPEN = {"kernel", "dashboards", "project"}  # pure functions for all; nobody imports project
NO_ACTOR = {"ledger", "trace", "simulation"}  # callers have asked; the twin acts as itself
# nobody acts yet
BEFORE_SIGN_IN = {
    "sign_in", "sign_in_by_code", "send_sign_in_code", "enrol_by_phone", "present_password",
    "present_code", "choose_first_password", "begin_enrolment", "finish_enrolment",
    "begin_session", "see_session", "use_key", "is_key", "count_request",
}  # fmt: skip
FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES, VIEW_LINES = 600, 70, 200, 25


def rooms_from_lowest() -> list[set[str]]:
    """The layers of the import contract: one place says which room stands on which."""
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if c["id"] == "rooms")
    return [{name.strip() for name in layer.split("|")} for layer in reversed(layers)]


RANK = {room: rank for rank, rooms in enumerate(rooms_from_lowest()) for room in rooms}


def python_files(*folders: Path) -> list[Path]:
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


SOURCES = python_files(SRC)
TESTS = python_files(ROOT / "tests", ROOT / "benchmarks", ROOT / "requirements")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def service_files() -> list[Path]:
    modules = list(SRC.glob("*/services.py"))
    packages = [path for path in SRC.glob("*/services/*.py") if not path.name.startswith("_")]
    return sorted(modules + packages)


def selector_files() -> list[Path]:
    return sorted([*SRC.glob("*/selectors.py"), *SRC.glob("*/selectors/*.py")])


def public_functions(path: Path) -> list[ast.FunctionDef]:
    body = tree_of(path).body
    return [n for n in body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]


# --- who may enter where ---------------------------------------------------------------------


def test_rooms_enter_each_other_by_the_door():
    graph = grimp.build_graph("huanxin")
    broken = []
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            here, there = importer.split("."), imported.split(".")
            if len(here) < 2 or len(there) < 3 or here[1] == there[1] or there[1] in OPEN:
                continue
            if there[2] not in DOORS and not (here[1] == "project" and there[2] == "urls"):
                broken.append(f"{importer} -> {imported}")
    assert not broken, "use the other room's services, selectors, types or errors: " + str(broken)


def test_a_room_imports_modules_of_others_and_never_their_functions():
    broken = []
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            parts = node.module.split(".")
            if len(parts) >= 3 and parts[0] == "huanxin" and parts[2] in {"services", "selectors"}:
                own = path.relative_to(SRC).parts[0] == parts[1]
                is_package = (SRC / parts[1] / parts[2]).is_dir() and len(parts) == 3
                if not (own or is_package):
                    broken.append(f"{name_of(path)}:{node.lineno}")
    say = "write `from huanxin.room import services as room`, so that the reader sees who acts: "
    assert not broken, say + str(broken)


def test_foreign_keys_point_down_and_leave_no_reverse_name():
    bad = []
    for model in apps.get_models():
        here = model._meta.app_label
        for field in model._meta.get_fields():
            if not (field.is_relation and field.concrete and field.related_model):
                continue
            there = field.related_model._meta.app_label
            if {here, there} <= RANK.keys() and there != here:
                points_down = RANK[there] < RANK[here]
                if not (points_down and field.remote_field.hidden):
                    bad.append(f"{model.__name__}.{field.name}")
    assert not bad, f'a foreign key out of a room needs a lower room and related_name="+": {bad}'


# --- sizes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name_of)
def test_files_and_functions_stay_small(path):
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= FILE_LINES, f"{count} lines: split by concept, not by kind"
    for node in functions(tree_of(path)):
        lines = lines_of(node)
        assert lines <= FUNCTION_LINES, f"{node.name} has {lines} lines: it does several things"


def test_views_parse_call_and_render():
    long = [
        f"{name_of(path)}:{node.name} ({lines_of(node)})"
        for path in python_files(SRC / "web")
        for node in functions(tree_of(path))
        if node.args.args and node.args.args[0].arg == "request" and lines_of(node) > VIEW_LINES
    ]
    assert not long, (
        f"a view over {VIEW_LINES} lines decides something: move that to a room: {long}"
    )


def test_templates_stay_small():
    long = [
        f"{name_of(path)} ({count})"
        for path in sorted(SRC.rglob("templates/**/*.html"))
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > TEMPLATE_LINES
    ]
    assert not long, f"extract components from templates over {TEMPLATE_LINES} lines: {long}"


# --- how services read -----------------------------------------------------------------------


@pytest.mark.parametrize("path", service_files(), ids=name_of)
def test_services_read_alike(path):
    """Keyword-only, typed, documented; the acting person comes first above the fact stores."""
    room = path.relative_to(SRC).parts[0]
    for node in public_functions(path):
        where = f"{room}.{node.name}"
        arguments = node.args.kwonlyargs
        assert not node.args.args, f"{where}: make every argument keyword-only"
        assert all(a.annotation for a in arguments), f"{where}: say what each argument is"
        assert node.returns is not None, f"{where}: say what comes back"
        assert ast.get_docstring(node), f"{where}: say what happens and what it refuses"
        if room not in NO_ACTOR and node.name not in BEFORE_SIGN_IN:
            first = arguments[0].arg if arguments else "nothing"
            assert first == "actor", f"{where}: who is doing this? `actor: Actor` comes first"


@pytest.mark.parametrize("path", sorted(SRC.glob("*/rules.py")), ids=name_of)
def test_rules_are_documented(path):
    silent = [node.name for node in public_functions(path) if not ast.get_docstring(node)]
    assert not silent, (
        f"a rule says in a sentence what it decides and where it is written: {silent}"
    )


@pytest.mark.parametrize("path", selector_files(), ids=name_of)
def test_selectors_are_typed_and_documented(path):
    bad = [n.name for n in public_functions(path) if not (ast.get_docstring(n) and n.returns)]
    assert not bad, f"a selector says what it returns, in its type and in a sentence: {bad}"


def test_every_room_says_in_one_sentence_what_it_owns():
    silent = [
        room.name
        for room in sorted(SRC.iterdir())
        if (room / "__init__.py").exists() and not ast.get_docstring(tree_of(room / "__init__.py"))
    ]
    assert not silent, f"write the docstring of these rooms' __init__.py: {silent}"


def test_every_module_says_in_one_sentence_what_it_owns():
    exempt = {"apps.py", "forms.py", "urls.py", "__init__.py"}
    silent = [
        name_of(path)
        for path in SOURCES
        if path.name not in exempt and "commands" not in path.parts[-3:-1]
        and "views" not in path.parts and tree_of(path).body
        and not ast.get_docstring(tree_of(path))
    ]  # fmt: skip
    assert not silent, f"write the first line of these modules: {silent}"


# --- migrations ------------------------------------------------------------------------------


def test_models_and_migrations_agree():
    """Run `python -m django makemigrations <room>` and commit what it writes."""
    written = MigrationLoader(None)
    assert not written.detect_conflicts()
    missing = MigrationAutodetector(written.project_state(), ProjectState.from_apps(apps))
    with translation.override(None):  # Django's own names are written untranslated
        assert not missing.changes(graph=written.graph)


def test_migrations_form_one_line_a_room():
    for folder in sorted(SRC.glob("*/migrations")):
        numbers = sorted(int(path.name[:4]) for path in folder.glob("[0-9]*.py"))
        assert all(b == a + 1 for a, b in pairwise(numbers)), (
            f"{name_of(folder)} has {numbers}: renumber the newer one to follow the older"
        )
