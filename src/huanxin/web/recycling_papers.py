"""Printed papers of the old unit: the valuation proof."""

from pathlib import Path

from django.http import HttpRequest
from django.urls import reverse

from huanxin.catalogue import selectors as catalogue
from huanxin.identity.types import PersonCard
from huanxin.kernel import clock, money, pdf
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.types.valuation import ValuationQuote

PAPERS = Path(__file__).parent / "papers"


def proof_url(request: HttpRequest, quote: ValuationQuote) -> str:
    """Where anyone may check a proof: what its QR says."""
    path = reverse("public:proof", args=[quote_book.proof_token(quote)])
    return request.build_absolute_uri(path)


def proof_pdf(request: HttpRequest, quote: ValuationQuote, person: PersonCard) -> bytes:
    """The valuation proof as PDF: number, unit, amounts, every reason, QR."""
    url = proof_url(request, quote)
    said = quote.answers
    facts = {
        "number": quote.number,
        "holder": person.name_masked,
        "category": catalogue.get_category(said.category_code).name,
        "model": said.model_name or "—",
        "cash": money.yuan(quote.cash_fen),
        "voucher": money.yuan(quote.voucher_fen),
        "standard": quote.standard_version,
        "valid_until": f"{quote.valid_until.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        "reasons": [
            {"code": r.code, "sentence": r.sentence, "price": money.yuan(r.price_fen)}
            for r in quote.reasons
        ],
        "qr": pdf.qr_svg(url),
        "url": url,
    }
    return pdf.render(PAPERS / "quote.typ", facts, at=quote.valid_until)
