"""Each service verb that a page calls has a route, or a named reason why it has none."""

import ast
import csv
import json
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "huanxin"
REASONS = SRC / "api" / "data" / "without_route.csv"


def services_named(path: Path) -> dict[str, str]:
    """The names under which a module knows other rooms' service modules."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("huanxin."):
            for one in node.names:
                full = f"{node.module}.{one.name}"
                if "services" in full.split("."):
                    found[one.asname or one.name] = full
    return found


def verbs(folder: Path) -> set[str]:
    """Every `room.verb` that the modules of a folder name."""
    found = set()
    for path in folder.rglob("*.py"):
        known = services_named(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                full = known.get(node.value.id)
                if full and defines(full, node.attr):
                    found.add(f"{full.split('.')[1]}.{node.attr}")
    return found


def defines(module: str, name: str) -> bool:
    file = SRC.joinpath(*module.split(".")[1:]).with_suffix(".py")
    return file.exists() and f"\ndef {name}(" in file.read_text("utf-8")


def reasons() -> dict[str, str]:
    rows = csv.DictReader(REASONS.read_text("utf-8").splitlines())
    return {row["verb"]: row["reason"] for row in rows}


def test_each_verb_of_the_pages_has_a_route_or_a_reason():
    missing = verbs(SRC / "web") - verbs(SRC / "api") - reasons().keys()
    assert not missing, f"write a route, or why there is none in {REASONS.name}: {sorted(missing)}"


def test_no_reason_stands_for_a_verb_that_has_a_route_or_no_page():
    web, api = verbs(SRC / "web"), verbs(SRC / "api")
    stale = [verb for verb in reasons() if verb in api or verb not in web]
    assert not stale
    assert all(len(reason) >= 8 for reason in reasons().values())


def test_the_walk_sees_a_verb_that_is_called():
    assert "claims.sell" in verbs(SRC / "web")
    assert "identity.issue_key" in verbs(SRC / "api")


@pytest.fixture(scope="module")
def document():
    from huanxin.api.v1 import api

    return api.get_openapi_schema()


def test_each_shape_is_described_as_itself(document):
    """Two rooms have a NewSale; django-ninja alone would describe both as the later one."""
    schemas = document["components"]["schemas"]

    def body(path):
        content = document["paths"][path]["post"]["requestBody"]["content"]
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        return set(schemas[name]["properties"])

    assert {"till_id", "serial"} <= body("/api/v1/sales")
    assert body("/api/v1/sales/{sale_id}/return") == {"reason"}
    assert body("/api/v1/purchases/{purchase_id}/return") == {"returned_fen", "reason"}


def test_every_reference_of_the_document_leads_somewhere(document):
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= document["components"]["schemas"].keys()
    assert document["openapi"].startswith("3.1")


def test_every_money_field_is_an_integer(document):
    for name, schema in document["components"]["schemas"].items():
        for field, kind in schema.get("properties", {}).items():
            if field.endswith("_fen"):
                amount = kind.get("additionalProperties", kind)  # shares: an amount a fund
                kinds = {one.get("type") for one in amount.get("anyOf", [amount])}
                assert kinds <= {"integer", "null"}, f"{name}.{field}"
