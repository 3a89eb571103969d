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
    say = "订单{number}的价格已变：消费者看到的是 {seen}，现在应付 {quoted}。"
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


class WeightInvalid(Invalid):
    """Nothing weighs nothing or less, and no household unit half a ton."""

    code = "recycling.weight_invalid"
    say = "旧机{unit_code}的重量 {mass_g} 克不可能。"
    do = "请重新过磅，核对单位是否为公斤。"


class AnswersIncomplete(Invalid):
    code = "recycling.answers_incomplete"
    say = "分级问题“{question}”没有回答，或回答不在标准之内。"
    do = "请逐项选择后再保存。"


class CarriageIncomplete(Invalid):
    code = "recycling.carriage_incomplete"
    say = "发运登记不完整：{reason}。"
    do = "请补齐车牌、驾驶员和封签号。"


class LotMixed(Conflict):
    """What leaks or swells travels apart, so that a carrier knows what is on the truck."""

    code = "recycling.lot_mixed"
    say = "旧机{unit_code}须走危废专线，不能与其他旧机装在同一批。"
    do = "请把危废专线的旧机单独装批。"


class LicenceEnded(Conflict):
    """A party whose paper has run out, or is not on file, takes nothing over."""

    code = "recycling.licence_ended"
    say = "{name}没有在有效期内的“{kind}”，不能{wanted}。"
    do = "请先续办并报主管部门备案，再办理交接。"


class UnitHeld(Conflict):
    """A unit whose identity is in doubt waits for its case."""

    code = "recycling.unit_held"
    say = "旧机{unit_code}有未办结的差异案件 {case_number}，不能拆解或出售。"
    do = "请双方先说明并办结案件。"


class CaseNotFound(NotFound):
    code = "recycling.case_not_found"
    say = "找不到该差异案件，可能编号有误，或与本单位无关。"


class CaseClosed(Conflict):
    code = "recycling.case_closed"
    say = "案件{number}已经办结，不能再{wanted}。"
    do = "如有新情况，请向主管部门反映。"


class WorkNotFit(Conflict):
    """A unit that may not be refurbished, offered or sold as it stands."""

    code = "recycling.work_not_fit"
    say = "旧机{unit_code}不能{wanted}：{reason}。"
    do = "请核对分级、维修记录和安全检测结果。"


class InvoiceNotFit(Invalid):
    code = "recycling.invoice_not_fit"
    say = "发票号码{invoice_no}{reason}。"
    do = "请填写数电发票的 20 位号码，一张发票对应一台。"


class StockNeedsReason(Invalid):
    """A difference at a stock-take is explained on the spot or becomes a case."""

    code = "recycling.stock_needs_reason"
    say = (
        "第 {class_code} 类盘点与账面不符：账面 {book_count} 台 {book_g} 克，"
        "实盘 {counted_count} 台 {counted_g} 克。"
    )
    do = "请填写原因后重新提交；没有原因的差异请选择转为案件。"


class ClaimNotReady(Conflict):
    code = "recycling.claim_not_ready"
    say = "{month} 的拆解补贴申报不能提交：{reason}。"
    do = "请在月份结束、台账无误后再提交。"


class MaterialMassInvalid(Invalid):
    code = "recycling.material_mass_invalid"
    say = "产出物“{material_code}”的重量 {mass_g} 克不可能。"
    do = "请重新过磅。"


class PartsNotMade(Conflict):
    """More key parts than the units hold. Nothing is written."""

    code = "recycling.parts_not_made"
    say = "{name}数量不符：{unit_count} 台旧机最多 {expected} 件，申报了 {found} 件。"
    do = "请复核部件计数。"


class StationClosed(Conflict):
    """A unit is brought to a station only while it is open."""

    code = "recycling.station_closed"
    say = "不能约到{name}：{reason}。"
    do = "请换一个开放的时段或另一个服务站，也可以预约上门。"


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
    do = "请上传 JPG、PNG、WebP 或 HEIC 照片，每张不超过 8 MB。"


class BookingPaused(Conflict):
    """Absent too often: no door visit for a while, but never no way at all."""

    code = "recycling.booking_paused"
    say = "近 {window_days} 天内有 {missed_count} 次约好上门时家中无人，暂不能预约上门。"
    do = "可到社区服务站办理，或参加村口集中回收；有误请投诉申诉。"


class MoveRefused(Conflict):
    code = "recycling.move_refused"
    say = "订单{number}不能改期：{reason}。"
    do = "可以取消后重新预约，或联系客服。"


class TooEarlyToReport(Conflict):
    code = "recycling.too_early_to_report"
    say = "还没到可以登记“未见面”的时间。"
    do = "请等到 {at} 之后再登记。"


class VillageDayClosed(Conflict):
    """Over, cancelled, full, or elsewhere."""

    code = "recycling.village_day_closed"
    say = "{place}的集中回收不能报名：{reason}。"
    do = "请选择其他日期，或预约上门。"


class AddressBookFull(Conflict):
    code = "recycling.address_book_full"
    say = "地址簿最多保存 {limit} 个地址。"
    do = "请先删除不用的地址。"


class ComplaintOpen(Conflict):
    """One running complaint of a kind an order."""

    code = "recycling.complaint_open"
    say = "该订单已有同类投诉{number}正在处理。"
    do = "请在原投诉中查看进展。"


class ComplaintStateRefuses(Conflict):
    code = "recycling.complaint_state_refuses"
    say = "投诉{number}处于“{state}”，不能{wanted}。"
    do = "请刷新页面查看最新状态。"


class ComplaintEmpty(Invalid):
    code = "recycling.complaint_empty"
    say = "说明太短或太长，须 5 至 1000 个字。"
    do = "请写清楚经过和诉求。"


class PaperRefused(Invalid):
    """A scrapped car's paper that cannot be true."""

    code = "recycling.paper_refused"
    say = "该凭证不能登记：{reason}。"
    do = "请对照凭证原件核对后重新登记。"


class BatteryRefused(Invalid):
    code = "recycling.battery_refused"
    say = "电池不能登记：{reason}。"
    do = "请核对电池种类和重量后重新登记。"


class BatteryMissing(Conflict):
    """Lead-acid and lithium batteries go ways of their own, so none leaves the door unweighed."""

    code = "recycling.battery_missing"
    say = "订单 {number} 的电动自行车还没有登记电池，不能取走。"
    do = "请在收件页的验机一步登记电池种类和重量；车上没有电池的，按部件不齐重新估价。"


class PaymentUnavailable(Unavailable):
    """The payer did not answer or said no; what is owed stays owed and is tried again."""

    code = "recycling.payment_unavailable"
    say = "付款通道暂时没有成功：{reason}。"
    do = "平台会自动重试，不会重复付款。"


class OfferAnswered(Conflict):
    code = "recycling.offer_answered"
    say = "该派单已经{state}。"
    do = "请刷新页面查看最新派单。"


class JobNotYours(Conflict):
    """A stop that the recycler may no longer give back."""

    code = "recycling.job_cannot_be_returned"
    say = "订单{number}不能退单：{reason}。"
    do = "请联系客服协调。"
