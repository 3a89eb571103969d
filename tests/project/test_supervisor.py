"""The supervisor: children come up, come back, stop in order, and never outlive it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from huanxin.project import ports, processes

HOUSE = """
import sys
from pathlib import Path
from huanxin.project.errors import ProcessFailed
from huanxin.project.supervisor import Service, Supervisor
logs, port, kind = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
say = lambda text: print(text, flush=True)
server = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"]
worker = {
    "steady": [sys.executable, "-c", "import time; time.sleep(600)"],
    "dying": ["/bin/sh", "-c", f"until test -e {logs}/ready; do sleep 0.05; done"],
    "stubborn": [sys.executable, "-c",
        "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"],
    "broken": [sys.executable, "-c", "raise SystemExit(3)"],
}[kind]
services = [
    Service("web", "网站", server, health_url=f"http://127.0.0.1:{port}/"),
    Service("worker", "后台进程", worker, grace_seconds=1),
]
supervisor = Supervisor(services, cluster=None, logs=logs, say=say)
try:
    supervisor.start()
    (logs / "ready").touch()
    say("ready " + " ".join(str(child.pid) for child in supervisor._children.values()))
    supervisor.watch()
except ProcessFailed as refusal:
    say("refused " + refusal.message)
finally:
    supervisor.stop()
say("end")
"""


@pytest.fixture
def house(tmp_path):
    started = []

    def start(kind="steady"):
        process = subprocess.Popen(
            [sys.executable, "-c", HOUSE, str(tmp_path), str(ports.any_free()), kind],
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def pids_of(line):
    worker, web = (int(word) for word in line.removeprefix("ready ").split())
    return worker, web


def wait_until(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def test_ctrl_c_stops_the_children_in_order(house):
    process = house()
    worker, web = pids_of(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    assert process.stdout.read().split() == ["网站已停止", "后台进程已停止", "end"]
    assert process.wait() == 0
    assert not processes.is_running(worker)
    assert not processes.is_running(web)


def test_a_child_that_dies_comes_back_and_says_so(house):
    process = house()
    worker, _ = pids_of(process.stdout.readline())
    os.kill(worker, signal.SIGKILL)
    said = process.stdout.readline()
    assert said.startswith("后台进程意外退出（-9），正在重新启动，日志：")
    process.send_signal(signal.SIGTERM)
    assert process.stdout.read().split() == ["网站已停止", "后台进程已停止", "end"]


def test_a_child_that_keeps_dying_ends_the_house_with_a_reason(house):
    said = house("dying").stdout.read().splitlines()
    assert len([line for line in said if "正在重新启动" in line]) == 5
    refusal = next(line for line in said if line.startswith("refused"))
    assert "后台进程未能正常运行：一分钟内退出超过 5 次" in refusal
    assert said[-1] == "end"


def test_a_child_that_will_not_start_is_named_with_its_log(house, tmp_path):
    said = house("broken").stdout.read()
    assert f"后台进程未能正常运行：启动后随即退出（3）。详细记录在 {tmp_path}/worker.log" in said


def test_a_child_that_will_not_stop_is_killed(house):
    process = house("stubborn")
    worker, _ = pids_of(process.stdout.readline())
    time.sleep(0.5)  # until it ignores the signal
    process.send_signal(signal.SIGTERM)
    assert "后台进程已停止（超时，已强制结束）" in process.stdout.read()
    assert not processes.is_running(worker)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the children watch for themselves")
def test_children_die_with_a_killed_supervisor(house):
    process = house()
    pids = pids_of(process.stdout.readline())
    process.kill()
    assert wait_until(lambda: not any(processes.command_line(pid) for pid in pids))
