"""What crosses the door of whole years of claims: exports, and what the bulk engines find."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from huanxin.claims.types import Outcome


class BulkEngine(StrEnum):
    """Where the checks run over exported files."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class ExportedMart:
    """One mart written for one city."""

    mart: str
    city: str
    row_count: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One claim that a check found in the files. `claim_id` is text, as the files hold it."""

    claim_id: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckFound:
    """A check, and every claim it found."""

    check_id: str
    title: str
    outcome: Outcome
    reason_code: str
    hits: tuple[Hit, ...]
