"""The month's end: books shut and sealed by one officer, opened again by two."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel.actor import Actor
from huanxin.ledger import services as ledger
from huanxin.ledger.types import ClosingCard
from huanxin.settlement import rules
from huanxin.settlement.errors import DifferencesWithoutOwner, NotePoor
from huanxin.settlement.models import Difference


@transaction.atomic
def close_month(*, actor: Actor, month_on: date) -> ClosingCard:
    """Shut the month that holds a day: nothing is posted into it any more, its balances are sealed.

    Safe to retry. Refuses a month that is not over, one before a later closing, books that do not
    balance, and differences of the month that nobody looks after (docs/adr/0145).
    """
    _require(actor)
    until_on = rules.month_after(month_on)
    ownerless = Difference.objects.filter(
        found_on__lt=until_on, settled_at=None, owner_id=None
    ).count()
    if ownerless:
        raise DifferencesWithoutOwner(count=ownerless)
    closing = ledger.close_books(until_on=until_on, by=actor.account_id)
    _record(actor, "settlement.month_closed", closing)
    return closing


@transaction.atomic
def ask_reopening(*, actor: Actor, closing_id: UUID, reason: str) -> ClosingCard:
    """Ask that the latest closed month be opened again; another officer decides. Safe to retry."""
    _require(actor)
    if len(reason.strip()) < rules.MIN_WORDS:
        raise NotePoor
    closing = ledger.ask_reopening(closing_id=closing_id, by=actor.account_id, reason=reason)
    _record(actor, "settlement.reopening_asked", closing)
    return closing


@transaction.atomic
def reopen_month(*, actor: Actor, closing_id: UUID) -> ClosingCard:
    """Open the latest closed month on a second officer's word. Safe to retry.

    Refuses who asked (constraint closing_reopened_by_two); the closing stays on record.
    """
    _require(actor)
    closing = ledger.reopen_books(closing_id=closing_id, by=actor.account_id)
    _record(actor, "settlement.month_reopened", closing)
    return closing


def _require(actor: Actor) -> None:
    """The books are the whole city's: an officer of one county does not shut them."""
    city = identity.get_region(settings.HUANXIN_CITY)
    identity.require(actor, "settlement.close", region_path=city.path)


def _record(actor: Actor, action: str, closing: ClosingCard) -> None:
    audit.record(
        actor, action, "closing", closing.id, month=f"{closing.month_on:%Y-%m}",
        digest=closing.digest, accounts=closing.account_count,
    )  # fmt: skip
