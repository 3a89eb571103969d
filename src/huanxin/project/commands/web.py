"""huanxin web: the pages and the API, under granian. `serve` starts it; not listed in the help."""

import os
from collections.abc import Callable
from pathlib import Path

import click

from huanxin.project import processes

# Two processes fill two processors; threads wait for the database, and each holds a connection.
_THREADS = 4
_BACKLOG = 2048
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def tls_files(command: Callable[..., None]) -> Callable[..., None]:
    """The two files of a certificate, both or none."""
    key = click.option("--tls-key", type=_FILE, help="证书的私钥（PEM）。")
    certificate = click.option("--tls-certificate", type=_FILE, help="HTTPS 证书（PEM）。")
    return certificate(key(command))


@click.command("web", hidden=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="监听端口。")
@tls_files
def command(host: str, port: int, tls_certificate: Path | None, tls_key: Path | None) -> None:
    """运行网站与接口进程（由 huanxin serve 启动）。"""
    from granian import Granian
    from granian.constants import Interfaces

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
    processes.end_with_supervisor()
    Granian(
        "huanxin.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=max(2, min(os.cpu_count() or 2, 8)),
        blocking_threads=_THREADS,
        backlog=_BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=8,
        websockets=False,
        ssl_cert=tls_certificate,
        ssl_key=tls_key,
    ).serve()
