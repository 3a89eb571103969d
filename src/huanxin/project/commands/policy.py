"""huanxin policy: the rules in force, what they give, and whether they do what they say."""

import dataclasses
from datetime import datetime

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.group("policy")
def command() -> None:
    """查看、试算和检验补贴政策。"""


@command.command("list")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="只列出这一天有效的政策。")
@output.json_option
def list_(on: datetime | None, *, as_json: bool) -> None:
    """列出已发布的政策。

    示例：huanxin policy list --on 2026-07-01
    """
    with platform.opened():
        from huanxin.policy import selectors as policy

        cards = policy.list_policies(on=on.date() if on else None)
    if as_json:
        output.print_json([dataclasses.asdict(card) for card in cards])
        return
    output.print_table(
        "政策",
        ("编号", "名称", "起", "止（不含）", "区划", "版本"),
        [
            (c.policy_id, c.title, c.from_on, c.to_on, c.region_code, c.version_hash[:12])
            for c in cards
        ],
    )
