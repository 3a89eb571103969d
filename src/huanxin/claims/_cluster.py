"""A standalone Spark cluster on this machine: a master and workers as processes of their own.

    python -m huanxin.claims._cluster --workers 2

Prints the master's address and runs until Ctrl-C. For a real cluster use Spark's own scripts.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from huanxin.claims._spark import check_java

_HOST = "127.0.0.1"
_START_SECONDS = 90
_STOP_SECONDS = 10
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"


@contextmanager
def running(*, workers: int = 2, cores: int = 1, memory: str = "2g") -> Iterator[str]:
    """Start the cluster, yield its address when all workers have registered, stop it after."""
    check_java()
    port, children = _free_port(), []
    with tempfile.TemporaryDirectory(prefix="huanxin-spark-") as home:
        folder = Path(home)
        master = f"spark://{_HOST}:{port}"
        try:
            children.append(_start(folder, "master", _MASTER, [
                "--host", _HOST, "--port", str(port), "--webui-port", str(_free_port()),
            ]))  # fmt: skip
            _wait_for(folder / "master.log", r"I have been elected leader|Starting Spark master", 1)
            for number in range(workers):
                arguments = [
                    "--host", _HOST, "--webui-port", str(_free_port()), "--cores", str(cores),
                    "--memory", memory, "--work-dir", str(folder / f"work{number}"), master,
                ]  # fmt: skip
                children.append(_start(folder, f"worker{number}", _WORKER, arguments))
            _wait_for(folder / "master.log", r"Registering worker", workers)
            yield master
        finally:
            _stop(children)


def _start(
    folder: Path, name: str, main: str, arguments: Sequence[str]
) -> "subprocess.Popen[bytes]":
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": _HOST,
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": sys.executable,
    }
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603  a program of ours in our own environment
            [home / "bin" / "spark-class", main, *arguments],
            stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True,
        )  # fmt: skip


def _wait_for(log: Path, wanted: str, times: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        text = log.read_text(encoding="utf-8", errors="replace")
        if len(re.findall(wanted, text)) >= times:
            return
        time.sleep(0.2)
    raise TimeoutError(f"the Spark cluster did not start; {log.name} ends: {text[-600:]}")


def _stop(children: Sequence["subprocess.Popen[bytes]"]) -> None:
    for child in reversed(children):
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    for child in reversed(children):
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind((_HOST, 0))
        port: int = asked.getsockname()[1]
        return port


def main(arguments: Sequence[str]) -> int:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description="本机上的 Spark 集群：一个主节点和若干工作节点。")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--memory", default="2g")
    chosen = parser.parse_args(arguments)
    with running(workers=chosen.workers, cores=chosen.cores, memory=chosen.memory) as master:
        print(master, flush=True)  # noqa: T201  the address is this script's answer
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
