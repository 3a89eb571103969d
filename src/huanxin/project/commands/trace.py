"""huanxin trace …: a unit's story, a lot, a material's sources; proofs and the audit of the log."""

import dataclasses
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from huanxin.project import platform
from huanxin.project.commands import output


@click.group("trace")
def command() -> None:
    """追溯：一台旧机的全程、一个批次、一种材料的来源；存证证明的下载与离线核验；日志审计。

    示例：huanxin trace unit HX2615020000042R
    """


@command.command("unit")
@click.argument("code")
@output.json_option
def unit(code: str, *, as_json: bool) -> None:
    """显示一台旧机的全程记录：每一步的时间、经手单位、重量，以及他人的上报。

    CODE 可以是机身码、GIAI，或二维码里的完整网址。

    示例：huanxin trace unit HX2615020000042R --json
    """
    with platform.opened():
        from huanxin.kernel.actor import Scope
        from huanxin.trace import selectors as trace

        unit_code = trace.read_scanned(code)
        passport = trace.get_passport(unit_code, Scope())
        stops, seen = trace.story(unit_code, Scope()), trace.seen(unit_code, Scope())
    if as_json:
        found = {"passport": passport, "story": stops, "seen": seen}
        output.print_json(json.loads(json.dumps(found, default=_plain)))
        return
    output.say(f"{passport.unit_code}　{passport.link}")
    rows = [(s.at, s.title, s.org_name, s.mass_g, s.is_sealed, "") for s in stops]
    rows += [(s.at, s.title, s.org_name, None, s.is_sealed, _lot_of(s.inside)) for s in seen]
    output.print_table(
        "全程记录",
        ("时间", "步骤", "单位", "重量（克）", "已存证", "随批次"),
        [
            (_local(at), title, org, mass, "是" if sealed else "", lot)
            for at, title, org, mass, sealed, lot in sorted(rows, key=lambda row: row[0])
        ],
    )


@command.command("lot")
@click.argument("code")
@output.json_option
def lot(code: str, *, as_json: bool) -> None:
    """显示一个批次（SSCC 或其网址）的事件与装入的旧机。

    示例：huanxin trace lot 095237150000000017
    """
    with platform.opened():
        from huanxin.kernel.actor import Scope
        from huanxin.trace import selectors as trace

        link = code if ":" in code else trace.container_link(code)
        events, units = trace.journey(link, Scope()), trace.contents(link, Scope())
    if as_json:
        output.print_json(
            json.loads(json.dumps({"events": events, "units": units}, default=_plain))
        )
        return
    output.print_table(
        f"批次 {link}",
        ("时间", "步骤", "单位", "已存证"),
        [(_local(e.at), e.title, e.org_name, "是" if e.is_sealed else "") for e in events],
    )
    output.print_table("装入的旧机", ("机身码",), [(one.rpartition("/")[2],) for one in units])


@command.command("back")
@click.argument("material")
@click.option("--reason", required=True, help="倒查事由，记入审计。")
@output.json_option
def back(material: str, reason: str, *, as_json: bool) -> None:
    """由再生材料倒查投入的旧机及其订单。MATERIAL 是材料类别或批次的 URI。每次倒查都会记录。

    示例：huanxin trace back https://ns.huanxin.example/trade-in/material/copper --reason 专项检查
    """
    with platform.opened():
        from huanxin.kernel.actor import system_actor
        from huanxin.trace import services as trace

        actor = system_actor("命令行倒查")
        found = trace.trace_back(actor=actor, epc_class=material, reason=reason)
    if as_json:
        output.print_json(json.loads(json.dumps({"units": found}, default=_plain)))
        return
    output.print_table(
        f"投入的旧机（{len(found)} 台）",
        ("机身码", "类别", "订单", "重量（克）", "拆解时间"),
        [(s.unit_code, s.class_code, str(s.order_id), s.mass_g, _local(s.at)) for s in found],
    )


@command.command("prove")
@click.argument("code")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), help="写入的文件。")
def prove(code: str, target: Path | None) -> None:
    """写出存证证明：CODE 为机身码（全部已存证的站），或 audit:编号、transfer:编号、event:编号。

    示例：huanxin trace prove HX2615020000042R -o proof.json
    """
    with platform.opened():
        document = _proofs_of(code)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if target is None:
        click.echo(text)
        return
    target.write_text(text, encoding="utf-8")
    output.say(f"已写入 {target}。核验：huanxin trace check-proof {target}")


def _proofs_of(code: str) -> dict[str, Any]:
    from huanxin.kernel import auditlog, merkle
    from huanxin.kernel.actor import Scope
    from huanxin.trace import selectors as trace

    kind, colon, row = code.partition(":")
    if colon and kind in merkle.SOURCES and row.isdigit():
        is_line = kind == "audit"
        text = (
            auditlog.get_line(int(row), Scope()).canonical_text
            if is_line
            else merkle.text_of(kind, int(row))
        )
        return merkle.proof_of(kind, int(row)).as_json(text)
    unit_code = trace.read_scanned(code)
    proofs = []
    for stop in trace.story(unit_code, Scope()):
        if stop.is_sealed:
            text, event = trace.leaf_of(stop.row_id)
            says = f"{unit_code} {stop.title} {stop.org_name}"
            proof = merkle.proof_of("event", stop.row_id)
            proofs.append(proof.as_json(text, event=event, says=says))
    return {"unit_code": unit_code, "proofs": proofs}


@command.command("check-proof")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="您信任的公钥（64 位十六进制）；不给则用文件内的，并请核对指纹。")
def check_proof(file: Path, key: str | None) -> None:
    """离线核验证明文件：不联网、不用数据库。不成立时说明原因，退出码为 2。

    示例：huanxin trace check-proof proof.json --key 3b6a…
    """
    from huanxin.kernel import proofs  # pure: needs no settings, no database

    held = proofs.check_file(file.read_text(encoding="utf-8"), public_key=key)
    for one in held:
        words = _KIND_WORDS.get(one.kind, one.kind)
        output.say(f"成立：{words} {one.row_id}，日志第 {one.position + 1}/{one.size} 条，"
                   f"签于 {one.signed_at}　{one.says[:60]}")  # fmt: skip
    output.say(f"签名公钥指纹：{held[0].fingerprint}" + ("" if key else "（请与平台公布的核对）"))


_KIND_WORDS = {
    "event": "追溯事件", "transfer": "转账", "audit": "审计记录", "consistency": "一致性",
}  # fmt: skip


@command.command("audit")
@output.json_option
def audit(*, as_json: bool) -> None:
    """由数据行重算整个日志：被改动、删除、补入的行逐一列出；有任何一处即退出码为 1。

    示例：huanxin trace audit
    """
    with platform.opened():
        from huanxin.kernel import logaudit

        result = logaudit.recompute()
    if as_json:
        output.print_json(json.loads(json.dumps(dataclasses.asdict(result))))
    else:
        output.say(f"已重算 {result.leaves} 条记录、{result.heads} 个签名树头。")
        for finding in result.findings:
            output.say(finding.sentence)
        output.say("全部相符。" if not result.findings else f"共 {len(result.findings)} 处不符。")
    sys.exit(1 if result.findings else 0)


def _plain(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else str(value)  # type: ignore[arg-type]


def _lot_of(link: str | None) -> str:
    return link.rpartition("/")[2] if link else ""


def _local(at: datetime) -> str:
    from huanxin.kernel.clock import SHANGHAI

    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
