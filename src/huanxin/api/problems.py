"""Refusals as RFC 9457 problem details; the only place of the API that speaks HTTP status."""

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from huanxin.kernel.errors import HTTP_STATUS, DomainError, Kind

log = logging.getLogger(__name__)

_FIELD_REASONS = {
    "missing": "必填",
    "uuid_parsing": "不是有效的编号",
    "int_parsing": "应为整数",
    "datetime_parsing": "不是有效的时间",
    "date_parsing": "不是有效的日期",
}


def problem(status: int, code: str, title: str, **members: Any) -> HttpResponse:
    """One problem document. `type` is a stable reference into docs/errors.md."""
    body = {
        "type": f"https://huanxin.example/errors#{code}",
        "title": title,
        "status": status,
        "code": code,
        **members,
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str),
        status=status,
        content_type="application/problem+json",
    )


def answer_refusals(api: NinjaAPI) -> None:
    """Register how each kind of failure is answered. Anything else is a bug: 500, logged."""

    def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
        answer = problem(
            HTTP_STATUS[error.kind],
            error.code,
            error.what,
            detail=error.message,
            instance=request.path,
            facts={name: str(value) for name, value in error.facts.items()},
        )
        if error.kind in {Kind.TOO_MANY, Kind.UNAVAILABLE} and "seconds" in error.facts:
            answer["Retry-After"] = str(error.facts["seconds"])
        return answer

    def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = [
            {
                "field": ".".join(str(part) for part in fault["loc"][1:]) or "body",
                "reason": _FIELD_REASONS.get(fault["type"], fault["msg"]),
            }
            for fault in error.errors
        ]
        return problem(
            422, "api.malformed", "请求内容不符合接口要求。", instance=request.path, fields=fields
        )

    def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        del error
        answer = problem(
            401,
            "api.unauthenticated",
            "请先登录：在 Authorization 头中提供 Bearer 令牌。",
            detail="用本单位的接口密钥，或由 POST /api/v1/session 取得的令牌（12 小时有效）。",
            instance=request.path,
        )
        answer["WWW-Authenticate"] = 'Bearer realm="huanxin"'
        return answer

    def plain(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "api.refused", str(error), instance=request.path)

    def bug(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        log.error("unhandled in %s: %r", request.path, error)
        return problem(
            500, "api.fault", "系统出现故障，已记录。请稍后再试。", instance=request.path
        )

    api.add_exception_handler(DomainError, refused)  # type: ignore[arg-type]
    api.add_exception_handler(ValidationError, malformed)  # type: ignore[arg-type]
    api.add_exception_handler(AuthenticationError, unauthenticated)  # type: ignore[arg-type]
    api.add_exception_handler(HttpError, plain)  # type: ignore[arg-type]
    api.add_exception_handler(Exception, bug)
