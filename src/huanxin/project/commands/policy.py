"""huanxin policy: the rules in force, what they give, and whether they do what they say."""

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from huanxin.project import platform
from huanxin.project.commands import output, policy_tools

if TYPE_CHECKING:
    from huanxin.policy.types import Decision, PolicyCard, TryOut

_on_option = click.option(
    "--on",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="按这一天（付款日期）有效的政策，默认今天。",
)


@click.group("policy")
def command() -> None:
    """查看、试算、检验和推演补贴政策。"""


for tool in (policy_tools.check, policy_tools.explain, policy_tools.simulate, policy_tools.schema):
    command.add_command(tool)


@command.command("list")
@_on_option
@output.json_option
def list_(on: datetime | None, *, as_json: bool) -> None:
    """列出已发布的政策；加 --on 时只列出当天有效的。

    示例：huanxin policy list --on 2026-07-01
    """
    with platform.opened():
        from huanxin.policy import selectors as policy

        cards = policy.list_policies(on=_day(on))
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


@command.command()
@click.argument("policy_id")
@_on_option
@output.json_option
def show(policy_id: str, on: datetime | None, *, as_json: bool) -> None:
    """显示一项政策：每一条的对象、条件、比例、限额与依据。

    示例：huanxin policy show appliances-2026
    """
    with platform.opened():
        from huanxin.policy import selectors as policy

        card = policy.get_policy(policy_id, on=_day(on))
    if as_json:
        output.print_json(dataclasses.asdict(card))
        return
    _print_card(card)


@command.command()
@policy_tools.case_options
@_on_option
@output.json_option
def quote(
    *, category: str, price: str, grade: int | None, region: str, facts: Sequence[str],
    on: datetime | None, as_json: bool,
) -> None:  # fmt: skip
    """试算一次购买能补多少钱，并说明理由与依据。

    示例：huanxin policy quote --category 冰箱 --price 4939.00 --grade 1 --on 2026-07-01
    """
    known = dict(policy_tools.fact(text) for text in facts)
    with platform.opened():
        from huanxin.kernel import clock, money
        from huanxin.policy import selectors as policy
        from huanxin.policy.types import Case

        case = Case(
            on=_day(on) or clock.today(),
            region_code=region,
            category_code=_category_code(category),
            energy_grade=grade,
            price_fen=money.parse_yuan(price),
            facts=known,
        )
        decision = policy.quote_subsidy(case)
    if as_json:
        output.print_json(decision.as_json())
    else:
        print_decision(decision)


@command.command("test")
@click.argument("policy_id", required=False)
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="试一份还没有发布的政策文件；同名的 .tests.csv 是它的测试行。",
)  # fmt: skip
@output.json_option
def test(policy_id: str | None, file: Path | None, *, as_json: bool) -> None:
    """检验政策：读法、区间、可达性，以及每一行测试。有一项不符时退出码为 1。

    示例：huanxin policy test appliances-2026
    """
    if policy_id and file:
        raise click.UsageError("政策编号与 --file 只能给一个。")
    with platform.opened():
        from huanxin.policy import selectors as policy

        if file:
            rows = file.with_suffix(".tests.csv")
            row_text = rows.read_text(encoding="utf-8") if rows.exists() else ""
            found = [policy.try_text(file.name, file.read_text(encoding="utf-8"), row_text)]
        else:
            found = policy.try_policies(policy_id=policy_id)
    if as_json:
        output.print_json([_plain(tried) for tried in found])
    else:
        _print_tests(found)
    if not all(tried.is_sound for tried in found):
        raise SystemExit(1)


def _day(on: datetime | None) -> date | None:
    return on.date() if on else None


def _category_code(text: str) -> str:
    from huanxin.catalogue import selectors as catalogue

    for category in catalogue.list_categories():
        if text in (category.code, category.name, *category.aliases):
            return category.code
    return catalogue.get_category(text).code  # says that it is unknown


def _plain(tried: "TryOut") -> dict[str, object]:
    return {**dataclasses.asdict(tried), "is_sound": tried.is_sound}


def _print_card(card: "PolicyCard") -> None:
    output.say(f"{card.title}（{card.policy_id}）")
    output.say(f"付款日期：{card.from_on} 起，{card.to_on} 前；区划 {card.region_code}")
    output.say(f"版本：{card.version_hash}")
    output.print_table(
        "条款",
        ("条款", "品类", "条件", "补贴", "依据"),
        [
            (
                line.title,
                "、".join(line.categories),
                "；".join(line.conditions),
                line.amount + ("（含假定）" if line.is_assumed else ""),
                f"{line.document} {line.clause}",
            )
            for line in card.lines
        ],
    )
    for assumption in card.assumptions:
        output.say(f"假设 {assumption.key}：{assumption.why}")


def print_decision(decision: "Decision") -> None:
    """A decision for people: the amount, the sentence, every condition, the source."""
    from huanxin.kernel.money import yuan

    output.say(f"补贴 {yuan(decision.amount_fen)}" if decision.is_eligible else "不享受补贴")
    output.say(decision.sentence)
    if decision.reason_code:
        output.say(f"理由 {decision.reason_code}")
    if decision.conditions:
        output.print_table(
            "条件",
            ("条件", "本次", "要求", "符合"),
            [(c.name, c.value, c.wanted, "是" if c.holds else "否") for c in decision.conditions],
        )
    if decision.version_hash:
        output.say(f"依据 {decision.document} {decision.clause}")
        output.say(f"政策 {decision.policy_id}，版本 {decision.version_hash}")


def _print_tests(found: "Sequence[TryOut]") -> None:
    for tried in found:
        wrong = [row for row in tried.rows if not row.holds]
        passed = len(tried.rows) - len(wrong)
        output.say(f"{tried.policy_id}：{passed} 行相符，{len(wrong)} 行不符")
        for problem in tried.problems:
            output.say(f"  {problem}")
        for row in wrong:
            output.say(f"  第 {row.row} 行（{row.why}）：应为 {row.expected}，实为 {row.answered}")
