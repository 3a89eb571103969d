"""Objections to what was published: anyone lodges one, an officer answers it."""

from uuid import UUID

from django.db import IntegrityError, transaction

from huanxin.claims.services import reviewing
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, crypto, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.settlement import _rows, rules
from huanxin.settlement.errors import (
    NotePoor,
    NotInPublicity,
    ObjectionClosed,
    ObjectionDecided,
    ObjectionNotFound,
    TooManyObjections,
)
from huanxin.settlement.models import Item, Objection
from huanxin.settlement.types import BatchState, ItemState, ObjectionState

_SECRET = "settlement.objection"  # noqa: S105  the name of a key, not a key


@transaction.atomic
def lodge_objection(
    *, actor: Actor, item_id: int, words: str, contact: str, request_id: UUID
) -> str:
    """Take anyone's objection to a published line and return the number to ask after it.

    The contact is sealed and shown to the deciding officer alone, each look on record. Until the
    answer the batch is not paid. Safe to retry. Refuses lines whose publicity is over, words that
    say nothing, a second one of the same contact, and more than rules.MOST_OBJECTIONS against one
    line or from one contact.
    """
    identity.require(actor, "settlement.lodge_objection")
    content = [item_id, words, contact]
    if earlier := requests.first_answer(actor, "settlement.lodge", request_id, content):
        return str(earlier["number"])
    rules.check_objection(words, contact)
    item = _lock_item(item_id)
    if not _is_open(item):
        raise ObjectionClosed
    key = _rows.contact_key(contact)
    waiting = Objection.objects.filter(state=ObjectionState.WAITING)
    if max(waiting.filter(item=item).count(), waiting.filter(contact_key=key).count()) >= (
        rules.MOST_OBJECTIONS
    ):
        raise TooManyObjections
    row = _write(item, words, contact, key)
    requests.remember(actor, "settlement.lodge", request_id, {"number": row.number})
    _rows.record(actor, "settlement.objection_lodged", item.batch, objection=row.number)
    return row.number


@transaction.atomic
def decide_objection(
    *, actor: Actor, objection_id: UUID, is_upheld: bool, answer: str, request_id: UUID
) -> None:
    """Answer an objection; one that is upheld takes its line out, and the claim goes to a person.

    The money of a line taken out stays held. Safe to retry. Refuses answered ones and an answer
    of less than four characters.
    """
    identity.require(actor, "settlement.object")
    row = Objection.objects.filter(pk=objection_id).select_related("item__batch").first()
    if row is None:
        raise ObjectionNotFound
    item = _lock_item(row.item_id)
    identity.require(actor, "settlement.object", region_path=item.batch.region_path)
    content = [objection_id, is_upheld, answer]
    if requests.first_answer(actor, "settlement.decide_objection", request_id, content) is not None:
        return
    row.refresh_from_db(fields=["state"])
    if row.state != ObjectionState.WAITING:
        raise ObjectionDecided
    if len(answer.strip()) < rules.MIN_WORDS:
        raise NotePoor
    if is_upheld and item.state == ItemState.TAKEN:
        _take_out(actor, item, f"{row.number} {answer}"[:400])
    row.state = ObjectionState.UPHELD if is_upheld else ObjectionState.DISMISSED
    row.decided_by, row.decided_at, row.answer = actor.account_id, clock.now(), answer
    row.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    requests.remember(actor, "settlement.decide_objection", request_id, {})
    _rows.record(
        actor, "settlement.objection_answered", item.batch, objection=row.number, state=row.state
    )


@transaction.atomic
def reveal_contact(*, actor: Actor, objection_id: UUID) -> str:
    """The contact of who objected, for the officer who answers; the look is on record first."""
    identity.require(actor, "settlement.object")
    row = Objection.objects.filter(pk=objection_id).select_related("item__batch").first()
    if row is None:
        raise ObjectionNotFound
    batch = row.item.batch
    identity.require(actor, "settlement.object", region_path=batch.region_path)
    audit.record(
        actor, "settlement.contact_revealed", "objection", row.pk, region_path=batch.region_path
    )
    return crypto.unseal_secret(_SECRET, bytes(row.contact_sealed)).decode()


@transaction.atomic
def object_to_claim(*, actor: Actor, claim_id: UUID, note: str, request_id: UUID) -> None:
    """Record an objection: the claim leaves its batch and goes to a person, its money stays held.

    Safe to retry. Refuses a claim that is not in an unpaid batch.
    """
    identity.require(actor, "settlement.object")
    item = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .filter(claim_id=claim_id, state=ItemState.TAKEN, batch__state=BatchState.PUBLISHED)
        .select_related("batch")
        .first()
    )
    if item is not None:
        identity.require(actor, "settlement.object", region_path=item.batch.region_path)
    content = [claim_id, note]
    if requests.first_answer(actor, "settlement.object", request_id, content) is not None:
        return
    if item is None:
        raise NotInPublicity(claim_id=claim_id)
    _take_out(actor, item, note)
    requests.remember(actor, "settlement.object", request_id, {})


def _take_out(actor: Actor, item: Item, note: str) -> None:
    if item.claim_id is not None:
        reviewing.reopen_claim(actor=actor, claim_id=item.claim_id, note=note)
    Item.objects.filter(pk=item.pk).update(state=ItemState.OBJECTED, note=note)
    _rows.record(actor, "settlement.objected", item.batch, claim_id=item.claim_id)


def _lock_item(item_id: int) -> Item:
    rows = Item.objects.select_for_update(of=("self",), no_key=True).select_related("batch")
    item = rows.filter(pk=item_id).first()
    if item is None:
        raise ObjectionClosed
    return item


def _is_open(item: Item) -> bool:
    until = item.batch.objections_until
    published = item.batch.state == BatchState.PUBLISHED and item.state == ItemState.TAKEN
    return published and until is not None and clock.today() <= until


def _write(item: Item, words: str, contact: str, key: str) -> Objection:
    now = clock.now()
    on = clock.business_day(now)
    try:
        with transaction.atomic():
            return Objection.objects.create(
                id=ids.new_id(),
                number=ids.new_number("YY", on=on, region_code=item.batch.region_code),
                item=item,
                words=words.strip(),
                contact_sealed=crypto.seal_secret(_SECRET, contact.strip().encode()),
                contact_key=key,
                lodged_at=now,
                lodged_on=on,
            )
    except IntegrityError as error:  # objection_once_a_contact
        raise TooManyObjections from error
