"""Supervision's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotFound


class ThresholdInvalid(Invalid):
    """The bounds cannot be watched."""

    code = "supervision.threshold_invalid"
    say = "预警线无法使用：{reason}。"
    do = "请按提示修改后重新提交。"


class ThresholdUnknown(NotFound):
    """No threshold of that id that this actor may see."""

    code = "supervision.threshold_unknown"
    say = "找不到该预警线，可能已经撤销，或不在您的管辖范围内。"
    do = "请从预警页面的列表进入。"


class AlertUnknown(NotFound):
    """No alert of that id that this actor may see."""

    code = "supervision.alert_unknown"
    say = "找不到该预警，可能编号有误，或不在您的管辖范围内。"
    do = "请从预警页面的列表进入。"


class AlertAnswered(Conflict):
    """The alert has been acknowledged by another, or is over."""

    code = "supervision.alert_answered"
    say = "该预警已由{by}确认。"
    do = "请刷新页面查看最新状态。"


class NoteMissing(Invalid):
    """An acknowledgement says what will be done."""

    code = "supervision.note_missing"
    say = "确认预警时须写明已知情况或处置安排，至少四个字。"
    do = "请补充说明后重新提交。"
