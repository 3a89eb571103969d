"""Trace's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable


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


class MassInvalid(Invalid):
    """No unit weighs nothing or less."""

    code = "trace.mass_invalid"
    say = "旧机{unit_code}的重量{mass_g}克无法使用，应大于零。"
    do = "请重新过磅。"


class EventInFuture(Invalid):
    code = "trace.event_in_future"
    say = "事件时间{at}晚于当前时间。"
    do = "请核对设备时钟与时区后重新提交。"


class UnitInTwoPlaces(Conflict):
    """A unit is packed into a container while it is inside another."""

    code = "trace.unit_in_two_places"
    say = "旧机{unit_code}已在批次{container}内，不能同时装入另一批次。"
    do = "请先在原批次拆箱核验，再装入新批次。"


class UnitNotInside(Conflict):
    """A container is opened for a unit that is not, or no longer, inside it."""

    code = "trace.unit_not_inside"
    say = "旧机{unit_code}不在批次{container}内，或该批次已经拆箱。"
    do = "请核对批次标签；同一批次只能拆箱一次。"


class NotYourUnit(NotAllowed):
    """A party reports on a unit that never passed through its hands."""

    code = "trace.not_your_unit"
    say = "旧机{unit_code}从未经过贵单位，不能由贵单位申报。"
    do = "请核对机身码；如确已接收，请先办理交接。"


class DocumentInvalid(Invalid):
    """A document or event that EPCIS 2.0 does not know; nothing of it was stored."""

    code = "trace.document_invalid"
    say = "文件不符合 EPCIS 2.0：{faults}。"
    do = "请按所列位置修改后重新提交；本次没有保存任何事件。"


class CaptureTooLarge(Invalid):
    code = "trace.capture_too_large"
    say = "一次提交超过上限：至多{events}个事件、{octets}字节。"
    do = "请拆成几份提交。"


class QueryParameterInvalid(Invalid):
    code = "trace.query_parameter_invalid"
    say = "查询参数{name}无法使用：{reason}。"
    do = "请对照接口说明修改参数。"


class QueryTooLarge(Invalid):
    code = "trace.query_too_large"
    say = "符合条件的事件多于{most}个，未返回部分结果。"
    do = "请缩小查询条件，或改用分页。"


class QueryTooComplex(Unavailable):
    code = "trace.query_too_complex"
    say = "该查询在{seconds}秒内没有完成，已停止。"
    do = "请增加时间范围、标识或业务步骤等条件后重试。"


class PageTokenInvalid(Invalid):
    code = "trace.page_token_invalid"
    say = "翻页标记无效或已过期。"
    do = "请从第一页重新查询。"


class QueryNameTaken(Conflict):
    code = "trace.query_name_taken"
    say = "已有名为“{name}”的查询。"
    do = "请换一个名称，或先删除原查询。"


class ResourceUnknown(NotFound):
    code = "trace.resource_unknown"
    say = "没有“{name}”，或不在您的可见范围内。"
    do = "请核对名称或编号。"


class SubscriptionControlsInvalid(Invalid):
    code = "trace.subscription_controls_invalid"
    say = "订阅设置无法使用：{reason}。"
    do = "stream 与 schedule 须二选一，dest 应为可达的网址。"


class LookNeedsReason(Invalid):
    code = "trace.look_needs_reason"
    say = "倒查材料来源须填写事由，该事由会记入审计。"
    do = "请填写事由后重试。"
