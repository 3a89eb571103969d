"""The day proved: records, bank and ledger against each other, and who explains what differs."""

from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row
from huanxin.kernel.money import yuan
from huanxin.ledger import selectors as ledger_reads
from huanxin.settlement import _differences, rules, selectors
from huanxin.settlement._differences import Found
from huanxin.settlement.errors import (
    DifferenceNotFound,
    DifferenceSettled,
    NotePoor,
    NotYourDifference,
)
from huanxin.settlement.models import Difference
from huanxin.settlement.types import DifferenceKind, Reconciliation, ReconciliationLine


@transaction.atomic
def reconcile(*, actor: Actor, on: date) -> Reconciliation:
    """Prove the day: orders, bank answers and ledger agree line by line and the ledger adds up.

    For today and yesterday what differs is kept as differences to be explained, and those that are
    gone by themselves are settled; an earlier day is only recomputed. Safe to retry.
    """
    identity.require(actor, "settlement.reconcile")
    lines = selectors.reconciliation_lines(on)
    ledger_gap_fen = ledger_reads.sum_check().difference_fen
    if on >= clock.today() - timedelta(days=1):
        found = _found(on, lines)
        _differences.note(found)
        _differences.settle_gone(found)
    proof = Reconciliation(on, lines, ledger_gap_fen, _differences.open_until(clock.today()))
    audit.record(
        actor, "settlement.reconciled", "reconciliation", on, difference_fen=proof.difference_fen,
        open_differences=len(proof.differences),
    )  # fmt: skip
    return proof


@transaction.atomic
def take_difference(*, actor: Actor, difference_id: UUID) -> None:
    """Take it upon oneself to explain a difference, also from somebody else. Safe to retry."""
    identity.require(actor, "settlement.reconcile")
    row = _lock(actor, difference_id)
    if row.owner_id == actor.account_id:
        return
    row.owner_id, row.owned_at = actor.account_id, clock.now()
    row.save(update_fields=["owner_id", "owned_at"])
    _record(actor, "settlement.difference_taken", row)


@transaction.atomic
def settle_difference(*, actor: Actor, difference_id: UUID, note: str, request_id: UUID) -> None:
    """Say how a difference came about and was put right; only who took it may. Safe to retry."""
    identity.require(actor, "settlement.reconcile")
    content = [difference_id, note]
    if requests.first_answer(actor, "settlement.settle", request_id, content) is not None:
        return
    row = _lock(actor, difference_id)
    if row.owner_id != actor.account_id:
        raise NotYourDifference(permission="settlement.reconcile")
    if len(note.strip()) < rules.MIN_WORDS:
        raise NotePoor
    row.settled_by, row.settled_at, row.note = actor.account_id, clock.now(), note.strip()
    row.save(update_fields=["settled_by", "settled_at", "note"])
    requests.remember(actor, "settlement.settle", request_id, {})
    _record(actor, "settlement.difference_settled", row)


def _lock(actor: Actor, difference_id: UUID) -> Difference:
    if not Difference.objects.filter(pk=difference_id).exists():
        raise DifferenceNotFound
    row = lock_row(Difference, difference_id)
    identity.require(actor, "settlement.reconcile", region_path=row.region_path)
    if row.settled_at is not None:
        raise DifferenceSettled
    return row


def _found(on: date, lines: tuple[ReconciliationLine, ...]) -> list[Found]:
    since = on - timedelta(days=rules.SILENT_DAYS)
    city = identity.get_region(settings.HUANXIN_CITY).path
    sums = [
        Found(
            DifferenceKind.SUMS, line.name, region_path=city, amount_fen=line.difference_fen,
            detail=f"{line.name}：业务记录 {yuan(line.records_fen)}，总账 {yuan(line.ledger_fen)}",
        )
        for line in lines
        if line.difference_fen
    ]  # fmt: skip
    orders = [
        Found(DifferenceKind(kind), number, number, org_id, path, fen)
        for kind, number, org_id, path, fen in selectors.order_differences(since)
    ]
    return sums + orders


def _record(actor: Actor, action: str, row: Difference) -> None:
    audit.record(
        actor, action, "difference", row.pk, region_path=row.region_path, org_id=row.org_id,
        difference_kind=row.kind, number=row.number, amount_fen=row.amount_fen,
    )  # fmt: skip
