"""Runs the platform's processes: starts them in order, restarts what dies, stops them in order.

The order of stopping is web, gateway, worker and twin, then PostgreSQL, so that nobody loses the
database while still answering somebody.
"""

import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from huanxin.project import processes
from huanxin.project.embedded import Cluster
from huanxin.project.errors import ProcessFailed
from huanxin.project.state import MEGABYTE

_READY_SECONDS = 60
_TICK_SECONDS = 0.2
_RESTARTS, _RESTART_WINDOW_SECONDS = 5, 60
_LOG_MB = 5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Service:
    """One child: its name in logs, its title for people, how to start and to probe it."""

    name: str
    title: str
    command: Sequence[str]
    health_url: str | None = None
    trusts: Path | None = None  # the certificate that it answers under
    grace_seconds: float = 10
    variables: dict[str, str] = field(default_factory=dict)


class Supervisor:
    """Owns the children of `huanxin serve`, given in the order in which they stop."""

    def __init__(
        self,
        services: Sequence[Service],
        *,
        cluster: Cluster | None,
        logs: Path,
        say: Callable[[str], None],
    ) -> None:
        self._services = services
        self._cluster = cluster
        self._logs = logs
        self._say = say
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._deaths: dict[str, deque[float]] = {}
        self.asked_to_stop = False

    def start(self) -> None:
        """Start every child, the last to stop first, and return once all answer."""
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        for service in reversed(self._services):
            self._launch(service)
        until = time.monotonic() + _READY_SECONDS
        for service in reversed(self._services):
            self._await_answer(service, until)
        for service in self._services:
            self._require_alive(service)

    def watch(self) -> None:
        """Keep everything running until a signal asks to stop."""
        while not self.asked_to_stop:
            time.sleep(_TICK_SECONDS)
            if self._cluster and self._cluster.poll() is not None and not self.asked_to_stop:
                self._count_death("postgresql", "数据库", self._logs)
                self._say("数据库意外退出，正在恢复（已确认的数据不会丢失）")
                self._cluster.restart()
                self._say("数据库已恢复")
            for service in self._services:
                self._revive(service)

    def stop(self) -> None:
        """Stop the children in order. A second Ctrl-C does not cut this short."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for service in self._services:
            if child := self._children.pop(service.name, None):
                ended = processes.stop(
                    child, with_signal=signal.SIGTERM, grace_seconds=service.grace_seconds
                )
                self._say(f"{service.title}已停止" + ("" if ended else "（超时，已强制结束）"))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.asked_to_stop = True

    def _launch(self, service: Service) -> None:
        log = self._log_of(service)
        if log.exists() and log.stat().st_size > _LOG_MB * MEGABYTE:
            shutil.move(log, log.with_suffix(".log.1"))
        self._children[service.name] = processes.spawn(
            service.command, log=log, env={**os.environ, **service.variables}
        )

    def _log_of(self, service: Service) -> Path:
        return self._logs / f"{service.name}.log"

    def _require_alive(self, service: Service) -> None:
        code = self._children[service.name].poll()
        if code is not None and not self.asked_to_stop:
            reason = f"启动后随即退出（{code}）"
            raise ProcessFailed(title=service.title, reason=reason, log=self._log_of(service))

    def _await_answer(self, service: Service, until: float) -> None:
        while service.health_url and not self.asked_to_stop:
            self._require_alive(service)
            if _answers(service.health_url, service.trusts):
                return
            if time.monotonic() > until:
                raise ProcessFailed(
                    title=service.title, reason=f"{_READY_SECONDS} 秒内没有应答",
                    log=self._log_of(service),
                )  # fmt: skip
            time.sleep(0.1)

    def _revive(self, service: Service) -> None:
        child = self._children[service.name]
        code = child.poll()
        if code is None or self.asked_to_stop:
            return
        processes.kill_session(child)  # its own children must not keep the port
        self._count_death(service.name, service.title, self._log_of(service))
        self._say(f"{service.title}意外退出（{code}），正在重新启动，日志：{self._log_of(service)}")
        self._launch(service)

    def _count_death(self, name: str, title: str, log: Path) -> None:
        deaths = self._deaths.setdefault(name, deque(maxlen=_RESTARTS))
        if len(deaths) == _RESTARTS and time.monotonic() - deaths[0] < _RESTART_WINDOW_SECONDS:
            raise ProcessFailed(title=title, reason=f"一分钟内退出超过 {_RESTARTS} 次", log=log)
        deaths.append(time.monotonic())


def _answers(url: str, trusts: Path | None) -> bool:
    context = ssl.create_default_context(cafile=trusts) if trusts else None
    try:
        with urllib.request.urlopen(url, timeout=5, context=context) as answer:  # noqa: S310  our own loopback
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
