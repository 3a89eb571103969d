"""huanxin gateway: the flash claim's own process."""

import os
from pathlib import Path

import click

from huanxin.project import processes
from huanxin.project.commands.web import tls_files

_BACKLOG = 4096  # a release opens with everybody at once


@click.command("gateway")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="监听端口。"
)
@tls_files
def command(host: str, port: int, tls_certificate: Path | None, tls_key: Path | None) -> None:
    """单独运行抢券网关。

    平时由 huanxin serve 一并启动；抢券高峰时可在别的机器上多开几个，它们用同一个 DATABASE_URL。

    示例：DATABASE_URL=postgresql://… huanxin gateway --port 8101
    """
    from granian import Granian
    from granian.constants import Interfaces

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huanxin.project.settings")
    processes.end_with_supervisor()
    Granian(
        "huanxin.gateway.app:app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=1,  # one writer batches best; the batch, not the process, is what scales
        backlog=_BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        websockets=False,
        ssl_cert=tls_certificate,
        ssl_key=tls_key,
    ).serve()
