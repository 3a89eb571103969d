"""Outreach's refusals."""

from huanxin.kernel.errors import Conflict, Invalid, NotFound


class MessageUnknown(NotFound):
    code = "outreach.message_unknown"
    say = "找不到该消息，可能已过保存期，或不是发给您的。"
    do = "请从消息页面的列表进入。"


class NoticeInvalid(Invalid):
    code = "outreach.notice_invalid"
    say = "公告无法发布：{reason}。"
    do = "请按提示修改后重新提交。"


class NoticeUnknown(NotFound):
    code = "outreach.notice_unknown"
    say = "找不到该公告，可能已撤回，或不在您的管辖范围内。"
    do = "请从公告列表进入。"


class EventInvalid(Invalid):
    code = "outreach.event_invalid"
    say = "活动无法发布：{reason}。"
    do = "请按提示修改后重新提交。"


class EventUnknown(NotFound):
    code = "outreach.event_unknown"
    say = "找不到该活动，可能链接有误，或不是本站的活动。"
    do = "请从活动列表进入。"


class EventFull(Conflict):
    code = "outreach.event_full"
    say = "“{title}”的 {places} 个名额已报满。"
    do = "请看其他场次，或稍后再来看有没有人退出。"


class EventOver(Conflict):
    code = "outreach.event_over"
    say = "“{title}”已经开始、结束或取消，不能再报名或退出。"
    do = "请看其他场次。"


class WorkInvalid(Invalid):
    code = "outreach.work_invalid"
    say = "无法登记：{reason}。"
    do = "请按提示修改后重新提交。"


class WorkUnknown(NotFound):
    code = "outreach.work_unknown"
    say = "找不到该条登记，可能编号有误，或不是本站的登记。"
    do = "请从登记册列表进入。"
