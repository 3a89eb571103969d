"""The published schema is the code's own, accepts every shipped file and refuses a wrong one."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from huanxin.policy import selectors
from tests.given_rules import SHIPPED, edited, text

PUBLISHED = Path(__file__).parents[2] / "docs" / "policy.schema.json"
SCHEMA = json.loads(PUBLISHED.read_text(encoding="utf-8"))


def plain(source: str) -> Any:
    return json.loads(json.dumps(yaml.safe_load(source), default=str))


def test_the_published_schema_is_what_the_code_says():
    assert selectors.file_schema() == SCHEMA, (
        "huanxin policy schema > docs/policy.schema.json"
    )  # fmt: skip
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("policy_id", SHIPPED)
def test_every_shipped_file_follows_the_schema(policy_id):
    jsonschema.validate(plain(text(policy_id)), SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rate_bps:", "rate_bp:"),
        ("cap_fen: 50000", "cap_fen: 500.5"),
        ("fen_down", "fen_up"),
        ("{price_fen: {max: 600000}}", "{price_fen: {most: 600000}}"),
        ("{price_fen: {max: 600000}}", "{old_fuel: steam}"),
        ('region: "371500"', "region: 371500"),
        ("title: 2026年", "name: 2026年"),
    ],
)
def test_a_file_of_another_form_is_refused(old, new):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(edited(text("digital-2026"), (old, new))), SCHEMA)
