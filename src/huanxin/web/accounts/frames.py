"""Which shell an account page stands in: the reader's own desk, or a resident's phone."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from huanxin.identity.types import Role
from huanxin.web.session import actor_of


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render an account page in its reader's shell."""
    return render(request, template, framed(request, context), status=status)


def framed(request: HttpRequest, context: Mapping[str, Any]) -> dict[str, Any]:
    """The context with the shell; for pages that a shared helper renders."""
    if actor_of(request).role != Role.CONSUMER:
        return {"refusal": None, **context, "frame": "accounts/desk.html"}
    place = {"frame": "accounts/phone.html", "tab": "mine", "back": reverse("citizen:mine")}
    return {"refusal": None, **context, **place}
