"""Why a voucher is not given, not taken or not restored. Nothing has changed when one is raised."""

from huanxin.kernel.errors import Conflict, Invalid, NotFound


class VoucherNotUsable(Conflict):
    """The voucher's state does not allow what was asked."""

    code = "vouchers.not_usable"
    say = "该券当前为“{state}”，不能{verb}。"
    do = "请在“我的券”中查看状态；如有疑问请联系发券地商务部门。"


class VoucherExpired(Conflict):
    """Its time is over, whether or not the lapse has been booked yet."""

    code = "vouchers.expired"
    say = "该券已于{expired_on}到期。"
    do = "请关注下一轮发放，重新申领。"


class VoucherNotTheirs(Conflict):
    """The buyer is not the holder."""

    code = "vouchers.not_theirs"
    say = "该券不属于本次购买人，补贴资格不能转让或代用。"
    do = "请由券的持有人本人购买。"


class ShopOutsideRegion(Conflict):
    """The shop does not lie in the region that pays."""

    code = "vouchers.shop_outside_region"
    say = "该券仅限在发放地区的门店使用，本店不在其范围内。"
    do = "请到发放地区的参与门店购买。"


class AmountAboveWorth(Invalid):
    """More is asked of the voucher than it is worth."""

    code = "vouchers.amount_above_worth"
    say = "本次核销金额超过该券的最高金额。"
    do = "请核对金额后重新提交。"


class AmountNotPositive(Invalid):
    """A redemption must be worth something."""

    code = "vouchers.amount_not_positive"
    say = "核销金额必须大于零。"
    do = "请核对金额后重新提交。"


class DeviceAlreadySold(Conflict):
    """This serial number or IMEI already carries a subsidised sale."""

    code = "vouchers.device_already_sold"
    say = "序列号 {serial} 的商品已享受过补贴，一台商品只能补贴一次。"
    do = "请核对机身序列号；如确属误录，请联系原销售门店撤销。"


class DeviceUnreadable(Invalid):
    """The serial number, manufacturer or IMEI cannot be one."""

    code = "vouchers.device_unreadable"
    say = "{reason}。"
    do = "请重新扫描机身或包装上的条码。"


class SaleUnknown(NotFound):
    """Nothing was redeemed for that sale."""

    code = "vouchers.sale_unknown"
    say = "找不到该笔销售的核销记录。"
    do = "请核对单号后重试。"


class TillCodeInvalid(Invalid):
    """Wrong, used or older than a minute."""

    code = "vouchers.till_code_invalid"
    say = "付款码无效、已使用或已过期（有效期 60 秒）。"
    do = "请顾客刷新页面，出示新的付款码。"


class NotEligible(Conflict):
    """The person may not claim here."""

    code = "vouchers.not_eligible"
    say = "{reason}。"
    do = "如有疑问，请联系社区服务站或当地商务部门。"


class ClaimTokenExpired(Invalid):
    """A claim token outlived its pool."""

    code = "vouchers.claim_token_expired"
    say = "领取链接已过期。"
    do = "请回到发放页面重新进入。"


class PoolInvalid(Invalid):
    """A pool that could not be honoured is not opened."""

    code = "vouchers.pool_invalid"
    say = "无法开放该期发放：{reason}。"
    do = "请修改后重新提交。"


class TransitionImpossible(Conflict):
    """The one table of transitions does not lead from one state to the other."""

    code = "vouchers.transition_impossible"
    say = "券不能由“{before}”变为“{after}”。"
    do = "请刷新页面查看最新状态。"


class FunderUnknown(Invalid):
    """A 焕新券 needs somebody who pays for it."""

    code = "vouchers.funder_unknown"
    say = "焕新券的出资方“{funder_code}”不是有效的出资账户。"
    do = "请填写 funder:city 或 funder:企业编号。"


class TradeInVoucherUnknown(NotFound):
    """No 焕新券 was issued for that order."""

    code = "vouchers.trade_in_voucher_unknown"
    say = "该回收订单没有对应的焕新券。"
    do = "请核对订单编号后重试。"
