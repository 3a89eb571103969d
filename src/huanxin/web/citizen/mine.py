"""我的: whatever is hers and whatever helps her, one tap away; and what she complained about."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huanxin.identity import selectors as identity
from huanxin.recycling.selectors import care_book
from huanxin.web import pages, restriction_parts, session
from huanxin.web.citizen import seats
from huanxin.web.claim_lists import page_asked
from huanxin.web.parts import Empty

own = session.audience("citizen")


@never_cache
@own
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    seat = seats.own(request)
    county = identity.get_region(seat.person.region_code)
    context = {
        "seat": seat, "tab": "mine", "person": seat.person, "region": county,
        "kept_out": restriction_parts.stands_against(seat.actor),
    }  # fmt: skip
    return pages.page(request, "citizen/mine.html", context)


@never_cache
@own
@require_safe
def complaint_list(request: HttpRequest) -> HttpResponse:
    """Her complaints, those that run first, each with what is promised."""
    seat = seats.own(request)
    found = care_book.list_complaints(seat.scope, page=page_asked(request.GET.get("page", "")))
    empty = Empty(
        _("没有投诉"), _("上门、估价、付款有问题，都可以在那笔订单里投诉，按类别承诺答复时间。"),
        reverse("citizen:orders"), _("看我卖的旧家电"), "check",
    )  # fmt: skip
    context = {"seat": seat, "tab": "mine", "back": reverse("citizen:mine"), "complaints": found,
               "empty": empty}  # fmt: skip
    return pages.page(request, "citizen/complaints.html", context)
