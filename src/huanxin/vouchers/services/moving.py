"""What a holder does with an unused right: unbind it, bind it elsewhere, give it up."""

from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row
from huanxin.ledger import services as ledger
from huanxin.vouchers import _life, _platform, _redeem, models, ports, rules
from huanxin.vouchers.errors import ChannelUnknown
from huanxin.vouchers.types import RightChannel, VoucherCard, VoucherState


@transaction.atomic
def unbind_right(*, actor: Actor, voucher_id: UUID) -> VoucherCard:
    """解绑: the right stays hers, with its time and money, but no channel takes it until she binds
    it again. Safe to repeat. Refuses rights that are locked, spent or past their minute.
    """
    voucher = _lock_hers(actor, "vouchers.move", voucher_id)
    if voucher.channel == RightChannel.NONE:
        return voucher.as_card()
    rules.check_movable(voucher.as_terms(), verb="解绑", now=clock.now())
    _rebind(actor, voucher, RightChannel.NONE, "vouchers.unbound")
    return voucher.as_card()


@transaction.atomic
def move_right(*, actor: Actor, voucher_id: UUID, channel: RightChannel) -> VoucherCard:
    """Bind a right to a channel, in place of the one it is bound to; never to two at once.

    The platform behind the channel is asked first and told through the outbox. Safe to repeat.
    Refuses what unbind_right refuses, and a right that the other platform has seen used.
    """
    if channel is RightChannel.NONE:
        raise ChannelUnknown(channel=channel.label)
    voucher = _lock_hers(actor, "vouchers.move", voucher_id)
    if voucher.channel == channel:
        return voucher.as_card()
    rules.check_movable(voucher.as_terms(), verb="改绑", now=clock.now())
    _platform.ask(voucher, channel)
    _rebind(actor, voucher, channel, "vouchers.bound")
    return voucher.as_card()


@transaction.atomic
def give_up_right(*, actor: Actor, voucher_id: UUID, reason: str = "") -> VoucherCard:
    """放弃: the right is 已作废, place and money are the pool's again, its holder may claim anew.

    Safe to repeat. Refuses what unbind_right refuses. A pool that has ended keeps the money until
    its budget takes it back.
    """
    found = models.Voucher.objects.filter(pk=voucher_id).first()
    if found is None:
        raise NotFound(model="Voucher", id=voucher_id)
    if found.pool_id is not None:
        lock_row(models.Pool, found.pool_id)
    voucher = _lock_hers(actor, "vouchers.give_up", voucher_id)
    if voucher.state == VoucherState.VOID and voucher.pool_id is not None:
        return voucher.as_card()
    rules.check_movable(voucher.as_terms(), verb="放弃", now=clock.now())
    held = _redeem.reserve_key(voucher)
    if voucher.state == VoucherState.LOCKED:  # by an order past its deadline
        _life.unlock(actor, voucher)
    _platform.note([voucher], "end")
    _life.forget_reserve(voucher)
    _life.step(actor, voucher, VoucherState.VOID, "vouchers.given_up", reason=reason[:200])
    assert found.pool_id is not None, "a right has its pool (voucher_kind_fits)"
    models.Pool.objects.filter(pk=found.pool_id).update(remaining=F("remaining") + 1)
    if held:
        ledger.void_held(keys=[held], reason="given_up")
    return voucher.as_card()


def send_platform_notices(*, actor: Actor, limit: int = 200) -> int:
    """Tell other channels what is in the outbox, oldest first; returns how many were taken.

    Sent first, marked afterwards: after a crash a notice goes out again under the same id, which
    counts once. What cannot be sent waits longer each time and never blocks another right.
    """
    identity.require(actor, "vouchers.sync")
    now = clock.now()
    waiting = models.PlatformNotice.objects.filter(sent_at=None)
    due = list(waiting.filter(due_at__lte=now).select_related("voucher").order_by("id")[:limit])
    first = _first_of_each(waiting, {one.voucher_id for one in due})
    platform, taken = ports.subsidy_platform(), 0
    names = _platform.pseudonyms([one.voucher for one in due])
    for one in due:
        if first.get(one.voucher_id) != one.pk:  # an earlier one of this right still waits
            continue
        if _tell(platform, one, names[one.voucher_id]):
            taken += 1
            first[one.voucher_id] = _next_of(one)
    return taken


def _lock_hers(actor: Actor, permission: str, voucher_id: UUID) -> models.Voucher:
    identity.require(actor, permission)
    voucher = lock_row(models.Voucher, voucher_id)
    identity.require(actor, permission, person_id=voucher.person_id)
    return voucher


def _rebind(actor: Actor, voucher: models.Voucher, channel: RightChannel, action: str) -> None:
    before = RightChannel(voucher.channel)
    _platform.note([voucher], "unbind")
    voucher.channel, voucher.changed_at = channel, clock.now()
    voucher.save(update_fields=["channel", "changed_at"])
    _platform.note([voucher], "bind")
    audit.record(
        actor, action, "voucher", voucher.id, region_path=voucher.region_path,
        before=before, after=channel,
    )  # fmt: skip


def _first_of_each(
    waiting: QuerySet[models.PlatformNotice], voucher_ids: set[UUID]
) -> dict[UUID, int | None]:
    rows = waiting.filter(voucher_id__in=voucher_ids).order_by("-id")  # the first comes last
    return dict(rows.values_list("voucher_id", "id"))


def _next_of(one: models.PlatformNotice) -> int | None:
    rows = models.PlatformNotice.objects.filter(voucher_id=one.voucher_id, sent_at=None)
    return rows.order_by("id").values_list("id", flat=True).first()


def _tell(platform: ports.SubsidyPlatform, one: models.PlatformNotice, pseudonym: str) -> bool:
    row = models.PlatformNotice.objects.filter(pk=one.pk, sent_at=None)
    message = ports.PlatformMessage(
        one.pk, one.channel, one.verb, one.voucher.number, pseudonym, one.voucher.programme,
        one.voucher.category_code,
    )  # fmt: skip
    try:
        platform.tell(message)
    except OSError as error:
        tries = one.tries + 1
        row.update(
            tries=tries, due_at=clock.now() + _platform.next_try(tries), fault=str(error)[:200]
        )
        return False
    row.update(sent_at=clock.now(), tries=one.tries + 1, fault="")
    return True
