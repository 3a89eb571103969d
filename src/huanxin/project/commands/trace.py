"""huanxin trace CODE: the story of one old unit."""

import dataclasses
from datetime import datetime

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.command("trace")
@click.argument("code")
@output.json_option
def command(code: str, *, as_json: bool) -> None:
    """显示一台旧机的全程记录：从上门回收到拆解，每一步的时间、地点、经手单位与重量。

    CODE 可以是旧机编号，也可以是二维码里的完整网址。

    示例：huanxin trace 952000000000000001 --json
    """
    with platform.opened():
        from huanxin.kernel.actor import Scope
        from huanxin.trace import selectors as trace

        unit_code = trace.read_scanned(code)
        passport = trace.get_passport(unit_code, Scope())
        stops = trace.story(unit_code, Scope())
    if as_json:
        output.print_json(
            {
                "passport": dataclasses.asdict(passport),
                "story": [dataclasses.asdict(s) for s in stops],
            }
        )
        return
    output.say(f"{passport.unit_code}　{passport.link}")
    output.print_table(
        "全程记录",
        ("时间", "步骤", "经手单位", "重量（克）", "已封存"),
        [(_local(s.at), s.title, s.org_name, s.mass_g, "是" if s.is_sealed else "") for s in stops],
    )


def _local(at: datetime) -> str:
    from huanxin.kernel.clock import SHANGHAI

    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
