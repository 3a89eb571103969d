"""A lottery, step by step: register, publish the list, enter the public number, reveal and draw."""

import secrets
from uuid import UUID

from django.db import IntegrityError, transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.vouchers import _draw, _lots, _pools, models
from huanxin.vouchers.errors import (
    AlreadyRegistered,
    DrawNotDue,
    EntropyDiffers,
    NotEligible,
    RegistrationRefused,
    SecondOfficerNeeded,
)
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import Position


@transaction.atomic
def register_for_draw(
    *,
    actor: Actor,
    pool_id: UUID,
    category_code: str,
    person_id: UUID | None = None,
    position: Position | None = None,
) -> UUID:
    """Register a person for one category of a lottery; returns the registration's id.

    Who may is decided here as for a ticket: real name, restrictions, a consumption voucher's
    audience and circle (the position decides and is forgotten). Refused: before or after
    the window, to the microsecond (RegistrationRefused), a second time (AlreadyRegistered). No
    money is held until the draw, since every place has its own already.
    """
    person_id = person_id or actor.person_id
    if person_id is None:
        raise NotEligible(reason="请以本人身份登录后登记")
    identity.require(actor, "vouchers.claim", person_id=person_id)
    lottery = _lots.share_lottery(pool_id)
    claiming.issue_claim_token(
        actor=actor, pool_id=pool_id, category_code=category_code, person_id=person_id,
        position=position,
    )  # fmt: skip
    now = clock.now()
    _lots.check_window(lottery, now)
    holder_key = _lots.holder_key(pool_id, category_code, person_id)
    receipt = secrets.token_hex(16)
    row = models.Registration(
        id=ids.new_id(),
        pool_id=pool_id,
        person_id=person_id,
        holder_key=holder_key,
        category_code=category_code,
        receipt=receipt,
        hash=_draw.registration_hash(pool_id, category_code, receipt),
        registered_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "registration_once" not in str(error):
            raise
        raise AlreadyRegistered(category_code=category_code) from error
    audit.record(
        actor, "vouchers.registered", "registration", row.id,
        region_path=lottery.pool.region_path, pool_id=pool_id, hash=row.hash,
    )  # fmt: skip
    return row.id


@transaction.atomic
def withdraw_registration(*, actor: Actor, registration_id: UUID) -> None:
    """Take a registration back while the window is open; she may register again in it."""
    row = models.Registration.objects.filter(pk=registration_id).first()
    if row is None:
        raise NotFound(model="Registration", id=registration_id)
    identity.require(actor, "vouchers.claim", person_id=row.person_id)
    lottery = _lots.share_lottery(row.pool_id)
    now = clock.now()
    _lots.check_window(lottery, now)
    changed = models.Registration.objects.filter(pk=row.id, withdrawn_at=None)
    if not changed.update(withdrawn_at=now):
        raise RegistrationRefused(reason="该登记已经撤回")
    audit.record(
        actor, "vouchers.registration_withdrawn", "registration", row.id,
        region_path=lottery.pool.region_path, pool_id=row.pool_id, hash=row.hash,
    )  # fmt: skip


@transaction.atomic
def publish_list(*, actor: Actor, pool_id: UUID) -> str:
    """After the window: fix and publish the list of hashes; returns its SHA-256.

    From here on nobody joins or leaves (a trigger agrees), and the seed is still sealed. Repeated,
    it answers the same. Refused before the window's end (DrawNotDue).
    """
    lottery = lock_row(models.Lottery, pool_id)
    identity.require(actor, "vouchers.draw", region_path=lottery.pool.region_path)
    if lottery.listed_at is not None:
        return lottery.list_sha256
    now = clock.now()
    if now < lottery.registers_until:
        raise DrawNotDue(reason="登记还没有截止，名单不能提前公布")
    hashes = _lots.hashes_of(pool_id)
    lottery.listed_at = now
    lottery.listed_count = len(hashes)
    lottery.list_sha256 = _draw.list_digest(hashes)
    lottery.save(update_fields=["listed_at", "listed_count", "list_sha256"])
    audit.record(
        actor, "vouchers.list_published", "pool", pool_id,
        region_path=lottery.pool.region_path, list_sha256=lottery.list_sha256,
        count=len(hashes), commitment=lottery.commitment,
    )  # fmt: skip
    return lottery.list_sha256


@transaction.atomic
def enter_public_number(*, actor: Actor, pool_id: UUID, value: str) -> None:
    """The first officer's half: the public number as it was announced elsewhere.

    Refused before the list is public and before the announced time of the draw, so that the
    number was not known while anyone could still join. May be entered anew until the draw.
    """
    lottery = lock_row(models.Lottery, pool_id)
    identity.require(actor, "vouchers.draw", region_path=lottery.pool.region_path)
    now = clock.now()
    _lots.check_draw_due(lottery, now)
    entropy = _lots.normalise_number(value)
    lottery.entropy, lottery.entropy_by, lottery.entropy_at = entropy, actor.account_id, now
    lottery.save(update_fields=["entropy", "entropy_by", "entropy_at"])
    audit.record(
        actor, "vouchers.public_number_entered", "pool", pool_id,
        region_path=lottery.pool.region_path, entropy=entropy, source=lottery.entropy_source,
    )  # fmt: skip


@transaction.atomic
def reveal_and_draw(*, actor: Actor, pool_id: UUID, value: str, request_id: UUID) -> int:
    """The second officer's half: reads the same number, opens the seed, ranks all, gives places.

    One transaction: a crash leaves the seed sealed and nothing drawn. Winners get their vouchers
    through the claim path with money held. Returns how many won. Safe to retry under the same
    request id; any other second draw is refused (DrawDone). Refused too: the officer who entered
    the number (SecondOfficerNeeded), another number (EntropyDiffers), too early (DrawNotDue).
    """
    pool = lock_row(models.Pool, pool_id)  # before the lottery, as a claim takes it
    identity.require(actor, "vouchers.draw", region_path=pool.region_path)
    lottery = lock_row(models.Lottery, pool_id)
    content = [pool_id, _lots.normalise_number(value)]
    if earlier := kernel_requests.first_answer(actor, "vouchers.draw", request_id, content):
        return int(earlier["won"])
    now = clock.now()
    _lots.check_draw_due(lottery, now)
    if lottery.entropy_by is None:
        raise DrawNotDue(reason="公开数还没有录入")
    if lottery.entropy_by == actor.account_id:
        raise SecondOfficerNeeded
    if lottery.entropy != _lots.normalise_number(value):
        raise EntropyDiffers
    seed = crypto.unseal_secret(_pools.SEED_PURPOSE, bytes(lottery.sealed_seed))
    _lots.write_ranks(pool_id, _draw.ranking(seed, lottery.entropy, _lots.hashes_of(pool_id)))
    lottery.drawn_at, lottery.seed, lottery.confirmed_by = now, seed.hex(), actor.account_id
    lottery.save(update_fields=["drawn_at", "seed", "confirmed_by"])
    won = _lots.give_places(actor, pool_id, pool.remaining, now)
    audit.record(
        actor, "vouchers.drawn", "pool", pool_id, region_path=pool.region_path, won=won,
        seed=lottery.seed, entropy=lottery.entropy, list_sha256=lottery.list_sha256,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.draw", request_id, {"won": won})
    return won


@transaction.atomic
def move_up_waiting(*, actor: Actor, pool_id: UUID) -> int:
    """Give places that came back to the next in rank, until the pool's end; returns how many."""
    identity.require(actor, "vouchers.lapse")
    pool = lock_row(models.Pool, pool_id)
    lottery = lock_row(models.Lottery, pool_id)
    now = clock.now()
    if lottery.drawn_at is None or pool.closes_at <= now or pool.remaining == 0:
        return 0
    return _lots.give_places(actor, pool_id, pool.remaining, now)


def turn_lotteries(*, actor: Actor) -> int:
    """What runs by itself: lists published when their window is over, waiting lists moved up.

    Run every minute, a transaction a lottery. The draw itself is never run by a timer.
    """
    identity.require(actor, "vouchers.lapse")
    now = clock.now()
    open_lists = models.Lottery.objects.filter(listed_at=None, registers_until__lte=now)
    for pool_id in list(open_lists.order_by("pk").values_list("pk", flat=True)):
        publish_list(actor=actor, pool_id=pool_id)
    waiting = models.Registration.objects.filter(
        outcome="", rank__isnull=False, pool__remaining__gt=0, pool__closes_at__gt=now
    )
    pools = sorted(set(waiting.values_list("pool_id", flat=True)))
    return sum(move_up_waiting(actor=actor, pool_id=pool_id) for pool_id in pools)
