"""Wrong tries: counted under what was tried and where it came from, alike for unknown names."""

from collections.abc import Iterable
from datetime import timedelta
from math import ceil

from django.db import transaction

from huanxin.identity import models, rules
from huanxin.identity.errors import SignInLocked
from huanxin.kernel import addresses, clock, crypto

_SPAN = timedelta(minutes=rules.LOCK_MINUTES)


def keys(login: str, address: str) -> dict[str, int]:
    """The keys of one try, each with the number of failures that locks it."""
    found = {crypto.blind_index("sign-in-login", login): rules.LOCK_AFTER_FAILURES}
    if address:
        place = addresses.address_key(address)
        found[crypto.blind_index("sign-in-address", place)] = rules.ADDRESS_FAILURES
    return found


def check_open(asked: Iterable[str]) -> None:
    """Raise SignInLocked with the time that is left, if any of the keys is locked."""
    now = clock.now()
    locked = models.SignInTries.objects.filter(key__in=list(asked), locked_until__gt=now)
    until = max((row.locked_until for row in locked if row.locked_until), default=None)
    if until is not None:
        seconds = ceil((until - now).total_seconds())
        raise SignInLocked(minutes=ceil(seconds / 60), seconds=seconds)


def count_failure(asked: dict[str, int]) -> None:
    """One more failure under each key; the one too many locks it for a quarter of an hour."""
    now = clock.now()
    with transaction.atomic():
        for key, limit in sorted(asked.items()):
            row, _ = models.SignInTries.objects.select_for_update(no_key=True).get_or_create(
                key=key, defaults={"since": now}
            )
            failures = row.failures + 1 if now - row.since < _SPAN else 1
            locks = failures >= limit
            models.SignInTries.objects.filter(pk=key).update(
                failures=0 if locks else failures,
                since=now if failures == 1 or locks else row.since,
                locked_until=now + _SPAN if locks else None,
            )


def forget_name(asked: dict[str, int]) -> None:
    """Everything was right: what was counted against the login name is cleared, not its address."""
    mine = [key for key, limit in asked.items() if limit == rules.LOCK_AFTER_FAILURES]
    models.SignInTries.objects.filter(key__in=mine).delete()
