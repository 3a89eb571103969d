"""Child processes that live in sessions of their own and die with the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from huanxin.project.state import Account

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
SUPERVISOR_VARIABLE = "HUANXIN_SUPERVISOR"


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child, its output appended to `log`. On Linux the kernel ends it when we die.

    The kernel watches the starting thread, not the process, so only the main thread may spawn.
    """
    assert threading.current_thread() is threading.main_thread(), (
        "the child would die with a thread"
    )
    parent = os.getpid()

    def die_with_parent() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)

    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  the commands are ours
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**env, SUPERVISOR_VARIABLE: str(parent)},
            cwd="/",
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent,  # noqa: PLW1509  the supervisor has one thread
        )


def stop(
    child: subprocess.Popen[bytes], *, with_signal: signal.Signals, grace_seconds: float
) -> bool:
    """Ask a child to end, wait, then kill its whole session. True if it ended by itself."""
    if child.poll() is None:
        child.send_signal(with_signal)
    try:
        child.wait(grace_seconds)
        ended = True
    except subprocess.TimeoutExpired:
        ended = False
    kill_session(child)
    child.wait()
    return ended


def kill_session(child: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a child's session, its own children included."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody left (macOS answers EPERM for a group of zombies)


def end_with_supervisor() -> None:
    """In a child: where the kernel cannot tell us, watch for the supervisor's death ourselves."""
    supervisor = int(os.environ.get(SUPERVISOR_VARIABLE, "0"))
    if not supervisor or _LIBC is not None:
        return

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()


def is_running(pid: int) -> bool:
    """Whether a process of that id exists, ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """A process's command line; empty when there is no such process."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except FileNotFoundError:
            return ""
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return shown.stdout.strip()
