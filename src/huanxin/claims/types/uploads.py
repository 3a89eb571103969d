"""What crosses the door of bulk submissions: rows, how each fared, and the whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from huanxin.claims.types import EvidenceKind

# papers later than this after the sale are marked; cities ask for them within 14 days
LATE_DAYS = 14


class Keep(StrEnum):
    """What becomes of the good rows when others are refused: the sender says so."""

    GOOD = "good"  # the good rows are stored, the others come back
    ALL = "all"  # all or none


class UploadChannel(StrEnum):
    FILE = "file"
    API = "api"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a row: its digest where bytes were kept, and the facts as JSON or cells say."""

    kind: EvidenceKind
    facts: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""  # '': the file or call itself carried the facts


@dataclass(frozen=True, slots=True)
class UploadRow:
    """The evidence of one sale, named by its number (单号)."""

    row: int
    number: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was refused: where, what, and what to do."""

    row: int
    column: str
    say: str
    code: str = ""

    @property
    def sentence(self) -> str:
        where = f"“{self.column}”：" if self.column else ""
        return f"第 {self.row} 行{where}{self.say}"


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """How one row fared. `is_due`: its claim now waits for the checks."""

    row: int
    number: str
    is_stored: bool
    is_due: bool = False
    missing: tuple[EvidenceKind, ...] = ()
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class UploadCard:
    """A bulk submission as its shop sees it."""

    id: UUID
    channel: UploadChannel
    name: str
    keep: Keep
    row_count: int
    stored_count: int
    refused_count: int
    uploaded_at: datetime
    is_repeat: bool = False
    problems: tuple[RowProblem, ...] = ()
    rows: tuple[RowAnswer, ...] = ()  # of a call, row by row; empty for a file
