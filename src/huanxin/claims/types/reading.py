"""What a machine read from a paper: each fact with its source, its confidence, its check digit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from huanxin.claims.types import EvidenceKind

RELATIONS = ("配偶", "父母", "子女", "其他家人")  # who may be declared to pay or receive for her


class Source(StrEnum):
    """What a fact was read from, the surest first."""

    DATA = "data"  # a field of an XML or OFD invoice
    QR = "qr"
    BARCODE = "barcode"
    TEXT = "text"  # the text of a PDF or OFD page
    CAMERA = "camera"  # EXIF
    PRINT = "print"  # recognised from a picture


class ScanState(StrEnum):
    """How far the reading of a file has come."""

    WAITING = "waiting"
    READ = "read"
    UNREADABLE = "unreadable"  # the file is kept, a person has to look at it
    NOT_INSTALLED = "not_installed"  # this platform runs without the reading extra


@dataclass(frozen=True, slots=True)
class ReadField:
    """One fact as read. `place` is x, y, width, height in 1/10,000 of the picture.

    `is_checked` tells whether the number\x27s own check digit agrees; None where it has none.
    """

    fact: str
    value: Any
    source: Source
    sure_bps: int
    is_checked: bool | None
    is_sure: bool
    place: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class PaperReading:
    """What was read from one kept file: empty fields and a sentence where nothing could be."""

    sha256: str
    kind: EvidenceKind
    state: ScanState
    say: str
    do: str
    is_picture: bool
    width: int
    height: int
    fields: tuple[ReadField, ...]
    typed: Mapping[str, Any]
    differs: tuple[str, ...]
