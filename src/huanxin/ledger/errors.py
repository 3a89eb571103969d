"""Why the ledger refuses to move money. Either way nothing has moved."""

from huanxin.kernel.errors import Conflict, Invalid, NotFound


class FundExhausted(Conflict):
    """A guarded account has less available than the transfers need."""

    code = "ledger.fund_exhausted"
    say = "补贴资金账户余额不足，本次没有占用任何资金。"
    do = "请关注下一批资金安排，或联系当地商务部门。"


class AccountUnknown(NotFound):
    """A transfer names an account that was never opened."""

    code = "ledger.account_unknown"
    say = "找不到资金账户 {account}。"
    do = "请先开立该账户再办理。"


class HoldUnknown(NotFound):
    """There is no pending transfer under that key."""

    code = "ledger.hold_unknown"
    say = "找不到对应的资金占用记录（{cause} {cause_id} {leg}）。"
    do = "请核对业务编号后重试。"


class HoldClosed(Conflict):
    """The pending transfer was already posted or voided otherwise than asked."""

    code = "ledger.hold_closed"
    say = "该笔占用的资金已经{state}，不能再次处理。"
    do = "请刷新页面查看最新状态。"


class AmountNotPositive(Invalid):
    """Money moves forwards, by at least one fen."""

    code = "ledger.amount_not_positive"
    say = "金额必须大于零，收到的是 {amount_fen} 分。"
    do = "请检查金额后重新提交。"


class AmountAboveHold(Invalid):
    """More was to be posted than is held."""

    code = "ledger.amount_above_hold"
    say = "入账金额 {amount_fen} 分超过占用的 {held_fen} 分。"
    do = "请核对金额后重新提交。"


class AmountTooLarge(Invalid):
    """More than any budget could be: a slip of the pen, or an attack on the totals."""

    code = "ledger.amount_too_large"
    say = "金额 {amount_fen} 分超过单笔上限 {limit_fen} 分。"
    do = "请检查金额是否多填了位数。"


class HoldExpired(Conflict):
    """The hold's deadline has passed: its money is free again and cannot be posted."""

    code = "ledger.hold_expired"
    say = "该笔占用的资金已于{expired_at}到期，不能再入账。"
    do = "请重新办理。"


class DeadlineInvalid(Invalid):
    """A hold that ends before it begins, or a posted transfer with an end."""

    code = "ledger.deadline_invalid"
    say = "资金占用的到期时间不正确：{reason}。"
    do = "请改为晚于现在的时间后重新提交。"


class CreditNotForAccount(Invalid):
    """Only who funds vouchers may be granted a credit line; public money may not."""

    code = "ledger.credit_not_for_account"
    say = "账户 {account} 不是出资账户，不能设置垫付额度。"
    do = "财政资金账户请通过下达额度增加资金。"


class CreditUnnamed(Invalid):
    """A credit line is an agreement, and an agreement has a name or a number."""

    code = "ledger.credit_unnamed"
    say = "垫付额度没有写明依据。"
    do = "请填写协议名称或文号后重新提交。"


class CreditLineInUse(Conflict):
    """The new limit is below what is already drawn."""

    code = "ledger.credit_line_in_use"
    say = "该出资账户已垫付 {used_fen} 分，垫付额度不能低于这个数。"
    do = "请先充值，再调低垫付额度。"


class SameAccount(Invalid):
    """Debit and credit name one account."""

    code = "ledger.same_account"
    say = "付款与收款账户相同（{account}），无法转账。"
    do = "请检查账户后重新提交。"


class MonthClosed(Conflict):
    """Nothing may be posted into a closed month: the trigger of that name agrees."""

    code = "ledger.month_closed"
    say = "{month}已经月结，不能再记入该月的资金。"
    do = "请记入当前月份；确需更正的，须由两名财政人员办理反结账。"


class MonthNotOver(Invalid):
    """A month is closed after its last day."""

    code = "ledger.month_not_over"
    say = "{month}还没有结束，不能月结。"
    do = "请在次月办理。"


class BooksDiffer(Conflict):
    """Balances and transfers differ: nothing is sealed before that is explained."""

    code = "ledger.books_differ"
    say = "账户余额与流水相差 {difference_fen} 分，不能月结。"
    do = "请先执行 huanxin ledger check 查明差额。"


class ClosingUnknown(NotFound):
    """No such closing, or it is not the latest that stands."""

    code = "ledger.closing_unknown"
    say = "找不到可以反结账的月结记录：只有最近一次月结可以反结账。"
    do = "请刷新页面查看最新状态。"


class ReopeningNotAsked(Conflict):
    """The second officer approves what a first one asked for."""

    code = "ledger.reopening_not_asked"
    say = "该月尚无人申请反结账。"
    do = "请先由一名财政人员说明理由并申请。"


class SamePersonReopens(Conflict):
    """Constraint closing_reopened_by_two says the same."""

    code = "ledger.same_person_reopens"
    say = "反结账须由两名人员办理，申请人不能自己批准。"
    do = "请由另一名财政人员批准。"
