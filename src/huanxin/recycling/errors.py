"""Recycling's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable


class StandardMissing(Unavailable):
    """No version of the standard is in force on the day."""

    code = "recycling.standard_missing"
    say = "当日没有生效的旧机估价标准。"
    do = "请管理员先发布估价标准。"


class CategoryNotTaken(Invalid):
    code = "recycling.category_not_taken"
    say = "估价标准中没有“{category_code}”这一类旧机。"
    do = "请从列表中选择旧机类别。"


class QuoteNotUsable(Conflict):
    """Expired, used by another order, or of another person."""

    code = "recycling.quote_not_usable"
    say = "评估凭证{number}{reason}。"
    do = "请重新评估后再预约。"


class SlotFull(Conflict):
    code = "recycling.slot_full"
    say = "{slot_on} {slot} 时段在该区域已约满。"
    do = "请选择其他日期或时段。"


class SlotNotOpen(Invalid):
    code = "recycling.slot_not_open"
    say = "{slot_on} {slot} 时段不能预约：{reason}。"
    do = "请选择可预约的日期和时段。"


class OrderNotFound(NotFound):
    code = "recycling.order_not_found"
    say = "找不到该回收订单，可能编号有误，或不在您的管辖范围内。"


class OrderStateRefuses(Conflict):
    code = "recycling.order_state_refuses"
    say = "订单{number}处于“{state}”，不能{wanted}。"
    do = "请刷新页面查看最新状态。"


class PickupIncomplete(Invalid):
    code = "recycling.pickup_incomplete"
    say = "上门记录不完整：{reason}。"
    do = "请补齐后重新提交。"


class RequoteNeedsConsent(Conflict):
    code = "recycling.requote_needs_consent"
    say = "实物与评估不符，改价须先由消费者在手机上确认。"
    do = "请发起改价，待消费者确认后再取走；消费者不同意可免费取消。"


class RequoteDecided(Conflict):
    code = "recycling.requote_decided"
    say = "该改价已经处理：{state}。"
    do = "请刷新页面查看最新状态。"


class ConsentCodeWrong(Invalid):
    code = "recycling.consent_code_wrong"
    say = "确认码不正确，还可输入{left_count}次。"
    do = "请向消费者核对其手机上显示的六位确认码。"


class JobReassigned(Conflict):
    """Another van has the stop by now; what a phone recorded meanwhile is kept there."""

    code = "recycling.job_reassigned"
    say = "订单{number}已经改派给“{van_name}”，本次记录没有生效，也没有付款。"
    do = "请联系调度员确认由谁收件；旧机已取走的请原样保管。"


class PriceMoved(Conflict):
    """The owner saw another amount than would be paid."""

    code = "recycling.price_moved"
    say = "订单{number}的价格已变：消费者看到的是 {seen_fen} 分，现在应付 {quoted_fen} 分。"
    do = "请打开修改，请消费者按现在的价格重新确认。"


class TimeNotPossible(Invalid):
    """A device's clock, or a record that lay too long."""

    code = "recycling.time_not_possible"
    say = "记录的时间 {happened_at} 不可能：{reason}。"
    do = "请核对手机时间；确属补录的请联系调度员。"


class UnitNotHere(Conflict):
    """A unit that is not in the state or the hands that the step needs."""

    code = "recycling.unit_not_here"
    say = "旧机{unit_code}不能办理该环节：{reason}。"
    do = "请核对机身码和上一环节的记录。"


class LotNotFound(NotFound):
    code = "recycling.lot_not_found"
    say = "找不到该批次，可能编号有误，或不是本单位的批次。"


class LotStateRefuses(Conflict):
    code = "recycling.lot_state_refuses"
    say = "批次{number}处于“{state}”，不能{wanted}。"
    do = "请刷新页面查看最新状态。"


class MassOutOfBalance(Conflict):
    """The law of mass: what went in must come out. Nothing is written."""

    code = "recycling.mass_out_of_balance"
    say = (
        "物料不平衡：投入 {mass_in_g} 克，产出合计 {mass_out_g} 克，"
        "相差 {difference_g} 克，超过允许的 {allowed_g} 克。"
    )
    do = "请复核各产出物过磅数后重新提交；确有差异请先登记原因并报主管部门。"


class MaterialUnknown(Invalid):
    code = "recycling.material_unknown"
    say = "第 {waste_class_code} 类旧机的物料清单中没有“{material_code}”。"
    do = "请从物料清单中选择。"


class PartyNotFit(Conflict):
    """An organisation of another kind, or one that may not take part now."""

    code = "recycling.party_not_fit"
    say = "{name}不能办理该环节：{reason}。"
    do = "请选择具备资质且在册的单位。"


class CertificateNotFound(NotFound):
    code = "recycling.certificate_not_found"
    say = "没有编号为{number}的拆解证明。"
    do = "请核对证明编号，或重新扫描凭证上的二维码。"


class StandardInvalid(Invalid):
    code = "recycling.standard_invalid"
    say = "估价标准不能发布：{reason}。"
    do = "请按提示修改后重新提交。"


class StandardNotNew(Conflict):
    """A version that exists, or one that would reach back before today."""

    code = "recycling.standard_not_new"
    say = "估价标准{version}不能提交：{reason}。"
    do = "请换一个版本号或生效日期。"


class ProposalDecided(Conflict):
    code = "recycling.proposal_decided"
    say = "估价标准{version}的提交已经处理。"
    do = "请刷新页面查看结果。"


class NeedsAnotherPerson(NotAllowed):
    """Two people publish a standard."""

    code = "recycling.needs_another_person"
    say = "估价标准须由提交人之外的另一人批准。"
    do = "请另一位有权限的同事复核。"


class AnswerUnknown(Invalid):
    code = "recycling.answer_unknown"
    say = "“{question}”没有“{answer}”这个选项。"
    do = "请从列出的选项中选择。"


class ScrapPriceRefused(Invalid):
    code = "recycling.scrap_price_refused"
    say = "该行情不能发布：{reason}。"
    do = "请核对日期、价格和来源后重新提交。"


class PhotoRefused(Invalid):
    """A file that is no photo we can read, or too large."""

    code = "recycling.photo_refused"
    say = "这个文件不能作为照片：{reason}。"
    do = "请上传 JPG、PNG 或 WebP 照片，每张不超过 8 MB。"
