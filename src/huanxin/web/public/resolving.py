"""GS1 Digital Links of our own keys: people get a page, machines a linkset or the events.

Paths are the standard's (`/8004/…` a unit, `/00/…` a lot, `/414/…` and `/417/…` a place or party);
`linkType` or `Accept` chooses. GS1 Digital Link 1.3, RFC 9264.
"""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.kernel.errors import NotFound
from huanxin.trace import selectors as trace
from huanxin.trace.types import Passport

_VOC = "https://gs1.org/voc/"
_LINKSET = "application/linkset+json"


@require_safe
def unit(request: HttpRequest, giai: str) -> HttpResponse:
    """A unit's link: its page, its events, its certificate once it has one."""
    passport = trace.find_passport(trace.read_scanned(giai))
    if passport is None:
        raise NotFound(model="Unit", id=giai)
    return _answer(request, passport.link, _links(request, passport))


@require_safe
def lot(request: HttpRequest, sscc: str) -> HttpResponse:
    """A lot's link: its events, for whoever may read them."""
    link = trace.container_link(sscc)
    return _answer(request, link, {"epcis": [_target(_events(request, link), _("追溯事件"))]})


@require_safe
def place(request: HttpRequest, key: str, gln: str) -> HttpResponse:
    """A place or party of ours, by its GLN."""
    if not trace.is_gln(gln):
        raise NotFound(model="Party", id=gln)
    link = trace.location_link(gln) if key == "414" else trace.party_link(gln)
    at = f"/epcis/v2/bizLocations/{quote(trace.location_link(gln), safe='')}/events"
    target = _target(request.build_absolute_uri(at), _("在此处发生的事件"))
    return _answer(request, link, {"epcis": [target]})


@require_safe
def resolver(request: HttpRequest) -> HttpResponse:
    """What this resolver serves, where the standard looks for it."""
    return JsonResponse(
        {
            "name": "焕新",
            "resolverRoot": request.build_absolute_uri("/").rstrip("/"),
            "supportedPrimaryKeys": ["00", "414", "417", "8004"],
            "linkTypeDefaultCanBeLinkset": False,
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _links(request: HttpRequest, passport: Passport) -> dict[str, list[dict[str, str]]]:
    page = request.build_absolute_uri(reverse("public:trace", args=[passport.unit_code]))
    found = {
        "pip": [_target(page, _("这台旧机的去向"))],
        "traceability": [_target(page, _("这台旧机的去向"))],
        "epcis": [_target(_events(request, passport.link), _("追溯事件"))],
    }
    if passport.certificate_no:
        at = reverse("public:certificate", args=[passport.certificate_no])
        found["certificationInfo"] = [_target(request.build_absolute_uri(at), _("拆解证明"))]
    return found


def _answer(
    request: HttpRequest, anchor: str, links: dict[str, list[dict[str, str]]]
) -> HttpResponse:
    asked = request.GET.get("linkType", "").removeprefix("gs1:").removeprefix(_VOC)
    wants_set = _LINKSET in request.headers.get("Accept", "") or asked in {"all", "linkset"}
    if wants_set:
        return _linkset(anchor, links)
    if asked and asked not in links:
        raise NotFound(model="Link", id=asked)
    target = links[asked or next(iter(links))][0]["href"]
    answer = HttpResponseRedirect(target)
    answer.status_code = 307
    answer.headers["Link"] = f'<{anchor}>; rel="owl:sameAs"'
    answer.headers["Vary"] = "Accept"
    return answer


def _linkset(anchor: str, links: dict[str, list[dict[str, str]]]) -> HttpResponse:
    context: dict[str, Any] = {"anchor": anchor}
    context |= {_VOC + name: targets for name, targets in links.items()}
    context[_VOC + "defaultLink"] = next(iter(links.values()))
    answer = JsonResponse({"linkset": [context]}, json_dumps_params={"ensure_ascii": False})
    answer.headers["Content-Type"] = _LINKSET
    answer.headers["Vary"] = "Accept"
    return answer


def _events(request: HttpRequest, epc: str) -> str:
    return request.build_absolute_uri(f"/epcis/v2/epcs/{quote(epc, safe='')}/events")


def _target(href: str, title: str) -> dict[str, str]:
    return {"href": href, "title": title}
