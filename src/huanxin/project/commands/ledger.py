"""huanxin ledger check: the books recomputed from every transfer."""

import dataclasses

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.group("ledger")
def command() -> None:
    """资金账本：按全部流水重新核对。"""


@command.command("check")
@output.json_option
def check(*, as_json: bool) -> None:
    """按流水逐户重算余额，核对每笔占用的了结、借贷平衡，以及受控账户在任何时刻都没有透支。

    结果记入账本核对记录。全部相符时退出码为 0，有不符时为 1，并指出账户或流水。

    示例：huanxin ledger check --json
    """
    with platform.opened():
        from huanxin.ledger import services as ledger

        proof = ledger.prove_books()
    if as_json:
        output.print_json(dataclasses.asdict(proof) | {"is_clean": proof.is_clean})
    else:
        for finding in proof.findings:
            output.say(finding)
        output.say(
            f"共 {proof.accounts} 个账户、{proof.transfers} 笔流水，"
            + ("全部相符，相差 0 分" if proof.is_clean else f"相差 {proof.difference_fen} 分")
        )
    if not proof.is_clean:
        raise SystemExit(1)
