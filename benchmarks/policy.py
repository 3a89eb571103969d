"""The rules: the till's executor against zen-engine and OpenFisca, and the archive's on DuckDB.

The rivals run in an environment of their own under the state folder, in the same run, on the same
cases, and must give the same fen. Where they cannot be installed their ratios are left out with a
sentence; everything else is measured.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.figures import Figure
from huanxin.policy import _library, _words, rules
from huanxin.policy._ast import Policy
from huanxin.policy._columnar import Ruling
from huanxin.policy.types import Case, Engine
from huanxin.project import state

RIVALS = Path(__file__).parent / "rivals"
POLICY, CASES, TIMES = "appliances-2026", 2_000, 5
MILLION = 1_000_000
_MIB = 1024


def measure() -> Iterator[Figure]:
    """Scalar and columnar, each with its rivals."""
    library = _library.shipped()
    policy = library.versions[POLICY][0].policy
    cases = _cases(policy)
    amount, decide = rules.compile_amount(policy), rules.compile_policy(policy)
    expected = [amount(case) for case in cases]
    assert expected == [decide(case).amount_fen for case in cases]
    rivals = _rivals(cases, expected)  # first, so that both sides are measured side by side
    amount_us = _best_us(lambda: [amount(case) for case in cases], CASES)
    decision_us = _best_us(lambda: [decide(case) for case in cases], CASES)
    yield Figure("policy_amount", amount_us, "us", goal=5)
    yield Figure("policy_decision", decision_us, "us", goal=20)
    if rivals:
        yield from _ratios(rivals, amount_us, decision_us)
    yield from _columnar(library, rivals)


def _ratios(rivals: dict[str, float], amount_us: float, decision_us: float) -> Iterator[Figure]:
    for name in ("zen", "fisca"):
        each_us = rivals[f"{name}_us"]
        yield Figure(f"policy_{name}", each_us, "us", goal=0, at_least=True)  # the yardstick
        yield Figure(f"policy_amount_over_{name}", each_us / amount_us, "x", 40, at_least=True)
        yield Figure(f"policy_decision_over_{name}", each_us / decision_us, "x", 10, at_least=True)


def _cases(policy: Policy) -> list[Case]:
    codes = [*policy.categories, "range_hood"]
    return [
        Case(
            on=date(2025, 12, 1) + timedelta(days=n * 7 % 400),
            region_code="371502",
            category_code=codes[n % len(codes)],
            energy_grade=(1, 1, 2, None)[n % 4],
            price_fen=10_000 + n * 7_919 % 1_900_000,
        )
        for n in range(CASES)
    ]


def _rivals(cases: list[Case], expected: list[int]) -> dict[str, float] | None:
    python = _environment()
    if python is None:
        return None
    asked = {
        "cases": [
            {"on": case.on.isoformat(), "category": case.category_code,
             "grade": case.energy_grade, "price": case.price_fen}
            for case in cases
        ],
        "expected": expected,
        "rows": MILLION,
    }  # fmt: skip
    done = subprocess.run(
        [python, RIVALS / "policy.py"], input=json.dumps(asked), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        print(f"对照没有跑成，只测自己：{done.stderr.strip()[-400:]}", file=sys.stderr)
        return None
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def _environment() -> Path | None:
    """A venv with the rivals, made once; None, with a sentence, where it cannot be made."""
    home = state.make_folder(state.state_folder()) / "bench-policy"
    python, listed = home / "bin" / "python", RIVALS / "policy.txt"
    stamp = home / "installed.txt"
    if stamp.exists() and stamp.read_text() == listed.read_text():
        return python
    commands: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "venv", home],
        [python, "-m", "pip", "--disable-pip-version-check", "-q", "install", "-r", listed],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip()[-200:]
            print(f"zen-engine 与 openfisca-core 装不上，略去对照：{said}", file=sys.stderr)
            return None
    stamp.write_text(listed.read_text())
    return python


def _columnar(library: _library.Library, rivals: dict[str, float] | None) -> Iterator[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-policy-") as folder,
        duckdb.connect(f"{folder}/claims.duckdb") as engine,
    ):
        engine.execute("SET threads = 2")
        engine.execute("SET memory_limit = '700MB'")
        engine.execute(f"SET temp_directory = '{folder}'")
        yield from _rates(engine, library, rivals)


def _rates(
    engine: duckdb.DuckDBPyConnection, library: _library.Library, rivals: dict[str, float] | None
) -> Iterator[Figure]:
    rulings = library.rulings()
    paying = [ruling.policy for ruling in rulings if not ruling.policy.is_admission]
    one = [ruling for ruling in rulings if ruling.policy.id == POLICY]
    _lay(engine, paying, MILLION)
    million_s = min(_decided_s(engine, rulings) for _ in range(3))
    yield Figure("policy_million_claims", million_s, "s", goal=2)
    if rivals:
        rows_per_s = MILLION / min(_amounts_s(engine, one) for _ in range(3))
        ratio = rows_per_s / rivals["fisca_rows_per_s"]
        yield Figure("policy_one_rule_columnar", rows_per_s, "1/s", goal=0, at_least=True)
        yield Figure("policy_one_rule_over_fisca", ratio, "x", goal=1, at_least=True)
    _lay(engine, paying, 10 * MILLION)
    ten_s = min(_decided_s(engine, rulings) for _ in range(2))
    yield Figure("policy_ten_million_claims", ten_s, "s", goal=20)
    yield Figure("policy_rate_at_ten_over_one", 10 * million_s / ten_s, "x", 0.9, at_least=True)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
    yield Figure("policy_peak_memory", peak_mib, "MiB", goal=1024)


def _lay(engine: duckdb.DuckDBPyConnection, policies: list[Policy], count: int) -> None:
    """Claims of all vintages, every column spread by a hash of the row's number."""
    codes = sorted({code for policy in policies for code in policy.categories})
    fixed = {
        "paid_on": "DATE '2024-03-22' + CAST(hash(n, 'on') % 1015 AS INTEGER)",
        "region_code": "['371502', '371503', '371521', '371581', '371571'][1 + n % 5]",
        "category_code": f"{codes}[CAST(1 + hash(n, 'category') % {len(codes)} AS BIGINT)]",
        "energy_grade": "CAST(1 + hash(n, 'grade') % 3 AS INTEGER)",
        "price_fen": "CAST(10000 + hash(n, 'price') % 2000000 AS BIGINT)",
    }
    spread = {
        "date": "DATE '2010-01-01' + CAST(hash(n, '{name}') % 6000 AS INTEGER)",
        "boolean": "hash(n, '{name}') % 10 < 9",
        "bigint": "CAST(hash(n, '{name}') % 2500 AS BIGINT)",
    }
    columns = dict(fixed)
    for name, kind in rules.columns(policies).items():
        options = list(_words.facts()[name].options) if name in _words.facts() else []
        if options:
            columns[name] = f"{options}[CAST(1 + hash(n, '{name}') % {len(options)} AS BIGINT)]"
        elif name not in fixed:
            columns[name] = spread[kind].format(name=name)
    listed = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    engine.execute("DROP TABLE IF EXISTS claims")
    engine.execute(f"CREATE TABLE claims AS SELECT {listed} FROM range({count}) t(n)")


def _decided_s(engine: duckdb.DuckDBPyConnection, rulings: list[Ruling]) -> float:
    """Seconds to decide every claim: the amount, and the line that gives it."""
    query = rules.columnar_select(rulings, relation="claims", engine=Engine.DUCKDB)
    return _answered_s(engine, f"SELECT count(decided_by), sum(amount_fen) FROM ({query})")


def _amounts_s(engine: duckdb.DuckDBPyConnection, rulings: list[Ruling]) -> float:
    """Seconds for the amounts alone, which is all that OpenFisca is asked for."""
    amount = rules.columnar_amount(rulings, engine=Engine.DUCKDB)
    return _answered_s(engine, f"SELECT count(*), sum({amount}) FROM claims")


def _answered_s(engine: duckdb.DuckDBPyConnection, query: str) -> float:
    started = time.perf_counter()
    [(paid, fen)] = engine.execute(query).fetchall()
    seconds = time.perf_counter() - started
    assert paid > 0
    assert fen > 0
    return seconds


def _best_us(work: Callable[[], object], count: int) -> float:
    best = min(_timed(work) for _ in range(TIMES))
    return best / count * 1_000_000


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
