"""On the home screen: the manifest, and a worker that keeps files of ours and nobody's data."""

import hashlib
import json
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# What the offline page itself is drawn with; nothing else is kept.
FILES = (
    "huanxin/tokens.css",
    "huanxin/huanxin.css",
    "huanxin/parts.css",
    "huanxin/citizen.css",
    "huanxin/icons.svg",
    "huanxin/mark.svg",
    "huanxin/huanxin.js",
)
GROUND, PRIMARY = "#F7F6F2", "#0B6B4E"


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the resident's pages on its home screen."""
    del request
    facts = {
        "id": reverse("citizen:home"), "start_url": reverse("citizen:home"),
        "scope": reverse("citizen:home"), "name": _("焕新 · 以旧换新"), "short_name": _("焕新"),
        "lang": "zh-CN", "display": "standalone", "orientation": "portrait",
        "background_color": GROUND, "theme_color": PRIMARY,
        "icons": [
            {"src": static("huanxin/mark.svg"), "sizes": "any", "type": "image/svg+xml"},
            *(_icon(size, "any") for size in (192, 512)), _icon(512, "maskable"),
        ],
        "shortcuts": [
            {"name": _("卖旧"), "url": reverse("citizen:sell")},
            {"name": _("付款码"), "url": reverse("citizen:code")},
        ],
    }  # fmt: skip
    return JsonResponse(facts, content_type="application/manifest+json")


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it lives beside the pages it serves, for its scope is its folder."""
    files = [static(name) for name in FILES]
    context = {"version": _version(), "files": json.dumps(files),
               "page": reverse("citizen:offline")}  # fmt: skip
    return render(request, "citizen/worker.js", context, content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Shown without a network: it says so, and what still works. Holds nobody's data."""
    return render(request, "citizen/offline.html")


def _icon(size: int, purpose: str) -> dict[str, str]:
    name = f"huanxin/icon-{size}{'-maskable' if purpose == 'maskable' else ''}.png"
    sizes = f"{size}x{size}"
    return {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}


def _version() -> str:
    """The digest of the kept files: a changed one makes phones fetch all of them anew."""
    digest = hashlib.sha256()
    for name in FILES:
        path = finders.find(name)
        assert isinstance(path, str), name
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]
