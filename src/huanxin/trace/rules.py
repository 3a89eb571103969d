"""Trace decisions: unit codes and custody. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from stdnum.iso7064 import mod_37_36

from huanxin.trace import _gs1
from huanxin.trace.errors import (
    CustodyBroken,
    MassInvalid,
    StepNotAllowed,
    TimeRunsBackwards,
    UnitCodeInvalid,
    UnitInTwoPlaces,
    UnitNotInside,
)
from huanxin.trace.types import Action, Event, EventType, Move, UnitState

_CODE_LENGTH = 16
CLOCK_SKEW = timedelta(minutes=5)  # how far a device's clock may be ahead of ours
_S = UnitState

# (from, to); None is "not yet known". The same table is a CHECK on trace_custody.
TRANSITIONS: frozenset[tuple[UnitState | None, UnitState]] = frozenset({
    (None, _S.COLLECTED),
    (_S.COLLECTED, _S.COLLECTED),
    (_S.COLLECTED, _S.IN_DEPOT),
    (_S.IN_DEPOT, _S.IN_DEPOT),
    (_S.IN_DEPOT, _S.IN_LOT),
    (_S.IN_DEPOT, _S.REFURBISHED),
    (_S.IN_LOT, _S.IN_DEPOT),
    (_S.IN_LOT, _S.SHIPPED),
    (_S.SHIPPED, _S.IN_DEPOT),
    (_S.SHIPPED, _S.AT_DISMANTLER),
    (_S.AT_DISMANTLER, _S.AT_DISMANTLER),
    (_S.AT_DISMANTLER, _S.DISMANTLED),
})  # fmt: skip
TERMINAL = frozenset({_S.DISMANTLED, _S.REFURBISHED})
BOXED = frozenset({_S.IN_LOT, _S.SHIPPED})  # a unit in these states is inside a container
MAY_BE_BOXED = BOXED | {_S.AT_DISMANTLER}  # arrived, and not yet unpacked

STATE_WORDS: dict[UnitState, str] = {
    _S.COLLECTED: "已上门取走",
    _S.IN_DEPOT: "在库",
    _S.IN_LOT: "已装批",
    _S.SHIPPED: "运输途中",
    _S.AT_DISMANTLER: "已到拆解企业",
    _S.DISMANTLED: "已拆解",
    _S.REFURBISHED: "已翻新再用",
}
STEP_TITLES: dict[str, str] = {
    "commissioning": "赋予身份（一机一码）",
    "collecting": "上门取走旧机",
    "receiving": "到货过磅验收",
    "inspecting": "检测分级",
    "packing": "装批封签",
    "shipping": "发往拆解企业",
    "unpacking": "拆解企业逐台核验",
    "disassembling": "环保拆解",
    "repairing": "翻新",
    # Steps that only outside parties report.
    "accepting": "接收", "arriving": "到达", "departing": "发出", "transporting": "运输",
    "loading": "装车", "unloading": "卸车", "storing": "存放", "holding": "暂存",
    "staging_outbound": "待发", "stocking": "上架", "stock_taking": "盘点",
    "cycle_counting": "盘点", "picking": "拣选", "removing": "移出", "replacing": "更换",
    "repackaging": "换装", "decommissioning": "注销身份", "destroying": "销毁",
    "sampling": "抽样", "sensor_reporting": "传感上报", "retail_selling": "零售", "other": "其他",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """The head of a unit's custody chain. seq 0 is a unit that no event has touched yet."""

    seq: int
    holder_id: UUID | None
    state: UnitState | None
    at: datetime | None


def next_link(head: Link, move: Move, at: datetime) -> Link:
    """The chain after one more event, or a refusal: holder, state and time must all follow on."""
    if head.seq > 0 and head.holder_id != move.from_org_id:
        raise CustodyBroken(
            unit_code=move.unit_code, holder_id=head.holder_id, from_org_id=move.from_org_id
        )
    if (head.state, move.to_state) not in TRANSITIONS:
        raise StepNotAllowed(
            unit_code=move.unit_code,
            state=STATE_WORDS[head.state] if head.state else "未建档",
            wanted=STATE_WORDS[move.to_state],
        )
    if move.mass_g is not None and move.mass_g <= 0:
        raise MassInvalid(unit_code=move.unit_code, mass_g=move.mass_g)
    if head.at is not None and at < head.at:
        raise TimeRunsBackwards(unit_code=move.unit_code, last_at=f"{head.at:%Y-%m-%d %H:%M}")
    return replace(head, seq=head.seq + 1, holder_id=move.to_org_id, state=move.to_state, at=at)


def next_container(inside: str | None, event: Event, move: Move) -> str | None:
    """What a unit is inside of after one more event: packed once, unpacked once.

    A unit that is found outside (back in the depot, say) has left its container by that.
    """
    if event.type == EventType.AGGREGATION and event.action == Action.ADD:
        if inside is not None:
            raise UnitInTwoPlaces(unit_code=move.unit_code, container=inside.rpartition("/")[2])
        return event.parent_id
    if event.type == EventType.AGGREGATION and event.action == Action.DELETE:
        if inside is None or inside != event.parent_id:
            container = (event.parent_id or "").rpartition("/")[2]
            raise UnitNotInside(unit_code=move.unit_code, container=container)
        return None
    return inside if move.to_state in MAY_BE_BOXED else None


def step_title(biz_step: str) -> str:
    """A step in Chinese; a term of another vocabulary keeps its own name.

    >>> step_title("transporting"), step_title("https://ns.example/steps/washing")
    ('运输', '其他上报（washing）')
    """
    known = STEP_TITLES.get(biz_step)
    return known or f"其他上报（{biz_step.rpartition('/')[2] or '未注明'}）"


def format_unit_code(serial: int, *, on: date, region_code: str) -> str:
    """A label's code: HX, year, last four of the region, serial, check character (ISO 7064).

    >>> format_unit_code(42, on=date(2026, 6, 1), region_code="371502")
    'HX2615020000042R'
    """
    body = f"HX{on:%y}{region_code[-4:]}{serial:07d}"
    return body + str(mod_37_36.calc_check_digit(body))


def check_unit_code(code: str) -> str:
    """The code in capitals if its layout and check character fit; UnitCodeInvalid otherwise."""
    clean = code.strip().upper()
    if len(clean) != _CODE_LENGTH or not clean.startswith("HX") or not mod_37_36.is_valid(clean):
        raise UnitCodeInvalid(unit_code=code)
    return clean


def giai(prefix: str, unit_code: str) -> str:
    """The unit's global individual asset identifier (AI 8004) under a GS1 company prefix."""
    return prefix + unit_code


def unit_link(prefix: str, unit_code: str) -> str:
    """The unit's Digital Link, which is also its EPC in events.

    >>> unit_link("9523715", "HX2615020000042R")
    'https://id.gs1.org/8004/9523715HX2615020000042R'
    """
    return _gs1.link(("8004", giai(prefix, unit_code)))


def unit_code_of(prefix: str, text: str) -> str | None:
    """The unit code inside a scanned Digital Link, GIAI or bare code; None if none of them."""
    tail = text.strip().upper().rpartition("/")[2].partition("?")[0].removeprefix(prefix)
    try:
        return check_unit_code(tail)
    except UnitCodeInvalid:
        return None
