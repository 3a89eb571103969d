"""Test rows beside a policy: hand-computed cases in CSV, run against it, boundary by boundary."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from huanxin.kernel.errors import Invalid
from huanxin.kernel.money import parse_yuan
from huanxin.policy import _answers, _edges, _words
from huanxin.policy._ast import Policy
from huanxin.policy._words import FactKind
from huanxin.policy.types import Case, Fact, Problem, RowResult

_FIXED = ("on", "region_code", "category_code", "energy_grade", "price_fen")
_EXPECTED = ("expected_fen", "reason", "line", "why")
NEEDED = (*_FIXED, *_EXPECTED)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case and what a person computed for it: an amount under a line, or a reason."""

    row: int
    case: Case
    expected_fen: int
    reason_code: str
    line_id: str
    why: str


def read_rows(file: str, text: str) -> tuple[list[CaseRow], list[Problem]]:
    """The rows of a CSV text (header first), and those that cannot be read."""
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    header = reader.fieldnames or []
    missing = [name for name in NEEDED if name not in header]
    unknown = [name for name in header if name not in NEEDED and name not in _words.facts()]
    if missing or unknown:
        cause = (
            f"表头缺少 {'、'.join(missing)}"
            if missing
            else f"表头有不认识的列 {'、'.join(unknown)}"
        )
        return [], [Problem(file, 1, cause, f"表头应为 {','.join(NEEDED)}，其后可加事实列")]
    rows, problems = [], []
    for number, record in enumerate(reader, start=2):
        try:
            rows.append(_case_row(number, record))
        except ValueError as bad:
            fix = "日期写成 2026-01-01，金额写整数分，等级写 1 至 5 或留空"
            problems.append(Problem(file, number, f"该行无法读取（{bad}）", fix))
    return rows, problems


def _case_row(number: int, record: Mapping[str, str | None]) -> CaseRow:
    cells = {name: (value or "").strip() for name, value in record.items() if name is not None}
    extra = [name for name in cells if name not in NEEDED]
    facts = {name: _fact(name, cells[name]) for name in extra if cells[name]}
    case = Case(
        on=date.fromisoformat(cells["on"]),
        region_code=cells["region_code"],
        category_code=cells["category_code"],
        energy_grade=int(cells["energy_grade"]) if cells["energy_grade"] else None,
        price_fen=int(cells["price_fen"]),
        facts=facts,
    )
    expected_fen = int(cells["expected_fen"])
    return CaseRow(number, case, expected_fen, cells["reason"], cells["line"], cells["why"])


def _fact(name: str, text: str) -> Fact:
    kind, options = _words.facts()[name].kind, _words.facts()[name].options
    if kind is FactKind.DATE:
        return date.fromisoformat(text)
    if kind is FactKind.CHOICE:
        if text not in options:
            raise ValueError(f"“{text}”应为 {'、'.join(options)} 之一")
        return text
    if kind is FactKind.FLAG:
        if text not in {"是", "否"}:
            raise ValueError(f"“{text}”应为“是”或“否”")
        return text == "是"
    return int(text)


def typed_facts(text: str) -> dict[str, Fact]:
    """Facts as an officer types them, one `name=value` a line; names in either language.

    Money is in yuan, days are YYYY-MM-DD, yes and no are 是 and 否. Refuses what it cannot read.
    """
    by_word = {word: name for name, known in _words.facts().items() for word in (name, known.label)}
    found: dict[str, Fact] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        word, sign, value = (part.strip() for part in line.partition("="))
        name = by_word.get(word)
        if not sign or name is None:
            raise Invalid(reason=f"“{line}”应写作 名称=值，名称见政策里的条件")
        try:
            is_money = _words.facts()[name].kind is FactKind.FEN
            found[name] = parse_yuan(value) if is_money else _fact(name, value)
        except ValueError as error:
            raise Invalid(reason=f"“{word}”的值“{value}”读不出：{error}") from error
    return found


def run(policy: Policy, rows: Iterable[CaseRow]) -> list[RowResult]:
    """What the policy says to every row beside what a person computed."""
    decide = _answers.compile_policy(policy)
    results = []
    for row in rows:
        decision = decide(row.case)
        line_id = decision.line_id or decision.nearest_line or ""
        answered = _said(decision.amount_fen, decision.reason_code or "", line_id)
        expected = _said(row.expected_fen, row.reason_code, row.line_id)
        results.append(RowResult(row.row, row.case, row.why, expected, answered, decision))
    return results


def _said(amount_fen: int, reason_code: str, line_id: str) -> str:
    return f"{amount_fen} 分 {reason_code or '符合'} {line_id or '无对应条目'}"


def uncovered(policy: Policy, results: Sequence[RowResult]) -> list[Problem]:
    """Boundaries and categories that no test row stands on."""
    cases = [(result.case, result.decision.line_id) for result in results]
    found = [
        _missing(policy, next(iter(edge.line_ids), None), edge.said)
        for edge in _edges.edges(policy)
        if not any(edge.is_met(policy, case, chosen) for case, chosen in cases)
    ]
    paid = {case.category_code for case, chosen in cases if chosen is not None}
    untried = [code for code in policy.categories if code not in paid]
    found += [_missing(policy, None, f"品类“{code}”获得补贴") for code in untried]
    if not {case.category_code for case, _ in cases} - set(policy.categories):
        found.append(_missing(policy, None, "不在补贴范围的品类"))
    return found


def _missing(policy: Policy, line_id: str | None, said: str) -> Problem:
    index = next((i for i, line in enumerate(policy.lines) if line.id == line_id), None)
    at = policy.at("lines") if index is None else policy.at("lines", index, "id")
    return Problem(policy.file, at, f"缺少测试行：{said}", "请在测试表中补上这一行，并手工算出金额")
