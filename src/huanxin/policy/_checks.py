"""What must be true of a policy before it may be published, alone and among its neighbours."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from huanxin.policy import _edges, _words
from huanxin.policy._ast import Admission, Op, Policy, Requirement, region_prefix
from huanxin.policy.types import Problem

_Path = tuple[str | int, ...]
EXPIRY_WARNING = timedelta(days=30)


def check_policy(policy: Policy, categories: Collection[str]) -> list[Problem]:
    """What is wrong with one policy by itself. `categories` are the known category codes."""
    found = [*_period(policy), *_shares(policy), *_sources(policy), *_assumptions(policy)]
    known = _words.parties() if policy.is_admission else categories
    found += [*_line_ids(policy), *_categories(policy, known), *_limits(policy)]
    found += [*_fallback(policy), *_one_kind(policy), *_voucher(policy)]
    if not found:
        found += _reachable(policy)
    return found


def _problem(policy: Policy, path: _Path, cause: str, fix: str) -> Problem:
    return Problem(policy.file, policy.at(*path), cause, fix)


def _period(policy: Policy) -> Iterator[Problem]:
    if policy.to_on <= policy.from_on:
        cause = f"截止日 {policy.to_on} 不晚于起始日 {policy.from_on}"
        yield _problem(policy, ("to",), cause, "截止日不含当日，须晚于起始日")
    if not region_prefix(policy.region_code).isdigit() or len(policy.region_code) != 6:
        cause = f"地区代码“{policy.region_code}”不是六位数字"
        yield _problem(policy, ("region",), cause, '请填写行政区划代码并加引号，如 "371500"')
    if policy.gap is not None and policy.follows is None:
        yield _problem(policy, ("gap",), "写了 gap 却没有 follows", "请补上 follows，或删去 gap")


def _shares(policy: Policy) -> Iterator[Problem]:
    if policy.is_admission:
        if policy.funds:
            cause = "准入条件不花钱，却写了资金份额"
            yield _problem(policy, ("funds",), cause, "请删去 funds")
        return
    total = sum(share.share_bps for share in policy.funds)
    if total != 10_000:
        cause = f"各级资金份额合计为万分之 {total}"
        yield _problem(policy, ("funds",), cause, "请调整 share_bps，使合计等于 10000")
    for fund, count in Counter(share.fund for share in policy.funds).items():
        if count > 1:
            yield _problem(policy, ("funds",), f"资金“{fund}”写了两次", "请合并为一项")


def _sources(policy: Policy) -> Iterator[Problem]:
    known = {source.document for source in policy.sources}
    for i, line in enumerate(policy.lines):
        if line.source.document not in known:
            cause = f"依据“{line.source.document}”不在 sources 中"
            fix = f"请在 sources 中登记，或改为 {'、'.join(sorted(known))}"
            yield _problem(policy, ("lines", i, "source", "document"), cause, fix)


def _assumptions(policy: Policy) -> Iterator[Problem]:
    for i, assumption in enumerate(policy.assumptions):
        if _place(policy, assumption.key) not in policy.marks:
            cause = f"假定所指的键“{assumption.key}”不在文件中"
            fix = "请写文件第一层的键，如 from，或写到条目之内，如 lines.条目id.subsidy"
            yield _problem(policy, ("assumptions", i, "key"), cause, fix)
    assumed = {assumption.key for assumption in policy.assumptions}
    if any(share.is_assumed for share in policy.funds) and "funds" not in assumed:
        cause = "有资金份额标了 assumed，却没有说明"
        yield _problem(policy, ("funds",), cause, "请在 assumptions 中补上 key: funds 及理由")


def _place(policy: Policy, key: str) -> _Path:
    """Where an assumption points: keys joined by dots, a line by its id."""
    first, *rest = key.split(".")
    if first != "lines" or not rest:
        return (first, *rest)
    index = next((i for i, line in enumerate(policy.lines) if line.id == rest[0]), -1)
    return (first, index, *rest[1:])


def _one_kind(policy: Policy) -> Iterator[Problem]:
    for i, line in enumerate(policy.lines):
        if isinstance(line.subsidy, Admission) != policy.is_admission:
            cause = "一项政策里既有准入又有补贴"
            yield _problem(policy, ("lines", i, "subsidy"), cause, "请分成两个文件")


def _voucher(policy: Policy) -> Iterator[Problem]:
    if policy.voucher is None:
        return
    reached = {policy.voucher.first}
    for _ in policy.voucher.moves:
        reached |= {m.to_state for m in policy.voucher.moves if m.from_state in reached}
    seen = set()
    for i, move in enumerate(policy.voucher.moves):
        path: _Path = ("voucher", "moves", i)
        if move.from_state not in reached:
            cause = f"券到不了“{move.from_state}”这个状态"
            yield _problem(policy, path, cause, "请补上通向它的一步，或删去这一步")
        if (move.event, move.from_state) in seen:
            cause = f"“{move.from_state}”遇到“{move.event}”有两个去向"
            yield _problem(policy, path, cause, "请只留一个")
        seen.add((move.event, move.from_state))


def _line_ids(policy: Policy) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, line in enumerate(policy.lines):
        if line.id in seen:
            yield _problem(policy, ("lines", i, "id"), f"条目“{line.id}”重复", "请改用不同的 id")
        seen.add(line.id)


def _categories(policy: Policy, known: Collection[str]) -> Iterator[Problem]:
    for i, line in enumerate(policy.lines):
        for j, code in enumerate(line.categories):
            path: _Path = ("lines", i, "categories", j)
            if code not in known:
                fix = f"可用的品类有 {'、'.join(known)}"
                yield _problem(policy, path, f"不认识的品类“{code}”", fix)
            if code in line.categories[:j]:
                yield _problem(policy, path, f"品类“{code}”写了两次", "请删去其中一个")


def _limits(policy: Policy) -> Iterator[Problem]:
    for code in policy.categories:
        first, *others = policy.lines_for(code)
        for line in others:
            if line.limits.get(code) != first.limits.get(code):
                i = policy.lines.index(line)
                cause = f"品类“{code}”在“{first.id}”与“{line.id}”中的限购不同"
                yield _problem(policy, ("lines", i, "limit"), cause, "同一品类的限购须一致")


def _fallback(policy: Policy) -> Iterator[Problem]:
    asked = {requirement.field for line in policy.lines for requirement in line.when}
    for name in sorted(asked - policy.fallback.keys()):
        cause = f"条件“{name}”没有不符合时的说明"
        fix = f"请在 fallback 中补上 {name}: {{reason: R2xx, say: …}}"
        yield _problem(policy, ("fallback",), cause, fix)
    for name, refusal in policy.fallback.items():
        if name not in asked:
            cause = f"没有任何条目以“{name}”为条件"
            yield _problem(policy, ("fallback", name), cause, "请删去这一项")
        if refusal.reason_code not in _words.reasons():
            cause = f"不认识的原因代码“{refusal.reason_code}”"
            fix = f"可用的有 {'、'.join(_words.reasons())}"
            yield _problem(policy, ("fallback", name, "reason"), cause, fix)


def _reachable(policy: Policy) -> Iterator[Problem]:
    for line, code in _edges.unreachable(policy):
        path: _Path = ("lines", policy.lines.index(line), "id")
        cause = f"条目“{line.id}”对品类“{code}”永远不会生效"
        fix = "请检查它的条件是否自相矛盾，或被前面的条目完全覆盖"
        yield _problem(policy, path, cause, fix)


def check_library(policies: Sequence[Policy]) -> list[Problem]:
    """Policies side by side: no overlap, and no gap or succession that is not declared."""
    ordered = sorted(policies, key=lambda p: (p.from_on, p.id))
    found = [p for one, other in combinations(ordered, 2) for p in _overlap(one, other)]
    by_id = {policy.id: policy for policy in ordered}
    for policy in ordered:
        found += _succession(policy, by_id, ordered)
    return found


def _shared(one: Policy, other: Policy) -> list[str]:
    if one.is_admission != other.is_admission:
        return []
    a, b = region_prefix(one.region_code), region_prefix(other.region_code)
    if not (a.startswith(b) or b.startswith(a)):
        return []
    return [code for code in other.categories if code in one.categories]


def _overlap(one: Policy, other: Policy) -> Iterator[Problem]:
    shared = _shared(one, other)
    if shared and other.from_on < one.to_on and not _exclude_each_other(one, other):
        cause = f"与“{one.id}”（{one.from_on} 至 {one.to_on}）在品类 {'、'.join(shared)} 上日期重叠"
        fix = "同一品类同一天只能有一项政策：请调整起止日期，或在 requires 中写明互不相容的条件"
        yield _problem(other, ("from",), cause, fix)


def _exclude_each_other(one: Policy, other: Policy) -> bool:
    """Whether both ask the same field for values that no case can have at once."""
    return any(
        not _choices(a) & _choices(b)
        for a in one.requires
        for b in other.requires
        if a.field == b.field and _choices(a) and _choices(b)
    )


def _choices(requirement: Requirement) -> set[object]:
    if requirement.op not in {Op.IS, Op.ONE_OF}:
        return set()
    return set(requirement.wanted_values())


def _succession(
    policy: Policy, by_id: dict[str, Policy], ordered: Sequence[Policy]
) -> Iterator[Problem]:
    earlier = [
        p
        for p in ordered
        if p.to_on <= policy.from_on and _shared(p, policy) and not _exclude_each_other(p, policy)
    ]
    if policy.follows is None:
        if earlier:
            cause = f"之前已有同类政策“{earlier[-1].id}”，却没有写明接续"
            yield _problem(policy, ("from",), cause, f"请补上 follows: {earlier[-1].id}")
        return
    before = by_id.get(policy.follows)
    if before is None:
        yield _problem(policy, ("follows",), f"没有政策“{policy.follows}”", "请核对所接续的政策 id")
    elif before.to_on < policy.from_on and policy.gap is None:
        cause = f"与“{before.id}”之间有空档：{before.to_on} 至 {policy.from_on}（不含）无政策"
        yield _problem(policy, ("from",), cause, "请改正日期，或用 gap: 说明空档的缘由")
    elif before.to_on == policy.from_on and policy.gap is not None:
        cause = f"写了 gap，但与“{before.id}”之间没有空档"
        yield _problem(policy, ("gap",), cause, "请删去 gap")


def expiring(policies: Sequence[Policy], on: date) -> list[Problem]:
    """Policies that end within 30 days and leave some category without a successor."""
    found = []
    for policy in policies:
        if not policy.from_on <= on < policy.to_on <= on + EXPIRY_WARNING:
            continue
        later = [p for p in policies if p.from_on >= policy.to_on and _shared(p, policy)]
        left = [c for c in policy.categories if not any(c in p.categories for p in later)]
        if left:
            days = (policy.to_on - on).days
            cause = f"《{policy.title}》还有 {days} 天到期，{len(left)} 个品类尚无后续政策"
            found.append(_problem(policy, ("to",), cause, "请尽快发布后续政策"))
    return found
