"""huanxin demo: everything, with a simulated season behind it and a live trickle in front."""

import os
import signal

import click

from huanxin.project import house, platform, state
from huanxin.project.commands import output, replay
from huanxin.project.commands.serve import gateway_port_option, host_option, port_option, tls_option
from huanxin.project.errors import ForeignDatabase


@click.command("demo")
@host_option
@port_option
@gateway_port_option
@replay.scale_option
@replay.seed_option
@tls_option
@click.option("--clean", is_flag=True, help="清空演示数据后退出（先停止演示）。")
def command(
    host: str, port: int | None, gateway_port: int | None, scale: int, seed: int,
    *, with_tls: bool, clean: bool,
) -> None:  # fmt: skip
    """准备并启动演示：数据库、基础数据、一个模拟的夏季、网站，以及持续发生的新业务。

    第一次约需几分钟；中途停止后再次执行，会从断点继续。按 Ctrl-C 停止，数据保留。
    演示数据都是合成的，与任何真实的个人、商户无关。

    示例：huanxin demo --port 8080
    """
    if clean:
        _clean()
        return
    for number in (signal.SIGTERM, signal.SIGHUP):  # while preparing they end us as Ctrl-C does
        signal.signal(number, signal.default_int_handler)
    with house.only_one() as home:
        addresses = house.choose_addresses(
            host=host, port=port, gateway_port=gateway_port, say=output.say,
            tls_home=home if with_tls else None,
        )  # fmt: skip
        with house.database(home) as cluster:
            with platform.opened(migrated=False):
                from huanxin.project import reference

                reference.migrate(output.say)
                replay.show_season(scale=scale, seed=seed)
            output.say("启动网站、抢券网关、后台进程与模拟城市")
            children = house.services(addresses, twin=("--scale", str(scale), "--seed", str(seed)))
            house.run(
                children, cluster=cluster, home=home, say=output.say,
                ready=lambda: _welcome(addresses),
            )  # fmt: skip
            output.say("正在停止数据库")
    output.say("已全部停止，数据已保留。再次执行 make demo 继续；执行 make clean-demo 清空。")


def _welcome(addresses: house.Addresses) -> None:
    from huanxin.simulation import selectors as simulation

    accounts = simulation.demo_accounts()
    output.print_table(
        "演示账号", ("身份", "登录名", "可以先试"),
        [(account.role_title, account.login, account.try_first) for account in accounts],
    )  # fmt: skip
    output.say(f"以上账号的口令都是 {simulation.DEMO_PASSWORD}")
    output.say(f"网站　　　{addresses.web}")
    output.say(f"城市大屏　{addresses.web}screen/371500/")
    output.say(f"抢券网关　{addresses.gateway}")
    house.say_certificate(addresses, output.say)
    output.say("按 Ctrl-C 停止。")


def _clean() -> None:
    if os.environ.get("DATABASE_URL"):
        raise ForeignDatabase
    gone = state.wipe(state.state_folder())
    output.say("演示数据已清空。" if gone else "没有演示数据需要清空。")
