"""What stands against her: why, until when, and objecting to it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.web import restriction_parts, session
from huanxin.web.citizen import seats

PAGE = "citizen/restrictions.html"
own = session.audience("citizen")


@never_cache
@own
@require_safe
def restriction_list(request: HttpRequest) -> HttpResponse:
    return restriction_parts.own_list(request, PAGE, _frame(request))


@never_cache
@own
@require_POST
def appeal(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    back = reverse("citizen:restrictions")
    return restriction_parts.appeal(request, restriction_id, PAGE, back, _frame(request))


def _frame(request: HttpRequest) -> dict[str, object]:
    seat = seats.own(request)
    return {"seat": seat, "tab": "mine", "back": seat.url("mine")}
