"""Pages of the lists that are not events: a signed token names the last item seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from huanxin.api.epcis import door
from huanxin.kernel import clock, crypto
from huanxin.kernel.crypto import TokenInvalid
from huanxin.trace.errors import PageTokenInvalid, QueryParameterInvalid

USUAL, MOST, HOURS = 30, 1000, 24


@dataclass(frozen=True, slots=True)
class Asked:
    """The page asked for."""

    kind: str
    size: int
    after: str = ""

    def after_id(self) -> UUID | None:
        return UUID(self.after) if self.after else None


def size_of(text: str | None) -> int:
    """perPage, an upper bound that we may undercut."""
    if text is None:
        return USUAL
    if not text.isdigit() or int(text) < 1:
        raise QueryParameterInvalid(name="perPage", reason="应为正整数")
    return min(int(text), MOST)


def asked(request: HttpRequest, kind: str) -> Asked:
    """perPage and nextPageToken of a list; any other parameter is refused."""
    for name in request.GET:
        if name not in {"perPage", "nextPageToken"}:
            raise QueryParameterInvalid(name=name, reason="不认识的查询参数")
    size, token = size_of(request.GET.get("perPage")), request.GET.get("nextPageToken")
    if token is None:
        return Asked(kind, size)
    try:
        facts = crypto.read_token(token)
    except TokenInvalid as error:
        raise PageTokenInvalid from error
    if facts.get("use") != f"epcis-{kind}" or facts["until"] < clock.now().timestamp():
        raise PageTokenInvalid
    return Asked(kind, size, str(facts["after"]))


def listed(request: HttpRequest, page: Asked, found: Sequence[tuple[Any, str]]) -> HttpResponse:
    """A JSON array of (value, its key); one more than the page's size means that more follow."""
    answer = door.answer_json([value for value, _ in found[: page.size]])
    if len(found) <= page.size:
        return answer
    until = clock.now() + timedelta(hours=HOURS)
    facts = {"use": f"epcis-{page.kind}", "after": found[page.size - 1][1],
             "until": int(until.timestamp())}  # fmt: skip
    return door.link_next(request, answer, crypto.sign_token(facts), until)
