"""What the gateway says instead of an answer. None of these decided the claim."""

from huanxin.kernel.errors import Invalid, NotFound, TooMany, Unavailable


class Busy(Unavailable):
    """More claims wait than can be answered soon."""

    code = "gateway.busy"
    say = "当前有 {waiting} 人正在等待，您的请求尚未处理。"
    do = "请约 {seconds} 秒后用同一页面重试，重试不会重复领取。"


class DatabaseAway(Unavailable):
    """The database does not answer; the platform recovers by itself."""

    code = "gateway.database_away"
    say = "系统正在恢复，您的请求尚未得到结果。"
    do = "请稍后用同一页面重试，重试不会重复领取。"


class ClaimFailed(Unavailable):
    """This one claim could not be decided; it is logged."""

    code = "gateway.claim_failed"
    say = "这次领取没有处理成功。"
    do = "请回到发放页面重新进入；如仍失败，请联系社区服务站。"


class TooOften(TooMany):
    """One person, one device or one address asks faster than anybody clicks."""

    code = "gateway.too_often"
    say = "您的操作过于频繁。"
    do = "请 {seconds} 秒后再试，频繁点击不会增加领取机会。"


class BodyTooLarge(Invalid):
    """A claim is a token and nothing else."""

    code = "gateway.body_too_large"
    say = "提交的内容过大。"
    do = "请回到发放页面重新进入。"


class BodyTooSlow(Invalid):
    """The body did not arrive in time: a bad line, or somebody holding lines open."""

    code = "gateway.body_too_slow"
    say = "没有及时收到您提交的内容。"
    do = "请检查网络后用同一页面重试，重试不会重复领取。"


class BodyUnreadable(Invalid):
    """Not a JSON object with a token."""

    code = "gateway.body_unreadable"
    say = "提交的内容无法识别。"
    do = "请回到发放页面重新进入。"


class PathUnknown(NotFound):
    """The gateway has four paths."""

    code = "gateway.path_unknown"
    say = "没有这个地址。"
    do = "请回到发放页面重新进入。"
