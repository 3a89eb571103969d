"""Claim tickets: what a signed token says of one claim, written before the rush, read in it.

A ticket is short-lived: it is good from the release (the claim itself says if it is too early)
until half an hour later, or after it was issued if that is later, and never past the pool's end.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from huanxin.kernel import crypto
from huanxin.vouchers.errors import ClaimTokenExpired
from huanxin.vouchers.types import Claim

LIFE = timedelta(minutes=30)
SKEW = timedelta(seconds=5)  # by how much the clocks of two of our machines may differ


class _Ticket(msgspec.Struct):
    """The signed facts. A token of ours for something else lacks some of them."""

    id: UUID
    pool: UUID
    person: UUID
    category: str
    device: str
    until: int
    near: int = 0


_read = msgspec.json.Decoder(_Ticket).decode


def write(claim: Claim, *, opens_at: datetime, closes_at: datetime, now: datetime) -> str:
    """The ticket for a claim on a pool that is open, or to be open, in that time."""
    until = min(closes_at, max(opens_at, now) + LIFE)
    ticket = {
        "id": claim.request_id.hex,
        "pool": claim.pool_id.hex,
        "person": claim.person_id.hex,
        "category": claim.category_code,
        "device": claim.device_key,
        "until": int(until.timestamp()),
        **({"near": 1} if claim.is_near else {}),
    }
    return crypto.sign_token(ticket)


def read(token: str, now: datetime) -> Claim:
    """The claim a ticket stands for: TokenInvalid if forged or foreign, else ClaimTokenExpired."""
    try:
        ticket = _read(crypto.signed_text(token))
    except msgspec.DecodeError as error:
        raise crypto.TokenInvalid from error  # ours, but a token for something else
    if now.timestamp() >= ticket.until + SKEW.total_seconds():
        raise ClaimTokenExpired
    return Claim(
        ticket.id, ticket.pool, ticket.person, ticket.category, ticket.device, ticket.near == 1
    )
