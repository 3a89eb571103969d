"""huanxin migrate: schema, views and reference data."""

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.command("migrate")
def command() -> None:
    """更新数据库结构，并载入区划、品类、政策等基础数据。

    可以反复执行；已有的业务数据不受影响。更新程序之后、启动服务之前执行一次。

    示例：huanxin migrate
    """
    with platform.opened(migrated=False):
        from huanxin.project import reference

        reference.migrate(output.say)
    output.say("数据库已是最新。")
