"""Mechanics of the second factor: codes against the platform's clock, each taken once."""

import secrets
from uuid import UUID

import pyotp
from django.utils.crypto import constant_time_compare

from huanxin.identity import models, rules
from huanxin.identity.types import NewFactor
from huanxin.kernel import clock, crypto

_PURPOSE = "second-factor"
_ISSUER = "焕新"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read for something else
_HALF = 5


def propose(account: models.Account, *, anew: bool) -> NewFactor:
    """A secret to be confirmed. Unless `anew`, one that was shown before is shown again."""
    row, _ = models.SecondFactor.objects.get_or_create(account=account)
    sealed = None if anew else row.proposed_sealed
    secret = _secret(sealed) if sealed else pyotp.random_base32()
    if sealed is None:
        row.proposed_sealed = crypto.seal_secret(_PURPOSE, secret.encode())
        row.save(update_fields=["proposed_sealed"])
    return NewFactor(secret, _address(account.login, secret))


def confirm(row: models.SecondFactor, code: str) -> bool:
    """Put the proposed secret in force if the code is one of its own; the caller holds the row."""
    counter = _counter(row.proposed_sealed, code, after=0)
    if counter is None:
        return False
    row.secret_sealed, row.proposed_sealed = row.proposed_sealed, None
    row.last_counter, row.confirmed_at = counter, clock.now()
    row.save()
    return True


def takes(row: models.SecondFactor, code: str) -> bool:
    """Whether the code is right now and later than the last one taken; then it is spent.

    The caller holds the row: of two who show the same code, the second finds it spent.
    """
    counter = _counter(row.secret_sealed, code, after=row.last_counter)
    if counter is None:
        return False
    models.SecondFactor.objects.filter(pk=row.pk).update(last_counter=counter)
    return True


def takes_recovery(account_id: UUID, code: str) -> bool:
    """Whether it is one of the account's unused recovery codes; then it is spent."""
    unused = models.RecoveryCode.objects.filter(
        account_id=account_id, digest=_digest(account_id, code), used_at=None
    )
    return unused.update(used_at=clock.now()) == 1


def new_recovery_codes(account_id: UUID) -> list[str]:
    """Fresh codes for the account; the old ones end."""
    models.RecoveryCode.objects.filter(account_id=account_id).delete()
    codes = [_code() for _ in range(rules.RECOVERY_CODES)]
    models.RecoveryCode.objects.bulk_create(
        models.RecoveryCode(account_id=account_id, digest=_digest(account_id, code))
        for code in codes
    )
    return codes


def _code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(2 * _HALF))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def _digest(account_id: UUID, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return crypto.blind_index("recovery-code", f"{account_id}:{plain}")


def _counter(sealed: "bytes | memoryview[int] | None", code: str, *, after: int) -> int | None:
    """Which step of thirty seconds, near now and later than `after`, the code belongs to."""
    if sealed is None:
        return None
    totp, typed = pyotp.TOTP(_secret(sealed)), code.replace(" ", "")
    at = totp.timecode(clock.now())
    for counter in range(at - rules.FACTOR_STEPS, at + rules.FACTOR_STEPS + 1):
        if counter > after and constant_time_compare(totp.generate_otp(counter), typed):
            return counter
    return None


def _secret(sealed: "bytes | memoryview[int]") -> str:
    return crypto.unseal_secret(_PURPOSE, bytes(sealed)).decode()


def _address(login: str, secret: str) -> str:
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER))
