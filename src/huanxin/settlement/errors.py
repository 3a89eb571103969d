"""Settlement's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


class BatchNotFound(NotFound):
    code = "settlement.batch_not_found"
    say = "找不到该结算批次，可能编号有误，或不在您的管辖范围内。"
    do = "请从批次列表进入。"


class OrderNotFound(NotFound):
    code = "settlement.order_not_found"
    say = "找不到付款指令 {number}。"
    do = "请核对指令编号后重试。"


class NothingToSettle(Conflict):
    code = "settlement.nothing_to_settle"
    say = "该地区该活动目前没有可结算的申报。"
    do = "请等待申报核验通过后再开批次。"


class BatchNotOpen(Conflict):
    code = "settlement.batch_not_open"
    say = "该批次当前为“{state}”，不能公示。"
    do = "请刷新页面查看最新状态。"


class PublicityDaysInvalid(Invalid):
    code = "settlement.publicity_days_invalid"
    say = "公示天数应在 1 至 30 天之间，填写的是 {days}。"
    do = "请修改公示天数后重新提交。"


class BatchNotPublished(Conflict):
    code = "settlement.batch_not_published"
    say = "该批次尚未公示或已经付款，不能付款。"
    do = "请先完成公示；已付款的批次可在付款指令中查看。"


class PublicityRunning(Conflict):
    code = "settlement.publicity_running"
    say = "该批次公示至 {until}，公示期未满不能付款。"
    do = "请在公示期满后再付款。"


class SameOfficer(NotAllowed):
    """Constraint batch_payer_is_not_opener says the same."""

    code = "settlement.same_officer"
    say = "开批次与付款须由不同人员办理。"
    do = "请由另一位财政人员付款。"


class NotInPublicity(Conflict):
    code = "settlement.not_in_publicity"
    say = "该笔申报不在公示中，不能登记异议。"
    do = "请核对单号；已付款的请走追缴流程。"


class AnswerContradicts(Conflict):
    code = "settlement.answer_contradicts"
    say = "付款指令 {number} 已经是“{state}”，不能再登记其他结果。"
    do = "请与银行核对回单。"


class NotRefused(Conflict):
    code = "settlement.not_refused"
    say = "付款指令 {number} 当前为“{state}”，只有银行明确退回的才能重付。"
    do = "结果不明的，请先向银行查询并登记结果。"


class NotPaidYet(Conflict):
    code = "settlement.not_paid_yet"
    say = "该笔销售的补贴尚未到账，无需追缴。"
    do = "请在银行登记付款结果后再办理。"


class NotReturned(Conflict):
    code = "settlement.not_returned"
    say = "该笔销售没有退货记录，不能追缴。"
    do = "请先由门店办理退货。"


class ClawBackClosed(Conflict):
    code = "settlement.claw_back_closed"
    say = "该笔追缴不存在或已经结清。"
    do = "请刷新页面查看最新状态。"
