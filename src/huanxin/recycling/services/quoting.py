"""Quotes for old units by the published standard."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, filestore
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.recycling import _photos, _standard, models
from huanxin.recycling.errors import PhotoRefused
from huanxin.recycling.types.valuation import (
    QuoteAsk,
    QuotePhotoCard,
    UnitAnswers,
    ValuationQuote,
)

_MOST_PHOTOS = 6


@transaction.atomic
def quote_many(*, actor: Actor, asks: Sequence[QuoteAsk]) -> list[ValuationQuote]:
    """Value units by the standard in force, each with a numbered proof (评估凭证) and its reasons.

    Each call makes new proofs; an unused one lapses by itself. A category that the standard does
    not list raises CategoryNotTaken.
    """
    people = {ask.person_id for ask in asks}
    for person_id in people:
        identity.require(actor, "recycling.quote", person_id=person_id)
    cards = identity.cards(people)
    rows = _standard.quote_rows(
        asks, region_codes={pid: card.region_code for pid, card in cards.items()}
    )
    models.Quote.objects.bulk_create(rows)
    audit.record_many(
        actor,
        "recycling.quoted",
        [
            audit.Entry("quote", row.id, cards[row.person_id].region_path, None,
                        {"number": row.number, "cash_fen": row.cash_fen})
            for row in rows
        ],
    )  # fmt: skip
    return [row.as_quote() for row in rows]


def quote_old_unit(*, actor: Actor, person_id: UUID, answers: UnitAnswers) -> ValuationQuote:
    """Value one unit; see quote_many."""
    return quote_many(actor=actor, asks=[QuoteAsk(person_id, answers)])[0]


def add_quote_photo(*, actor: Actor, quote_id: UUID, content: bytes) -> QuotePhotoCard:
    """Keep an owner's photo with her proof: the original sealed, an upright copy without EXIF.

    Safe to repeat: the same bytes are kept once. Refuses what is no JPG, PNG or WebP, more than
    8 MB, and more than six photos a proof (PhotoRefused).
    """
    quote = models.Quote.objects.filter(pk=quote_id).first()
    if quote is None:
        raise NotFound(model="Quote", id=quote_id)
    identity.require(actor, "recycling.quote", person_id=quote.person_id)
    shown = _photos.shown_copy(content)  # before any row or file: a refusal leaves nothing
    store = filestore.file_store()
    received_sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        lock_row(models.Quote, quote_id)
        kept = models.QuotePhoto.objects.filter(quote_id=quote_id)
        if earlier := kept.filter(received_sha256=received_sha256).first():
            return _photo_card(earlier)
        if kept.count() >= _MOST_PHOTOS:
            raise PhotoRefused(reason=f"每份凭证最多 {_MOST_PHOTOS} 张")
        row = models.QuotePhoto(
            quote_id=quote_id,
            received_sha256=store.put(content),
            shown_sha256=store.put(shown),
            byte_count=len(content),
            kept_at=clock.now(),
        )
        row.save(force_insert=True)
        audit.record(actor, "recycling.quote_photo_kept", "quote", quote_id, sha256=received_sha256)
    return _photo_card(row)


def _photo_card(row: models.QuotePhoto) -> QuotePhotoCard:
    return QuotePhotoCard(row.shown_sha256, row.byte_count, row.kept_at)
