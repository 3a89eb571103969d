"""The published dispatch rule: goods, response clock, shares, scores. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import yaml

from huanxin.kernel import clock


@dataclass(frozen=True, slots=True)
class Goods:
    """What a unit of a category takes of a van and asks of its crew."""

    litres: int
    kilograms: int
    minutes: int
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """What a recycler did with its offers within the window."""

    offered: int = 0
    refused: int = 0
    late: int = 0
    missed: int = 0
    escalated: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of the dispatch rule."""

    version: str
    title: str
    respond: timedelta
    reachable: tuple[int, int]
    late_pause: timedelta
    return_before: timedelta
    metres_per_point: int
    least_offers: int
    window_days: int
    rating: Mapping[str, int]
    goods: Mapping[str, Goods]
    licences: Mapping[str, str]

    def goods_of(self, category_code: str, variant: str) -> Goods:
        """What a unit takes; a kind with its own row (a gas heater) before its category."""
        own = self.goods.get(f"{category_code}/{variant}")
        return own or self.goods.get(category_code) or self.goods["default"]

    def rating_bps(self, record: Record) -> int:
        """A recycler's record in basis points: full at first, less for each fault."""
        lost = (
            record.refused * self.rating["refused_bps"]
            + record.late * self.rating["late_bps"]
            + record.missed * self.rating["missed_bps"]
            + record.escalated * self.rating["escalated_bps"]
        )
        return max(10_000 - lost, self.rating["least_bps"])

    def respond_by(self, offered_at: datetime) -> datetime:
        """When an answer is due, counted while crews are reachable.

        >>> at = datetime(2026, 6, 1, 19, 50, tzinfo=clock.SHANGHAI)
        >>> shipped().respond_by(at).strftime("%d %H:%M")
        '02 08:20'
        """
        opens_hour, closes_hour = self.reachable
        at, left = offered_at.astimezone(clock.SHANGHAI), self.respond
        while True:
            opens = at.replace(hour=opens_hour, minute=0, second=0, microsecond=0)
            closes = at.replace(hour=closes_hour, minute=0, second=0, microsecond=0)
            start = max(at, opens)
            if start < closes:
                if start + left <= closes:
                    return start + left
                left -= closes - start
            at = opens + timedelta(days=1)


@dataclass(slots=True)
class Shares:
    """Offers counted in one county, and what each recycler is due there."""

    due_bps: Mapping[UUID, int]
    counts: dict[UUID, int]

    def over_points(self, org_id: UUID, least: int) -> int:
        """By how many points a recycler would be over its due share with one more offer."""
        total = sum(self.counts.values()) + 1
        if total <= least:
            return 0
        have_bps = (self.counts.get(org_id, 0) + 1) * 10_000 // total
        return max(0, have_bps - self.due_bps.get(org_id, 0)) // 100


def due_shares(capacity: Mapping[UUID, int], rating: Mapping[UUID, int]) -> dict[UUID, int]:
    """Each recycler's due share of a county: its vans' room times its record.

    >>> a, b = UUID(int=1), UUID(int=2)
    >>> list(due_shares({a: 30, b: 10}, {a: 10_000, b: 10_000}).values())
    [7500, 2500]
    """
    weights = {org: units * rating.get(org, 10_000) for org, units in capacity.items()}
    total = sum(weights.values()) or 1
    return {org: weight * 10_000 // total for org, weight in weights.items()}


def score_m(rule: Rule, distance_m: int, over_points: int) -> int:
    """The metres an offer costs: the way from the depot and what it takes from the others."""
    return distance_m + over_points * rule.metres_per_point


@cache
def shipped() -> Rule:
    """The rule in force."""
    folder = resources.files("huanxin.recycling").joinpath("data")
    body = yaml.safe_load(folder.joinpath("dispatch-2026.1.yaml").read_text(encoding="utf-8"))
    return read(body)


def read(body: Mapping[str, Any]) -> Rule:
    """A rule from its YAML body."""
    fairness = body["fairness"]
    return Rule(
        version=str(body["version"]),
        title=body["title"],
        respond=timedelta(minutes=body["respond_minutes"]),
        reachable=tuple(body["reachable"]),
        late_pause=timedelta(minutes=body["late_pause_minutes"]),
        return_before=timedelta(minutes=body["return_minutes"]),
        metres_per_point=fairness["metres_per_point"],
        least_offers=fairness["least_offers"],
        window_days=fairness["window_days"],
        rating=body["rating"],
        goods={
            code: Goods(
                row["litres"], row["kilograms"], row["minutes"], frozenset(row.get("needs", ()))
            )
            for code, row in body["goods"].items()
        },
        licences=body["licences"],
    )


def together(goods: Iterable[Goods]) -> Goods:
    """What several units of one door take together: the longest, and two minutes for each more."""
    all_goods = list(goods)
    if not all_goods:
        return Goods(0, 0, 10)
    return Goods(
        sum(one.litres for one in all_goods),
        sum(one.kilograms for one in all_goods),
        max(one.minutes for one in all_goods) + 4 * (len(all_goods) - 1),
        frozenset().union(*(one.needs for one in all_goods)),
    )
