"""huanxin verify: a merchant's file judged row by row, or every check over exported years."""

import csv
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huanxin.project import platform
from huanxin.project.commands import output

if TYPE_CHECKING:
    from huanxin.claims.types import FileReport, RowVerdict
    from huanxin.claims.types.bulk import CheckFound

_SAID = {"pass": "通过", "hold": "待复核", "refuse": "不通过", "unreadable": "读不出"}


@click.command("verify")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--filed", "against_filed", is_flag=True,
    help="同时对照本平台备案的型号与价格（需要数据库；默认只用随程序发布的政策，不用数据库）。",
)  # fmt: skip
@click.option(
    "--engine", type=click.Choice(["duckdb", "spark"]),
    help="对导出目录运行全部核验：duckdb 在本机，spark 在集群。",
)  # fmt: skip
@click.option("--master", default="", help="Spark 主节点地址，如 spark://主机:7077。")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="把每条发现写入这个 CSV 文件。"
)
@output.json_option
def command(
    path: Path, *, against_filed: bool, engine: str | None, master: str, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """核对一份申报表（CSV 或 XLSX），或一个导出目录；不写入任何数据。

    申报表逐行给出应补金额、结论与理由。导出目录（huanxin claims export）加 --engine：
    整年、多城市的申报一次跑完全部核验，跨市重复的人、机身和发票也能发现。

    金额按付款当日有效的政策计算。某一行读不出，会指出行号与列名，其余各行照常核对。
    全部通过时退出码为 0，有未通过的行时为 1。表格的列见 docs/claims-file.md。

    示例：huanxin verify 七月申报.xlsx --json；huanxin verify --engine duckdb 导出目录
    """
    if engine:
        _verify_folder(path, engine, master, out, as_json=as_json)
        return
    if path.is_dir():
        raise click.UsageError("核验导出目录请加 --engine duckdb 或 --engine spark。")
    report = _report(path, against_filed=against_filed)
    if as_json:
        output.print_json(dataclasses.asdict(report))
    else:
        _print(report)
    if any(row.decision != "pass" for row in report.rows):
        raise SystemExit(1)


def _verify_folder(
    folder: Path, engine: str, master: str, out: Path | None, *, as_json: bool
) -> None:
    if engine == "spark" and not master:
        raise click.UsageError("--engine spark 还需要 --master 地址，如 spark://主机:7077。")
    platform.set_up()
    from huanxin.claims import selectors as claims
    from huanxin.claims.types.bulk import BulkEngine

    found = claims.check_marts(folder.resolve(), engine=BulkEngine(engine), master=master)
    if out:
        _write_hits(out, found)
    if as_json:
        output.print_json([
            {"check_id": one.check_id, "outcome": one.outcome, "reason_code": one.reason_code,
             "count": len(one.hits)}
            for one in found
        ])  # fmt: skip
    else:
        said = {"refuse": "不通过", "hold": "待复核", "mend": "退回补正", "note": "提示"}
        output.print_table(
            folder.name, ("核验", "结论", "理由", "笔数"),
            [(one.title, said[one.outcome], one.reason_code, str(len(one.hits))) for one in found],
        )  # fmt: skip
    if any(one.hits for one in found if one.outcome != "note"):
        raise SystemExit(1)


def _write_hits(out: Path, found: "list[CheckFound]") -> None:
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["claim_id", "check_id", "outcome", "reason_code", "evidence"])
        for one in found:
            for hit in one.hits:
                evidence = json.dumps(hit.evidence, ensure_ascii=False, default=str)
                rows.writerow([hit.claim_id, one.check_id, one.outcome, one.reason_code, evidence])


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
