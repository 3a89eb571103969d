"""Why a voucher is not given, not taken or not restored. Nothing has changed when one is raised."""

from huanxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


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


class VoucherOnHold(Conflict):
    """An online order keeps the voucher; a second channel may not spend it meanwhile."""

    code = "vouchers.on_hold"
    say = "该券正被一笔线上订单占用，保留到{until}。"
    do = "请先完成或取消那笔订单；超过保留时间未付款会自动恢复。"


class VoucherBoundElsewhere(Conflict):
    """A right is spent only in the channel it is bound to."""

    code = "vouchers.bound_elsewhere"
    say = "该资格绑定在“{bound}”，不能在“{asked}”使用。"
    do = "请在“我的券”中解绑后改绑到本渠道；一份资格同一时间只能绑定一个渠道。"


class ChannelRefuses(Conflict):
    """The other platform knows a use of the right, so it may not be bound there."""

    code = "vouchers.channel_refuses"
    say = "“{channel}”答复：{reason}。"
    do = "请核对您在该平台的补贴记录；如有疑问请联系当地商务部门。"


class ChannelUnknown(Invalid):
    """There is no such channel, or nothing can be bound to it."""

    code = "vouchers.channel_unknown"
    say = "没有“{channel}”这个使用渠道。"
    do = "请从列出的渠道中选择。"


class OnlyRightsMove(Conflict):
    """A 焕新券 belongs to its recycling order: it is neither moved nor given up here."""

    code = "vouchers.only_rights_move"
    say = "只有补贴资格可以解绑、改绑或放弃。"
    do = "焕新券如不再需要，请取消对应的回收订单。"


class RedeemedInFuture(Invalid):
    """A till whose clock runs ahead."""

    code = "vouchers.redeemed_in_future"
    say = "核销时间 {at} 晚于平台时间。"
    do = "请校准收银设备的时钟后重新提交。"


class HoldTooLong(Invalid):
    """An order may not keep a right for ever."""

    code = "vouchers.hold_too_long"
    say = "订单占用资格的时间应在 1 至 {minutes} 分钟之间。"
    do = "请缩短付款时限后重新提交。"


class RightTaken(Conflict):
    """The holder has used up this right, on whatever channel."""

    code = "vouchers.right_taken"
    say = "该{holder}在本政策下的此项资格已领取或已使用，不能再补录。"
    do = "请核对历史记录；同一资格只能使用一次，退货后才会恢复。"


class PoolExhausted(Conflict):
    """No place or no money is left in the pool that should pay."""

    code = "vouchers.pool_exhausted"
    say = "该资金池已没有可用的{what}。"
    do = "请先增加名额或资金，再重新提交。"


class HolderTotalReached(Conflict):
    """A household's total over a programme is used up."""

    code = "vouchers.holder_total_reached"
    say = "该{holder}在本政策下累计补贴上限为 {limit}，已用 {used}，本次 {amount} 将超出。"
    do = "请核对该{holder}已享受的补贴。"


class HolderUnknown(Invalid):
    """The policy limits by household, dwelling or vehicle, and none was named."""

    code = "vouchers.holder_unknown"
    say = "本项政策按{holder}限制，缺少{holder}信息。"
    do = "请先补充{holder}信息再申领。"


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


class SaleUndone(Conflict):
    """A voucher is to be spent on a sale that was undone."""

    code = "vouchers.sale_undone"
    say = "该笔销售已退货，不能再核销券。"
    do = "请作为一笔新的销售重新办理。"


class SaleUnknown(NotFound):
    """Nothing was redeemed for that sale."""

    code = "vouchers.sale_unknown"
    say = "找不到该笔销售的核销记录。"
    do = "请核对单号后重试。"


class TillCodeInvalid(Invalid):
    """Not a code that anyone shows now."""

    code = "vouchers.till_code_invalid"
    say = "付款码无效，可能输错了，或顾客已换了新码。"
    do = "请顾客刷新页面，出示新的付款码。"


class TillCodeExpired(TillCodeInvalid):
    """A minute has passed; a screenshot ends here."""

    code = "vouchers.till_code_expired"
    say = "付款码已过期（有效期 60 秒），截图不能使用。"
    do = "请顾客在手机上当面打开，出示新的付款码。"


class TillCodeUsed(TillCodeInvalid):
    """A till has taken it before."""

    code = "vouchers.till_code_used"
    say = "付款码已被扫过一次，每个码只能用一次。"
    do = "如确需再次使用，请顾客刷新页面，出示新的付款码。"


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


class PlanInvalid(Invalid):
    """A release plan that could not be kept is not opened."""

    code = "vouchers.plan_invalid"
    say = "无法按此计划发放：{reason}。"
    do = "请修改计划后重新提交；目前没有开放任何一期，也没有动用资金。"


class PlanUnfunded(Conflict):
    """The budget does not reach for every slot; the first one without money is named."""

    code = "vouchers.plan_unfunded"
    say = "{region}预算可用 {available}，从 {slot} 一场起资金不足；全部场次共需 {wanted}。"
    do = "请减少场次或每场资金，或先下达预算；目前没有开放任何一期，也没有动用资金。"


class PlacesNotFree(Conflict):
    """More is to be taken from a pool than nobody holds."""

    code = "vouchers.places_not_free"
    say = "转出的数量超过本期未被领取的部分：可转名额 {places} 份，可转资金 {free}。"
    do = "请减少转出的名额或资金；已经领走的资格及其资金不能转出。"


class PoolsApart(Invalid):
    """Money and places only move between pools of one budget."""

    code = "vouchers.pools_apart"
    say = "无法在两期之间调剂：{reason}。"
    do = "请选择同一地区、同一政策下尚未结束的另一期。"


class RegistrationRefused(Conflict):
    """A lottery does not take this registration."""

    code = "vouchers.registration_refused"
    say = "{reason}。"
    do = "请回到本期页面查看登记时间和要求。"


class AlreadyRegistered(Conflict):
    """One person, one category, one registration."""

    code = "vouchers.already_registered"
    say = "您已登记过该品类，每人每个品类只登记一次，多登记不会增加中签机会。"
    do = "请在本期页面查看您的登记凭证。"


class DrawNotDue(Conflict):
    """A step of a lottery is asked for before its time or before the step that comes first."""

    code = "vouchers.draw_not_due"
    say = "现在还不能进行这一步：{reason}。"
    do = "请等到公布的时间，并按登记截止、公布名单、录入公开数、复核开奖的顺序进行。"


class DrawDone(Conflict):
    """A lottery is drawn once."""

    code = "vouchers.draw_done"
    say = "本期已于{drawn_at}开奖，结果不能更改，也不能重抽。"
    do = "请查看已公布的开奖文件。"


class EntropyDiffers(Conflict):
    """Two officers have to read the same public number."""

    code = "vouchers.entropy_differs"
    say = "复核的公开数与录入的不一致。"
    do = "请两人各自对照公开渠道重新核对；目前没有开奖，种子仍然封存。"


class SecondOfficerNeeded(NotAllowed):
    """Who entered the public number may not confirm it."""

    code = "vouchers.second_officer_needed"
    say = "公开数由您录入，须由另一位工作人员复核开奖。"
    do = "请同事用自己的账号登录复核。"


class DrawUnreadable(Invalid):
    """A file is not a published draw."""

    code = "vouchers.draw_unreadable"
    say = "读不懂这份开奖文件：{reason}。"
    do = "请重新下载开奖文件（JSON），不要用其他软件改存。"


class TermsInvalid(Invalid):
    """Terms of a consumption voucher that nobody could keep or understand."""

    code = "vouchers.terms_invalid"
    say = "消费券规则不成立：{reason}。"
    do = "请修改规则后重新提交；目前没有开放，也没有动用资金。"


class FunderWithoutMoney(Conflict):
    """The funder has not put in what the campaign promises."""

    code = "vouchers.funder_without_money"
    say = "出资账户可用 {available}，不足以支付本期所需的 {wanted}。"
    do = "请出资方先存入资金，或减少份数；目前没有开放，也没有动用资金。"


class FunderNotYours(NotAllowed):
    """Only an organisation itself spends its own money, in its own shops."""

    code = "vouchers.funder_not_yours"
    say = "{reason}。"
    do = "请以出资方自己的账号开办活动，或改用公共出资账户。"


class AudienceNotMet(Conflict):
    """She is not among those the voucher is meant for."""

    code = "vouchers.audience_not_met"
    say = "{reason}。"
    do = "{todo}。"


class PositionMissing(Invalid):
    """A voucher of a place is given to a phone that says where it is."""

    code = "vouchers.position_missing"
    say = "本券只发给在活动范围内的居民，尚未得到您的位置。"
    do = "请在手机上允许本次定位后再领；位置只用于这一次判断，不会保存。"


class OutsideCircle(Conflict):
    """The phone is too far away."""

    code = "vouchers.outside_circle"
    say = "您距活动地点约 {metres} 米，超出 {radius} 米的领取范围。"
    do = "请到活动地点附近再领。"


class ShopOutsideCircle(Conflict):
    """The shop is too far away, or nobody knows where it is."""

    code = "vouchers.shop_outside_circle"
    say = "该券只能在活动地点 {radius} 米内的门店使用，{reason}。"
    do = "请到券面所写范围内的门店使用；门店位置有误的，请商户联系商务部门更正。"


class GoodsNotCovered(Conflict):
    """The voucher is for other goods."""

    code = "vouchers.goods_not_covered"
    say = "该券不能用于这类商品，适用：{goods}。"
    do = "请选购券面所列品类，或不使用该券结算。"


class ShopNotCovered(Conflict):
    """The voucher is for other shops."""

    code = "vouchers.shop_not_covered"
    say = "该券不能在本店使用，只限活动指定的门店。"
    do = "请到券面所列门店使用。"


class ThresholdNotReached(Conflict):
    """The price that is left when it is this voucher's turn is below its lowest tier."""

    code = "vouchers.threshold_not_reached"
    say = "轮到该券抵扣时金额为 {price}，未满 {threshold}，不能使用。"
    do = "请选购满额商品，或去掉这张券后结算，券仍可留用。"


class StackingBroken(Conflict):
    """These instruments may not be spent together."""

    code = "vouchers.stacking_broken"
    say = "{reason}。"
    do = "请去掉其中一种后重新结算，未使用的券仍可留用。"


class DiscountDiffers(Conflict):
    """The amount asked for is not what the voucher's terms give for that price."""

    code = "vouchers.discount_differs"
    say = "消费券应抵 {due}，提交的是 {asked}。"
    do = "请重新计算后提交。"


class PurchaseInvalid(Invalid):
    """A purchase that cannot be one."""

    code = "vouchers.purchase_invalid"
    say = "无法结算：{reason}。"
    do = "请核对后重新提交；目前没有核销任何券。"


class PurchaseUnknown(NotFound):
    """No such purchase within the actor's scope."""

    code = "vouchers.purchase_unknown"
    say = "找不到该笔购物记录，可能编号有误，或不是本店的。"
    do = "请核对单号后重试。"


class PurchaseReturned(Conflict):
    """It has come back already, or more is to come back than was bought."""

    code = "vouchers.purchase_returned"
    say = "该笔购物还剩 {kept} 未退，不能再退 {asked}。"
    do = "请核对退货金额。"


class ReferenceMissing(Invalid):
    """A top-up or a repayment names the paper behind it."""

    code = "vouchers.reference_missing"
    say = "没有填写到账凭证号或文件号。"
    do = "请填写银行回单号或文件号后重新提交。"


class FundClosed(Conflict):
    """The programme's payments are over: no money goes down any more, only back up."""

    code = "vouchers.fund_closed"
    say = "政策“{programme}”已于{ended_on}结束，不能再下达额度。"
    do = "如有未用完的额度，请办理额度收回。"


class FundUnknown(Invalid):
    """Public money comes from one of three funds."""

    code = "vouchers.fund_unknown"
    say = "没有名为“{fund}”的资金来源。"
    do = "资金来源为 central（中央）、province（省级）或 city（市级）。"


class FundEntersBelow(Invalid):
    """A fund cannot be given to a level above the one whose treasury it is."""

    code = "vouchers.fund_enters_below"
    say = "{fund}资金不能下达到{region}：它只属于下一级财政。"
    do = "请改为下达到市或县（区）。"


class BudgetShort(Conflict):
    """The budget has less unused money, or less of that fund, than is to be moved."""

    code = "vouchers.budget_short"
    say = "{region}可用额度为{available}，不足以划转{wanted}。"
    do = "请减少金额，或先收回下级未用的额度。"


class NoParentBudget(Invalid):
    """The province is the top of the tree: nobody allocates to it, the treasury gives."""

    code = "vouchers.no_parent_budget"
    say = "{region}没有上级预算，额度由财政直接下达。"
    do = "请使用“财政下达”。"


class TooMuchAlone(Conflict):
    """A large move of public money is one officer's proposal and another's decision."""

    code = "vouchers.too_much_alone"
    say = "向{region}当日单人下达累计将达{total}，达到或超过单人限额{limit}。"
    do = "请填写下达文号后提交复核，由另一位同事批准后入账。"


class OwnBudgetRequest(NotAllowed):
    """Nobody decides what they proposed themselves."""

    code = "vouchers.own_budget_request"
    say = "这笔下达是您本人提交的，不能由您批准或退回。"
    do = "请由另一位有额度下达权限的同事处理。"


class BudgetRequestDecided(Conflict):
    """A second decision on a large move changes nothing."""

    code = "vouchers.budget_request_decided"
    say = "这笔下达已经处理过。"
    do = "请刷新页面查看结果；需要再次下达请重新提交。"


class BudgetRequestUnknown(NotFound):
    """No such move was laid before a second officer."""

    code = "vouchers.budget_request_unknown"
    say = "没有找到这笔待复核的下达。"
    do = "请从“待复核的下达”列表进入。"


class ShopKeptOut(NotAllowed):
    """The organisation is in the violation library."""

    code = "vouchers.shop_kept_out"
    say = "本单位在限制期内，不能发起活动。"
    do = "请在“限制与申诉”查看原因、期限和申诉方式。"
