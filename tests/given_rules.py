"""Policy texts to try out without a database: the shipped ones, and edits of them."""

from pathlib import Path

import huanxin.policy
from huanxin.catalogue import selectors as catalogue
from huanxin.policy import rules
from huanxin.policy._ast import Policy
from huanxin.policy.types import Problem, TryOut

DATA = Path(huanxin.policy.__file__).parent / "data"
SHIPPED = tuple(sorted(path.stem for path in DATA.glob("*.yaml")))


def text(policy_id: str) -> str:
    return (DATA / f"{policy_id}.yaml").read_text(encoding="utf-8")


def rows(policy_id: str) -> str:
    return (DATA / f"{policy_id}.tests.csv").read_text(encoding="utf-8")


def edited(source: str, *edits: tuple[str, str]) -> str:
    """The source with each (old, new) applied once; an edit that misses is a broken test."""
    for old, new in edits:
        assert old in source, f"nothing to replace: {old}"
        source = source.replace(old, new, 1)
    return source


def tried(source: str, test_rows: str) -> TryOut:
    codes = [category.code for category in catalogue.shipped_categories()]
    return rules.try_out("试.yaml", source, test_rows, categories=codes)[1]


def policy(source: str) -> Policy:
    """A text that must be readable."""
    found, problems = rules.read_policy("试.yaml", source)
    assert found is not None, [str(problem) for problem in problems]
    return found


def problems(source: str) -> list[Problem]:
    """What reading and checking say, test rows left aside."""
    outcome = tried(source, rows("digital-2026"))
    return [problem for problem in outcome.problems if problem.file == "试.yaml"]
