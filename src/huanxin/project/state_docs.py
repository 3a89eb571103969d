"""docs/voucher-states.md, written from the one state table so that it cannot drift."""

from huanxin.project.docs import ERRORS_PAGE
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import HOLD_MINUTES

STATES_PAGE = ERRORS_PAGE.with_name("voucher-states.md")
_STATES_HEAD = """# 券的状态

一张券（补贴资格、焕新券、消费券）只有六种状态，每一步由谁做、钱怎样变，都在这一张表里。
表中没有的步骤不存在：数据库的触发器按同样的对照拒绝。本页由 `make docs` 从
`vouchers/rules.py` 的 `STEPS` 生成，测试逐行真实执行并核对账本。

| 步骤 | 从 | 到 | 谁 | 权限 | 资金 | 名额 |
|---|---|---|---|---|---|---|
"""
_STATES_FOOT = """
* 到期以平台时钟为准，到分即止：后台任务晚到也不能再出示或核销，门店写早的时间无效。
* 线上订单的锁定有截止时间（最长 {minutes} 分钟）；按时锁定的券可以用到截止时间，即使本身已到期。
  过了截止时间，锁定视同不存在。
* 解绑与改绑不改变状态：一份资格同一时间只绑定一个渠道，未绑定时哪里都不能用。
* 部分退款不改变状态：券仍为“已使用”，补贴按售出时的规则和新价重算到分。
"""


def states_page() -> str:
    """The page of a voucher's states, row by row of the one table."""
    lines = (
        f"| {step.title} | {step.before.label if step.before else '（新）'} | {step.after.label}"
        f" | {step.who} | `{step.permission}` | {step.money.label}"
        f" | {'归还' if step.returns_place else '—'} |"
        for step in vouchers.list_steps()
    )
    foot = _STATES_FOOT.format(minutes=HOLD_MINUTES)
    return _STATES_HEAD + "\n".join(lines) + "\n" + foot


def write_states_page() -> None:
    """Lay the page down in docs/. Needs Django to stand: the rooms' selectors have models."""
    STATES_PAGE.write_text(states_page(), encoding="utf-8")
