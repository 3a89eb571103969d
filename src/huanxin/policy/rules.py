"""Policy decisions: reading, checking, trying and executing rules. Pure: no clock, no database."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from huanxin.policy import _answers, _checks, _columnar, _reading, _rows, _scalar, _schema, _words
from huanxin.policy._answers import Decide
from huanxin.policy._ast import Line, Policy, Rate
from huanxin.policy._columnar import Ruling
from huanxin.policy._scalar import Amount
from huanxin.policy.errors import VoucherMoveUnknown
from huanxin.policy.types import (
    Decision,
    Engine,
    Fact,
    LineCard,
    PolicyCard,
    Problem,
    RowResult,
    TryOut,
    VoucherEvent,
    VoucherRules,
)

NO_POLICY = "目前没有已发布的补贴政策。"


def read_policy(file: str, text: str) -> tuple[Policy | None, list[Problem]]:
    """The policy of a YAML text, or None and every problem with its line number."""
    return _reading.read_policy(file, text)


def compile_policy(policy: Policy) -> Decide:
    """The policy as one function of a case, built of closures."""
    return _answers.compile_policy(policy)


def compile_amount(policy: Policy) -> Amount:
    """The policy as one function from a case to fen: for batches that ask no reasons."""
    return _scalar.compile_amount(policy)


def columnar_select(rulings: Sequence[Ruling], *, relation: str, engine: Engine) -> str:
    """One query that decides every row of a relation, by the same rules as the closures."""
    return _columnar.select(rulings, relation=relation, engine=engine)


def columnar_amount(rulings: Sequence[Ruling], *, engine: Engine) -> str:
    """The subsidy in fen as one expression over the columns."""
    return _columnar.amount_expression(rulings, engine=engine)


def columns(policies: Sequence[Policy]) -> dict[str, str]:
    """The columns that such a relation has, with their SQL types; an unknown fact is NULL."""
    return _columnar.columns(policies)


def parties() -> dict[str, str]:
    """Who an admission policy may be about, by code."""
    return dict(_words.parties())


def file_schema() -> dict[str, Any]:
    """The format of a policy file as JSON Schema."""
    return _schema.file_schema()


def check_library(policies: Sequence[Policy]) -> list[Problem]:
    """Overlaps, undeclared gaps and undeclared successions among policies."""
    return _checks.check_library(policies)


def expiring(policies: Sequence[Policy], on: date) -> list[Problem]:
    """Policies that end within 30 days of `on` and leave a category without a successor."""
    return _checks.expiring(policies, on)


def typed_facts(text: str) -> dict[str, Fact]:
    """Facts typed one `name=value` a line; raises Invalid with the line that cannot be read.

    >>> typed_facts("交售旧机=是")
    {'old_unit_handed_in': True}
    """
    return _rows.typed_facts(text)


def run_test_rows(policy: Policy, file: str, text: str) -> tuple[list[RowResult], list[Problem]]:
    """Every test row with the policy's answer, and the rows that cannot be read."""
    rows, problems = _rows.read_rows(file, text)
    return _rows.run(policy, rows), problems


def uncovered_boundaries(policy: Policy, results: Sequence[RowResult]) -> list[Problem]:
    """Thresholds, dates and categories on which no test row stands."""
    return _rows.uncovered(policy, results)


def try_out(
    file: str, text: str, test_rows: str, *, categories: Collection[str]
) -> tuple[Policy | None, TryOut]:
    """Read, check and run one policy with its test rows: all a publication asks for but neighbours.

    Rows that fail are problems too, so `problems` alone says whether it may be published.
    """
    policy, problems = read_policy(file, text)
    if policy is None:
        return None, TryOut("", problems, ())
    problems = _checks.check_policy(policy, categories)
    if problems:
        return policy, TryOut(policy.id, problems, ())
    rows_file = file.removesuffix(".yaml") + ".tests.csv"
    results, problems = run_test_rows(policy, rows_file, test_rows)
    problems += uncovered_boundaries(policy, results)
    problems += [_failed(rows_file, result) for result in results if not result.holds]
    return policy, TryOut(policy.id, problems, results)


def _failed(file: str, result: RowResult) -> Problem:
    cause = f"测试行“{result.why}”应为“{result.expected}”，规则答“{result.answered}”"
    return Problem(file, result.row, cause, "请核对手工计算，或改正规则")


def card(policy: Policy, effective_on: date) -> PolicyCard:
    """The policy as other rooms see it."""
    return PolicyCard(
        policy_id=policy.id,
        title=policy.title,
        from_on=policy.from_on,
        to_on=policy.to_on,
        region_code=policy.region_code,
        version_hash=policy.version_hash,
        effective_on=effective_on,
        sources=policy.sources,
        price_basis=policy.price_basis,
        shares=policy.funds,
        assumptions=policy.assumptions,
        lines=tuple(_line_card(policy, line) for line in policy.lines),
        is_admission=policy.is_admission,
        voucher=policy.voucher,
    )


def _line_card(policy: Policy, line: Line) -> LineCard:
    return LineCard(
        line_id=line.id,
        title=line.title,
        categories=line.categories,
        conditions=_scalar.conditions_in_words(line),
        rate_bps=line.subsidy.rate_bps if isinstance(line.subsidy, Rate) else 0,
        cap_fen=line.cap_fen,
        limits=line.limits,
        evidence=line.evidence,
        document=line.source.document,
        clause=line.source.clause,
        amount=_answers.subsidy_in_words(line.subsidy),
        is_assumed=policy.is_assumed(line),
    )


def next_state(voucher: VoucherRules, state: str, event: VoucherEvent, *, ended: bool) -> str:
    """Where an event takes a voucher by its programme's rule.

    Refuses VoucherMoveUnknown what the rule has no arrow for, and what is over once the programme
    has ended.
    """
    found = [m.to_state for m in voucher.moves if (m.event, m.from_state) == (event, state)]
    if not found or (ended and event not in voucher.moves_after_end):
        raise VoucherMoveUnknown(state=_words.voucher_states().get(state, state), event=event)
    return found[0]


def no_policy() -> Decision:
    """The answer when nothing at all is published."""
    return Decision(
        is_eligible=False, amount_fen=0, policy_id="", version_hash="", line_id=None, clause="",
        document="", reason_code="R205", sentence=NO_POLICY, conditions=(), cap_fen=0, shares=(),
        nearest_line=None, price_basis="",
    )  # fmt: skip
