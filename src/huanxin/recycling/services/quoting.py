"""Quotes for old units by the published standard."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel.actor import Actor
from huanxin.recycling import (
    _standard,
    models,
)
from huanxin.recycling.types.valuation import QuoteAsk, UnitAnswers, ValuationQuote


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
