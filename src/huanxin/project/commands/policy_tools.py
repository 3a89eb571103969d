"""huanxin policy check, explain, simulate, schema: what a policy officer asks before publishing."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from huanxin.project import platform
from huanxin.project.commands import output

if TYPE_CHECKING:
    from huanxin.policy.types import Problem, Slice, TryOut, WhatIf

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_YES, _NO = {"是", "true", "yes"}, {"否", "false", "no"}
_options = (
    click.option("--category", required=True, help="品类代码或名称，如 refrigerator 或 冰箱。"),
    click.option("--price", required=True, help="计算补贴的价格，单位元，如 4939.00。"),
    click.option("--grade", type=click.IntRange(1, 5), help="能效（水效）等级；没有标识的不填。"),
    click.option("--region", default="371500", show_default=True, help="区划代码。"),
    click.option(
        "--fact", "facts", multiple=True, metavar="名称=值",
        help="政策另外要求的事实，可重复，如 old_unit_handed_in=是、old_fuel=petrol。",
    ),
)  # fmt: skip


def case_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that describe one purchase."""
    for option in reversed(_options):
        command = option(command)
    return command


def fact(text: str) -> tuple[str, int | str | bool | date]:
    """名称=值 as a name and a value of its kind."""
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise click.UsageError(f"--fact 应写作 名称=值，收到的是 {text}")
    if value in _YES | _NO:
        return name, value in _YES
    if value.isdecimal():
        return name, int(value)
    try:
        return name, date.fromisoformat(value)
    except ValueError:
        return name, value


@click.command("check")
@click.argument("files", nargs=-1, type=_file)
@output.json_option
def check(files: Sequence[Path], *, as_json: bool) -> None:
    """检查政策文件：格式、日期、份额、可达性、测试行；不需要数据库。不写文件名时检查全部随附文件。

    示例：huanxin policy check appliances-2026.yaml
    """
    platform.set_up()
    from huanxin.policy import selectors as policy

    found, library = ([_tried(path) for path in files], []) if files else policy.check_shipped()
    if as_json:
        plain = [{**dataclasses.asdict(tried), "is_sound": tried.is_sound} for tried in found]
        output.print_json({"files": plain, "library": [dataclasses.asdict(p) for p in library]})
    else:
        _print_checks(found, library)
    if library or not all(tried.is_sound for tried in found):
        raise SystemExit(1)


def _tried(path: Path) -> "TryOut":
    from huanxin.policy import selectors as policy

    rows = path.with_suffix(".tests.csv")
    row_text = rows.read_text(encoding="utf-8") if rows.exists() else ""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as broken:
        raise click.UsageError(f"{path.name} 不是 UTF-8 编码的文本。") from broken
    return policy.try_shipped_text(path.name, text, row_text)


def _print_checks(found: "Sequence[TryOut]", library: "Sequence[Problem]") -> None:
    for tried in found:
        word = "通过" if tried.is_sound else f"{len(tried.problems)} 处问题"
        output.say(f"{tried.policy_id or '无法读取'}：{word}，测试 {len(tried.rows)} 行")
        for problem in tried.problems:
            output.say(f"  {problem}")
    for problem in library:
        output.say(str(problem))


@click.command("explain")
@case_options
@click.option("--on", "on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="付款日期。")
@click.option("--file", "file", type=_file, help="按这份文件，而不是随附的政策。")
@output.json_option
def explain(
    *, category: str, price: str, grade: int | None, region: str, facts: Sequence[str],
    on: datetime, file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """说明一笔为什么补这么多或为什么不补：条款、依据、逐条对照；不需要数据库。

    示例：huanxin policy explain --category 冰箱 --price 4939.00 --grade 1 --on 2026-07-01
    """
    platform.set_up()
    from huanxin.kernel import money
    from huanxin.policy import selectors as policy
    from huanxin.policy.types import Case
    from huanxin.project.commands.policy import print_decision

    case = Case(
        on=on.date(), region_code=region, category_code=_category_code(category),
        energy_grade=grade, price_fen=money.parse_yuan(price),
        facts=dict(fact(text) for text in facts),
    )  # fmt: skip
    if file:
        decision = policy.explain_text(file.name, file.read_text(encoding="utf-8"), case)
    else:
        decision = policy.quote_shipped(case)
    if as_json:
        output.print_json(decision.as_json())
    else:
        print_decision(decision)


def _category_code(text: str) -> str:
    """The code of a shipped category or party by any of its names; other words as they are."""
    from huanxin.catalogue import selectors as catalogue
    from huanxin.policy import selectors as policy

    for category in catalogue.shipped_categories():
        if text in (category.code, category.name, *category.aliases):
            return category.code
    parties = {name: code for code, name in policy.parties().items()}
    return parties.get(text, text)


@click.command("schema")
def schema() -> None:
    """打印政策文件格式的 JSON Schema，供编辑器提示和校验。

    示例：huanxin policy schema > policy.schema.json
    """
    platform.set_up()
    from huanxin.policy import selectors as policy

    click.echo(json.dumps(policy.file_schema(), ensure_ascii=False, indent=2))


@click.command("simulate")
@click.option("--change", required=True, type=_file, help="修改后的政策文件。")
@click.option(
    "--over", required=True, metavar="时段或文件",
    help="2026-06-01..2026-08-31（含末日）或一个 Parquet 文件。",
)  # fmt: skip
@output.json_option
def simulate(*, change: Path, over: str, as_json: bool) -> None:
    """推演：假如当时就按修改后的政策，预算多花多少，谁多得、谁少得。只读，不改动任何数据。

    示例：huanxin policy simulate --change appliances-2026.yaml --over 2026-06-01..2026-08-31
    """
    text = change.read_text(encoding="utf-8")
    with platform.opened():
        from huanxin.kernel.actor import Scope
        from huanxin.policy import selectors as policy

        if ".." in over:
            first, last = _period(over)
            found = policy.simulate_change(
                text=text, scope=Scope(), from_on=first, to_on=last + timedelta(days=1)
            )
        else:
            found = policy.simulate_change_over_file(text=text, path=Path(over))
        names = _names()
    if as_json:
        output.print_json({**dataclasses.asdict(found), "effect_fen": found.effect_fen})
    else:
        _print_whatif(found, names)


def _period(over: str) -> tuple[date, date]:
    first, _, last = over.partition("..")
    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as wrong:
        raise click.UsageError("时段应写作 2026-06-01..2026-08-31") from wrong


def _names() -> dict[str, str]:
    from huanxin.catalogue import selectors as catalogue
    from huanxin.identity import selectors as identity

    names = {region.code: region.name for region in identity.list_regions()}
    return names | {category.code: category.name for category in catalogue.list_categories()}


def _print_whatif(found: "WhatIf", names: dict[str, str]) -> None:
    from huanxin.kernel.money import yuan

    whole = found.whole
    output.say(f"推演 {found.policy_id}，范围 {found.over}，共 {whole.cases:,} 笔")
    output.say(
        f"补贴由 {yuan(whole.before_fen)} 变为 {yuan(whole.after_fen)}，"
        f"预算影响 {yuan(found.effect_fen)}"
    )
    for title, slices in (
        ("按县（市、区）", found.by_county),
        ("按品类", found.by_category),
        ("按价格", found.by_price),
    ):
        _print_slices(title, slices, names)


def _print_slices(title: str, slices: "Sequence[Slice]", names: dict[str, str]) -> None:
    from huanxin.kernel.money import yuan

    columns = ("", "笔数", "原补贴", "新补贴", "多得的笔数", "多得", "少得的笔数", "少得")
    rows = [
        (names.get(s.key, s.key), f"{s.cases:,}", yuan(s.before_fen), yuan(s.after_fen),
         f"{s.winners:,}", yuan(s.gained_fen), f"{s.losers:,}", yuan(s.lost_fen))
        for s in slices
    ]  # fmt: skip
    output.print_table(title, columns, rows)
