"""What every answer tells the browser: nothing runs or is styled but our own files."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# H5 pages use the camera at pick-up and the place of a photo; nothing else.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        f"connect-src 'self' {settings.HUANXIN_GATEWAY_URL}",  # the flash claim's own process
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = "camera=(self), geolocation=(self), microphone=(), payment=()"


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that adds the policies to answers that do not carry their own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware
