"""What each state is called and how it is marked: one word, one icon, one colour."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Mark:
    """How a pill shows a state. Tone is '', good, warn, danger or now (someone is at it)."""

    word: str | Promise
    icon: str
    tone: str = ""


FAMILIES: dict[str, dict[str, Mark]] = {
    "voucher": {
        "inactive": Mark(_("待激活"), "ring"),
        "usable": Mark(_("待使用"), "voucher", "good"),
        "locked": Mark(_("已锁定"), "lock", "warn"),
        "used": Mark(_("已使用"), "check"),
        "lapsed": Mark(_("已失效"), "clock"),
        "void": Mark(_("已作废"), "lapsed", "danger"),
    },
    "pool": {
        "open": Mark(_("开放中"), "dot", "good"),
        "soon": Mark(_("即将开放"), "clock", "warn"),
        "between": Mark(_("本批已领完"), "hold", "warn"),
        "sold_out": Mark(_("已领完"), "check"),
        "registering": Mark(_("登记中"), "user", "good"),
        "registered": Mark(_("登记已截止"), "lock", "warn"),
        "listed": Mark(_("名单已公布"), "list", "warn"),
        "drawn": Mark(_("已开奖"), "seal", "good"),
        "closed": Mark(_("已结束"), "lapsed"),
    },
    "registration": {
        "registered": Mark(_("已登记"), "user", "good"),
        "withdrawn": Mark(_("已撤回"), "cross"),
        "won": Mark(_("已中签"), "check", "good"),
        "waiting": Mark(_("候补中"), "clock", "warn"),
        "passed": Mark(_("未给名额"), "info"),
        "not_won": Mark(_("未中签"), "lapsed"),
    },
    "order": {
        "booked": Mark(_("已预约"), "clock", "now"),
        "assigned": Mark(_("已安排上门"), "truck", "now"),
        "requote_pending": Mark(_("改价待确认"), "hold", "warn"),
        "collected": Mark(_("已取走"), "check", "good"),
        "received": Mark(_("已入库"), "box", "good"),
        "completed": Mark(_("已环保拆解"), "recycle", "good"),
        "cancelled": Mark(_("已取消"), "cross"),
    },
    "online": {
        "open": Mark(_("待付款"), "clock", "warn"),
        "late": Mark(_("已过付款时限"), "hold", "warn"),
        "sold": Mark(_("已付款"), "check", "good"),
        "expired": Mark(_("超时关闭"), "lapsed"),
        "cancelled": Mark(_("已取消"), "cross"),
        "refunded": Mark(_("已全额退款"), "refresh", "warn"),
    },
    "unit": {
        "expected": Mark(_("待上门"), "clock"),
        "cancelled": Mark(_("已取消"), "cross"),
        "collected": Mark(_("已上门取走"), "check", "now"),
        "in_depot": Mark(_("在库"), "box", "now"),
        "in_lot": Mark(_("已装批"), "lock", "now"),
        "shipped": Mark(_("运输途中"), "truck", "now"),
        "at_dismantler": Mark(_("已到拆解企业"), "factory", "now"),
        "dismantled": Mark(_("已拆解"), "recycle", "good"),
        "refurbished": Mark(_("已翻新再用"), "refresh", "good"),
    },
    "lot": {
        "packed": Mark(_("已封签"), "box", "now"),
        "shipped": Mark(_("运输途中"), "truck", "now"),
        "received": Mark(_("已验收"), "check", "good"),
        "unpacked": Mark(_("已拆封"), "lapsed"),
    },
    "case": {
        "open": Mark(_("待说明"), "clock", "warn"),
        "answered": Mark(_("已说明"), "list", "now"),
        "resolved": Mark(_("已办结"), "check", "good"),
    },
    "difference": {
        "missing": Mark(_("未到"), "cross", "danger"),
        "extra": Mark(_("清单外"), "warn", "danger"),
        "swapped": Mark(_("货不对码"), "refresh", "danger"),
        "weight_off": Mark(_("重量不符"), "scale", "warn"),
        "parts": Mark(_("部件短少"), "warn", "warn"),
        "stock": Mark(_("盘点不符"), "box", "warn"),
    },
    "discrepancy": {
        "missing": Mark(_("未到"), "cross", "danger"),
        "extra": Mark(_("清单外"), "warn", "danger"),
        "swapped": Mark(_("货不对码"), "refresh", "danger"),
        "weight_off": Mark(_("重量不符"), "scale", "warn"),
        "fits": Mark(_("相符"), "check", "good"),
    },
    "next_step": {
        "ungraded": Mark(_("未分级"), "ring"),
        "dismantle": Mark(_("送拆解"), "recycle"),
        "refurbish": Mark(_("翻新再用"), "refresh", "good"),
        "hazardous": Mark(_("危废专线"), "warn", "danger"),
    },
    "verify": {
        "waiting": Mark(_("待核验"), "clock"),
        "passed": Mark(_("已通过"), "check", "good"),
        "held": Mark(_("待复核"), "hold", "warn"),
        "mending": Mark(_("退回补正"), "refresh", "warn"),
        "refused": Mark(_("未通过"), "cross", "danger"),
    },
    "claim": {
        "papers": Mark(_("待交材料"), "upload", "warn"),
        "checking": Mark(_("核验中"), "clock"),
        "mending": Mark(_("退回补正"), "refresh", "warn"),
        "in_review": Mark(_("人工复核中"), "hold", "warn"),
        "passed": Mark(_("已通过"), "check", "good"),
        "stopped": Mark(_("暂停支付"), "lock", "warn"),
        "refused": Mark(_("未通过"), "cross", "danger"),
        "released": Mark(_("已送支付"), "bank", "good"),
        "returned": Mark(_("已退货"), "lapsed"),
    },
    "restriction": {
        "provisional": Mark(_("临时限制"), "clock", "warn"),
        "in_force": Mark(_("限制中"), "lock", "danger"),
        "lift_asked": Mark(_("待解除"), "hold", "warn"),
        "ended": Mark(_("已到期"), "lapsed"),
        "lifted": Mark(_("已解除"), "check", "good"),
    },
    "batch": {
        "open": Mark(_("待公示"), "ring"),
        "published": Mark(_("公示中"), "clock", "now"),
        "paid": Mark(_("已付款"), "check", "good"),
    },
    "item": {
        "taken": Mark(_("在批次中"), "check"),
        "objected": Mark(_("有异议"), "hold", "warn"),
        "withdrawn": Mark(_("已移出"), "lapsed"),
        "paid": Mark(_("已付款"), "check", "good"),
    },
    "payment": {
        "sent": Mark(_("待银行回执"), "clock"),
        "accepted": Mark(_("已到账"), "check", "good"),
        "refused": Mark(_("银行退回"), "cross", "danger"),
        "unknown": Mark(_("结果不明"), "warn", "warn"),
        "replaced": Mark(_("已重付"), "refresh"),
    },
    "objection": {
        "waiting": Mark(_("待答复"), "clock", "warn"),
        "upheld": Mark(_("成立"), "check", "good"),
        "dismissed": Mark(_("不成立"), "lapsed"),
    },
    "prepayment": {
        "proposed": Mark(_("待付款"), "hold"),
        "withdrawn": Mark(_("已撤回"), "lapsed"),
        "sent": Mark(_("待银行回执"), "clock"),
        "accepted": Mark(_("已到账"), "check", "good"),
        "refused": Mark(_("银行退回"), "cross", "danger"),
        "unknown": Mark(_("结果不明"), "warn", "warn"),
    },
    "row": {
        "pass": Mark(_("可通过"), "check", "good"),
        "hold": Mark(_("会被存疑"), "warn", "warn"),
        "refuse": Mark(_("会被否决"), "cross", "danger"),
        "unreadable": Mark(_("读不懂"), "help", "danger"),
    },
    "licence": {
        "valid": Mark(_("有效"), "check", "good"),
        "expiring": Mark(_("即将到期"), "clock", "warn"),
        "expired": Mark(_("已过期"), "cross", "danger"),
        "future": Mark(_("未生效"), "ring"),
        "missing": Mark(_("缺资质"), "warn", "danger"),
    },
    "policy": {
        "in_force": Mark(_("执行中"), "check", "good"),
        "coming": Mark(_("未开始"), "clock"),
        "over": Mark(_("已结束"), "ring"),
    },
    "proposal": {
        "waiting": Mark(_("待批准"), "clock", "warn"),
        "approved": Mark(_("已批准"), "check", "good"),
        "declined": Mark(_("已退回"), "cross", "danger"),
    },
    "seal": {
        "sealed": Mark(_("已存证"), "seal", "good"),
        "waiting": Mark(_("待存证"), "clock"),
    },
    "organisation": {
        "admitted": Mark(_("已准入"), "check", "good"),
        "suspended": Mark(_("已暂停"), "hold", "warn"),
        "removed": Mark(_("已退出"), "cross", "danger"),
    },
    "account": {
        "active": Mark(_("在用"), "check", "good"),
        "first": Mark(_("待首次登录"), "clock", "warn"),
        "disabled": Mark(_("已停用"), "lock", "danger"),
    },
    "key": {
        "live": Mark(_("在用"), "check", "good"),
        "expired": Mark(_("已到期"), "clock"),
        "revoked": Mark(_("已停用"), "cross", "danger"),
    },
    "hook": {
        "active": Mark(_("推送中"), "check", "good"),
        "paused": Mark(_("已暂停"), "hold", "warn"),
    },
    "delivery": {
        "waiting": Mark(_("等待推送"), "clock"),
        "delivered": Mark(_("已送达"), "check", "good"),
        "dead": Mark(_("未送达"), "cross", "danger"),
    },
    "import": {
        "created": Mark(_("新增"), "check", "good"),
        "unchanged": Mark(_("已有"), "ring"),
        "refused": Mark(_("有误"), "cross", "danger"),
    },
    "finding": {
        "refuse": Mark(_("否决"), "cross", "danger"),
        "hold": Mark(_("存疑"), "warn", "warn"),
        "mend": Mark(_("退回补正"), "refresh", "warn"),
        "note": Mark(_("提示"), "info"),
    },
    "event": {
        "trial": Mark(_("家电试用"), "box"),
        "lecture": Mark(_("讲座"), "people"),
        "clinic": Mark(_("便民维修日"), "refresh"),
    },
    "work": {
        "repair": Mark(_("维修"), "refresh"),
        "cleaning": Mark(_("清洗"), "check"),
    },
    "notice": {
        "in_force": Mark(_("发布中"), "check", "good"),
        "over": Mark(_("已到期"), "lapsed"),
        "withdrawn": Mark(_("已撤回"), "cross"),
    },
    "opening": {
        "open": Mark(_("现在营业"), "check", "good"),
        "closed": Mark(_("已休息"), "clock"),
    },
    "step": {
        "ok": Mark(_("正常"), "check", "good"),
        "long": Mark(_("用时较长"), "clock", "warn"),
        "late": Mark(_("没有按时"), "warn", "danger"),
        "failing": Mark(_("连续失败"), "cross", "danger"),
    },
    "file": {
        "accepted": Mark(_("已接收"), "check", "good"),
        "refused": Mark(_("未接收"), "cross", "danger"),
        "missing": Mark(_("待上传"), "upload", "warn"),
    },
}


def state_mark(family: str, state: str) -> Mark:
    """The mark of a state. An unknown one is a programmer's error, not a grey pill."""
    return FAMILIES[family][state]
