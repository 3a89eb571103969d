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


class ClawBackInOffset(Conflict):
    """A payment order already takes it off: receiving it too would collect it twice."""

    code = "settlement.claw_back_in_offset"
    say = "该笔追缴正在付款指令 {number} 中抵扣，不能再登记回款。"
    do = "请等待银行对该付款指令的答复；被银行退回的，重付时会重新计算抵扣。"


class AnswerFileUnreadable(Invalid):
    code = "settlement.answer_file_unreadable"
    say = "读不懂银行回执文件“{name}”：{reason}。"
    do = "请核对文件是否为银行返回的 CSV，表头应有指令编号、金额、结果、回单号。"


class DifferenceNotFound(NotFound):
    code = "settlement.difference_not_found"
    say = "找不到该笔对账差异，可能不在您的管辖范围内。"
    do = "请从差异列表进入。"


class DifferenceSettled(Conflict):
    code = "settlement.difference_settled"
    say = "该笔对账差异已经了结。"
    do = "请刷新页面查看了结说明。"


class NotYourDifference(NotAllowed):
    """Who took a difference explains it."""

    code = "settlement.not_your_difference"
    say = "该笔差异由另一位人员负责，您不能替其了结。"
    do = "请先认领该笔差异，再写明了结说明。"


class DifferencesWithoutOwner(Conflict):
    """A month is not closed over a difference nobody looks after."""

    code = "settlement.differences_without_owner"
    say = "该月还有 {count} 笔对账差异没有负责人，不能月结。"
    do = "请在对账页认领这些差异后再月结。"


class NotePoor(Invalid):
    code = "settlement.note_poor"
    say = "说明过短，至少写四个字。"
    do = "请写清原因后重新提交。"


class ObjectionClosed(Conflict):
    """Publicity is over, or the line left the batch."""

    code = "settlement.objection_closed"
    say = "该条公示已经结束或已移出批次，不再接受异议。"
    do = "仍有问题请拨打 12345 或联系当地商务部门。"


class ObjectionPoor(Invalid):
    code = "settlement.objection_poor"
    say = "异议内容或联系方式填写不完整：{reason}。"
    do = "请补充后重新提交。"


class TooManyObjections(Conflict):
    """A flood of objections against one line, or from one contact."""

    code = "settlement.too_many_objections"
    say = "您或他人对该条公示的异议已在处理中。"
    do = "请凭受理编号查询处理结果，无需重复提交。"


class ObjectionNotFound(NotFound):
    code = "settlement.objection_not_found"
    say = "没有找到该异议：受理编号或联系方式不符。"
    do = "请核对提交时得到的受理编号和填写的联系方式。"


class ObjectionDecided(Conflict):
    code = "settlement.objection_decided"
    say = "该异议已经答复。"
    do = "请刷新页面查看答复。"


class ObjectionsWaiting(Conflict):
    """Money does not leave while somebody's objection is unanswered."""

    code = "settlement.objections_waiting"
    say = "该批次还有 {count} 条异议没有答复，不能付款。"
    do = "请先逐条答复异议。"


class TermsInvalid(Invalid):
    code = "settlement.terms_invalid"
    say = "预付约定填写有误：{reason}。"
    do = "请修改后重新提交。"


class TermsNotFound(NotFound):
    code = "settlement.terms_not_found"
    say = "该商户没有生效的预付约定。"
    do = "请先拟定预付约定，并由另一名财政人员核准。"


class TermsDecided(Conflict):
    code = "settlement.terms_decided"
    say = "该预付约定已经核准或已经终止。"
    do = "请刷新页面查看最新状态。"


class SameOfficerTwice(NotAllowed):
    """Constraints prepayment_terms_by_two and prepayment_paid_by_another say the same."""

    code = "settlement.same_officer_twice"
    say = "预付须由两名人员办理：拟定人不能自己核准或付款。"
    do = "请由另一名财政人员办理。"


class PrepaymentAboveLimit(Conflict):
    """Never more ahead than was agreed: constraint balance_never_overspent agrees."""

    code = "settlement.prepayment_above_limit"
    say = "预付 {amount} 超过目前可预付的 {free}（已预付未抵扣 {outstanding}）。"
    do = "请减少金额，或等待已预付部分抵扣后再办理。"


class PrepaymentNotFound(NotFound):
    code = "settlement.prepayment_not_found"
    say = "找不到该笔预付。"
    do = "请从预付列表进入。"


class PrepaymentClosed(Conflict):
    code = "settlement.prepayment_closed"
    say = "该笔预付当前为“{state}”，不能再办理。"
    do = "请刷新页面查看最新状态。"


class PrepaidLess(Conflict):
    code = "settlement.prepaid_less"
    say = "退回 {amount} 超过该商户尚未抵扣的预付 {outstanding}。"
    do = "请核对金额；正在付款指令中抵扣的部分不能退回。"


class MerchantRestricted(NotAllowed):
    code = "settlement.merchant_restricted"
    say = "该商户目前被限制，不能预付。"
    do = "请等待限制解除，或联系商务部门了解原因。"
