"""huanxin claims export: the marts as Parquet, for audits of whole years and of many cities."""

import dataclasses
from pathlib import Path

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.group("claims")
def command() -> None:
    """补贴申报：导出供整年、跨市核验的数据。"""


@command.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@output.json_option
def export(folder: Path, *, as_json: bool) -> None:
    """把核验所需的数据按城市和月份导出为 Parquet；只含假名和盲索引，不含姓名、证件和电话。

    几座城市可以导出到同一目录，再一起核验。重复执行会替换本市同月的旧文件。

    示例：huanxin claims export 导出目录
    """
    with platform.opened():
        from huanxin.claims.services import exporting
        from huanxin.kernel.actor import system_actor

        written = exporting.export_marts(actor=system_actor("导出"), folder=folder)
    if as_json:
        output.print_json([dataclasses.asdict(one) for one in written])
    else:
        output.print_table(
            str(folder), ("数据", "城市", "行数"),
            [(one.mart, one.city, str(one.row_count)) for one in written],
        )  # fmt: skip
