"""Every check over years of claims in Parquet on DuckDB, and live over a batch among a million.

FULL=1 adds ten million claims. Under other load the wall clock says little, so the processor's
seconds, halved over the two cores it runs on, are given beside it.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import _claims
from benchmarks.figures import Figure

_SIZES = (250_000, 500_000, 1_000_000, 2_000_000)
_TEN = 10_000_000
_MILLION = 1_000_000
_MIB = 1024


def measure() -> Iterator[Figure]:
    """The bulk engine by size; then the live checks."""
    yield from _bulk_figures()
    from benchmarks import _claims_live

    yield from _claims_live.measure()


def _bulk_figures() -> Iterator[Figure]:
    sizes = (*_SIZES, _TEN) if os.environ.get("FULL") else _SIZES
    spent: dict[int, float] = {}
    for size in sizes:
        ran = _ran(size)
        spent[size] = ran["cpu_s"] / 2
        millions = size / _MILLION
        goal = 60 if size == _MILLION else 0
        yield Figure(f"checks_{millions:g}m_wall", ran["wall_s"], "s", goal, at_least=not goal)
        yield Figure(f"checks_{millions:g}m_two_cores", spent[size], "s", goal, at_least=not goal)
        if size == _MILLION:
            yield Figure("checks_1m_peak", ran["peak_mib"], "MiB", 4096)
            yield Figure("checks_1m_found", ran["found"], "claims", 1, at_least=True)
    small, large = min(sizes), max(sizes)
    allowed = large * math.log(large) / (small * math.log(small))
    yield Figure("checks_growth_over_n_log_n", spent[large] / spent[small] / allowed, "x", 1)


def _ran(size: int) -> dict[str, float]:
    """All checks over a fresh folder, in a process of their own so that its peak is its own."""
    with tempfile.TemporaryDirectory(prefix="bench-checks-", dir="/var/tmp") as home:
        folder = Path(home)
        subprocess.run(_command("lay", folder, size), check=True)
        done = subprocess.run(
            _command("run", folder, size), check=True, capture_output=True, text=True
        )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _command(what: str, folder: Path, size: int) -> list[str]:
    return [sys.executable, "-m", "benchmarks.checks", what, str(folder), str(size)]


def _run(folder: Path) -> None:
    import resource

    import django

    django.setup()
    from huanxin.claims import _bulk, _duck

    started = time.perf_counter()
    engine = _duck.DuckEngine()
    found: set[str] = set()
    try:
        _bulk.prepare(engine, folder)
        for _, hits in _bulk.run(engine):
            found |= {hit.claim_id for hit in hits}
    finally:
        engine.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer = {
        "wall_s": time.perf_counter() - started,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / _MIB,
        "found": len(found),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    if sys.argv[1] == "lay":
        _claims.lay(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        _run(Path(sys.argv[2]))
