"""huanxin verify FILE: a merchant's claims file checked row by row, nothing written."""

import dataclasses
from pathlib import Path

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output.json_option
def command(file: Path, *, as_json: bool) -> None:
    """核对一份申报表（CSV 或 XLSX）：逐行给出应补金额、结论与理由，不写入任何数据。

    金额按付款当日有效的政策计算。某一行有误，会指出行号与列名，其余各行照常核对。
    全部通过时退出码为 0，有不通过的行时为 1。

    示例：huanxin verify 七月申报.xlsx --json
    """
    with platform.opened():
        from huanxin.claims import services as claims

        results = claims.check_file(name=file.name, content=file.read_bytes())
    if as_json:
        output.print_json([dataclasses.asdict(row) for row in results])
    else:
        output.print_table(
            f"{file.name}：共 {len(results)} 行",
            ("行号", "结论", "应补金额", "理由"),
            [(row.number, row.outcome, row.amount_fen, row.sentence) for row in results],
        )
