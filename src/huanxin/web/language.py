"""Which language a page speaks: Chinese, unless the visitor chose another.

Chinese comes first: a browser that asks for English gets Chinese until somebody says otherwise on
the page. The choice is a cookie; nothing about it is kept on our side (docs/adr/166).
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from huanxin.web import spoken as said

COOKIE = "language"
YEAR_SECONDS = 31_536_000


def spoken(request: HttpRequest) -> str:
    """The language this visitor chose, or Chinese."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def chosen_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that lets everything behind it speak the visitor's language."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(spoken(request)):
            response = get_response(request)
            response.headers["Content-Language"] = translation.get_language() or ""
            if translation.get_language() != settings.LANGUAGE_CODE:
                _say(response)
            return response

    return middleware


def _say(response: HttpResponse) -> None:
    """Words of the rooms that a page shows as they are kept, in the visitor's language."""
    if response.streaming or "text/html" not in response.headers.get("Content-Type", ""):
        return
    response.content = said.speak_html(response.content.decode())
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))


def keep(response: HttpResponse, code: str) -> None:
    """Remember the choice for a year; a language we do not speak is Chinese."""
    wanted = code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    response.set_cookie(
        COOKIE, wanted, max_age=YEAR_SECONDS, httponly=True, samesite="Lax",
        secure=settings.PRODUCTION,
    )  # fmt: skip
