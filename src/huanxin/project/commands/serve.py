"""huanxin serve: everything but the simulated season."""

import click

from huanxin.project import house, platform
from huanxin.project.commands import output

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。")
port_option = click.option(
    "--port", type=click.IntRange(1, 65535), help="网站端口，默认 8000，被占用时自动顺延。"
)
gateway_port_option = click.option(
    "--gateway-port", type=click.IntRange(1, 65535), help="抢券网关端口，默认 8001，同上。"
)

tls_option = click.option(
    "--tls",
    "with_tls",
    is_flag=True,
    help="用自制证书提供 HTTPS，手机在局域网内可用相机与离线功能（配合 --host 0.0.0.0）。",
)


@click.command("serve")
@host_option
@port_option
@gateway_port_option
@tls_option
def command(host: str, port: int | None, gateway_port: int | None, *, with_tls: bool) -> None:
    """启动网站、抢券网关与后台进程，直到按下 Ctrl-C。

    没有设置 DATABASE_URL 时，先启动自带的 PostgreSQL。启动前更新数据库结构与基础数据。
    停止时依次停止网站、网关、后台进程和数据库；哪个进程意外退出，会自动重新启动。

    示例：huanxin serve --port 8080；手机也要用相机时 huanxin serve --host 0.0.0.0 --tls
    """
    with house.only_one() as home:
        addresses = house.choose_addresses(
            host=host, port=port, gateway_port=gateway_port, say=output.say,
            tls_home=home if with_tls else None,
        )  # fmt: skip
        with house.database(home) as cluster:
            with platform.opened(migrated=False):
                from huanxin.project import reference

                reference.migrate(output.say)
            children = house.services(addresses)
            house.run(
                children, cluster=cluster, home=home, say=output.say,
                ready=lambda: _welcome(addresses),
            )  # fmt: skip
            output.say("正在停止数据库")
    output.say("已全部停止。")


def _welcome(addresses: house.Addresses) -> None:
    output.say(f"网站：{addresses.web}")
    output.say(f"抢券网关：{addresses.gateway}")
    house.say_certificate(addresses, output.say)
    output.say("按 Ctrl-C 停止。")
