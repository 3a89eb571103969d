"""What every endpoint does alike: who calls, in which version and form, and how refusals look."""

import json
import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from huanxin.api.epcis import problems
from huanxin.api.epcis.problems import Refused
from huanxin.api.security import BearerToken
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.trace import selectors as trace
from huanxin.trace.errors import CaptureTooLarge, DocumentInvalid

log = logging.getLogger(__name__)

VERSION, OLDEST, NEWEST = "2.0.0", "2.0", "2.0.1"
LONGEST_ADDRESS = 32_000
_NUMBERS = re.compile(r"^\d+(\.\d+)*$")
_JSON = ("application/json", "application/ld+json")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_FORMATS = {"No_Preference", "Always_GS1_Digital_Link", "Never_Translates"}

Handler = Callable[..., HttpResponse]


def endpoint(**handlers: Handler) -> Callable[..., HttpResponse]:
    """A view of the named methods, `get=…, post=…`; OPTIONS answers for all of them."""
    methods = {name.upper(): handler for name, handler in handlers.items()}
    allow = ", ".join([*methods, "OPTIONS"])

    @csrf_exempt
    def view(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            answer = _answer(request, methods, allow, path)
        except Refused as refusal:
            answer = problems.answer(refusal.status, refusal.name, refusal.title)
            for name, value in refusal.headers.items():
                answer.headers[name] = value
        except DomainError as refusal:
            answer = problems.of_refusal(refusal)
            if isinstance(refusal, CaptureTooLarge):
                limits(answer)
        except Exception:  # a fault too is answered in the standard's form
            log.exception("unhandled in %s", request.path)
            answer = problems.answer(500, "ImplementationException", "系统出现故障，已记录。")
        _versions_out(answer)
        return answer

    return view


def _answer(
    request: HttpRequest, methods: dict[str, Handler], allow: str, path: dict[str, str]
) -> HttpResponse:
    if request.method == "OPTIONS":
        answer = HttpResponse(status=204)
        answer.headers["Allow"] = allow
        if "POST" in methods:
            limits(answer)
        return answer
    handler = methods.get(request.method or "")
    if handler is None:
        raise Refused(405, "ImplementationException", "该地址不支持此方法。", Allow=allow)
    if len(request.get_full_path()) > LONGEST_ADDRESS:
        raise Refused(414, "URITooLongException", "网址过长，请改用命名查询。")
    actor = _actor(request)
    _check_versions(request)
    _check_accept(request)
    return handler(request, actor, **path)


def _actor(request: HttpRequest) -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    actor = BearerToken().authenticate(request, token) if scheme.lower() == "bearer" else None
    if actor is None:
        challenge = {"WWW_Authenticate": 'Bearer realm="huanxin"'}
        raise Refused(
            401, "SecurityException", "请先取得令牌，放在 Authorization 头中。", **challenge
        )
    return actor


def _check_versions(request: HttpRequest) -> None:
    for kind in ("EPCIS", "CBV"):
        for part in ("Version", "Min", "Max"):
            text = request.headers.get(f"GS1-{kind}-{part}")
            if text is not None:
                _check_version(f"GS1-{kind}-{part}", part, text)


def _check_version(name: str, part: str, text: str) -> None:
    if not _NUMBERS.match(text):
        raise Refused(400, "ValidationException", f"{name} 不是版本号。")
    asked = _number(text)
    fits = {
        "Version": _number(OLDEST) <= asked <= _number(NEWEST),
        "Min": asked <= _number(NEWEST),
        "Max": asked >= _number(OLDEST),
    }[part]
    if not fits:
        raise Refused(406, "NotAcceptableException", f"不支持 {name}: {text}，本平台为 {VERSION}。")


def _number(text: str) -> tuple[int, ...]:
    parts = [int(part) for part in text.split(".")]
    return tuple([*parts, 0, 0][:3])


def _check_accept(request: HttpRequest) -> None:
    accepted = [
        part.split(";")[0].strip() for part in request.headers.get("Accept", "*/*").split(",")
    ]
    if not {*_JSON, "*/*", "application/*"}.intersection(accepted):
        raise Refused(
            406, "NotAcceptableException", "只提供 application/json 与 application/ld+json。"
        )


def body_of(request: HttpRequest) -> Any:
    """The request's JSON. Too much is refused by its announced size, before a byte is read."""
    if request.content_type not in _JSON:
        raise Refused(415, "UnsupportedMediaTypeException", "请以 application/json 提交。")
    limit = trace.MOST_OCTETS
    if int(request.headers.get("Content-Length") or 0) > limit:
        raise CaptureTooLarge(events=trace.MOST_EVENTS, octets=limit)
    raw = request.read(limit + 1)
    if len(raw) > limit:
        raise CaptureTooLarge(events=trace.MOST_EVENTS, octets=limit)
    return _parsed(raw)


def _parsed(raw: bytes) -> Any:
    try:
        found = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
        if _SURROGATE.search(raw):
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise DocumentInvalid(faults="不是完整的 UTF-8 JSON，或嵌套过深") from None
    if b"\\u0000" in raw:
        raise DocumentInvalid(faults="文字中不能有 U+0000")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def answer_json(value: Any, status: int = 200) -> HttpResponse:
    """A JSON answer."""
    return HttpResponse(
        json.dumps(value, ensure_ascii=False, default=str),
        status=status,
        content_type="application/json",
    )


def extensions(request: HttpRequest) -> dict[str, str]:
    """The prefixes that the caller's parameters use, ours included."""
    return {**trace.NAMES, **trace.read_extensions(request.headers.get("GS1-Extensions", ""))}


def as_links(request: HttpRequest) -> bool:
    """Whether EPC URNs are translated: by the standard yes, unless the caller says otherwise."""
    asked = request.headers.get("GS1-EPC-Format", "Always_GS1_Digital_Link")
    if asked not in _FORMATS:
        raise Refused(406, "NotAcceptableException", f"不支持 GS1-EPC-Format: {asked}。")
    return asked == "Always_GS1_Digital_Link"


def parameters(request: HttpRequest) -> dict[str, str]:
    """Query parameters; one given twice means both values."""
    return {name: "|".join(map(str, values)) for name, values in request.GET.lists()}


def link_next(
    request: HttpRequest, answer: HttpResponse, token: str | None, until: datetime | None
) -> HttpResponse:
    """The Link header to the next page, if there is one."""
    if token is not None and until is not None:
        given = {**parameters(request), "nextPageToken": token}
        url = request.build_absolute_uri(f"{request.path}?{urlencode(given)}")
        answer.headers["Link"] = f'<{url}>; rel="next"'
        answer.headers["GS1-Next-Page-Token-Expires"] = until.isoformat(timespec="seconds")
    return answer


def limits(answer: HttpResponse) -> None:
    """What a capture may hold at most."""
    answer.headers["GS1-EPCIS-Capture-Limit"] = str(trace.MOST_EVENTS)
    answer.headers["GS1-EPCIS-Capture-File-Size-Limit"] = str(trace.MOST_OCTETS)
    answer.headers["GS1-Capture-Error-Behaviour"] = "all"


def rfc3339(at: datetime | None) -> str | None:
    """A time as the standard writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _versions_out(answer: HttpResponse) -> None:
    for kind in ("EPCIS", "CBV"):
        answer.headers[f"GS1-{kind}-Version"] = VERSION
        answer.headers[f"GS1-{kind}-Min"] = OLDEST
        answer.headers[f"GS1-{kind}-Max"] = NEWEST
    pairs = ",".join(f"{prefix}={target}" for prefix, target in trace.NAMES.items())
    answer.headers["GS1-Extensions"] = pairs
    answer.headers["GS1-Vendor-Version"] = "huanxin/1.0"
