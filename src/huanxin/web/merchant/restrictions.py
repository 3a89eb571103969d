"""What stands against the shop: restrictions and stops, why and until when, and objecting."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from huanxin.claims import selectors as claims
from huanxin.web import restriction_parts
from huanxin.web.session import actor_of, audience, permitted

PAGE = "merchant/restrictions.html"


@require_safe
@audience("merchant")
@permitted("identity.appeal_restriction")
def restriction_list(request: HttpRequest) -> HttpResponse:
    return restriction_parts.own_list(request, PAGE, _stops(request))


@require_POST
@audience("merchant")
@permitted("identity.appeal_restriction")
def appeal(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    back = reverse("merchant:restrictions")
    return restriction_parts.appeal(request, restriction_id, PAGE, back, _stops(request))


def _stops(request: HttpRequest) -> dict[str, object]:
    org_id = actor_of(request).org_id
    return {"stops": claims.find_stops_of_shop(org_id) if org_id else []}
