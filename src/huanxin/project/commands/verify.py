"""huanxin verify FILE: a merchant's claims file judged row by row, nothing written."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huanxin.project import platform
from huanxin.project.commands import output

if TYPE_CHECKING:
    from huanxin.claims.types import FileReport, RowVerdict

_SAID = {"pass": "通过", "hold": "待复核", "refuse": "不通过", "unreadable": "读不出"}


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--filed", "against_filed", is_flag=True,
    help="同时对照本平台备案的型号与价格（需要数据库；默认只用随程序发布的政策，不用数据库）。",
)  # fmt: skip
@output.json_option
def command(file: Path, *, against_filed: bool, as_json: bool) -> None:
    """核对一份申报表（CSV 或 XLSX）：逐行给出应补金额、结论与理由，不写入任何数据。

    金额按付款当日有效的政策计算。某一行读不出，会指出行号与列名，其余各行照常核对。
    全部通过时退出码为 0，有未通过的行时为 1。表格的列见 docs/claims-file.md。

    示例：huanxin verify 七月申报.xlsx --json
    """
    report = _report(file, against_filed=against_filed)
    if as_json:
        output.print_json(dataclasses.asdict(report))
    else:
        _print(report)
    if any(row.decision != "pass" for row in report.rows):
        raise SystemExit(1)


def _report(file: Path, *, against_filed: bool) -> "FileReport":
    if against_filed:
        with platform.opened():
            from huanxin.claims import selectors as claims

            return claims.check_upload(file.name, file.read_bytes())
    platform.set_up()
    from huanxin.claims import selectors as claims

    return claims.check_file(file)


def _print(report: "FileReport") -> None:
    from huanxin.kernel.money import yuan

    output.print_table(
        report.name,
        ("行", "单号", "结论", "申报", "按规则", "理由"),
        [
            (
                row.row, row.order_no, _SAID[row.decision], yuan(row.claimed_fen),
                yuan(row.amount_fen), _reasons(row),
            )
            for row in report.rows
        ],
    )  # fmt: skip
    counts = "，".join(
        f"{said} {sum(row.decision == key for row in report.rows)}" for key, said in _SAID.items()
    )
    output.say(f"共 {len(report.rows)} 行：{counts}")


def _reasons(row: "RowVerdict") -> str:
    problems = [f"{problem.column}：{problem.say}" for problem in row.problems]
    return "\n".join([*problems, *(f"{r.code} {r.say}{r.do}" for r in row.reasons)])
