"""The address book: doors a person keeps, sealed under her key."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.recycling import models
from huanxin.recycling.errors import AddressBookFull
from huanxin.recycling.types.care import AddressCard, NewAddress

MOST_ADDRESSES = 10


@transaction.atomic
def keep_address(*, actor: Actor, person_id: UUID, address: NewAddress) -> AddressCard:
    """Keep a door in a person's address book; the same text again renames it.

    Safe to repeat. At most ten (AddressBookFull). The first, or one said to be, is the default.
    """
    identity.require(actor, "recycling.keep_address", person_id=person_id)
    key = identity.person_key(person_id)
    identity.get_region(address.region_code)
    text = " ".join(address.address.split())
    index = crypto.blind_index("address-book", f"{person_id}:{text}")
    mine = models.Address.objects.select_for_update().filter(
        person_id=person_id, removed_at__isnull=True
    )
    kept = {row.address_index: row for row in mine}
    if index not in kept and len(kept) >= MOST_ADDRESSES:
        raise AddressBookFull(limit=MOST_ADDRESSES)
    row = kept.get(index) or models.Address(
        id=ids.new_id(), person_id=person_id, address_index=index,
        address_sealed=crypto.seal(key, text), kept_at=clock.now(),
    )  # fmt: skip
    row.label, row.region_code = address.label.strip()[:20] or "家", address.region_code
    row.lat_e6, row.lon_e6 = address.lat_e6, address.lon_e6
    row.is_default = address.is_default or row.is_default or not kept
    if row.is_default:
        mine.exclude(pk=row.pk).update(is_default=False)
    row.save()
    audit.record(actor, "recycling.address_kept", "address", row.id, person_id=str(person_id))
    return row.as_card(text)


@transaction.atomic
def remove_address(*, actor: Actor, person_id: UUID, address_id: UUID) -> None:
    """Take a door out of the book; orders keep their own copy. Safe to repeat."""
    identity.require(actor, "recycling.keep_address", person_id=person_id)
    rows = models.Address.objects.filter(pk=address_id, person_id=person_id)
    if not rows.exists():
        raise NotFound(model="Address", id=address_id)
    rows.filter(removed_at__isnull=True).update(removed_at=clock.now(), is_default=False)
    audit.record(actor, "recycling.address_removed", "address", address_id)
