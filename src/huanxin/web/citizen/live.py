"""Pages that a phone asks for again and again: an answer that has not changed costs no bytes."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from huanxin.kernel import clock
from huanxin.web import pages


def answer(
    request: HttpRequest, template: str, context: Mapping[str, Any], shown: object, part: str = ""
) -> HttpResponse:
    """The page, or 304 where what it shows is what the phone has: `shown` and the minute."""
    minute = f"{clock.now():%Y-%m-%d %H:%M}"  # countdowns read in minutes
    seen = f"{request.get_full_path()}|{request.headers.get('HX-Request')}|{minute}|{shown!r}"
    tag = f'"{hashlib.sha256(seen.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = pages.page(request, template, context, part=part)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response
