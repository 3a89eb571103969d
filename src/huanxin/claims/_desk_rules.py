"""Decisions about the desk itself: who is drawn, by when, how much a check may stop. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from huanxin.claims.errors import TermsInvalid
from huanxin.claims.types import Outcome
from huanxin.claims.types.desk import (
    BreakerCap,
    CaseKind,
    DeskTerms,
    StopKind,
    StopOutcome,
    Stratum,
    WaiverSubject,
)

BREAKER_WINDOW = timedelta(hours=1)
SNOOZE = timedelta(days=7)  # a check muted for everyone
WHITE_LIST = timedelta(days=90)  # a check muted for one
DUE_HOURS = {"appeal": 24, "objection": 24, "high": 8, "extended": 8, "held": 24, "sample": 48,
             "stop": 8}  # fmt: skip
OUTCOMES: dict[StopKind, tuple[StopOutcome, ...]] = {
    StopKind.SHOP: (StopOutcome.FREE, StopOutcome.REVIEW_ALL),
    StopKind.CHECK: (StopOutcome.CHECK_WRONG, StopOutcome.CHECK_RIGHT),
}

# Where nothing is published nobody is drawn, no check is capped and one reviewer is enough.
UNPUBLISHED = DeskTerms(
    sample_bps=dict.fromkeys(Stratum, 0),
    new_shop_claims=0,
    watched_days=0,
    large_from_fen=0,
    extended_count=0,
    second_from_fen=None,
    due_hours=DUE_HOURS,
    high_risk=50,
    breaker={},
    exempt_hours=24,
)


@cache
def shipped() -> Mapping[str, Any]:
    """The terms that come with the platform, as they are published at first start."""
    path = resources.files("huanxin.claims").joinpath("data/desk_terms.json")
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def read_terms(content: Mapping[str, Any]) -> DeskTerms:
    """Published terms as values; refuses numbers that cannot be (TermsInvalid).

    >>> read_terms(shipped()).sample_bps[Stratum.PLAIN]
    100
    """
    try:
        terms = _terms(content)
    except (KeyError, TypeError, ValueError) as error:
        raise TermsInvalid(reason=f"缺少或写错的一项：{error}") from error
    rates = [*terms.sample_bps.values(), *(cap.share_bps for cap in terms.breaker.values())]
    if not all(0 <= rate <= 10_000 for rate in rates):
        raise TermsInvalid(reason="比例应在 0 至 10000 之间（万分之一为单位）")
    numbers = [*terms.due_hours.values(), *(cap.count for cap in terms.breaker.values())]
    if not all(number > 0 for number in numbers):
        raise TermsInvalid(reason="时限和上限须大于零")
    return terms


def _terms(content: Mapping[str, Any]) -> DeskTerms:
    second = content["second_from_fen"]
    return DeskTerms(
        sample_bps={one: int(content["sample_bps"][one.value]) for one in Stratum},
        new_shop_claims=int(content["new_shop_claims"]),
        watched_days=int(content["watched_days"]),
        large_from_fen=int(content["large_from_fen"]),
        extended_count=int(content["extended_count"]),
        second_from_fen=None if second is None else int(second),
        due_hours={key: int(content["due_hours"][key]) for key in DUE_HOURS},
        high_risk=int(content["high_risk"]),
        breaker={
            check_id: BreakerCap(int(cap["count"]), int(cap["share_bps"]), int(cap["least"]))
            for check_id, cap in content["breaker"].items()
        },
        exempt_hours=int(content["exempt_hours"]),
    )


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of published terms."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def stratum(
    terms: DeskTerms, *, risk_score: int, subsidy_fen: int, decided_count: int, is_watched: bool
) -> Stratum:
    """The urn of a passed claim: the first of the strata that fits.

    >>> terms = read_terms(shipped())
    >>> facts = {"risk_score": 0, "subsidy_fen": 74_085, "decided_count": 50, "is_watched": False}
    >>> stratum(terms, **facts), stratum(terms, **facts | {"risk_score": 5})
    (<Stratum.PLAIN: 'plain'>, <Stratum.NOTED: 'noted'>)
    """
    fits = {
        Stratum.WATCHED: is_watched,
        Stratum.NOTED: risk_score > 0,
        Stratum.NEW_SHOP: decided_count < terms.new_shop_claims,
        Stratum.LARGE: subsidy_fen >= terms.large_from_fen,
        Stratum.PLAIN: True,
    }
    return next(one for one, is_so in fits.items() if is_so)


def draw_bps(seed: str, claim_id: UUID, nth: int) -> int:
    """Where a claim falls between 0 and 9999; whoever knows the seed can recompute it.

    >>> draw_bps("s", UUID(int=1), 1) == draw_bps("s", UUID(int=1), 1)
    True
    """
    value = hashlib.sha256(f"{seed}|{claim_id}|{nth}".encode()).hexdigest()
    return int(value[:15], 16) % 10_000


def commitment(seed: str) -> str:
    """What is told of a seed before its day is over.

    >>> commitment("a")[:8]
    'ca978112'
    """
    return hashlib.sha256(seed.encode()).hexdigest()


def case_due(terms: DeskTerms, kind: CaseKind, *, risk_score: int, asked_at: datetime) -> datetime:
    """By when a person should have answered: the shorter of the kind's and the risk's time."""
    hours = terms.due_hours[kind.value]
    if risk_score >= terms.high_risk:
        hours = min(hours, terms.due_hours["high"])
    return asked_at + timedelta(hours=hours)


def wants_second(terms: DeskTerms, subsidy_fen: int) -> bool:
    """Whether one person's pass is not enough."""
    return terms.second_from_fen is not None and subsidy_fen >= terms.second_from_fen


def allowed_count(cap: BreakerCap, decided_count: int) -> int:
    """How many claims of an hour one check may stop, of so many decided.

    >>> cap = BreakerCap(count=500, share_bps=2000, least=30)
    >>> allowed_count(cap, 100), allowed_count(cap, 1000), allowed_count(cap, 100_000)
    (30, 200, 500)
    """
    return min(cap.count, max(cap.least, decided_count * cap.share_bps // 10_000))


def over_the_cap(
    claim_ids: Sequence[UUID], *, stopped_before: int, allowed: int
) -> tuple[list[UUID], list[UUID]]:
    """(still stopped, parked) of those a check would stop now, in the order they wait.

    >>> ids = [UUID(int=n) for n in range(3)]
    >>> [len(part) for part in over_the_cap(ids, stopped_before=9, allowed=10)]
    [1, 2]
    """
    room = max(0, allowed - stopped_before)
    return list(claim_ids[:room]), list(claim_ids[room:])


def lowered(outcome: Outcome) -> Outcome:
    """What a muted check still says: one step less.

    >>> lowered(Outcome.REFUSE), lowered(Outcome.HOLD)
    (<Outcome.HOLD: 'hold'>, <Outcome.NOTE: 'note'>)
    """
    return Outcome.HOLD if outcome is Outcome.REFUSE else Outcome.NOTE


def longest(subject: WaiverSubject) -> timedelta:
    """How long a check may be muted: shorter for everyone than for one."""
    return SNOOZE if subject is WaiverSubject.ALL else WHITE_LIST


def city_of(region_path: str) -> str:
    """The city a region lies in.

    >>> city_of("370000/371500/371502")
    '370000/371500'
    """
    return "/".join(region_path.split("/")[:2])
