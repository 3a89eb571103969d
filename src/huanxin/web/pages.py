"""A page, or the part of it that htmx asks for: one view, one context, two sizes of answer."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from huanxin.web.problems import is_fragment


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render `template`, which includes `part`; htmx gets `part` alone, of the same context."""
    wanted = part if part and is_fragment(request) else template
    response = render(request, wanted, dict(context), status=status)
    if part:
        patch_vary_headers(response, ["HX-Request"])
    return response
