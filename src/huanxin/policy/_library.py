"""Every published version, read once and kept in the process until another one is published.

Versions are append-only, so the list of their ids says whether what is kept is still all there is.
That one small read per call is what keeps tills, workers and tests from deciding by yesterday's
library; the compiled rules themselves are kept by their text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from uuid import UUID

from huanxin.policy import _columnar, _scalar, _seeds, _words, rules
from huanxin.policy._answers import Decide
from huanxin.policy._ast import Policy, region_prefix
from huanxin.policy.models import PolicyVersion
from huanxin.policy.types import Case, Decision


@dataclass(frozen=True, slots=True)
class Version:
    """A published version, ready to decide."""

    policy: Policy
    effective_on: date
    decide: Decide

    def covers(self, region_code: str) -> bool:
        return region_code.startswith(region_prefix(self.policy.region_code))

    def is_in_force(self, on: date) -> bool:
        return self.policy.from_on <= on < self.policy.to_on

    def days_from(self, on: date) -> int:
        ahead, behind = self.policy.from_on - on, on - self.policy.to_on
        return max(ahead.days, behind.days + 1, 0)


@dataclass(frozen=True)
class Library:
    """The published versions of every policy, oldest first."""

    versions: dict[str, tuple[Version, ...]]

    def version_on(self, policy_id: str, on: date) -> Version | None:
        """The version that decides on a day: the last to have taken effect, else the first."""
        versions = self.versions.get(policy_id, ())
        begun = [version for version in versions if version.effective_on <= on]
        return begun[-1] if begun else next(iter(versions), None)

    def on(self, day: date) -> list[Version]:
        """One version of every policy: the one that decides on that day."""
        found = [self.version_on(policy_id, day) for policy_id in self.versions]
        return [version for version in found if version]

    def find(self, on: date, category_code: str, region_code: str) -> Version | None:
        """The version in force for a category; of policies side by side the first."""
        return next(self._in_force(on, category_code, region_code), None)

    def decide(self, case: Case) -> Decision:
        """The decision of the policy in force, else of the nearest one, which says what lacks."""
        found = list(self._in_force(case.on, case.category_code, case.region_code))
        version = found[0] if found else self._nearest(case)
        if len(found) > 1:
            version = min(found, key=lambda each: _unmet(each.policy, case))
        return version.decide(case) if version else rules.no_policy()

    def _in_force(self, on: date, category_code: str, region_code: str) -> Iterator[Version]:
        # Overlaps are refused unless the policies exclude each other by what they require.
        for policy_id in self._by_category.get(category_code, ()):
            version = self.version_on(policy_id, on)
            if version and version.is_in_force(on) and version.covers(region_code):
                yield version

    def rulings(self) -> list[_columnar.Ruling]:
        """Every version with the days on which it decides: what the columnar executor reads."""
        found = []
        for versions in self.versions.values():
            for index, version in enumerate(versions):
                later = versions[index + 1].effective_on if index + 1 < len(versions) else None
                first = version.effective_on if index else version.policy.from_on
                found.append(_columnar.Ruling(version.policy, first, later))
        return found

    @cached_property
    def _by_category(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for policy_id, versions in self.versions.items():
            for code in dict.fromkeys(c for v in versions for c in v.policy.categories):
                found.setdefault(code, []).append(policy_id)
        return found

    @cached_property
    def _roots(self) -> dict[str, str]:
        """The first policy of every policy's succession: what belongs together over the years."""
        before = {key: versions[-1].policy.follows for key, versions in self.versions.items()}
        roots = {}
        for policy_id in before:
            root, seen = policy_id, {policy_id}
            while (earlier := before.get(root)) in before and earlier not in seen:
                assert earlier is not None
                root = earlier
                seen.add(root)
            roots[policy_id] = root
        return roots

    def _nearest(self, case: Case) -> Version | None:
        """Region first; then this year's policy of the family that ever paid for the category;
        then a policy that pays for it in another year."""
        asks_admission = case.category_code in _words.parties()
        kin = {self._roots[key] for key in self._by_category.get(case.category_code, ())}

        def closeness(version: Version) -> tuple[bool, bool, bool, bool, bool, int]:
            policy, in_force = version.policy, version.is_in_force(case.on)
            return (
                policy.is_admission == asks_admission,
                version.covers(case.region_code),
                in_force and self._roots[policy.id] in kin,
                case.category_code in policy.categories,
                in_force,
                -version.days_from(case.on),
            )

        return max(self.on(case.on), key=closeness, default=None)


def _unmet(policy: Policy, case: Case) -> int:
    return sum(not _scalar.holds(requirement, case) for requirement in policy.requires)


_kept: dict[str, tuple[tuple[UUID, ...], Library]] = {}


def current() -> Library:
    """The library as the database has it now."""
    rows = PolicyVersion.objects.order_by("policy_id", "effective_on")
    stamp = tuple(rows.values_list("pk", flat=True))
    kept = _kept.get("library")
    if kept is None or kept[0] != stamp:
        kept = _kept["library"] = (stamp, _build(list(rows)))
    return kept[1]


@cache
def shipped() -> Library:
    """The library of the repository's own files: for tools that run without a database."""
    versions: dict[str, tuple[Version, ...]] = {}
    for name, text, _ in _seeds.read_seeds():
        policy, decide = compiled(name.removesuffix(".yaml"), text)
        versions[policy.id] = (Version(policy, policy.from_on, decide),)
    return Library(versions)


def _build(rows: Sequence[PolicyVersion]) -> Library:
    versions: dict[str, tuple[Version, ...]] = {}
    for row in rows:
        policy, decide = compiled(row.policy_id, row.text)
        version = Version(policy, row.effective_on, decide)
        versions[row.policy_id] = (*versions.get(row.policy_id, ()), version)
    return Library(versions)


@lru_cache(maxsize=512)
def compiled(policy_id: str, text: str) -> tuple[Policy, Decide]:
    """A published text read and built, once in the process."""
    policy, problems = rules.read_policy(f"{policy_id}.yaml", text)
    assert policy is not None, f"a published text cannot be read any more: {problems}"
    return policy, rules.compile_policy(policy)
