"""The one place where a refusal becomes a page: status by kind, page or htmx fragment."""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from huanxin.kernel import ids
from huanxin.kernel.errors import HTTP_STATUS, DomainError, NotAllowed, NotFound
from huanxin.kernel.errors import Invalid as DomainInvalid

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class PageNotFound(NotFound):
    """An address that leads nowhere."""

    code = "web.page_not_found"
    say = "没有这个页面，可能链接已失效或输入有误。"
    do = "请返回首页，从入口重新进入。"


class FormExpired(DomainInvalid):
    """The form's token is missing or from another sign-in."""

    code = "web.form_expired"
    say = "页面停留过久或登录状态已变化，为保护您的账户，本次提交没有生效。"
    do = "请返回上一页刷新后重新提交。"


class Broken(DomainError):
    """A fault of ours. What broke is in the log under the request's number."""

    code = "web.broken"
    say = "系统出现故障，本次操作没有完成。"
    do = "请稍后再试；如需帮助，请把下面的请求编号告诉工作人员。"


class ProblemMiddleware:
    """Numbers each request and answers the refusals that views let through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(ids.new_id())
        request.META["HUANXIN_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return answer(request, error, HTTP_STATUS[error.kind])
        log.error("request %s broke: %s %s", request_id(request), request.method, request.path)
        return None


def request_id(request: HttpRequest) -> str:
    """The number under which this request stands in the log."""
    return str(request.META.get("HUANXIN_REQUEST_ID", ""))


def answer(request: HttpRequest, error: DomainError, status: int) -> HttpResponse:
    """The refusal as a page, or for htmx as an alert in the page's own place for alerts."""
    context = {"error": error, "status": status, "request_id": request_id(request)}
    if not is_fragment(request):
        return render(request, "error.html", context, status=status)
    response = render(request, "components/alert.html", context, status=status)
    response.headers["HX-Retarget"] = "#alerts"
    response.headers["HX-Reswap"] = "innerHTML show:top"
    return response


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece to put into a page that is already there."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    return answer(request, PageNotFound(), 404)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    return answer(request, NotAllowed(), 403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    del exception
    return answer(request, DomainInvalid(reason="请求格式有误"), 400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.warning("request %s: csrf: %s", request_id(request), reason)
    return answer(request, FormExpired(), 403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: what broke may be the session or the database."""
    context: dict[str, Any] = {"error": Broken(), "status": 500, "request_id": request_id(request)}
    return HttpResponse(loader.render_to_string("broken.html", context), status=500)
