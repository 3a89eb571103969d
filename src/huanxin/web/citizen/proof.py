"""A valuation proof: its number and QR, its PDF, the photos that its owner adds."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.services import quoting
from huanxin.web import kept_files, pages, recycling_papers, session
from huanxin.web.citizen import seats
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.selling import unit_words
from huanxin.web.forms import refused

own = session.audience("citizen")
PAGE = "citizen/proof.html"


@own
@require_safe
def proof(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    return pages.page(request, PAGE, _context(request, seats.own(request), quote_id))


@own
@require_safe
def proof_pdf(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    seat = seats.own(request)
    quote = quote_book.get_quote(quote_id, seat.scope)
    content = recycling_papers.proof_pdf(request, quote, seat.person)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{quote.number}.pdf"'
    return response


@own
@require_POST
def add_photo(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Each picture is kept or refused by itself; the first refusal is shown."""
    seat = seats.own(request)
    for file in request.FILES.getlist("photos")[:6]:
        try:
            quoting.add_quote_photo(actor=seat.actor, quote_id=quote_id, content=file.read())
        except DomainError as refusal:
            return refused(request, PAGE, _context(request, seat, quote_id), refusal)
    return HttpResponseRedirect(seat.url("proof", quote_id))


@own
@require_safe
def photo(request: HttpRequest, quote_id: UUID, sha256: str) -> HttpResponse:
    """The shown copy, a JPEG that we made ourselves."""
    content = quote_book.find_quote_photo(quote_id, sha256, seats.own(request).scope)
    if content is None:
        raise Http404
    return kept_files.answer(content, sha256)


def _context(request: HttpRequest, seat: Seat, quote_id: UUID) -> dict[str, Any]:
    quote = quote_book.get_quote(quote_id, seat.scope)
    return {
        "seat": seat,
        "tab": "sell",
        "back": seat.url("offer", quote_id),
        "quote": quote,
        "what": unit_words(quote),
        "check_url": recycling_papers.proof_url(request, quote),
        "photos": quote_book.list_quote_photos(quote_id, seat.scope),
    }
