"""How the platform did against the truth: the numbers of the accuracy table. Reads views alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.kernel.sqlfiles import read_sql
from huanxin.simulation import city, forgeries
from huanxin.simulation._bulk import Bulk, Passage
from huanxin.simulation.deals import Deal
from huanxin.simulation.types import Pattern, titled

WITHIN_S = 60


@dataclass(slots=True)
class Fate:
    """What became of one claim, as the views tell it."""

    is_held: bool = False
    is_refused: bool = False
    is_released: bool = False
    is_cleared: bool = False
    is_mended: bool = False  # given back at least once
    is_mending: bool = False  # and still with its shop
    checks: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    mends: set[str] = field(default_factory=set)

    @property
    def is_stopped(self) -> bool:
        """Held for a person or refused, in any round."""
        return self.is_held or self.is_refused

    @property
    def is_caught(self) -> bool:
        """Stopped, or given back and never mended: it does not leave on the machine's word."""
        return self.is_stopped or self.is_mending


@dataclass(frozen=True, slots=True)
class PatternRow:
    """One pattern: counts, money, and what was missed."""

    pattern: Pattern
    case: int
    rings: int
    committed: int
    committed_fen: int
    at_gate: int
    at_till: int
    refused: int
    held: int
    mended: int
    unmended: int
    missed: int
    missed_fen: int
    paid: int
    paid_fen: int
    checks: Mapping[str, int]
    missed_forms: Mapping[str, int]

    @property
    def caught(self) -> int:
        """Stopped before payment: at the gate or till, refused, or held for a person."""
        return self.committed - self.missed

    @property
    def title(self) -> str:
        """The pattern in Chinese."""
        return titled(self.pattern)


@dataclass(frozen=True, slots=True)
class Measured:
    """The whole table and what it rests on."""

    seed: int
    scale: int
    deals: int
    claims: int
    rows: tuple[PatternRow, ...]
    honest: int
    honest_held: int
    honest_refused: int
    honest_stopped: int
    honest_mended: int
    honest_checks: Mapping[str, int]
    honest_looks: Mapping[str, tuple[int, int]]
    reached_person: int
    decided: int
    decided_in_time: int
    slowest_s: float
    verdicts: Mapping[str, int]
    seconds: Mapping[str, float]
    ledger_difference_fen: int


def measured(bulk: Bulk, *, scale: int, ledger_difference_fen: int) -> Measured:
    """Truth and findings side by side; the truth comes from the deals alone."""
    fates = _fates()
    honest = [p for p in bulk.passages if not p.deal.is_fraud and p.sale_id is not None]
    waits = [s for p in bulk.passages for s in p.decided_after_s]
    return Measured(
        seed=bulk.seed,
        scale=scale,
        deals=len(bulk.passages),
        claims=len(bulk.by_sale),
        rows=tuple(_row(s, bulk.passages, fates) for s in forgeries.schemes()),
        honest=len(honest),
        honest_held=sum(fate_of(p, fates).is_held for p in honest),
        honest_refused=sum(fate_of(p, fates).is_refused for p in honest),
        honest_stopped=sum(
            fate_of(p, fates).is_held or fate_of(p, fates).is_refused for p in honest
        ),
        honest_mended=sum(fate_of(p, fates).is_mended for p in honest),
        honest_checks=_counts(c for p in honest for c in fate_of(p, fates).checks),
        honest_looks=_looks(honest, fates),
        reached_person=sum(p.reached_person for p in bulk.passages),
        decided=len(waits),
        decided_in_time=sum(wait <= WITHIN_S for wait in waits),
        slowest_s=max(waits, default=0.0),
        verdicts=dict(bulk.desk.verdicts),
        seconds={name: round(s, 1) for name, s in bulk.spent_s.items()},
        ledger_difference_fen=ledger_difference_fen,
    )


def fate_of(passage: Passage, fates: Mapping[UUID, Fate]) -> Fate:
    """A passage's fate; one that never became a claim has none."""
    return fates.get(passage.sale_id, Fate()) if passage.sale_id else Fate()


def _row(
    scheme: forgeries.Scheme, passages: Sequence[Passage], fates: Mapping[UUID, Fate]
) -> PatternRow:
    mine = [p for p in passages if p.deal.is_fraud and p.deal.pattern is scheme.pattern]
    stopped = {id(p) for p in mine if p.sale_id is None}
    found = {id(p): fate_of(p, fates) for p in mine}
    missed = [p for p in mine if id(p) not in stopped and not found[id(p)].is_caught]
    paid = [p for p in mine if found[id(p)].is_released]
    at_gate = sum(p.sale_id is None and p.refused_by.startswith("claim:") for p in mine)
    return PatternRow(
        pattern=scheme.pattern,
        case=scheme.case,
        rings=len({p.deal.ring for p in mine}),
        committed=len(mine),
        committed_fen=sum(due_fen(p) for p in mine),
        at_gate=at_gate,
        at_till=len(stopped) - at_gate,
        refused=sum(fate.is_refused for fate in found.values()),
        held=sum(fate.is_held and not fate.is_refused for fate in found.values()),
        mended=sum(fate.is_mended for fate in found.values()),
        unmended=sum(fate.is_mending for fate in found.values() if not fate.is_stopped),
        missed=len(missed),
        missed_fen=sum(due_fen(p) for p in missed),
        paid=len(paid),
        paid_fen=sum(due_fen(p) for p in paid),
        checks=_counts(c for fate in found.values() for c in fate.checks),
        missed_forms=_counts(p.deal.form for p in missed if p.deal.form),
    )


def due_fen(passage: Passage) -> int:
    """The subsidy that was at stake; of what never became a sale, by the vintage's rate and cap."""
    return passage.subsidy_fen or rule_fen(passage.deal)


def rule_fen(deal: Deal) -> int:
    """The subsidy by the published rates (domain.md B): for the table's money column alone."""
    price = deal.list_price_fen - deal.discount_fen
    if city.is_digital(deal.category_code):
        return min(price * 15 // 100, 50_000)
    if deal.programme.endswith("2026"):
        return min(price * 15 // 100, 150_000)
    return min(price * (20 if deal.grade == 1 else 15) // 100, 200_000)


def _looks(honest: Sequence[Passage], fates: Mapping[UUID, Fate]) -> dict[str, tuple[int, int]]:
    """By look: how many there were, how many were stopped."""
    found: dict[str, tuple[int, int]] = {}
    for p in honest:
        fate = fate_of(p, fates)
        name = str(p.deal.look or "plain")
        count, stopped = found.get(name, (0, 0))
        found[name] = (count + 1, stopped + (fate.is_held or fate.is_refused))
    return dict(sorted(found.items(), key=lambda item: -item[1][1]))


def _counts(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _fates() -> dict[UUID, Fate]:
    fates: dict[UUID, Fate] = {}
    for sale_id, check_id, outcome in _rows("measured_findings"):
        fate = fates.setdefault(sale_id, Fate())
        if outcome == "note":
            fate.notes.add(check_id)
            continue
        if outcome == "mend":
            fate.is_mended = True
            fate.mends.add(check_id)
            continue
        fate.checks.add(check_id)
        fate.is_held |= outcome == "hold"
        fate.is_refused |= outcome == "refuse"
    for sale_id, is_released, is_cleared, is_mending in _rows("measured_claims"):
        fate = fates.setdefault(sale_id, Fate())
        fate.is_released, fate.is_cleared = bool(is_released), bool(is_cleared)
        fate.is_mending = bool(is_mending)
    return fates


def _rows(name: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.simulation.sql", name).text)
        return list(cursor.fetchall())
