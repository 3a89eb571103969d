"""What ranking a batch of claims takes in and gives out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from huanxin.vouchers.types import RightKey


class Candidate(NamedTuple):
    """A claim that nothing speaks against except places, money and its holder's earlier rights."""

    position: int
    pool_id: UUID
    key: RightKey
    reserve_fen: int
    limit_count: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to give in each pool, and which ordinals of a right are taken."""

    places: Mapping[UUID, int]
    money_fen: Mapping[UUID, int]
    taken: Mapping[RightKey, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Winners by position with their ordinal; who already has theirs; who came too late."""

    won: Mapping[int, int]
    already: frozenset[int]
    sold_out: frozenset[int]
