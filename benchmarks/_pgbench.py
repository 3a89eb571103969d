"""What PostgreSQL's own pgbench says of a script: 32 clients, prepared statements, durable commits.

It is C and costs next to nothing, so the scripts are served as well as they can be.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from huanxin.project import binaries, state

CLIENTS, SECONDS = 32, 5


def rate(script: str, *, clients: int = CLIENTS, seconds: int = SECONDS) -> float | None:
    """Transactions a second, or None, with a sentence, where there is no pgbench.

    `:n` counts up within a client and never repeats between runs; `:client_id` tells them apart.
    """
    program = _program()
    if program is None:
        print("没有 pgbench，略去对照。", file=sys.stderr)
        return None
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "script.sql"
        file.write_text("\\set n :n + 1\n" + script)
        done = subprocess.run(
            [
                program, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds),
                "-D", "n=0", "-f", file, os.environ["DATABASE_URL"],
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stderr[-500:]
    assert done.returncode == 0, done.stderr[-500:]
    return float(found.group(1))


def _program() -> Path | None:
    beside = binaries.find_binaries(state.state_folder(), None).program("pgbench")
    found = beside if beside.exists() else shutil.which("pgbench")
    return Path(found) if found else None
