"""What a reader hands on: facts with their source, and lines of text with their place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from huanxin.claims.types.reading import ReadField, Source

Place = tuple[int, int, int, int]  # x, y, width, height in 1/10,000 of the picture

SURE_BPS = 9_000  # below this a printed fact is said to be unsure
# Print without a check digit of its own, where one character more or less is another thing.
_SURE_BPS = {"invoice_number": 9_700, "serial_read": 9_700, "waybill": 9_700, "address": 9_900}
_CERTAIN = {
    Source.DATA: 10_000, Source.QR: 10_000, Source.BARCODE: 10_000, Source.CAMERA: 10_000,
    Source.TEXT: 9_900,
}  # fmt: skip


class CannotRead(Exception):
    """The bytes are not what they say, or too much; the sentence says what to do about it."""

    def __init__(self, say: str, do: str) -> None:
        super().__init__(say)
        self.say, self.do = say, do


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as read, with the reader's confidence and where it stands."""

    text: str
    sure_bps: int = 10_000
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code or barcode: its text, its kind, where it stands and its four corners in pixels."""

    text: str
    is_qr: bool
    place: Place | None = None
    corners: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """Everything read from one file."""

    fields: tuple[ReadField, ...] = ()
    pages: int = 1
    used_print: bool = False
    notes: tuple[str, ...] = field(default=())


def fact(
    name: str,
    value: Any,
    source: Source,
    *,
    sure_bps: int | None = None,
    is_checked: bool | None = None,
    place: Place | None = None,
    needs_check: bool = False,
) -> ReadField:
    """One fact. A failed check digit is never sure; print needs confidence, a number its check."""
    certain = _CERTAIN.get(source, 0) if sure_bps is None else sure_bps
    least = _SURE_BPS.get(name, SURE_BPS) if source is Source.PRINT else SURE_BPS
    is_sure = certain >= least and is_checked is not False
    if needs_check and is_checked is None:
        is_sure = False
    return ReadField(name, value, source, certain, is_checked, is_sure, place)


def best(fields: Iterable[ReadField]) -> tuple[ReadField, ...]:
    """One field a fact: the surest source; two sure sources that disagree make it unsure."""
    order = list(Source)
    chosen: dict[str, ReadField] = {}
    ranked = sorted(fields, key=lambda f: (not f.is_sure, order.index(f.source), -f.sure_bps))
    for one in ranked:
        first = chosen.setdefault(one.fact, one)
        if first is not one and first.is_sure and one.is_sure and first.value != one.value:
            chosen[one.fact] = replace(first, is_sure=False)
    return tuple(chosen.values())


def ordered(lines: Sequence[Line]) -> list[Line]:
    """Lines from top to bottom, those of one row from left to right."""
    placed = sorted((line for line in lines if line.place), key=_middle)
    rows: list[list[Line]] = []
    for line in placed:
        last = rows[-1][0] if rows else None
        if last is not None and _middle(line) - _middle(last) < _height(last) * 6 // 10:
            rows[-1].append(line)
        else:
            rows.append([line])
    read = [line for row in rows for line in sorted(row, key=_left)]
    return [*read, *(line for line in lines if not line.place)]


def _middle(line: Line) -> int:
    assert line.place, "only placed lines are ordered"
    return line.place[1] + line.place[3] // 2


def _height(line: Line) -> int:
    assert line.place, "only placed lines are ordered"
    return line.place[3]


def _left(line: Line) -> int:
    assert line.place, "only placed lines are ordered"
    return line.place[0]
