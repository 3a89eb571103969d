"""Claims' refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable


class SaleNotFound(NotFound):
    code = "claims.sale_not_found"
    say = "找不到该笔销售或申报，可能单号有误，或不在您的管辖范围内。"
    do = "请核对单号后重试。"


class PriceInvalid(Invalid):
    code = "claims.price_invalid"
    say = "金额填写有误：{reason}。"
    do = "请核对标价、优惠和焕新券后重新提交。"


class SerialInvalid(Invalid):
    code = "claims.serial_invalid"
    say = "{field}“{value}”有误：{reason}。"
    do = "请对照机身铭牌重新扫描或填写。"


class SoldInFuture(Invalid):
    code = "claims.sold_in_future"
    say = "销售时间晚于当前时间。"
    do = "请核对销售时间；收银机时间不准时请先校时。"


class ModelUnknown(Invalid):
    code = "claims.model_unknown"
    say = "商品条码 {gtin} 没有备案的型号。"
    do = "请先由生产企业或门店完成型号备案，再办理补贴销售。"


class MerchantNotAdmitted(NotAllowed):
    code = "claims.merchant_not_admitted"
    say = "该门店目前不在参与补贴的商户名单内，或已被暂停。"
    do = "请联系所在县（市、区）商务部门了解原因。"


class NotEligible(Conflict):
    """The rule in force gives nothing for this sale; the decision says why."""

    code = "claims.not_eligible"
    say = "这件商品不能享受补贴：{sentence}"
    do = "顾客可以不用补贴资格购买，资格仍然保留。"


class ProgrammeDiffers(Conflict):
    code = "claims.programme_differs"
    say = "这份补贴资格属于“{right}”，而本次销售按日期适用“{rule}”。"
    do = "请顾客出示当前活动的补贴资格。"


class CategoryDiffers(Conflict):
    code = "claims.category_differs"
    say = "补贴资格的品类与所购商品的品类不一致。"
    do = "请顾客出示该品类的补贴资格，或改购资格对应的品类。"


class NotTheHolder(Conflict):
    code = "claims.not_the_holder"
    say = "补贴资格或焕新券不属于本次购买人。"
    do = "领取人、付款人、收货人须为同一人，请由本人购买。"


class EvidenceInvalid(Invalid):
    code = "claims.evidence_invalid"
    say = "{kind}材料的“{fact}”有误：{reason}。"
    do = "请按材料原件更正后重新提交。"


class PaperRefused(Invalid):
    """A file that cannot be a paper: nothing of it is kept."""

    code = "claims.paper_refused"
    say = "文件没有收下：{reason}。"
    do = "{advice}。"


class EvidenceClosed(Conflict):
    code = "claims.evidence_closed"
    say = "该笔申报正在核验或已有结论，现在不接收材料。"
    do = "请等待核验结果；对结论有异议的，可在申诉期内提出申诉。"


class NotWaitingForReview(Conflict):
    code = "claims.not_waiting_for_review"
    say = "该笔申报不在待复核状态，可能已由其他人员处理。"
    do = "请刷新复核队列，处理下一笔。"


class OwnOrganisation(NotAllowed):
    code = "claims.own_organisation"
    say = "您与该申报属于同一单位，按回避规定不能复核。"
    do = "请交由其他复核人员处理。"


class SamePerson(NotAllowed):
    """Four eyes: constraints review_by_different_people, stop_ends_by_two, desk_terms_by_two."""

    code = "claims.same_person"
    say = "这一步须由另一人办理：您已对{subject}作出第一步结论。"
    do = "请交由另一位有权限的工作人员办理。"


class TermsInvalid(Invalid):
    """Numbers of the desk that cannot be published."""

    code = "claims.terms_invalid"
    say = "核验参数无法使用：{reason}。"
    do = "请按提示修改后重新提交。"


class TermsDecided(Conflict):
    """A version of the desk's numbers that is in force already, or unknown."""

    code = "claims.terms_decided"
    say = "没有待批准的这一版核验参数，可能已由其他人员批准。"
    do = "请刷新页面查看现行参数。"


class StopUnknown(NotFound):
    code = "claims.stop_unknown"
    say = "找不到该暂停记录，可能编号有误，或不在您的管辖范围内。"
    do = "请从核验运行页的列表进入。"


class StopClosed(Conflict):
    code = "claims.stop_closed"
    say = "该暂停已经结束。"
    do = "请刷新页面查看结果。"


class StopNotReady(Conflict):
    """A stop cannot end so, or not yet."""

    code = "claims.stop_not_ready"
    say = "现在不能这样结束暂停：{reason}。"
    do = "请先办结相关申报，或改选另一种处理。"


class WaiverInvalid(Invalid):
    code = "claims.waiver_invalid"
    say = "不能设置该豁免：{reason}。"
    do = "请按提示修改后重新提交。"


class WaiverOver(Conflict):
    code = "claims.waiver_over"
    say = "该豁免已经结束或不存在。"
    do = "请刷新页面查看最新状态。"


class PartyRestricted(NotAllowed):
    """The buyer or the unit is in the violation library; who it is learns why on her own page."""

    code = "claims.party_restricted"
    say = "{subject}在限制名单内，限制期至{until}，不能办理补贴销售。"
    do = "请当事人登录后在“我的限制”查看原因和申诉方式；也可不使用补贴购买。"


class ReasonUnknown(Invalid):
    code = "claims.reason_unknown"
    say = "理由编号 {reason_code} 不能用于该结论。"
    do = "请从列表中选择理由。"


class ReasonMissing(Invalid):
    code = "claims.reason_missing"
    say = "须写明具体情况，至少四个字。"
    do = "请补充说明后重新提交。"


class InvoiceAlreadyPaid(Conflict):
    """Another claim with the same invoice was passed: constraint claim_invoice_pays_once."""

    code = "claims.invoice_already_paid"
    say = "同一张发票的另一笔申报已经通过，本笔不能再通过。"
    do = "请核对两笔申报，对重复的一笔作出不予通过的结论。"


class AppealClosed(Conflict):
    code = "claims.appeal_closed"
    say = "该笔申报当前不能申诉：只有未通过且在 {days} 天申诉期内的申报可以申诉一次。"
    do = "如仍有疑问，请联系所在县（市、区）商务部门。"


class PartTooLarge(Invalid):
    """A price reduction that leaves nothing is a whole return."""

    code = "claims.part_too_large"
    say = "部分退款 {off} 不小于现价 {price}。"
    do = "商品全部退回时，请办理整单退货，资格会恢复。"


class PartNotPositive(Invalid):
    """A reduction must take something off."""

    code = "claims.part_not_positive"
    say = "部分退款金额必须大于零。"
    do = "请核对金额后重新提交。"


class ClaimEnded(Conflict):
    """The subsidy of this sale is finally refused; its price no longer concerns the platform."""

    code = "claims.ended"
    say = "该笔补贴申报已终止，不再按新价重算补贴。"
    do = "退款请在门店自行办理；整单退货仍可在此登记。"


class PriceMoved(Conflict):
    """Somebody lowered the price between the preview and the confirmation."""

    code = "claims.price_moved"
    say = "这笔销售的现价已变为 {price}，与您核对时不同。"
    do = "请按新的现价重新核对后确认。"


class OrderUnknown(NotFound):
    """No such order of this shop."""

    code = "claims.order_unknown"
    say = "找不到该订单。"
    do = "请核对订单号后重试。"


class OrderReused(Conflict):
    """A shop's order number names one order for ever."""

    code = "claims.order_reused"
    say = "订单号 {number} 已用于另一笔订单，或没有填写。"
    do = "请使用新的订单号。"


class AlreadyPaid(Conflict):
    """A second payment of an order that was sold."""

    code = "claims.already_paid"
    say = "该订单已付款成交，本次为重复付款。"
    do = "无需再次付款。"


class AmountDiffers(Conflict):
    """What was paid is not what the rule of the payment's day leaves to pay."""

    code = "claims.amount_differs"
    say = "付款 {paid} 与按付款日规则应付的 {wanted} 不一致。"
    do = "请按最新金额重新下单。"


class OrderClosed(Conflict):
    """An order that no longer waits for money."""

    code = "claims.order_closed"
    say = "该订单已{state}，不能取消。"
    do = "已成交的订单请办理退货。"


class OrderNotPayable(Conflict):
    """A buyer pays what was sold, cancelled or refunded."""

    code = "claims.order_not_payable"
    say = "该订单已{state}，不再收款。"
    do = "请在订单列表查看结果；需要时请重新下单。"


class PaidInFuture(Invalid):
    """A payment channel whose clock runs ahead."""

    code = "claims.paid_in_future"
    say = "付款时间晚于平台时间，或金额不是正数。"
    do = "请支付渠道核对通知内容后重新发送。"


class AlreadyReturned(Conflict):
    code = "claims.already_returned"
    say = "该笔销售已经办理过退货。"
    do = "无需重复办理，可在销售记录中查看退货单。"


class FileUnreadable(Invalid):
    code = "claims.file_unreadable"
    say = "无法读取文件“{name}”：{reason}。"
    do = "请使用模板填写，保存为 .xlsx 或 .csv（UTF-8 或 GBK 编码）后重试。"


class BulkEngineMissing(Unavailable):
    code = "claims.bulk_engine_missing"
    say = "没有安装 {engine}。"
    do = "请用 pip install --require-hashes -r requirements/{extra}.txt 安装后重试。"


class JavaMissing(Unavailable):
    code = "claims.java_missing"
    say = "没有找到 Java，Spark 需要 Java 17 或更新的版本。"
    do = "请安装 Java（Debian 为 openjdk-17-jre-headless），或把 JAVA_HOME 设为它的目录后重试。"


class ClusterUnreachable(Unavailable):
    code = "claims.cluster_unreachable"
    say = "连不上 Spark 集群 {master}，或集群中途停止。"
    do = "请核对地址，确认主节点和工作节点都在运行后重试。"


class MartsUnreadable(Invalid):
    code = "claims.marts_unreadable"
    say = "目录 {folder} 不是申报数据的导出目录，读不出 {mart}。"
    do = "请先执行 huanxin claims export 目录，再核验同一目录。"


class NothingToExport(NotFound):
    code = "claims.nothing_to_export"
    say = "还没有可以导出的申报。"
    do = "请在有申报之后再导出。"


class UploadOfNobody(NotAllowed):
    """Evidence is handed in by the shop that sold."""

    code = "claims.upload_of_nobody"
    say = "只有商户账户可以批量提交材料。"
    do = "请使用门店的账户登录后上传。"


class UploadNotFound(NotFound):
    code = "claims.upload_not_found"
    say = "找不到该次批量提交。"
    do = "请从批量提交记录进入。"
