"""From YAML text to a Policy, or to every problem in it with its line."""

import difflib
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from huanxin.policy import _words, _yaml
from huanxin.policy._ast import (
    Admission,
    Fixed,
    Line,
    Op,
    Policy,
    Rate,
    Refusal,
    Requirement,
    Rounding,
    Step,
    Subsidy,
    Table,
    Tiers,
    Within,
)
from huanxin.policy.types import (
    Assumption,
    Citation,
    Evidence,
    Fact,
    FundShare,
    Limit,
    LimitOver,
    LimitPer,
    PriceBasis,
    Problem,
    VoucherEvent,
    VoucherMove,
    VoucherRules,
)

_NAMES = {str: "文字", int: "整数", bool: "true 或 false", date: "日期", list: "列表", dict: "键值"}
_OPS = {op.value: op for op in (Op.MIN, Op.MAX, Op.ABOVE, Op.BELOW)}
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def read_policy(file: str, text: str) -> tuple[Policy | None, list[Problem]]:
    """The policy of a text, or None and what is wrong with it."""
    try:
        data, marks = _yaml.load(file, text)
    except _yaml.Stop as stop:
        return None, [stop.problem]
    notes = _Notes(file, marks)
    policy = _policy(_At(data, (), notes), version_hash(data))
    return (None if notes.problems else policy), notes.problems


def version_hash(data: object) -> str:
    """SHA-256 of the content in canonical JSON: layout and comments do not change it."""
    canonical = json.dumps(
        data, default=str, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(slots=True)
class _Notes:
    file: str
    marks: Mapping[_yaml.Path, int]
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: _yaml.Path, cause: str, fix: str) -> None:
        self.problems.append(Problem(self.file, self.marks.get(path, 1), cause, fix))


@dataclass(frozen=True, slots=True)
class _At:
    """A value at its place in the file. Readers note a problem and go on with a harmless value."""

    value: Any
    path: _yaml.Path
    notes: _Notes

    def note(self, cause: str, fix: str) -> None:
        self.notes.add(self.path, cause, fix)

    def keys(self, needed: Collection[str], allowed: Collection[str] = ()) -> bool:
        """Whether this is a mapping with all the needed keys; unknown ones are noted."""
        if not isinstance(self.value, dict):
            self.note("这里应当是若干“键: 值”", f"请写 {'、'.join(needed)}")
            return False
        known = [*needed, *allowed]
        for key in self.value:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"是否想写“{near[0]}”" if near else f"可用的键有 {'、'.join(known)}"
                self.notes.add((*self.path, key), f"不认识的键“{key}”", hint)
        missing = [key for key in needed if key not in self.value]
        for key in missing:
            self.note(f"缺少“{key}”", f"请补上“{key}: …”")
        return not missing

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def child(self, key: str | int) -> "_At":
        return _At(self.value[key], (*self.path, key), self.notes)

    def items(self) -> list["_At"]:
        """The elements of a non-empty list."""
        if not isinstance(self.value, list) or not self.value:
            self.note("这里应当是非空的列表", "请写成 [甲, 乙]，或每行一个“- …”")
            return []
        return [self.child(i) for i in range(len(self.value))]

    def each(self, read: Callable[["_At"], T | None]) -> tuple[T, ...]:
        return tuple(x for x in map(read, self.items()) if x is not None)

    def scalar(self, kind: type[T], harmless: T) -> T:
        if type(self.value) is not kind:
            self.note(f"“{self.value}”不是{_NAMES[kind]}", f"请填写{_NAMES[kind]}")
            return harmless
        return self.value

    def text(self, key: str) -> str:
        at = self.child(key)
        found = at.scalar(str, "-")
        if not found.strip():
            at.note(f"“{key}”是空的", "请填写内容")
        return found

    def number(self, key: str, low: int, high: int = 10**12) -> int:
        at = self.child(key)
        found = at.scalar(int, low)
        if not low <= found <= high:
            at.note(
                f"“{key}”为 {found}，应在 {low} 至 {high} 之间",
                "请核对单位：金额为分，比例为万分之一",
            )
        return found

    def day(self, key: str) -> date:
        return self.child(key).scalar(date, date.min)

    def choice(self, kind: type[E]) -> E | None:
        try:
            return kind(self.value)
        except ValueError:
            allowed = "、".join(member.value for member in kind)
            self.note(f"“{self.value}”不是可用的选项", f"可用的有 {allowed}")
            return None


def _policy(at: _At, content_hash: str) -> Policy | None:
    needed = (
        "id", "title", "sources", "from", "to", "region", "price_basis", "lines", "fallback",
    )  # fmt: skip
    if not at.keys(needed, ("follows", "gap", "funds", "assumptions", "requires", "voucher")):
        return None
    requires = _requirements(at.child("requires")) if at.has("requires") else ()
    price_basis = at.child("price_basis").choice(PriceBasis)
    return Policy(
        file=at.notes.file,
        id=at.text("id"),
        title=at.text("title"),
        follows=at.text("follows") if at.has("follows") else None,
        gap=at.text("gap") if at.has("gap") else None,
        sources=at.child("sources").each(_citation),
        from_on=at.day("from"),
        to_on=at.day("to"),
        region_code=at.text("region"),
        price_basis=price_basis or PriceBasis.AFTER_ALL_DISCOUNTS,
        funds=at.child("funds").each(_fund) if at.has("funds") else (),
        assumptions=at.child("assumptions").each(_assumption) if at.has("assumptions") else (),
        requires=requires,
        voucher=_voucher(at.child("voucher")) if at.has("voucher") else None,
        lines=at.child("lines").each(lambda line: _line(line, requires)),
        fallback=_fallback(at.child("fallback")),
        version_hash=content_hash,
        marks=at.notes.marks,
    )


def _citation(at: _At) -> Citation | None:
    if not at.keys(("document", "clause")):
        return None
    return Citation(at.text("document"), at.text("clause"))


def _fund(at: _At) -> FundShare | None:
    if not at.keys(("fund", "share_bps"), ("assumed",)):
        return None
    assumed = at.has("assumed") and at.child("assumed").scalar(bool, harmless=False)
    return FundShare(at.text("fund"), at.number("share_bps", 0, 10_000), assumed)


def _assumption(at: _At) -> Assumption | None:
    if not at.keys(("key", "why")):
        return None
    return Assumption(at.text("key"), at.text("why"))


def _line(at: _At, requires: tuple[Requirement, ...]) -> Line | None:
    needed = ("id", "title", "categories", "subsidy", "limit", "evidence", "source")
    if not at.keys(needed, ("when", "within")):
        return None
    categories = at.child("categories").each(lambda c: c.scalar(str, "-"))
    subsidy, source = _subsidy(at.child("subsidy")), _citation(at.child("source"))
    within = _within(at.child("within")) if at.has("within") else None
    if subsidy is None or source is None:
        return None
    own = _requirements(at.child("when")) if at.has("when") else ()
    left = (Requirement(within.used, Op.BELOW, within.total_fen),) if within else ()
    return Line(
        id=at.text("id"),
        title=at.text("title"),
        categories=categories,
        when=(*requires, *own, *left),
        subsidy=subsidy,
        within=within,
        limits=_limits(at.child("limit"), categories),
        evidence=at.child("evidence").each(lambda e: e.choice(Evidence)),
        source=source,
    )


def _subsidy(at: _At) -> Subsidy | None:
    forms: dict[str, Callable[[_At], Subsidy | None]] = {
        "amount_fen": _fixed, "tiers": _tiers, "admit": _admission,
    }  # fmt: skip
    read = next((form for key, form in forms.items() if at.has(key)), _rate)
    return read(at)


def _rate(at: _At) -> Rate | None:
    if not at.keys(("rate_bps", "cap_fen", "rounding")):
        return None
    rounding = at.child("rounding").choice(Rounding) or Rounding.FEN_DOWN
    return Rate(at.number("rate_bps", 1, 10_000), at.number("cap_fen", 1), rounding)


def _fixed(at: _At) -> Fixed | None:
    return Fixed(at.number("amount_fen", 1)) if at.keys(("amount_fen",)) else None


def _admission(at: _At) -> Admission | None:
    if not at.keys(("admit",)):
        return None
    if at.child("admit").value is not True:
        at.note("“admit”只能是 true", "准入规则写 admit: true；补贴规则请写比例或金额")
    return Admission()


def _tiers(at: _At) -> Tiers | None:
    if not at.keys(("tiers",)):
        return None
    steps = at.child("tiers").each(_step)
    bounds = [step.up_to_fen for step in steps]
    whole = [bound for bound in bounds[:-1] if bound is not None]
    if not steps or bounds[-1] is not None or len(whole) != len(bounds) - 1:
        at.child("tiers").note("价格档次没有写全", "除最后一档外都写 up_to_fen，最后一档不写")
    elif whole != sorted(set(whole)):
        at.child("tiers").note("价格档次没有从低到高", "请按 up_to_fen 从低到高排列")
    return Tiers(steps) if steps else None


def _step(at: _At) -> Step | None:
    if not at.keys(("amount_fen",), ("up_to_fen",)):
        return None
    bound = at.number("up_to_fen", 1) if at.has("up_to_fen") else None
    return Step(bound, at.number("amount_fen", 1))


def _within(at: _At) -> Within | None:
    if not at.keys(("total_fen", "used")):
        return None
    used = at.text("used")
    if used not in _words.facts() or _words.facts()[used].kind is not _words.FactKind.FEN:
        at.child("used").note(f"“{used}”不是以分计的事实", "请写事实表中以分计的名称")
        return None
    return Within(used, at.number("total_fen", 1))


def _voucher(at: _At) -> VoucherRules | None:
    if not at.keys(("first", "moves"), ("moves_after_end", "valid_days")):
        return None
    after = at.child("moves_after_end") if at.has("moves_after_end") else None
    return VoucherRules(
        first=_state(at.child("first")),
        moves=at.child("moves").each(_move),
        moves_after_end=after.each(lambda e: e.choice(VoucherEvent)) if after else (),
        valid_days=at.number("valid_days", 1, 3660) if at.has("valid_days") else None,
    )


def _move(at: _At) -> VoucherMove | None:
    if not at.keys(("event", "from", "to")):
        return None
    event = at.child("event").choice(VoucherEvent)
    states = _state(at.child("from")), _state(at.child("to"))
    return VoucherMove(event, *states) if event else None


def _state(at: _At) -> str:
    found = at.scalar(str, "-")
    if found not in _words.voucher_states():
        at.note(f"“{found}”不是券的状态", f"可用的有 {'、'.join(_words.voucher_states())}")
    return found


def _limits(at: _At, categories: tuple[str, ...]) -> Mapping[str, Limit]:
    if not at.keys(("per", "count", "over"), ("count_by_category",)):
        return {}
    per = at.child("per").choice(LimitPer) or LimitPer.PERSON_AND_CATEGORY
    over = at.child("over").choice(LimitOver) or LimitOver.PROGRAMME
    counts = dict.fromkeys(categories, at.number("count", 1, 1000))
    if at.has("count_by_category"):
        special = at.child("count_by_category")
        if special.keys((), categories):
            counts |= {code: special.number(code, 1, 1000) for code in special.value}
    return {code: Limit(per, count, over) for code, count in counts.items()}


def _requirements(at: _At) -> tuple[Requirement, ...]:
    if not at.keys((), tuple(_words.facts())):
        return ()
    known = [name for name in at.value if name in _words.facts()]
    return tuple(r for name in known for r in _requirements_of(name, at.child(name)))


def _requirements_of(name: str, at: _At) -> list[Requirement]:
    if isinstance(at.value, dict):
        if not at.keys((), tuple(_OPS)):
            return []
        ops = [key for key in at.value if key in _OPS]
        return [Requirement(name, _OPS[key], _wanted(name, at.child(key))) for key in ops]
    if isinstance(at.value, list):
        return [Requirement(name, Op.ONE_OF, tuple(_fact(name, x) for x in at.items()))]
    return [Requirement(name, Op.IS, _fact(name, at))]


def _wanted(name: str, at: _At) -> Fact | Table:
    if not isinstance(at.value, dict):
        return _fact(name, at)
    by = at.text("by") if at.has("by") else "-"
    fact = _words.facts().get(by)
    if fact is None or fact.kind is not _words.FactKind.CHOICE:
        choices = [f.field for f in _words.facts().values() if f.options]
        at.note("对照表没有写明按哪一项取值", f"请写 by: …，可用的有 {'、'.join(choices)}")
        return _fact(name, _At(_words.TYPES[_words.facts()[name].kind][1], at.path, at.notes))
    at.keys(("by",), tuple(fact.options))
    keys = [key for key in at.value if key in fact.options]
    return Table(by, {key: _fact(name, at.child(key)) for key in keys})


def _fact(name: str, at: _At) -> Fact:
    fact = _words.facts()[name]
    found = at.scalar(*_words.TYPES[fact.kind])
    if fact.options and found not in fact.options and type(at.value) is str:
        at.note(f"“{found}”不是“{fact.label}”的取值", f"可用的有 {'、'.join(fact.options)}")
    return found


def _fallback(at: _At) -> Mapping[str, Refusal]:
    if not at.keys((), tuple(_words.facts())):
        return {}
    found: dict[str, Refusal] = {}
    for name in at.value:
        refusal = at.child(name)
        if name in _words.facts() and refusal.keys(("reason", "say")):
            found[name] = Refusal(refusal.text("reason"), refusal.text("say"))
    return found
