"""Decisions of sorting centre and dismantler by their published standards. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from huanxin.recycling.errors import AnswersIncomplete
from huanxin.recycling.types import NextStep
from huanxin.recycling.types.depot import GradeResult, GradingQuestion
from huanxin.recycling.types.floor import PartCount, PartShare


@dataclass(frozen=True, slots=True)
class GradingRule:
    when: Mapping[str, frozenset[str]]
    grade: str
    step: NextStep
    reason: str
    say: str

    def fits(self, answers: Mapping[str, str]) -> bool:
        return all(answers[name] in wanted for name, wanted in self.when.items())


@dataclass(frozen=True, slots=True)
class GradingStandard:
    """One published version: questions in the order asked, rules of which the first decides."""

    version: str
    title: str
    from_on: date
    questions: tuple[GradingQuestion, ...]
    rules: tuple[GradingRule, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FloorStandard:
    """One published version of what a dismantler's books are held against."""

    version: str
    title: str
    from_on: date
    parts: Mapping[str, tuple[PartShare, ...]]
    part_off_bps: int
    stock_off_bps: int
    coefficient_off_bps: int
    case_days: Mapping[str, int]
    licences: Mapping[str, str]
    licence_warn_days: int
    ageing_days: tuple[int, ...]
    sources: tuple[str, ...]


def read_grading(body: Mapping[str, Any]) -> GradingStandard:
    """A grading standard from its YAML body: every rule reachable, the last one takes the rest."""
    questions = tuple(
        GradingQuestion(row["id"], row["say"], tuple(_plain_pairs(row["answers"])))
        for row in body["questions"]
    )
    found = tuple(
        GradingRule(
            {name: frozenset(map(str, wanted)) for name, wanted in row["when"].items()},
            row["grade"], NextStep(row["step"]), row["reason"], row["say"],
        )
        for row in body["rules"]
    )  # fmt: skip
    assert not found[-1].when, "the last rule of a grading standard takes what is left"
    standard = GradingStandard(
        body["version"], body["title"], date.fromisoformat(str(body["from"])), questions, found,
        tuple(body["sources"]),
    )  # fmt: skip
    reached = {decide_grade(standard, one).reason for one in every_answer(standard)}
    assert reached == {rule.reason for rule in found}, "a rule that no answers reach"
    return standard


def _plain_pairs(answers: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), word) for key, word in answers.items()]


def every_answer(standard: GradingStandard) -> list[dict[str, str]]:
    """All combinations of answers: a few hundred."""
    keys = [[key for key, _ in question.answers] for question in standard.questions]
    names = [question.id for question in standard.questions]
    return [dict(zip(names, one, strict=True)) for one in product(*keys)]


def decide_grade(standard: GradingStandard, answers: Mapping[str, str]) -> GradeResult:
    """The grade and where the unit goes, with the rule that said so.

    Refuses answers that are missing or unknown.
    """
    for question in standard.questions:
        if answers.get(question.id) not in {key for key, _ in question.answers}:
            raise AnswersIncomplete(question=question.say)
    rule = next(rule for rule in standard.rules if rule.fits(answers))
    return GradeResult(rule.grade, rule.step, rule.reason, rule.say)


def read_floor(body: Mapping[str, Any]) -> FloorStandard:
    """A floor standard from its YAML body."""
    return FloorStandard(
        version=body["version"],
        title=body["title"],
        from_on=date.fromisoformat(str(body["from"])),
        parts={
            str(code): tuple(
                PartShare(row["code"], row["name"], row["each"], row["assumed"]) for row in rows
            )
            for code, rows in body["parts"].items()
        },
        part_off_bps=body["part_off_bps"],
        stock_off_bps=body["stock_off_bps"],
        coefficient_off_bps=body["coefficient_off_bps"],
        case_days=dict(body["case_days"]),
        licences=dict(body["licences"]),
        licence_warn_days=body["licence_warn_days"],
        ageing_days=tuple(body["ageing_days"]),
        sources=tuple(body["sources"]),
    )


def compare_parts(
    standard: FloorStandard, class_code: str, unit_count: int, counted: Sequence[PartCount]
) -> list[tuple[PartShare, int, int, bool]]:
    """Each key part of a class with how many were expected and found, and whether that is too far.

    More parts than units hold is always too far: mass may be lost, parts are not made.
    """
    said = {one.part_code: one.count for one in counted}
    lines = []
    for part in standard.parts.get(class_code, ()):
        wanted, found = part.each * unit_count, said.get(part.code, 0)
        may_lack = max(1, wanted * standard.part_off_bps // 10_000)
        lines.append((part, wanted, found, found > wanted or wanted - found > may_lack))
    return lines


def deadline(standard: FloorStandard, kind: str, opened_at: datetime) -> datetime:
    """Until when a case of a kind must be answered."""
    return opened_at + timedelta(days=standard.case_days[kind])


def stock_allowed_g(standard: FloorStandard, book_g: int) -> int:
    """How far a counted mass may be from the book."""
    return abs(book_g) * standard.stock_off_bps // 10_000


def age_band(days: int, limits: Sequence[int]) -> int:
    """Which band of the ageing a stay falls in: 0 is the youngest.

    >>> [age_band(days, (7, 15, 30)) for days in (0, 7, 8, 31)]
    [0, 0, 1, 3]
    """
    return sum(days > limit for limit in limits)


def months_after(on: date, months: int) -> date:
    """The same day some months later, or the month's last where there is none.

    >>> months_after(date(2026, 8, 31), 6), months_after(date(2026, 3, 15), 12)
    (datetime.date(2027, 2, 28), datetime.date(2027, 3, 15))
    """
    year, month = divmod(on.month - 1 + months, 12)
    first = date(on.year + year, month + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(on.day, (after - timedelta(days=1)).day))
