"""The only writers of policy: what is published stays as it was published."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids, locking, requests
from huanxin.kernel.actor import Actor
from huanxin.policy import _library, _seeds, models, rules
from huanxin.policy._ast import Policy
from huanxin.policy.errors import (
    PolicyNotSound,
    ProposalDecided,
    ProposalUnknown,
    SecondPersonNeeded,
    VersionDayTaken,
    VersionTooSoon,
    VersionUnchanged,
)
from huanxin.policy.types import Loaded, PolicyCard, Problem, TryOut

_SEED_REASON = "随平台发布的政策文本"
_DAY = timedelta(days=1)


class _Version(NamedTuple):
    """A sound policy as it is about to be published."""

    policy: Policy
    text: str
    test_rows: str
    effective_on: date
    reason: str
    proposed_by: UUID | None = None


@transaction.atomic
def load_reference(*, actor: Actor) -> Loaded:
    """Publish the shipped policies whose key is not published yet. Regions and categories first.

    Safe to repeat. A policy that is published is never touched: if its shipped text says something
    else, it is named in `differing` and an officer may publish it as a new version.
    """
    identity.require(actor, "policy.load_reference")
    _lock_publications()
    latest = {row.policy_id: row for row in _latest_rows()}
    fresh, unchanged, differing = [], [], []
    codes = _category_codes()
    for file, text, test_rows in _seeds.read_seeds():
        policy = _sound(file, text, test_rows, codes)
        published = latest.get(policy.id)
        if published is None:
            fresh.append((policy, text, test_rows))
        elif published.version_hash == policy.version_hash:
            unchanged.append(policy.id)
        else:
            differing.append(policy.id)
    found = rules.check_library([*map(_read, latest.values()), *(new[0] for new in fresh)])
    files = {new[0].file for new in fresh}
    _refuse([problem for problem in found if problem.file in files])
    _publish(actor, [_Version(*new, new[0].from_on, _SEED_REASON) for new in fresh])
    return Loaded(tuple(new[0].id for new in fresh), tuple(unchanged), tuple(differing))


@transaction.atomic
def publish_policy(
    *,
    actor: Actor,
    text: str,
    test_rows: str,
    reason: str,
    request_id: UUID,
    effective_on: date | None = None,
) -> PolicyCard:
    """Publish a policy (YAML `text`) or a new version of one, with its test rows (CSV).

    For the platform itself; people propose and approve. A new policy decides from its own first
    day; a new version from `effective_on`, at the earliest and by default tomorrow, so that no
    sale of today is decided twice. Safe to retry: a repeated request_id returns the first answer.
    Refuses PolicyNotSound with every problem's line if the text, its tests or its neighbours do
    not allow it, and then nothing is published.
    """
    file, policy = _named(text)
    region = identity.get_region(policy.region_code)
    identity.require(actor, "policy.publish", region_path=region.path)
    _lock_publications()
    content = [text, test_rows, reason, effective_on]
    earlier = requests.first_answer(actor, "policy.publish", request_id, content)
    if earlier is not None:
        return rules.card(policy, date.fromisoformat(earlier["effective_on"]))
    policy, day = _publishable(file, policy, text, test_rows, effective_on)
    [row] = _publish(actor, [_Version(policy, text, test_rows, day, reason)])
    answer = {"effective_on": day.isoformat(), "number": row.number}
    requests.remember(actor, "policy.publish", request_id, answer)
    return rules.card(policy, day)


@transaction.atomic
def propose_policy(
    *,
    actor: Actor,
    text: str,
    test_rows: str,
    reason: str,
    request_id: UUID,
    effective_on: date | None = None,
) -> UUID:
    """Lay a policy or a new version before a second person; nothing takes effect yet.

    Safe to retry. Refuses PolicyNotSound what could not be published as it stands.
    """
    file, policy = _named(text)
    region = identity.get_region(policy.region_code)
    identity.require(actor, "policy.propose", region_path=region.path)
    _lock_publications()
    content = [text, test_rows, reason, effective_on]
    earlier = requests.first_answer(actor, "policy.propose", request_id, content)
    if earlier is not None:
        return UUID(earlier["proposal_id"])
    policy, _ = _publishable(file, policy, text, test_rows, effective_on)
    row = models.PolicyProposal.objects.create(
        id=ids.new_id(),
        policy_key=policy.id,
        title=policy.title,
        region_id=region.code,
        text=text,
        test_rows=test_rows,
        reason=reason,
        effective_on=effective_on,
        proposed_by=actor.account_id,
        proposed_at=clock.now(),
    )
    audit.record(
        actor, "policy.proposed", "policy", policy.id, region_path=region.path,
        proposal_id=str(row.id), version_hash=policy.version_hash, reason=reason,
    )  # fmt: skip
    requests.remember(actor, "policy.propose", request_id, {"proposal_id": str(row.id)})
    return row.id


@transaction.atomic
def approve_policy(*, actor: Actor, proposal_id: UUID, request_id: UUID) -> PolicyCard:
    """Publish what another person proposed, after the same checks on the same text.

    Safe to retry. Refuses SecondPersonNeeded to its author, ProposalDecided what was decided
    before, and VersionTooSoon if the day it asked for has passed meanwhile.
    """
    proposal = _proposal(proposal_id)
    region = identity.get_region(proposal.region_id)
    identity.require(actor, "policy.approve", region_path=region.path)
    _lock_publications()
    file, policy = _named(proposal.text)
    earlier = requests.first_answer(actor, "policy.approve", request_id, [str(proposal_id)])
    if earlier is not None:
        return rules.card(policy, date.fromisoformat(earlier["effective_on"]))
    proposal = _open(proposal_id)
    if proposal.proposed_by == actor.account_id:
        raise SecondPersonNeeded(policy_id=policy.id)
    text, test_rows = proposal.text, proposal.test_rows
    policy, day = _publishable(file, policy, text, test_rows, proposal.effective_on)
    new = _Version(policy, text, test_rows, day, proposal.reason, proposal.proposed_by)
    _publish(actor, [new])
    _decide(proposal, actor, is_approved=True)
    requests.remember(actor, "policy.approve", request_id, {"effective_on": day.isoformat()})
    return rules.card(policy, day)


@transaction.atomic
def decline_policy(*, actor: Actor, proposal_id: UUID, reason: str, request_id: UUID) -> None:
    """Close a proposal without publishing it; its author may withdraw it so. Safe to retry."""
    proposal = _proposal(proposal_id)
    region = identity.get_region(proposal.region_id)
    identity.require(actor, "policy.approve", region_path=region.path)
    _lock_publications()
    content = [str(proposal_id), reason]
    if requests.first_answer(actor, "policy.decline", request_id, content) is not None:
        return
    proposal = _open(proposal_id)
    _decide(proposal, actor, is_approved=False)
    audit.record(
        actor, "policy.declined", "policy", proposal.policy_key, region_path=region.path,
        proposal_id=str(proposal_id), reason=reason,
    )  # fmt: skip
    requests.remember(actor, "policy.decline", request_id, {"declined": True})


def _proposal(proposal_id: UUID) -> models.PolicyProposal:
    row = models.PolicyProposal.objects.filter(pk=proposal_id).first()
    if row is None:
        raise ProposalUnknown(proposal_id=proposal_id)
    return row


def _open(proposal_id: UUID) -> models.PolicyProposal:
    proposal = locking.lock_row(models.PolicyProposal, proposal_id)
    if proposal.is_approved is not None:
        raise ProposalDecided(proposal_id=proposal_id)
    return proposal


def _decide(proposal: models.PolicyProposal, actor: Actor, *, is_approved: bool) -> None:
    proposal.decided_by, proposal.decided_at = actor.account_id, clock.now()
    proposal.is_approved = is_approved
    proposal.save(update_fields=["decided_by", "decided_at", "is_approved"])


def _publishable(
    file: str, policy: Policy, text: str, test_rows: str, effective_on: date | None
) -> tuple[Policy, date]:
    """The policy sound alone and among its neighbours, and the day it would take effect."""
    policy = _sound(file, text, test_rows, _category_codes())
    published = list(map(_read, _latest_rows()))
    others = [each for each in published if each.id != policy.id]
    # What was so before cannot be mended here: published texts stay as they are.
    before = rules.check_library(published)
    _refuse([p for p in rules.check_library([*others, policy]) if p not in before])
    return policy, _effective_day(policy, effective_on)


def _lock_publications() -> None:
    # Soundness is a statement about all policies together, so they are published one at a time.
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE policy_policyversion IN SHARE ROW EXCLUSIVE MODE")


def _named(text: str) -> tuple[str, Policy]:
    """The text's policy and file name, or PolicyNotSound if it cannot be read at all."""
    policy, problems = rules.read_policy("政策文件", text)
    if policy is None:
        _refuse(problems)
    assert policy is not None
    return f"{policy.id}.yaml", policy


def _category_codes() -> tuple[str, ...]:
    return tuple(category.code for category in catalogue.list_categories())


def _sound(file: str, text: str, test_rows: str, codes: tuple[str, ...]) -> Policy:
    policy, tried = _tried(file, text, test_rows, codes)
    _refuse(tried.problems)
    assert policy is not None
    return policy


@lru_cache(maxsize=64)
def _tried(
    file: str, text: str, test_rows: str, codes: tuple[str, ...]
) -> tuple[Policy | None, TryOut]:
    # Pure and slow (a tenth of a second); every start of the platform loads the same files.
    return rules.try_out(file, text, test_rows, categories=codes)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        first = str(problems[0]).rstrip("。")
        raise PolicyNotSound(count=len(problems), first=first, problems=list(problems))


def _effective_day(policy: Policy, wanted: date | None) -> date:
    rows = models.PolicyVersion.objects.filter(policy_id=policy.id)
    latest = rows.order_by("-number").first()
    if latest is None:
        return policy.from_on
    if latest.version_hash == policy.version_hash:
        raise VersionUnchanged(policy_id=policy.id)
    earliest_on = max(clock.today() + _DAY, policy.from_on)
    day = wanted or earliest_on
    if day < earliest_on:
        raise VersionTooSoon(earliest_on=earliest_on, effective_on=day)
    if rows.filter(effective_on=day).exists():
        raise VersionDayTaken(policy_id=policy.id, effective_on=day)
    return day


def _publish(actor: Actor, news: Sequence[_Version]) -> list[models.PolicyVersion]:
    """Write versions of different policies, in the order given."""
    regions = {code: identity.get_region(code) for code in {new.policy.region_code for new in news}}
    ids_ = [new.policy.id for new in news]
    models.Policy.objects.bulk_create(
        [models.Policy(pk=id_) for id_ in ids_], ignore_conflicts=True
    )
    published = models.PolicyVersion.objects.filter(policy_id__in=ids_)
    earlier = Counter(published.values_list("policy_id", flat=True))
    rows = [
        models.PolicyVersion(
            id=ids.new_id(),
            policy_id=new.policy.id,
            number=earlier[new.policy.id] + 1,
            version_hash=new.policy.version_hash,
            text=new.text,
            test_rows=new.test_rows,
            title=new.policy.title,
            region_id=new.policy.region_code,
            from_on=new.policy.from_on,
            to_on=new.policy.to_on,
            effective_on=new.effective_on,
            reason=new.reason,
            published_by=actor.account_id,
            published_at=clock.now(),
            proposed_by=new.proposed_by,
        )
        for new in news
    ]
    models.PolicyVersion.objects.bulk_create(rows)
    told = ("number", "version_hash", "effective_on", "reason")
    audit.record_many(
        actor,
        "policy.published",
        [
            audit.Entry(
                "policy", row.policy_id, regions[row.region_id].path,
                facts={name: getattr(row, name) for name in told},
            )
            for row in rows
        ],
    )  # fmt: skip
    return rows


def _latest_rows() -> list[models.PolicyVersion]:
    rows = models.PolicyVersion.objects.order_by("policy_id", "-number").distinct("policy_id")
    return list(rows)


def _read(row: models.PolicyVersion) -> Policy:
    return _library.compiled(row.policy_id, row.text)[0]
