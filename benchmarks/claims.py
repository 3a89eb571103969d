"""Accuracy: two years of the measured city's claims against the truth (docs/verification.md).

One in a hundred of the city's sales, and with FULL=1 one in ten. With SAMPLE=1 seven weeks of 220
shops with 3,000 honest sales and sixty frauds a pattern, as in the published table. SEED names
another city. The table goes to standard error, the figures to standard output.
"""

import os
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from benchmarks.figures import Figure
from huanxin.simulation import services as simulation
from huanxin.simulation.measuring import Measured, PatternRow

SEED, QUICK, FULL = 20260731, 100, 10
_SAMPLE: dict[str, Any] = {
    "scale": 20, "first_on": date(2025, 5, 15), "last_on": date(2025, 6, 30),
    "counts": (3_000, 1_080),
}  # fmt: skip


def measure() -> Iterator[Figure]:
    """Shares of claims and of fraudulent money, each with the goal it is held to."""
    seed = int(os.environ.get("SEED", SEED))
    size: dict[str, Any] = {"scale": FULL if os.environ.get("FULL") == "1" else QUICK}
    if os.environ.get("SAMPLE") == "1":
        size = _SAMPLE
    found = simulation.measure_claims(seed=seed, progress=_tell, **size)
    print(table(found), file=sys.stderr)
    yield Figure("claims", found.claims, "claims", goal=1, at_least=True)
    yield Figure("reached_a_person", _share(found.reached_person, found.claims), "%", goal=10)
    yield Figure(
        "decided_within_60_s", _share(found.decided_in_time, found.decided), "%", goal=95,
        at_least=True,
    )  # fmt: skip
    committed_fen = sum(row.committed_fen for row in found.rows)
    caught_fen = committed_fen - sum(row.missed_fen for row in found.rows)
    yield Figure(
        "fraudulent_subsidy_caught", _share(caught_fen, committed_fen), "%", goal=95, at_least=True
    )
    least = min(_share(row.caught, row.committed) for row in found.rows)
    yield Figure("least_caught_of_a_pattern", least, "%", goal=80, at_least=True)
    stopped = found.honest_stopped
    yield Figure("honest_held", _share(stopped, found.honest), "%", goal=1)
    yield Figure("honest_given_back", _share(found.honest_mended, found.honest), "%", goal=0,
                 at_least=True)  # fmt: skip
    yield Figure("ledger_difference", found.ledger_difference_fen, "fen", goal=0)
    yield Figure("seconds", sum(found.seconds.values()), "s", goal=900)


def table(found: Measured) -> str:
    """The accuracy table as docs/verification.md shows it."""
    head = (
        "| pattern | C3 | rings | committed | at the gate | at the till | refused | held |"
        " given back | missed | caught | money caught | paid in the end | found by |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"
    )
    lines = [_line(row) for row in found.rows]
    looks = [
        f"| {name} | {count} | {stopped} | {_share(stopped, count):.1f} % |"
        for name, (count, stopped) in found.honest_looks.items()
    ]
    checks = [f"| {name} | {count} |" for name, count in found.honest_checks.items()]
    return "\n".join(
        [head, *lines, "", "| honest sales that look like | count | stopped | |",
         "|---|--:|--:|--:|", *looks, "", "| check | honest claims it stopped |", "|---|--:|",
         *checks, "", f"reviews: {found.verdicts}", f"seconds: {found.seconds}",
         f"slowest decision: {found.slowest_s:.1f} s"]
    )  # fmt: skip


def _line(row: PatternRow) -> str:
    money = _share(row.committed_fen - row.missed_fen, row.committed_fen)
    by = ", ".join(f"{name} {count}" for name, count in list(row.checks.items())[:3])
    return (
        f"| {row.title} | {row.case} | {row.rings} | {row.committed} | {row.at_gate} |"
        f" {row.at_till} | {row.refused} | {row.held} | {row.mended} | {row.missed} |"
        f" {_share(row.caught, row.committed):.0f} % | {money:.0f} % | {row.paid} | {by} |"
    )


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _tell(done: int, total: int, label: str) -> None:
    if done % 30 == 0:
        print(f"{done}/{total} {label}", file=sys.stderr, flush=True)
