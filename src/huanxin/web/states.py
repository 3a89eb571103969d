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
        "sold_out": Mark(_("已领完"), "check"),
        "closed": Mark(_("已结束"), "lapsed"),
    },
    "verify": {
        "waiting": Mark(_("待核验"), "clock"),
        "passed": Mark(_("已通过"), "check", "good"),
        "held": Mark(_("待复核"), "hold", "warn"),
        "refused": Mark(_("未通过"), "cross", "danger"),
    },
    "organisation": {
        "admitted": Mark(_("已准入"), "check", "good"),
        "suspended": Mark(_("已暂停"), "hold", "warn"),
        "removed": Mark(_("已退出"), "cross", "danger"),
    },
    "finding": {
        "refuse": Mark(_("否决"), "cross", "danger"),
        "hold": Mark(_("存疑"), "warn", "warn"),
        "note": Mark(_("提示"), "info"),
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
