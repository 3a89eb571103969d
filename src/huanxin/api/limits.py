"""How often one caller may ask, and the headers that say what is left.

RateLimit and RateLimit-Policy as in draft-ietf-httpapi-ratelimit-headers; Retry-After on a 429.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from huanxin.identity.services import keying
from huanxin.identity.types import RateLeft
from huanxin.kernel.errors import TooMany

_KEPT = "HUANXIN_RATE"
_WINDOW_SECONDS = 60


def count(request: HttpRequest, subject: str, per_minute: int) -> None:
    """Count this request of the caller; one too many in the running minute raises TooMany."""
    left = keying.count_request(subject=subject, per_minute=per_minute)
    request.META[_KEPT] = left
    if left.is_over:
        raise TooMany(seconds=left.reset_seconds)


def rate_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that tells a counted caller what is left of the minute."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        left: RateLeft | None = request.META.get(_KEPT)
        if left is not None:
            policy, state = f'"minute";q={left.limit};w={_WINDOW_SECONDS}', f"r={left.remaining}"
            response.headers["RateLimit-Policy"] = policy
            response.headers["RateLimit"] = f'"minute";{state};t={left.reset_seconds}'
        return response

    return middleware
