"""huanxin worker: the timers of the platform."""

import click

from huanxin.project import platform, processes


@click.command("worker")
def command() -> None:
    """运行后台进程：审核、封存、过期、派单、对账。

    平时由 huanxin serve 一并启动。可以多开：同一件事同一时刻只有一个进程在做。
    收到停止信号后 2 秒内结束，做到一半的事会撤销并由下一个进程重做。

    示例：huanxin worker
    """
    processes.end_with_supervisor()
    with platform.opened():
        from huanxin.project import steps, worker

        worker.run(steps.standard_steps())
