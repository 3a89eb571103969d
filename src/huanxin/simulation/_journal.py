"""What the replay remembers between days: which wish stands where, in one file (ADR 072).

Nothing here is needed by the platform. Losing the file loses the ability to go on with a season,
not one fact of it. The truth about frauds is a second file; neither ever enters the platform.
"""

import json
import os
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from huanxin.simulation.types import Pattern, PatternScore, SeasonResult


@dataclass(slots=True)
class WishState:
    """How far one wish has come. Ids are texts of what the platform answered."""

    tries: int = 0
    voucher_id: str = ""
    expires_at: str = ""
    buy_on: str = ""
    order_id: str = ""
    unit_id: str = ""
    slot_on: str = ""
    is_collected: bool = False
    trade_in_id: str = ""
    sale_id: str = ""
    serial: str = ""
    sold_at: str = ""
    price_fen: int = 0
    subsidy_fen: int = 0
    to_pay_fen: int = 0
    papers_on: str = ""
    papers_sent: int = 0
    is_mended: bool = False
    is_returned: bool = False
    refusals: list[str] = field(default_factory=list)


_BLANK = WishState()
_NAMES = tuple(f.name for f in fields(WishState))


def _compact(state: WishState) -> dict[str, Any]:
    """What a state says beyond a blank one: most wishes end early, and every day writes all."""
    return {n: v for n in _NAMES if (v := getattr(state, n)) != getattr(_BLANK, n)}


@dataclass(slots=True)
class Journal:
    """One replay's memory."""

    fingerprint: str
    seed: int
    scale: int
    plan_hash: str
    done_on: str = ""
    is_foreign: bool = False  # played by another version of this code: nothing is known of it
    seconds: float = 0.0
    wishes: dict[str, WishState] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def of(self, key: str) -> WishState:
        """The state of a wish, begun when first asked for."""
        return self.wishes.setdefault(key, WishState())

    def count(self, name: str, by: int = 1) -> None:
        """Add to one of the replay's own counts."""
        self.counts[name] = self.counts.get(name, 0) + by

    @property
    def last_day(self) -> date | None:
        """The last day that was finished."""
        return date.fromisoformat(self.done_on) if self.done_on else None


JOURNAL, TRUTH, RESULT = "season.json", "fraud-truth.json", "result.json"
_NEXT = "season-next.json"


def load(folder: Path) -> Journal | None:
    """The journal of the last finished day, if there is a readable one."""
    return _journal(folder / JOURNAL)


def load_next(folder: Path) -> Journal | None:
    """The journal laid for a day whose commit may or may not have happened."""
    return _journal(folder / _NEXT)


def _journal(path: Path) -> Journal | None:
    body = _read(path)
    if body is None or set(body) != {f.name for f in fields(Journal)}:
        return None
    body["wishes"] = {key: WishState(**state) for key, state in body["wishes"].items()}
    return Journal(**body)


def save_next(folder: Path, journal: Journal) -> None:
    """Lay the journal of a day that is about to be committed."""
    body = {f.name: getattr(journal, f.name) for f in fields(Journal)}
    body["wishes"] = {key: _compact(state) for key, state in journal.wishes.items()}
    _write(folder / _NEXT, body)


def promote_next(folder: Path) -> None:
    """The day was committed: its journal is the journal."""
    (folder / _NEXT).replace(folder / JOURNAL)


def save_truth(folder: Path, truth: dict[str, Pattern]) -> None:
    """Keep which wishes are frauds, outside the platform."""
    _write(folder / TRUTH, {key: str(pattern) for key, pattern in truth.items()})


def save_result(folder: Path, result: SeasonResult) -> None:
    """Keep what a finished replay counted."""
    _write(folder / RESULT, asdict(result))


def load_result(folder: Path) -> SeasonResult | None:
    """What a finished replay counted, if it was kept."""
    body = _read(folder / RESULT)
    if body is None or set(body) != {f.name for f in fields(SeasonResult)}:
        return None
    days = {name: date.fromisoformat(body[name]) for name in ("first_on", "last_on")}
    scores = tuple(PatternScore(**score) for score in body["scores"])
    return SeasonResult(**{**body, **days, "scores": scores})


def _read(path: Path) -> dict[str, Any] | None:
    try:
        body = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return body if isinstance(body, dict) else None


def _write(path: Path, body: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(body, file, ensure_ascii=False, default=str)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
