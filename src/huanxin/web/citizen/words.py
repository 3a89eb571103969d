"""What several citizen pages say alike."""

from uuid import UUID

from django.http import HttpRequest

from huanxin.kernel.errors import Invalid
from huanxin.recycling.types.orders import TimelineStep
from huanxin.web.parts import Step


class RequestIdMissing(Invalid):
    """A form came without the id that makes a repeat harmless."""

    code = "web.request_id_missing"
    say = "提交的内容不完整。"
    do = "请返回上一页刷新后重新提交。"


def request_id_of(request: HttpRequest) -> UUID:
    """The client-made id of the form: the same id again changes nothing."""
    return id_of(request, "request_id")


def id_of(request: HttpRequest, name: str) -> UUID:
    """An id that a form carries; a form without it was not sent whole."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise RequestIdMissing from None


def steps_of(lines: list[TimelineStep], hrefs: dict[str, str] | None = None) -> list[Step]:
    """A domain timeline as the component draws it; `hrefs` by step code."""
    links = hrefs or {}
    words = {"done": "done", "now": "now", "next": "next", "stopped": "stopped"}
    return [
        Step(
            what=line.title,
            state=words[line.standing],  # type: ignore[arg-type]
            at=line.at,
            by=line.actor if line.standing != "next" else "",  # who will is not yet who did
            note=line.note,
            href=links.get(line.code, ""),
        )
        for line in lines
    ]
