"""Work begun and not yet handed in: scans, photos, weights, kept in the worker's session."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

_KEY, _KEPT = "drafts", 30


def load(request: HttpRequest, name: str) -> dict[str, Any]:
    """The draft of that name; empty if there is none."""
    kept: dict[str, Any] = request.session.get(_KEY, {}).get(name, {})
    return kept


def keep(request: HttpRequest, name: str, draft: Mapping[str, Any]) -> None:
    """Store a draft as the newest; the oldest ones go when there are too many."""
    drafts = {key: value for key, value in request.session.get(_KEY, {}).items() if key != name}
    drafts[name] = dict(draft)
    request.session[_KEY] = dict(list(drafts.items())[-_KEPT:])


def drop(request: HttpRequest, name: str) -> None:
    """Forget a draft: it was handed in, or begun anew."""
    drafts = dict(request.session.get(_KEY, {}))
    drafts.pop(name, None)
    request.session[_KEY] = drafts
