"""What other channels hear of a right: asked before it is bound there, told of every step."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import connection

from huanxin.kernel import clock
from huanxin.vouchers import models, ports
from huanxin.vouchers.errors import ChannelRefuses
from huanxin.vouchers.types import RightChannel

_OUTSIDE = (RightChannel.UNIONPAY, RightChannel.ONLINE)
_LONGEST_PAUSE = timedelta(hours=1)


def ask(voucher: models.Voucher, channel: RightChannel) -> None:
    """Refuse to bind a right where a use of it, or of its like, is already known."""
    if channel not in _OUTSIDE:
        return
    answer = ports.subsidy_platform().query(
        channel=channel,
        pseudonym=pseudonyms([voucher])[voucher.id],
        programme=voucher.programme,
        category_code=voucher.category_code,
    )
    if answer.state is not ports.PlatformState.UNCLAIMED:
        raise ChannelRefuses(
            channel=channel.label, reason=answer.reason or "该资格已在其他平台领取或使用"
        )


def note(vouchers: Iterable[models.Voucher], verb: str) -> None:
    """Lay a notice in the outbox for each right that is bound to a channel outside."""
    now = clock.now()
    models.PlatformNotice.objects.bulk_create(
        models.PlatformNotice(
            voucher_id=row.id, channel=row.channel, verb=verb, made_at=now, due_at=now
        )
        for row in vouchers
        if row.channel in _OUTSIDE
    )


def next_try(tries: int) -> timedelta:
    """How long to wait after a failed try: a minute, doubled each time, an hour at most.

    >>> [next_try(tries).seconds for tries in (1, 3, 40)]
    [60, 240, 3600]
    """
    return min(timedelta(minutes=1 << min(tries - 1, 10)), _LONGEST_PAUSE)


def pseudonyms(vouchers: Sequence[models.Voucher]) -> dict[object, str]:
    """The holders' province-wide pseudonyms by voucher id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id, person_pseudonym FROM mart_identity_person"
            " WHERE person_id = ANY(%s)",
            [[row.person_id for row in vouchers]],
        )
        known = dict(cursor.fetchall())
    return {row.id: known[row.person_id] for row in vouchers}
