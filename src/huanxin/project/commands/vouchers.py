"""huanxin vouchers audit-draw FILE_OR_URL: a published lottery, recomputed by anyone."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import click

from huanxin.project import platform
from huanxin.project.commands import output
from huanxin.project.errors import DrawNotFetched

if TYPE_CHECKING:
    from huanxin.vouchers.types import DrawAudit

_SECONDS = 20
_MOST_BYTES = 200_000_000
_STEPS = {
    "noted": "事先记下的值都在文件里",
    "times": "先公布承诺值，再截止登记、公布名单、录入公开数，最后开奖",
    "sealed": "承诺值和名单在开奖之前已封存进签名日志，三步先后有据",
    "seed": "种子的 SHA-256 等于事先公布的承诺值",
    "list": "名单的 SHA-256 等于开奖前公布的值",
    "ranking": "每个登记的排位由种子、公开数和名单重新算出，完全一致",
    "winners": "名额按排位依次给出",
}


@click.group("vouchers")
def command() -> None:
    """补贴资格发放的公开核对工具。"""


@command.command("audit-draw")
@click.argument("source", metavar="FILE_OR_URL")
@click.option(
    "--noted", multiple=True, metavar="HASH",
    help="您在开奖前记下的值：承诺值、名单的 SHA-256，或您自己的登记哈希；可重复。",
)  # fmt: skip
@click.option("--key", default="", metavar="HEX", help="您信任的日志公钥；不给则用文件里的。")
@output.json_option
def audit_draw(source: str, noted: Sequence[str], key: str, *, as_json: bool) -> None:
    """重新计算一次摇号：不用数据库、不用登录，只看公布的开奖文件。

    全部算得出来时退出码为 0；有一处对不上，指出第一处并以 1 退出。

    示例：huanxin vouchers audit-draw 开奖文件.json --noted 承诺值
    """
    document = _document(source)
    platform.set_up()
    from huanxin.vouchers import selectors as vouchers

    audit = vouchers.audit_draw(document, noted=noted, public_key=key)
    if as_json:
        output.print_json(dataclasses.asdict(audit))
    else:
        _print(audit)
    if audit.fault:
        raise SystemExit(1)


def _document(source: str) -> dict[str, Any]:
    try:
        document = json.loads(_text(source))
    except (ValueError, OSError, URLError) as error:
        raise DrawNotFetched(source=source, reason=str(error)) from error
    if not isinstance(document, dict):
        raise DrawNotFetched(source=source, reason="不是一份开奖文件")
    return document


def _text(source: str) -> str:
    if source.startswith(("http://", "https://")):
        with urlopen(source, timeout=_SECONDS) as answer:  # noqa: S310  # scheme checked above
            body: bytes = answer.read(_MOST_BYTES)
            return body.decode()
    return Path(source).read_text(encoding="utf-8")


def _print(audit: "DrawAudit") -> None:
    output.say(f"{audit.title}：登记 {audit.registered} 个，名额 {audit.places} 个，"
               f"中签 {audit.winners} 个")  # fmt: skip
    for step in audit.checked:
        output.say(f"  相符  {_STEPS[step]}")
    if audit.signed_by:
        output.say(f"  日志公钥指纹 {audit.signed_by}，请与平台公布的核对")
    elif not audit.fault:
        output.say("  文件没有附日志存证，未核对封存时间")
    if audit.fault:
        output.say(f"  不符  {_STEPS[audit.fault.step]}")
        output.say(f"        {audit.fault.say}")
    else:
        output.say("全部算得出来：这次摇号没有被改动过。")
