"""The running house: what the worker does, how each step fares, and what to do when one fails."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.kernel import clock, timers
from huanxin.kernel.timers import Standing, StepState
from huanxin.web import pages
from huanxin.web.parts import Column, Empty, Row, Table, Tone
from huanxin.web.session import audience, permitted

PAGE = "console/health.html"
TITLES: dict[str, Promise] = {
    "claims": gettext_lazy("核验申报"),
    "rollups": gettext_lazy("大屏与指标汇总"),
    "sealing": gettext_lazy("存证封存"),
    "messages": gettext_lazy("站内消息"),
    "hooks": gettext_lazy("推送事件排队"),
    "answers": gettext_lazy("大屏人数与流向"),
    "thresholds": gettext_lazy("阈值预警"),
    "deadlines": gettext_lazy("占用到期释放"),
    "lapse": gettext_lazy("券到期失效"),
    "dispatch": gettext_lazy("派单"),
    "ties": gettext_lazy("关联关系"),
    "orders": gettext_lazy("线上订单超时"),
    "slots": gettext_lazy("发放时段结算"),
    "lotteries": gettext_lazy("摇号"),
    "refusals": gettext_lazy("否决结案"),
    "claw_backs": gettext_lazy("退货追缴"),
    "case_clock": gettext_lazy("复核时限"),
    "complaints": gettext_lazy("投诉时限"),
    "reminders": gettext_lazy("到期提醒"),
    "webhooks": gettext_lazy("追溯事件订阅"),
    "deliveries": gettext_lazy("推送事件送达"),
    "texts": gettext_lazy("短信"),
    "platform_notices": gettext_lazy("资格渠道同步"),
    "bank_files": gettext_lazy("银行文件"),
    "payouts": gettext_lazy("回收款补付"),
    "papers": gettext_lazy("材料识别"),
    "second_look": gettext_lazy("付款前复查"),
    "left_over": gettext_lazy("结案余款释放"),
    "rollup_check": gettext_lazy("汇总核对"),
    "forecasts": gettext_lazy("需求预测"),
    "serial_forms": gettext_lazy("序列号样式"),
    "ledger": gettext_lazy("账本核对"),
    "reconciliation": gettext_lazy("日终对账"),
}
_ORDER = [Standing.FAILING, Standing.LATE, Standing.LONG, Standing.OK]
_TONES: dict[Standing, Tone] = {
    Standing.FAILING: "danger", Standing.LATE: "danger", Standing.LONG: "warn", Standing.OK: "",
}  # fmt: skip


@require_safe
@audience("console")
@permitted("supervision.watch_house")
def health(request: HttpRequest) -> HttpResponse:
    now, states = clock.now(), timers.list_states()
    names = list(TITLES)
    states.sort(key=lambda one: (_ORDER.index(one.standing(now)), names.index(one.name)))
    wrong = [one for one in states if one.standing(now) is not Standing.OK]
    is_silent = all(one.standing(now) is Standing.LATE for one in states)
    context = {"table": _table(states, now), "wrong_count": len(wrong), "is_silent": is_silent,
               "now": now}  # fmt: skip
    return pages.page(request, PAGE, context)


def _table(states: Sequence[StepState], now: datetime) -> Table:
    return Table(
        "steps", _("后台任务"),
        (Column("title", _("任务")), Column("standing", _("状态"), "pill:step"),
         Column("began_at", _("上次开始"), "time"), Column("took", _("用时")),
         Column("turns", _("次数"), "count"), Column("fault", _("连续失败")),
         Column("next_at", _("下次"), "time")),
        [_row(one, now) for one in states],
        Empty(_("还没有后台任务的记录"), _("后台进程由 huanxin serve 一并启动。")),
    )  # fmt: skip


def _row(one: StepState, now: datetime) -> Row:
    standing = one.standing(now)
    times = _("%(count)d 次（%(error)s）") % {"count": one.failure_count, "error": one.error}
    took = _("进行中") if one.is_running else _("%.2f 秒") % (one.took_ms / 1000)
    values = {
        "title": TITLES.get(one.name, one.name), "standing": standing.value,
        "began_at": one.began_at, "took": took, "turns": one.turn_count,
        "fault": times if one.failure_count else "", "next_at": one.next_at,
    }  # fmt: skip
    return Row(values, tone=_TONES[standing])
