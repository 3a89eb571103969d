"""Quotes: what a unit is worth, and the proofs given."""

from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.recycling import _standard, models
from huanxin.recycling.types.valuation import UnitAnswers, Valuation, ValuationQuote


def value_old_unit(answers: UnitAnswers) -> Valuation:
    """What a unit is worth today by the published standard: an indication, not yet a proof."""
    return _standard.value(answers, clock.today())


def get_quote(quote_id: UUID, scope: Scope) -> ValuationQuote:
    """A valuation proof, for its owner or for an officer of her region."""
    row = models.Quote.objects.filter(pk=quote_id).first()
    if row is None or scope.person_id not in (None, row.person_id):
        raise NotFound(model="Quote", id=quote_id)
    identity.get_person(row.person_id, Scope(scope.region_path, None, scope.person_id))
    return row.as_quote()
