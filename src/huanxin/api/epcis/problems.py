"""Refusals as the standard's problem documents (RFC 7807, `epcisException:…`)."""

import json
from typing import Any

from django.http import HttpResponse

from huanxin.kernel.errors import DomainError, Kind

_BY_CODE = {
    "trace.document_invalid": (400, "ValidationException"),
    "trace.capture_too_large": (413, "CaptureLimitExceededException"),
    "trace.query_parameter_invalid": (400, "QueryParameterException"),
    "trace.page_token_invalid": (400, "QueryParameterException"),
    "trace.query_too_large": (413, "QueryTooLargeException"),
    "trace.query_too_complex": (413, "QueryTooComplexException"),
    "trace.event_already_captured": (409, "ResourceAlreadyExistsException"),
    "trace.not_your_unit": (403, "SecurityException"),
    "trace.query_name_taken": (409, "ResourceAlreadyExistsException"),
    "trace.subscription_controls_invalid": (400, "SubscriptionControlsException"),
}
_BY_KIND = {
    Kind.INVALID: (400, "ValidationException"),
    Kind.FORBIDDEN: (403, "SecurityException"),
    Kind.NOT_FOUND: (404, "NoSuchNameException"),
    Kind.CONFLICT: (409, "ValidationException"),
    Kind.UNAVAILABLE: (503, "ImplementationException"),
    Kind.TOO_MANY: (429, "ImplementationException"),
}


class Refused(Exception):
    """What only this door refuses: media types, versions, methods, the length of an address."""

    def __init__(self, status: int, name: str, title: str, **headers: str) -> None:
        self.status, self.name, self.title = status, name, title
        self.headers = {key.replace("_", "-"): value for key, value in headers.items()}
        super().__init__(title)


def answer(status: int, name: str, title: str, detail: str = "", **more: Any) -> HttpResponse:
    """One problem document."""
    body = {"type": f"epcisException:{name}", "title": title, "status": status, **more}
    if detail:
        body["detail"] = detail
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
    )


def of_refusal(refusal: DomainError) -> HttpResponse:
    """A room's refusal in the standard's words; the code is ours."""
    status, name = _BY_CODE.get(refusal.code, _BY_KIND[refusal.kind])
    return answer(status, name, refusal.what, refusal.message, code=refusal.code)


def in_job(error: dict[str, Any]) -> dict[str, Any]:
    """A fault of one event, as a capture job lists it."""
    status, name = _BY_CODE.get(error["code"], (400, "ValidationException"))
    return {
        "type": f"epcisException:{name}", "title": error["title"], "status": status,
        "detail": error["detail"], "instance": f"#/epcisBody/eventList/{error['event']}",
        "code": error["code"],
    }  # fmt: skip
