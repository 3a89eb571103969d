"""Settlement's states in words: differences with what to do, outcomes, answers, calendar."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import SYSTEM_ID
from huanxin.kernel.errors import NotFound
from huanxin.settlement.types import DifferenceCard, DifferenceKind, LineOutcome

DIFFERENCES: dict[str, Promise] = {
    DifferenceKind.UNREADABLE: gettext_lazy("回执读不懂"),
    DifferenceKind.UNKNOWN_ORDER: gettext_lazy("没有这条指令"),
    DifferenceKind.WRONG_AMOUNT: gettext_lazy("金额不符"),
    DifferenceKind.CONTRADICTS: gettext_lazy("前后答复相反"),
    DifferenceKind.REPLACED: gettext_lazy("可能重复付款"),
    DifferenceKind.NO_ANSWER: gettext_lazy("银行没有答复"),
    DifferenceKind.NO_RESULT: gettext_lazy("结果一直不明"),
    DifferenceKind.LEDGER: gettext_lazy("指令与总账不符"),
    DifferenceKind.SUMS: gettext_lazy("合计与总账不符"),
}
TODOS: dict[str, Promise] = {
    DifferenceKind.UNREADABLE: gettext_lazy("请银行重发该行，或在批次页单独登记该指令的结果。"),
    DifferenceKind.UNKNOWN_ORDER: gettext_lazy("请银行核对编号；平台没有开出它，没有入账。"),
    DifferenceKind.WRONG_AMOUNT: gettext_lazy("请银行核对实付金额；金额一致前不会入账。"),
    DifferenceKind.CONTRADICTS: gettext_lazy("请银行书面说明以哪一次为准；此前的结果没有改动。"),
    DifferenceKind.REPLACED: gettext_lazy("请立即与银行核实是否付了两次，多付的按退款追回。"),
    DifferenceKind.NO_ANSWER: gettext_lazy("请向银行查询并导入回执；查明之前不会重付。"),
    DifferenceKind.NO_RESULT: gettext_lazy("请向银行追问最终结果；查明之前不会重付。"),
    DifferenceKind.LEDGER: gettext_lazy("请停止付款，执行 huanxin ledger check 并联系技术人员。"),
    DifferenceKind.SUMS: gettext_lazy("请停止付款，执行 huanxin ledger check 并联系技术人员。"),
}
OUTCOMES: dict[str, Promise] = {
    LineOutcome.BOOKED: gettext_lazy("已登记"),
    LineOutcome.REPEATED: gettext_lazy("此前已登记，没有改动"),
    LineOutcome.UNREADABLE: gettext_lazy("读不懂"),
    LineOutcome.UNKNOWN_ORDER: gettext_lazy("没有这条指令"),
    LineOutcome.WRONG_AMOUNT: gettext_lazy("金额不符，没有入账"),
    LineOutcome.CONTRADICTS: gettext_lazy("与最终结果相反，没有改动"),
    LineOutcome.REPLACED: gettext_lazy("指令已重付，可能重复付款"),
}
ANSWERS: dict[str, Promise] = {
    "accepted": gettext_lazy("成功"),
    "refused": gettext_lazy("失败"),
    "unknown": gettext_lazy("处理中"),
}
CALENDAR: dict[str, Promise] = {
    "passed": gettext_lazy("核验通过，等待组批"),
    "batched": gettext_lazy("已进批次，等待公示"),
    "published": gettext_lazy("公示中，从这一天起可以付款"),
    "ordered": gettext_lazy("已付款，等银行到账"),
    "arrived": gettext_lazy("已到账"),
    "refused": gettext_lazy("银行退回，等待重付"),
    "ahead": gettext_lazy("预付"),
    "owed_back": gettext_lazy("应退：退货或降价，将在下次付款中抵扣"),
}


def owner(one: DifferenceCard) -> str:
    """Who looks after a difference, or how it ended."""
    if one.settled_at is not None:
        return one.note
    if one.owner_id is None:
        return _("无人负责")
    return account(one.owner_id)


def account(account_id: object) -> str:
    """An account's name; the platform's own is 系统."""
    if account_id == SYSTEM_ID:
        return _("系统")
    try:
        return identity.actor_for(account_id).name  # type: ignore[arg-type]
    except NotFound:
        return _("其他人员")
