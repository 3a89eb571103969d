"""The running house: database, then worker, gateway, web and, in the demo, the twin."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huanxin.project import ports, state, tls
from huanxin.project.embedded import Cluster
from huanxin.project.supervisor import Service, Supervisor

WEB_PORT, GATEWAY_PORT = 8000, 8001


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the house listens."""

    host: str
    web_port: int
    gateway_port: int
    certificate: tls.Certificate | None = None

    @property
    def web(self) -> str:
        return f"{self._scheme}://{self.reachable}:{self.web_port}/"

    @property
    def gateway(self) -> str:
        return f"{self._scheme}://{self.reachable}:{self.gateway_port}"

    @property
    def reachable(self) -> str:
        """The host as browsers name it: the network's address where we listen everywhere."""
        return tls.lan_address() if self.host == "0.0.0.0" else self.host  # noqa: S104

    @property
    def options(self) -> list[str]:
        """What web and gateway are told about the certificate."""
        if self.certificate is None:
            return []
        return ["--tls-certificate", str(self.certificate.certificate),
                "--tls-key", str(self.certificate.key)]  # fmt: skip

    @property
    def _scheme(self) -> str:
        return "https" if self.certificate else "http"


@contextmanager
def only_one() -> Iterator[Path]:
    """The state folder, held so that a second `serve` or `demo` of this checkout is refused."""
    home = state.make_folder(state.state_folder(), mode=0o755)
    lock = state.FolderLock(home / "serve.lock")
    lock.take_or_refuse()
    try:
        yield home
    finally:
        lock.release()


@contextmanager
def database(home: Path) -> Iterator[Cluster | None]:
    """DATABASE_URL's server (None), or our own cluster, started and stopped with the block."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    cluster = Cluster(home)
    cluster.start()
    os.environ["DATABASE_URL"] = cluster.url()
    try:
        yield cluster
    finally:
        del os.environ["DATABASE_URL"]
        cluster.stop()


def choose_addresses(
    *,
    host: str,
    port: int | None,
    gateway_port: int | None,
    say: Callable[[str], None],
    tls_home: Path | None = None,
) -> Addresses:
    """The ports asked for, or the usual ones, or the next free ones; with TLS its certificate."""
    ports.check_host(host)
    web = ports.choose_port(
        title="网站", asked=port, usual=WEB_PORT, host=host, option="--port", say=say,
        avoid={gateway_port or GATEWAY_PORT},
    )  # fmt: skip
    gateway = ports.choose_port(
        title="抢券网关", asked=gateway_port, usual=GATEWAY_PORT, host=host,
        option="--gateway-port", say=say, avoid={web},
    )  # fmt: skip
    certificate = tls.certificate_for(tls_home, host) if tls_home else None
    return Addresses(host, web, gateway, certificate)


def say_certificate(addresses: Addresses, say: Callable[[str], None]) -> None:
    """What to compare on the phone before trusting it."""
    if made := addresses.certificate:
        say(f"证书由本机自制，适用于 {'、'.join(made.names)}，有效至 {made.until:%Y-%m-%d}。")
        say("手机首次打开会提示不受信任：请核对指纹一致后继续，或把证书装进手机。")
        say(f"证书 SHA-256 指纹：{made.fingerprint}")
        say(f"证书文件：{made.certificate}")


def services(addresses: Addresses, *, twin: Sequence[str] | None = None) -> list[Service]:
    """The children in the order in which they stop; `twin` are the simulated city's arguments."""
    host = addresses.host
    trusts = addresses.certificate.certificate if addresses.certificate else None
    variables = {
        "DJANGO_SETTINGS_MODULE": "huanxin.project.settings",
        "HUANXIN_GATEWAY_URL": addresses.gateway,
        "PYTHONUNBUFFERED": "1",
    }
    children = [
        Service(
            "web", "网站",
            _huanxin("web", "--host", host, "--port", str(addresses.web_port), *addresses.options),
            health_url=f"{addresses.web}healthz", variables=variables, trusts=trusts,
        ),
        Service(
            "gateway", "抢券网关",
            _huanxin("gateway", "--host", host, "--port", str(addresses.gateway_port),
                     *addresses.options),
            health_url=f"{addresses.gateway}/health", variables=variables, trusts=trusts,
        ),
    ]  # fmt: skip
    if twin is not None:
        command = _huanxin("twin", *twin)
        children.append(Service("twin", "模拟城市", command, variables=variables))
    children.append(
        Service("worker", "后台进程", _huanxin("worker"), grace_seconds=5, variables=variables)
    )
    return children


def run(
    children: list[Service],
    *,
    cluster: Cluster | None,
    home: Path,
    say: Callable[[str], None],
    ready: Callable[[], None],
) -> None:
    """Start the children, say that the house is ready, and run until asked to stop."""
    logs = state.make_folder(home / "log") if cluster is None else home / "log"
    supervisor = Supervisor(children, cluster=cluster, logs=logs, say=say)
    try:
        supervisor.start()
        if not supervisor.asked_to_stop:
            ready()
        supervisor.watch()
    finally:
        supervisor.stop()


def _huanxin(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "huanxin.project.cli", *arguments]
