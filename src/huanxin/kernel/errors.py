"""The one exception type that crosses a room's door. No Django, no HTTP here.

DomainError
├── Invalid     (kind invalid)    the words or numbers handed in cannot be used
├── NotAllowed  (kind forbidden)  the actor may not do this, here or to this
├── NotFound    (kind not_found)  no such thing within the actor's scope
├── Conflict    (kind conflict)   the thing is not in a state that allows it
├── Unavailable (kind unavailable) right, but not now: try again later
└── TooMany     (kind too_many)    asked too often: the fact `seconds` says for how long to wait

A room's refusal subclasses one of these and names itself for what happened. `say` is what
happened and why, `do` is what the user does next; both are templates over the named facts.
"""

from enum import StrEnum
from typing import Any, ClassVar

from huanxin.kernel.speech import said


class Kind(StrEnum):
    """How a refusal is answered; `HTTP_STATUS` is the only place that knows HTTP numbers."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    TOO_MANY = "too_many"


HTTP_STATUS: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAVAILABLE: 503,
    Kind.TOO_MANY: 429,
}


class DomainError(Exception):
    """A refusal: a dotted code, a kind, a Chinese sentence and the facts that fill it.

    >>> class SoldOut(Conflict):
    ...     code = "demo.sold_out"
    ...     say = "{pool}已领完。"
    ...     do = "请关注下一轮发放。"
    >>> refusal = SoldOut(pool="东昌府区家电券")
    >>> refusal.message
    '东昌府区家电券已领完。请关注下一轮发放。'
    >>> refusal.facts
    {'pool': '东昌府区家电券'}
    """

    code: ClassVar[str] = "kernel.unspecified"
    kind: ClassVar[Kind] = Kind.INVALID
    say: ClassVar[str] = "无法完成该操作。"
    do: ClassVar[str] = "请稍后再试，或联系工作人员。"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__((self.say + self.do).format_map(facts))

    @property
    def what(self) -> str:
        """What happened and why, in the reader's language."""
        return said(self.say, **self.facts)

    @property
    def next_step(self) -> str:
        """What the reader does next, in her language."""
        return said(self.do, **self.facts)

    @property
    def message(self) -> str:
        """Both; Chinese needs no space between them."""
        space = "" if self.what.endswith("。") else " "
        return self.what + space + self.next_step


class Invalid(DomainError):
    code = "kernel.invalid"
    kind = Kind.INVALID
    say = "填写的内容无法使用：{reason}。"
    do = "请按提示修改后重新提交。"


class NotAllowed(DomainError):
    code = "identity.not_allowed"
    kind = Kind.FORBIDDEN
    say = "您没有权限执行该操作。"
    do = "如确需办理，请联系本单位管理员开通权限。"


class NotFound(DomainError):
    code = "kernel.not_found"
    kind = Kind.NOT_FOUND
    say = "找不到该记录，可能编号有误，或不在您的管辖范围内。"
    do = "请核对编号后重试。"


class Conflict(DomainError):
    code = "kernel.conflict"
    kind = Kind.CONFLICT
    say = "当前状态不允许该操作。"
    do = "请刷新页面查看最新状态。"


class Unavailable(DomainError):
    code = "kernel.unavailable"
    kind = Kind.UNAVAILABLE
    say = "系统繁忙，暂时无法处理。"
    do = "请稍后再试，您的资料不会丢失。"


class TooMany(DomainError):
    """Asked too often. `seconds` is how long it takes until asking again has a point."""

    code = "kernel.too_many"
    kind = Kind.TOO_MANY
    say = "请求过于频繁。"
    do = "请 {seconds} 秒后再试。"


class RequestReused(Conflict):
    """The same request id came back with other content."""

    code = "kernel.request_reused"
    say = "该请求编号已用于另一笔内容不同的业务。"
    do = "请返回上一页重新发起，不要重复使用旧链接。"


class ProofRefused(Invalid):
    """A proof file does not hold; the reason says which part."""

    code = "kernel.proof_refused"
    say = "证明不成立：{reason}。"
    do = "请向平台重新下载证明；若仍不成立，请将文件交给监督部门。"
