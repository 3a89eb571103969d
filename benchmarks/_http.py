"""The claim over HTTP: the gateway, a Django view, the bare server and Redis, by one granian.

Load: wrk if it is installed, else benchmarks/load.py, which takes more of the two cores; all sides
of a ratio are asked by the same one, with 128 connections, tokens made beforehand.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks import _city
from benchmarks.figures import Figure
from huanxin.kernel import clock, ids
from huanxin.vouchers import _tickets
from huanxin.vouchers.types import Claim

CONNECTIONS, SECONDS, ROUNDS = 128, 4, 2
TOKENS = {"gateway": 70_000, "view": 10_000, "redis": 70_000}
_ROOT = Path(__file__).parents[1]
_LUA = """
local tokens, n, count = {}, 0, 0
function setup(thread) thread:set("id", count); count = count + 1 end
function init()
  local i = 0
  for line in io.lines("%s") do
    if i %% 2 == id then tokens[#tokens + 1] = line end
    i = i + 1
  end
end
function request()
  n = n + 1
  local from = "10." .. id .. "." .. math.floor(n / 250) %% 250 .. "." .. n %% 250
  return wrk.format("POST", "/claim",
    { ["Content-Type"] = "application/json", ["X-Forwarded-For"] = from },
    '{"token":"' .. (tokens[n] or "") .. '"}')
end
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What the load generator saw."""

    per_second: float
    p99_ms: float
    refused: int


def measure() -> Iterator[Figure]:
    """Rates of all four, best of two rounds in turn, and their ratios."""
    clock.set_clock(_city.OPENS + timedelta(minutes=1))
    rounds = [_round() for _ in range(ROUNDS)]
    best = {
        name: max((r[name] for r in rounds if name in r), key=lambda result: result.per_second)
        for name in rounds[0]
    }
    for name, result in best.items():
        assert result.refused == 0, f"{name}: {result.refused} refused"
        yield Figure(f"http_{name}", result.per_second, "1/s", goal=0, at_least=True)
    rate = {name: result.per_second for name, result in best.items()}
    gateway = rate["gateway"]
    yield Figure("http_gateway_over_view", gateway / rate["view"], "x", 15, at_least=True)
    yield Figure("http_gateway_of_bare", gateway / rate["bare"], "x", 0.15, at_least=True)
    if "redis" in rate:
        yield Figure("http_gateway_of_redis", gateway / rate["redis"], "x", 0.7, at_least=True)
    yield Figure("http_gateway_p99", best["gateway"].p99_ms, "ms", goal=100)


def _round() -> dict[str, Result]:
    results = {}
    for name in ("bare", "view", "gateway", "redis"):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            tokens = _tokens(name, Path(folder)) if name in TOKENS else None
            with _served(name) as port:
                if port is not None:
                    results[name] = _load(port, tokens, Path(folder))
    return results


def _tokens(name: str, folder: Path) -> Path:
    count = TOKENS[name]
    pool_id, people = _city.pool(count), _city.people(count)
    claims = (Claim(ids.new_id(), pool_id, who, _city.CATEGORY, f"d{who}") for who in people)
    times = {"opens_at": _city.OPENS, "closes_at": _city.CLOSES, "now": _city.OPENS}
    file = folder / "tokens.txt"
    file.write_text("\n".join(_tickets.write(claim, **times) for claim in claims))
    return file


_SERVED = {
    "bare": ["--interface", "asgi", "--workers", "1", "benchmarks.rivals.rush:bare"],
    "gateway": ["--interface", "asgi", "--workers", "1", "huanxin.gateway.app:app"],
    "redis": ["--interface", "asgi", "--workers", "1", "benchmarks.rivals.rush:redis"],
    # as the product serves its web: huanxin/project/commands/web.py
    "view": [
        "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4",
        "benchmarks.rivals.rush:application",
    ],
}  # fmt: skip


@contextmanager
def _served(name: str) -> Iterator[int | None]:
    """The port that it is served on; None, with a sentence, without redis-server."""
    with _redis(wanted=name == "redis") as redis_port:
        if name == "redis" and redis_port is None:
            yield None
            return
        port = _free_port()
        command = [
            sys.executable, "-m", "granian", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
            "--log-level", "error", "--backlog", "4096", *_SERVED[name],
        ]  # fmt: skip
        more = {
            "RUSH_REDIS_PORT": str(redis_port), "RUSH_RIVAL": name,
            "HUANXIN_TRUSTED_PROXIES": "127.0.0.1", "PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}",
        }  # fmt: skip
        server = subprocess.Popen(command, env={**os.environ, **more}, cwd=_ROOT)
        try:
            _await(port)
            yield port
        finally:
            server.terminate()
            server.wait(30)


@contextmanager
def _redis(*, wanted: bool) -> Iterator[int | None]:
    program = shutil.which("redis-server")
    if wanted and program is None:
        print("没有安装 redis-server，略去与 Redis 的对照。", file=sys.stderr)
    if not wanted or program is None:
        yield None
        return
    port = _free_port()
    command = [program, "--port", str(port), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _await(port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _load(port: int, tokens: Path | None, folder: Path) -> Result:
    if program := shutil.which("wrk"):
        return _by_wrk(program, port, tokens, folder)
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(CONNECTIONS), str(SECONDS)]
    done = subprocess.run(
        [*command, *([str(tokens)] if tokens else [])], cwd=_ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    said = json.loads(done.stdout)
    refused = said["count"] - said["statuses"].get("200", 0)
    return Result(said["per_second"], said["p99_ms"], refused)


def _by_wrk(program: str, port: int, tokens: Path | None, folder: Path) -> Result:
    command = [
        program, "-t2", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", f"http://127.0.0.1:{port}/"
    ]  # fmt: skip
    if tokens is not None:
        script = folder / "claim.lua"
        script.write_text(_LUA % tokens)
        command[1:1] = ["-s", str(script)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate, p99 = (re.search(p, said) for p in (r"Requests/sec:\s+([\d.]+)", r"99%\s+([\d.]+)(\w+)"))
    assert rate, said
    assert p99, said
    ms = float(p99.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Result(float(rate.group(1)), ms, int(refused.group(1)) if refused else 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _await(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1)  # the worker behind the socket is still importing
            return
    raise AssertionError("the server did not start")
