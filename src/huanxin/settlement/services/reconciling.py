"""The day proved."""

from datetime import date

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger_reads
from huanxin.settlement import selectors
from huanxin.settlement.types import (
    Reconciliation,
)


@transaction.atomic
def reconcile(*, actor: Actor, on: date) -> Reconciliation:
    """Prove the day: records and ledger agree line by line and the ledger adds up. Writes only
    the audit line that it was done, with the difference found.
    """
    identity.require(actor, "settlement.reconcile")
    lines = selectors.reconciliation_lines(on)
    found = Reconciliation(on, lines, ledger_reads.sum_check().difference_fen)
    audit.record(
        actor, "settlement.reconciled", "reconciliation", on, difference_fen=found.difference_fen
    )
    return found
