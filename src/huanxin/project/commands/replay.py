"""huanxin replay: the simulated season alone."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from huanxin.project import platform
from huanxin.project.commands import output, progress

if TYPE_CHECKING:
    from huanxin.indicators.types import Headline
    from huanxin.simulation.types import PatternScore

scale_option = click.option(
    "--scale", type=click.IntRange(10, 100_000), default=100, show_default=True,
    help="缩小倍数：100 表示真实城市规模的百分之一。",
)  # fmt: skip
seed_option = click.option(
    "--seed", type=click.IntRange(0), default=2026, show_default=True,
    help="随机种子：同一种子得到同一座城市。",
)  # fmt: skip


@click.command("replay")
@scale_option
@seed_option
@output.json_option
def command(scale: int, seed: int, *, as_json: bool) -> None:
    """在数据库中重放一个模拟的夏季（2026 年 6 月至 8 月），并显示主要数字。

    业务全部经由平台的正式入口办理。已重放过的不会重复；中断后再次执行会继续。

    示例：huanxin replay --scale 100 --seed 2026
    """
    with platform.opened():
        show_season(scale=scale, seed=seed, as_json=as_json)


def show_season(*, scale: int, seed: int, as_json: bool = False) -> None:
    """Replay what is missing of the season and print its headline."""
    from huanxin.simulation import services as simulation

    with progress.shown("重放模拟的夏季", quiet=as_json) as report:
        result = simulation.replay_season(progress=report, scale=scale, seed=seed)
    if as_json:
        output.print_json(dataclasses.asdict(result))
        return
    _print_headline(simulation.headline(scale=scale))
    _print_scores(result.scores)


def _print_headline(headline: "Headline") -> None:
    from huanxin.dashboards.figures import words
    from huanxin.indicators.types import Unit

    output.print_table(
        f"模拟的夏季（{headline.from_on} 至 {headline.to_on}，1:{headline.scale}）与公布数字",
        ("指标", "公布", "按比例", "模拟", "相当于"),
        [
            (
                row.published.title,
                words(row.published.value, row.published.unit),
                words(row.expected, row.published.unit),
                words(row.ours, row.published.unit),
                "" if row.share_bps is None else f"{row.share_bps / 100:.0f}%",
            )
            for row in headline.rows
        ],
    )
    for row in headline.rows:
        output.say(f"{row.published.title}：{row.published.note}。")
    output.say(f"本平台的转化率：{headline.conversion_definition}。")
    output.say(
        f"账本核对：{headline.ledger_account_count} 个账户，"
        f"差额 {words(headline.ledger_difference_fen, Unit.FEN)}"
    )


def _print_scores(scores: "Sequence[PatternScore]") -> None:
    output.print_table(
        "模拟的作弊：平台拦下了多少",
        ("手法", "作案", "拦下", "未付款", "查全率", "命中", "查准率"),
        [
            (
                score.title, score.committed, score.stopped, score.denied,
                _percent(score.recall_bps), score.flagged, _percent(score.precision_bps),
            )
            for score in scores
        ],
    )  # fmt: skip
    output.say("作案真相只保存在模拟城市自己的文件里，平台的数据库中没有。")


def _percent(bps: int | None) -> str:
    return "—" if bps is None else f"{bps / 100:.0f}%"
