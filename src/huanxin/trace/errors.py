"""Trace's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotFound


class UnitCodeInvalid(Invalid):
    """The check character does not fit, or the layout is another."""

    code = "trace.unit_code_invalid"
    say = "机身码“{unit_code}”校验不通过。"
    do = "请重新扫描标签，或核对手工输入的每一位。"


class UnitCodeTaken(Conflict):
    code = "trace.unit_code_taken"
    say = "机身码{unit_code}已经用在另一台旧机上。"
    do = "请换一张新标签重新扫描。"


class UnitUnknown(NotFound):
    code = "trace.unit_unknown"
    say = "没有机身码为{unit_code}的旧机档案，或不在您的管辖范围内。"
    do = "请核对机身码后重试。"


class CustodyBroken(Conflict):
    """Someone hands on a unit that they do not hold."""

    code = "trace.custody_broken"
    say = "旧机{unit_code}目前不在交出单位手中，不能由其交接。"
    do = "请先核对上一环节的交接记录，再办理本环节。"


class StepNotAllowed(Conflict):
    """The unit's state does not lead to the next one, such as dismantling what was dismantled."""

    code = "trace.step_not_allowed"
    say = "旧机{unit_code}处于“{state}”，不能转为“{wanted}”。"
    do = "请核对机身码，或查看该旧机的全程记录。"


class TimeRunsBackwards(Conflict):
    code = "trace.time_runs_backwards"
    say = "旧机{unit_code}的上一环节发生在{last_at}，本环节时间更早。"
    do = "请核对设备时间后重新提交。"


class EventAlreadyCaptured(Conflict):
    code = "trace.event_already_captured"
    say = "该追溯事件已经登记过，内容完全相同。"
    do = "无需重复提交。"
