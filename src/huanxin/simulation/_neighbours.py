"""After the season, for the pages' sake: notices, a station's events, what its register keeps."""

from datetime import date, timedelta

from huanxin.kernel import clock
from huanxin.outreach.services import inviting, publishing, registering
from huanxin.outreach.types import EventKind, NewEvent, NewNotice, NewWork, WorkKind
from huanxin.simulation._stage import Stage

_ISSUER = "市以旧换新工作专班（演示）"
_NOTICES = (
    (
        "九月补贴资格怎么领（演示）",
        "冰箱补贴资格每天 10:00、20:00 分时发放，余量见“发放公示”。领取、预约、查询都不收费。",
    ),
    (
        "谨防冒充以旧换新补贴的骗局（演示）",
        "我们的短信没有链接，不要验证码和银行卡密码。遇到可疑情况请拨打 110 或 96110。",
    ),
)
_EVENTS = (
    (EventKind.TRIAL, "洗碗机、洗烘一体机试用（演示）", 4, 9, 20, "可以带自家餐具来试。"),
    (EventKind.LECTURE, "旧电池怎么交才安全（演示）", 6, 15, 40, ""),
)
_WORKS = (
    (WorkKind.REPAIR, "refrigerator", "更换温控器", 8_000),
    (WorkKind.CLEANING, "air_conditioner", "清洗滤网和蒸发器", 0),
)


def show(stage: Stage, on: date) -> None:
    """On the season's last evening; safe to repeat."""
    county, _ = stage.season.city.populations[0]
    for n, (title, text) in enumerate(_NOTICES):
        publishing.publish_notice(
            actor=stage.actor("operate"),
            notice=NewNotice(title, text, _ISSUER, county, on + timedelta(days=30)),
            request_id=stage.request("neighbours", "notice", on, n),
        )
    station = stage.actor("station")
    for n, (kind, title, days, hour, places, note) in enumerate(_EVENTS):
        starts_at = clock.moment(on + timedelta(days=days), hour)
        inviting.publish_event(
            actor=station,
            event=NewEvent(
                kind, title, "本站活动室（演示）", starts_at, starts_at + timedelta(hours=2),
                places, note,
            ),
            request_id=stage.request("neighbours", "event", on, n),
        )  # fmt: skip
    for n, (job, category, what, price_fen) in enumerate(_WORKS):
        registering.record_work(
            actor=station,
            work=NewWork(job, category, on, "7 号师傅（演示）", what, price_fen),
            request_id=stage.request("neighbours", "work", on, n),
        )
