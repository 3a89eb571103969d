"""Her address book: the doors she keeps, and one taken out of it after a second look."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.identity import selectors as identity
from huanxin.recycling.selectors import care_book
from huanxin.recycling.services import keeping
from huanxin.web import pages, session
from huanxin.web.citizen import seats
from huanxin.web.parts import Empty

own = session.audience("citizen")


@never_cache
@own
@require_safe
def address_list(request: HttpRequest) -> HttpResponse:
    seat = seats.own(request)
    book = care_book.list_addresses(seat.person.id, seat.scope)
    doors = [(one, identity.get_region(one.region_code).name) for one in book]
    empty = Empty(
        _("还没有存地址"), _("预约上门时勾选“存到我的地址簿”，下次不用再填。"), icon="pin"
    )
    context = {"seat": seat, "tab": "mine", "back": seat.url("mine"), "doors": doors,
               "empty": empty}  # fmt: skip
    return pages.page(request, "citizen/addresses.html", context)


@never_cache
@own
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """One look at the door, one button; orders that are booked keep their own copy."""
    seat = seats.own(request)
    book = care_book.list_addresses(seat.person.id, seat.scope)
    door = next((one for one in book if one.id == address_id), None)
    if request.method == "POST":
        keeping.remove_address(
            actor=seat.actor, person_id=seat.person.id, address_id=address_id
        )  # fmt: skip
        return HttpResponseRedirect(seat.url("addresses"))
    if door is None:
        raise Http404
    context = {"seat": seat, "tab": "mine", "back": seat.url("addresses"), "door": door}
    return pages.page(request, "citizen/address_remove.html", context)
