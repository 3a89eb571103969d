"""Rights made together with the redemption that uses them: back-filled claims, cars."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.vouchers import _making
from huanxin.vouchers.types import NewRight


def make_right(*, actor: Actor, right: NewRight) -> UUID:
    """Make one right; see make_rights, of which this is a batch of one."""
    return make_rights(actor=actor, rights=[right])[0]


@transaction.atomic
def make_rights(*, actor: Actor, rights: Sequence[NewRight]) -> list[UUID]:
    """Make rights from a pool's places and money, all of them or none (DESIGN.md 12.4).

    For claims handed in after the purchase and for cars, in the transaction of the redemption
    that uses them: a claimed and a made right share one uniqueness, so a right that was used in
    any channel, here or on the other platform, is refused (RightTaken, ChannelRefuses). The
    pool's release need not be open, but its place and reserve are taken like a claim's. Safe to
    retry by request id. Refuses holders of another kind than the policy limits, unverified and
    restricted people, and pools without place or money.
    """
    identity.require(actor, "vouchers.make_right")
    return _making.Making(actor, rights).write()
