"""huanxin settlement: bank answers, the day's proof, and the month's end from a shell."""

import dataclasses
from datetime import date, datetime
from pathlib import Path

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.group("settlement")
def command() -> None:
    """结算：导入银行回执、日终对账、核对月结。"""


@command.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output.json_option
def import_answers(path: Path, *, as_json: bool) -> None:
    """导入银行回执文件，逐行登记；同一个文件只算一次。有差异时退出码为 1。

    示例：huanxin settlement import 回执0915.csv
    """
    with platform.opened():
        from huanxin.kernel.actor import system_actor
        from huanxin.settlement.services import answering

        found = answering.import_answer_file(
            actor=system_actor("命令行"), name=path.name, content=path.read_bytes()
        )
    if as_json:
        output.print_json(dataclasses.asdict(found))
    else:
        for one in found.lines:
            if one.outcome not in {"booked", "repeated"}:
                output.say(f"第 {one.line} 行 {one.number}：{one.outcome} {one.note}")
        again = "（此前已导入，没有改动）" if found.is_repeat else ""
        output.say(
            f"共 {found.line_count} 行，登记 {found.booked_count} 行，"
            f"{found.difference_count} 行成为差异{again}"
        )
    if found.difference_count:
        raise SystemExit(1)


@command.command("reconcile")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="对到哪一天，默认今天。"
)
@output.json_option
def reconcile(on: datetime | None, *, as_json: bool) -> None:
    """日终对账：付款指令、银行回执与总账逐项核对。有差额或未了结的差异时退出码为 1。

    示例：huanxin settlement reconcile --on 2026-09-15
    """
    with platform.opened():
        from huanxin.kernel import clock
        from huanxin.kernel.actor import system_actor
        from huanxin.settlement.services import reconciling

        day = on.date() if on else clock.today()
        found = reconciling.reconcile(actor=system_actor("命令行"), on=day)
    if as_json:
        output.print_json(dataclasses.asdict(found) | {"difference_fen": found.difference_fen})
    else:
        for line in found.lines:
            if line.difference_fen:
                output.say(f"{line.name}：业务记录与总账相差 {line.difference_fen} 分")
        for gap in found.differences:
            output.say(f"{gap.number or gap.kind}：{gap.detail}")
        output.say(f"截至 {day}，相差 {found.difference_fen} 分，差异 {len(found.differences)} 处")
    if found.difference_fen or found.differences:
        raise SystemExit(1)


@command.command("check-month")
@click.argument("month")
@output.json_option
def check_month(month: str, *, as_json: bool) -> None:
    """核对一个已月结的月份：按现有流水重算每个账户，与封存的余额和摘要比较。

    示例：huanxin settlement check-month 2026-09
    """
    try:
        month_on = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise click.BadParameter("月份应如 2026-09", param_hint="MONTH") from None
    with platform.opened():
        from huanxin.ledger import selectors as ledger

        closing = ledger.find_closing(month_on)
        if closing is None:
            raise click.BadParameter(f"{month} 没有月结", param_hint="MONTH")
        proof = ledger.prove_closing(closing)
    if as_json:
        output.print_json(dataclasses.asdict(proof))
    else:
        for finding in proof.findings:
            output.say(finding)
        said = "与封存时不符" if proof.findings else "与封存时完全一致"
        output.say(f"{month} 月结 {closing.account_count} 个账户，{said}，摘要 {closing.digest}")
    if proof.findings:
        raise SystemExit(1)
