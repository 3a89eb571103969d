"""What a message says, when a text may be sent, and what may be published. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from huanxin.outreach.errors import EventInvalid, NoticeInvalid, WorkInvalid
from huanxin.outreach.types import MessageKind, NewEvent, NewNotice, NewWork

MOST_AGE = timedelta(days=7)  # of an event that is still worth a message
KEPT = timedelta(days=180)
EXPIRING = timedelta(hours=24)
CASE_DUE = timedelta(hours=24)
LICENCE_DAYS = (60, 30, 7)
SMS_WORTH = timedelta(hours=24)
SMS_HOURS = (8, 21)  # o'clock, the second exclusive: nobody is woken
SMS_TRIES = 3
MOST_PLACES = 2_000
MOST_NOTICE_DAYS = 366
SHORT = 4


@dataclass(frozen=True, slots=True)
class Words:
    """A message's title, its sentence over the facts, and the text to a phone ('' for none).

    A text to a phone names no person, no amount and no address, and has no link to tap: what asks
    for a tap or a fee in our name is never from us.
    """

    title: str
    text: str
    sms: str = ""


_OPEN = "详情请自行打开“焕新”查看。"
WORDS: Mapping[MessageKind, Words] = {
    MessageKind.PICKUP_PROMISED: Words(
        "已安排上门取旧",
        "订单 {number} 已安排 {slot_on} {slot} 上门。请提前清空、断电，并核对来人的订单号。",
        "您的旧机回收已安排 {slot_on} {slot} 上门。" + _OPEN,
    ),
    MessageKind.PICKUP_MOVED: Words(
        "上门时间已改", "订单 {number} 的上门时间改为 {slot_on} {slot}。",
        "您的旧机回收上门时间改为 {slot_on} {slot}。" + _OPEN,
    ),
    MessageKind.VISIT_MISSED: Words(
        "上门未成，已重新安排", "订单 {number} 没有按时上门，新的时间是 {slot_on} {slot}。",
        "您的旧机回收改在 {slot_on} {slot} 上门，抱歉耽误。" + _OPEN,
    ),
    MessageKind.REQUOTE_WAITING: Words(
        "新报价等您决定",
        "订单 {number} 的旧机与描述不同，新的报价等您同意或拒绝。您不答复，价格不变。",
        "旧机报价有变，等您决定；您不同意就不会改。" + _OPEN,
    ),
    MessageKind.VOUCHER_ACTIVATED: Words(
        "焕新券已激活", "旧机已取走，焕新券 {number} 现在可以使用。", "您的焕新券已可使用。" + _OPEN
    ),
    MessageKind.VOUCHER_EXPIRING: Words(
        "券即将到期", "{number} 将在 {until} 失效，请在此前使用；到期未用，名额退回资金池。",
        "您有一张券将在 {until} 失效。" + _OPEN,
    ),
    MessageKind.LOTTERY_WON: Words(
        "摇号中签", "您登记的“{title}”已中签，资格已放入“我的券”。", "您登记的摇号已中签。" + _OPEN
    ),
    MessageKind.LOTTERY_NOT_WON: Words(
        "摇号未中签", "您登记的“{title}”这次没有中签；种子和名单已公开，可以自行验算。"
    ),
    MessageKind.COMPLAINT_ANSWERED: Words(
        "投诉已答复", "投诉 {number} 已有答复，请查看并评价；不满意可以要求城市运营方处理。",
        "您的投诉已有答复。" + _OPEN,
    ),
    MessageKind.PURCHASE_RETURNED: Words(
        "退货已登记", "订单 {number} 已退货。补贴退回财政；实付款由商户原路退回，资格按规定恢复。"
    ),
    MessageKind.EVENT_CANCELLED: Words(
        "活动已取消", "“{title}”已取消：{why}。", "您报名的社区活动已取消。" + _OPEN
    ),
    MessageKind.OFFERS_WAITING: Words(
        "有订单等待答复", "平台派来新的上门订单，请在时限内接单或退回。"
    ),
    MessageKind.CLAIM_REFUSED: Words(
        "申报未通过", "一笔补贴申报未通过核验，原因和补正办法在申报页面；可以在期限内申诉。"
    ),
    MessageKind.CLAIM_TO_MEND: Words(
        "申报退回补正",
        "申报 {number} 的材料要补正（{reasons}），逐条说明在申报页面；"
        "补齐后自动重新核验，不必重新申报。",
    ),
    MessageKind.PAYMENT_ARRIVED: Words("补贴已到账", "银行已确认一笔补贴资金到账。"),
    MessageKind.PAYMENT_REFUSED: Words(
        "付款被银行退回", "一笔补贴付款被银行退回，请核对收款账户。"
    ),
    MessageKind.CASE_OPENED: Words(
        "新的差异案件", "案件 {number} 由贵单位负责，请在期限前说明。"
    ),
    MessageKind.CASE_DUE: Words(
        "差异案件即将到期", "案件 {number} 须在 {until} 前说明，逾期记入考核。"
    ),
    MessageKind.LICENCE_EXPIRING: Words(
        "证照即将到期", "{kind}（{number}）有效期至 {until}，到期后不能继续承办，请及时换证并提交。"
    ),
}  # fmt: skip


def sentence(kind: MessageKind, facts: Mapping[str, Any]) -> str:
    """What a message says about its facts.

    >>> sentence(MessageKind.EVENT_CANCELLED, {"title": "修小家电", "why": "停电"})
    '“修小家电”已取消：停电。'
    """
    return WORDS[kind].text.format_map(facts)


def short_text(kind: MessageKind, facts: Mapping[str, Any]) -> str:
    """What goes to a phone; '' for kinds that send nothing.

    >>> short_text(MessageKind.LOTTERY_NOT_WON, {"title": "家电"})
    ''
    """
    words = WORDS[kind].sms.format_map(facts)
    return f"【焕新】{words}" if words else ""


def may_text(local: datetime) -> bool:
    """Whether a phone may ring at that local time.

    >>> may_text(datetime(2026, 7, 1, 7, 59)), may_text(datetime(2026, 7, 1, 8, 0))
    (False, True)
    """
    return SMS_HOURS[0] <= local.hour < SMS_HOURS[1]


def licence_step(days_left: int) -> int | None:
    """Which notice of a licence's end is due: the narrowest step reached, None for none yet.

    >>> [licence_step(days) for days in (61, 60, 29, 7, 0, -3)]
    [None, 60, 30, 7, 7, 7]
    """
    reached = [step for step in LICENCE_DAYS if days_left <= step]
    return min(reached) if reached else None


def check_notice(new: NewNotice, today: date) -> None:
    """A notice says what, about what, by whom and until when."""
    last = today + timedelta(days=MOST_NOTICE_DAYS)
    faults = {
        "标题须为 4 至 60 个字": not SHORT <= len(new.title.strip()) <= 60,
        "正文须为 4 至 2000 个字": not SHORT <= len(new.text.strip()) <= 2000,
        "请写明发布单位": not SHORT <= len(new.issuer.strip()) <= 60,
        "截止日期应在今天之后，最长一年": not today < new.until_on <= last,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise NoticeInvalid(reason=reason)


def check_event(new: NewEvent, now: datetime) -> None:
    """An event has a place, a time to come and a number of places."""
    faults = {
        "名称须为 4 至 60 个字": not SHORT <= len(new.title.strip()) <= 60,
        "地点须为 2 至 120 个字": not 2 <= len(new.place.strip()) <= 120,
        "开始时间应在现在之后": new.starts_at <= now,
        "结束时间应在开始之后、十二小时以内": not (
            new.starts_at < new.ends_at <= new.starts_at + timedelta(hours=12)
        ),
        f"名额应为 1 至 {MOST_PLACES}": not 1 <= new.places_count <= MOST_PLACES,
        "说明最多 500 个字": len(new.note) > 500,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise EventInvalid(reason=reason)


def check_work(new: NewWork, categories: frozenset[str], today: date) -> None:
    """A job has a category, a day that is not to come, a worker, what was done and a price."""
    faults = {
        "没有这个品类": new.category_code not in categories,
        "日期应在最近一年以内，不能晚于今天": not (today - timedelta(days=366) <= new.on <= today),
        "请写明师傅姓名或工号": not 2 <= len(new.worker.strip()) <= 40,
        "请写明做了什么，4 至 200 个字": not SHORT <= len(new.what.strip()) <= 200,
        "收费应在 0 至 100,000 元": not 0 <= new.price_fen <= 10_000_000,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise WorkInvalid(reason=reason)


def check_why(
    text: str, invalid: type[EventInvalid] | type[WorkInvalid] | type[NoticeInvalid]
) -> str:
    """Whoever takes something back says why."""
    if not SHORT <= len(text.strip()) <= 200:
        raise invalid(reason="请写明原因，4 至 200 个字")
    return text.strip()
