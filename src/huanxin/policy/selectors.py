"""Reads of policy. Published rules are public, so no scope is asked for."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.policy import _library, _seeds, _whatif, rules
from huanxin.policy._ast import Line, Policy
from huanxin.policy.errors import (
    CategoryNotCovered,
    PolicyNotSound,
    PolicyUnknown,
    ProposalUnknown,
    VersionUnknown,
)
from huanxin.policy.models import PolicyProposal, PolicyVersion
from huanxin.policy.types import (
    Case,
    Decision,
    Fact,
    FundShare,
    Limit,
    PolicyCard,
    Problem,
    ProposalCard,
    TryOut,
    VersionCard,
    WhatIf,
)

_LISTED = 200


def quote_subsidy(case: Case) -> Decision:
    """Whether and how much one purchase is subsidised, and why. Never refuses: it explains."""
    return _library.current().decide(case)


def quote_many(cases: Iterable[Case]) -> list[Decision]:
    """The decisions of many purchases by one reading of the library."""
    library = _library.current()
    return [library.decide(case) for case in cases]


def quote_shipped(case: Case) -> Decision:
    """The decision by the repository's own rule files, published or not; needs no database."""
    return _library.shipped().decide(case)


def shipped_limit(policy_id: str, category_code: str) -> Limit:
    """How many units one holder may have by the repository's own rule files."""
    versions = _library.shipped().versions.get(policy_id)
    lines = versions[-1].policy.lines_for(category_code) if versions else ()
    if not lines:
        raise CategoryNotCovered(policy_id=policy_id, category_code=category_code)
    return lines[0].limits[category_code]


def find_policy(on: date, category_code: str, region_code: str) -> PolicyCard | None:
    """The policy in force for a category in a region on a payment date; at most one exists."""
    version = _library.current().find(on, category_code, region_code)
    return rules.card(version.policy, version.effective_on) if version else None


def get_policy(policy_id: str, *, on: date | None = None) -> PolicyCard:
    """A policy in the version that decides on a day (today by default)."""
    version = _version(policy_id, on)
    return rules.card(version.policy, version.effective_on)


def list_policies(*, on: date | None = None) -> list[PolicyCard]:
    """Every policy by its first day and key; with `on`, only those in force on that day."""
    versions = _library.current().on(on or clock.today())
    cards = [
        rules.card(version.policy, version.effective_on)
        for version in versions
        if on is None or version.is_in_force(on)
    ]
    return sorted(cards, key=lambda card: (card.from_on, card.policy_id))


def list_versions(policy_id: str) -> list[VersionCard]:
    """Every publication of a policy with its text, oldest first."""
    rows = PolicyVersion.objects.filter(policy_id=policy_id).order_by("number")
    return [row.as_version() for row in rows]


def get_version(version_hash: str) -> VersionCard:
    """The first publication of a content, by the hash that decisions carry."""
    rows = PolicyVersion.objects.filter(version_hash=version_hash)
    row = rows.order_by("published_at", "pk").first()
    if row is None:
        raise VersionUnknown(version_hash=version_hash)
    return row.as_version()


def list_proposals(*, waiting: bool = True) -> list[ProposalCard]:
    """Texts laid before a second person, newest first; those decided too if `waiting` is False."""
    rows = PolicyProposal.objects.order_by("-proposed_at")
    if waiting:
        rows = rows.filter(is_approved=None)
    return [row.as_proposal() for row in rows[:_LISTED]]


def get_proposal(proposal_id: UUID) -> ProposalCard:
    """One proposal with its text and rows."""
    row = PolicyProposal.objects.filter(pk=proposal_id).first()
    if row is None:
        raise ProposalUnknown(proposal_id=proposal_id)
    return row.as_proposal()


def limit_for(policy_id: str, category_code: str, *, on: date | None = None) -> Limit:
    """How many units of a category one holder may have subsidised."""
    return _lines(policy_id, category_code, on)[0].limits[category_code]


def total_fen(policy_id: str, category_code: str, *, on: date | None = None) -> int | None:
    """The total that a holder's purchases of a category share with others, if the policy has one.

    The fact `household_paid_fen` of a case says what is spent of it.
    """
    lines = _lines(policy_id, category_code, on)
    totals = [line.within.total_fen for line in lines if line.within is not None]
    return max(totals) if totals else None


def line_cap_fen(policy_id: str, category_code: str, *, on: date | None = None) -> int:
    """The most one unit of a category can be given, whatever its line: what a right reserves."""
    return max(line.cap_fen for line in _lines(policy_id, category_code, on))


def shares_for(version_hash: str) -> tuple[FundShare, ...]:
    """How the funds share every subsidy decided under a version, by the hash of its decision."""
    card = get_version(version_hash)
    return _version(card.policy_id, card.effective_on).policy.funds


def typed_facts(text: str) -> dict[str, Fact]:
    """What an officer typed of a case beyond grade and price, one name=value a line.

    Raises Invalid with the line that cannot be read.
    """
    return rules.typed_facts(text)


def list_warnings(*, on: date | None = None) -> list[Problem]:
    """Policies that end within 30 days and leave a category without a successor."""
    day = on or clock.today()
    return rules.expiring([version.policy for version in _library.current().on(day)], day)


def try_policies(*, policy_id: str | None = None) -> list[TryOut]:
    """Run the published test rows of every policy's latest version, or of one."""
    keys = [policy_id] if policy_id else sorted(_library.current().versions)
    found = []
    for key in keys:
        versions = list_versions(key)
        if not versions:
            raise PolicyUnknown(policy_id=key)
        found.append(try_text(f"{key}.yaml", versions[-1].text, versions[-1].test_rows))
    return found


def simulate_change(*, text: str, scope: Scope, from_on: date, to_on: date) -> WhatIf:
    """What a changed policy text would have given over the live sales of [from_on, to_on).

    As if it had always read so. Reads in a transaction that cannot write. Refuses PolicyNotSound
    if the text cannot be read; test rows are not asked for.
    """
    before = _library.current().rulings()
    policy = _readable(text)
    return _whatif.over_period(before, policy, from_on=from_on, to_on=to_on, path=scope.region_path)


def simulate_change_over_file(*, text: str, path: Path, shipped: bool = False) -> WhatIf:
    """The same over a Parquet file of cases; `shipped` compares with the repository's own files
    and needs no database."""
    library = _library.shipped() if shipped else _library.current()
    return _whatif.over_parquet(library.rulings(), _readable(text), path)


def check_shipped() -> tuple[list[TryOut], list[Problem]]:
    """Every shipped file read, checked and tried with its rows, and the library as a whole; needs
    no database."""
    codes = [category.code for category in catalogue.shipped_categories()]
    found, policies = [], []
    for file, text, rows in _seeds.read_seeds():
        policy, outcome = rules.try_out(file, text, rows, categories=codes)
        found.append(outcome if policy else replace(outcome, policy_id=file))
        policies += [policy] if policy else []
    return found, rules.check_library(policies)


def try_shipped_text(file: str, text: str, test_rows: str) -> TryOut:
    """Read, check and run a policy text against the shipped categories; needs no database."""
    codes = [category.code for category in catalogue.shipped_categories()]
    return rules.try_out(file, text, test_rows, categories=codes)[1]


def parties() -> dict[str, str]:
    """Who an admission policy may be about, by code."""
    return rules.parties()


def file_schema() -> dict[str, Any]:
    """The format of a policy file as JSON Schema."""
    return rules.file_schema()


def explain_text(file: str, text: str, case: Case) -> Decision:
    """What a policy text, published or not, says to a case; needs no database."""
    return rules.compile_policy(_readable(text, file))(case)


def _readable(text: str, file: str = "政策文件") -> Policy:
    policy, problems = rules.read_policy(file, text)
    if policy is None:
        first = str(problems[0]).rstrip("。")
        raise PolicyNotSound(count=len(problems), first=first, problems=problems)
    return policy


def try_text(file: str, text: str, test_rows: str) -> TryOut:
    """Read, check and run a policy text that is not published; nothing is written."""
    codes = [category.code for category in catalogue.list_categories()]
    return rules.try_out(file, text, test_rows, categories=codes)[1]


def _version(policy_id: str, on: date | None) -> _library.Version:
    version = _library.current().version_on(policy_id, on or clock.today())
    if version is None:
        raise PolicyUnknown(policy_id=policy_id)
    return version


def _lines(policy_id: str, category_code: str, on: date | None) -> tuple[Line, ...]:
    lines = _version(policy_id, on).policy.lines_for(category_code)
    if not lines:
        raise CategoryNotCovered(policy_id=policy_id, category_code=category_code)
    return lines
