"""huanxin indicators: other cities' days in, this city's own days out."""

from pathlib import Path

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.group("indicators")
def command() -> None:
    """指标：导入其他城市每晚的汇总，导出本市的汇总。"""


@command.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output.json_option
def import_city(path: Path, *, as_json: bool) -> None:
    """导入另一座城市的汇总文件，替换它此前交来的；同一个文件重复导入不改变什么。

    有一行读不出，就整份不收，并指出每一行错在哪里。比现有更早的文件、本市的文件不收。

    示例：huanxin indicators import 济南0915.json
    """
    with platform.opened():
        from huanxin.indicators.services import importing
        from huanxin.kernel.actor import system_actor

        found = importing.import_city(actor=system_actor("命令行"), content=path.read_bytes())
    if as_json:
        output.print_json({"day_count": found})
    else:
        output.say(f"已导入 {found} 行，省级大屏上这座城市从此显示它自己的截至时间。")


@command.command("export")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def export_city(path: Path) -> None:
    """把本市的汇总写成文件，交省级平台导入：每项可加总指标每天的数，不含任何个人。

    示例：huanxin indicators export 聊城0915.json
    """
    with platform.opened():
        from django.conf import settings

        from huanxin.indicators.services import importing
        from huanxin.kernel.actor import system_actor

        content = importing.export_city(
            actor=system_actor("命令行"), city_code=settings.HUANXIN_CITY
        )
    path.write_bytes(content)
    output.say(f"已写入 {path}（{len(content)} 字节）。")
