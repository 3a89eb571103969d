"""Real gateway and web processes on free ports, against the test's own database."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

SOURCES = Path(__file__).parents[2] / "src"


class Process:
    """The gateway's process group and how to talk to it."""

    serves = ("--interface", "asgi", "--workers", "1", "huanxin.gateway.app:app")
    health = "/health"

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.child = self._spawn()
        self._await_answer()

    def _spawn(self) -> subprocess.Popen[bytes]:
        db = connection.settings_dict
        url = f"postgresql://{db['USER']}:{db['PASSWORD']}@{db['HOST']}:{db['PORT']}/{db['NAME']}"
        return subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--host", "127.0.0.1", "--port", str(self.port),
                "--no-ws", "--log-level", "error", *self.serves,
            ],
            env={
                **os.environ, "DATABASE_URL": url, "PYTHONPATH": str(SOURCES), **self._environment,
            },
            start_new_session=True,
        )  # fmt: skip

    def _await_answer(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.child.poll() is None, "the process ended"
            try:
                if self.get(self.health)[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the process did not answer")

    def kill(self) -> None:
        """kill -9, the whole group."""
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def restart(self) -> None:
        self.child = self._spawn()
        self._await_answer()

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        self.child.terminate()
        return self.child.wait(timeout=20)

    def get(self, path: str, **headers: str) -> tuple[int, Any, http.client.HTTPResponse]:
        return self._ask("GET", path, None, headers)

    def claim(self, token: str, **headers: str) -> tuple[int, Any, http.client.HTTPResponse]:
        return self._ask("POST", "/claim", json.dumps({"token": token}).encode(), headers)

    def post(
        self, path: str, body: bytes, **headers: str
    ) -> tuple[int, Any, http.client.HTTPResponse]:
        return self._ask("POST", path, body, headers)

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, Any, http.client.HTTPResponse]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body=body, headers=headers)
            response = line.getresponse()
            text = response.read().decode()
        finally:
            line.close()
        is_json = "json" in (response.getheader("content-type") or "")
        return response.status, json.loads(text) if is_json else text, response


class Web(Process):
    """The pages and the API, as huanxin.project.commands.web serves them."""

    serves = (
        "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4",
        "huanxin.project.wsgi:application",
    )  # fmt: skip
    health = "/healthz"


@contextmanager
def running(kind: type[Process] = Process, **environment: str) -> Iterator[Process]:
    """A gateway, or the web, for the length of a block."""
    process = kind(environment)
    try:
        yield process
    finally:
        if process.child.poll() is None:
            process.kill()
