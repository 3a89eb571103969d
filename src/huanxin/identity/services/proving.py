"""What an account's owner does for herself: password, second factor, sessions."""

from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.db import transaction

from huanxin.identity import _factors, _passwords, _tries, models, selectors
from huanxin.identity.errors import PasswordWrong, SecondFactorRequired, SecondFactorWrong
from huanxin.identity.types import NewFactor, Role
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row


def change_password(
    *, actor: Actor, old: str, new: str, session_id: UUID | None = None, address: str = ""
) -> None:
    """Choose a new password; every other session of the account ends.

    A wrong old password counts like a wrong sign-in, and locks like one. PasswordWeak says what
    the new one lacks.
    """
    account = _own(actor)
    keys = _tries.keys(account.login, address)
    _tries.check_open(keys)
    if not check_password(old, account.password):
        _tries.count_failure(keys)
        raise PasswordWrong
    with transaction.atomic():
        _passwords.set_own(lock_row(models.Account, account.pk), new)
        _end_others(account.pk, session_id, "password_changed")
        _record(actor, "identity.password_changed")


@transaction.atomic
def begin_second_factor(*, actor: Actor, password: str) -> NewFactor:
    """A secret to scan, beside the one in force, which ends only when the new one is confirmed.

    Asks for the password again: a browser left open must not be enough.
    """
    account = lock_row(models.Account, _own(actor).pk)
    if not check_password(password, account.password):
        raise PasswordWrong
    return _factors.propose(account, anew=True)


@transaction.atomic
def confirm_second_factor(*, actor: Actor, code: str) -> list[str]:
    """Put the new secret in force by its first code; answers the recovery codes, this once."""
    row = _factor(actor)
    if not _factors.confirm(row, code):
        raise SecondFactorWrong
    _record(actor, "identity.factor_bound")
    return _factors.new_recovery_codes(actor.account_id)


@transaction.atomic
def renew_recovery_codes(*, actor: Actor, code: str) -> list[str]:
    """Fresh recovery codes for a right code of the authenticator; the old ones end."""
    row = _factor(actor)
    if row.confirmed_at is None or not _factors.takes(row, code):
        raise SecondFactorWrong
    _record(actor, "identity.recovery_codes_renewed")
    return _factors.new_recovery_codes(actor.account_id)


@transaction.atomic
def remove_second_factor(*, actor: Actor, code: str) -> None:
    """Take the authenticator off, unless the role asks for one."""
    row = _factor(actor)
    if selectors.needs_second_factor(Role(actor.role)):
        raise SecondFactorRequired
    if row.confirmed_at is None or not _factors.takes(row, code):
        raise SecondFactorWrong
    models.RecoveryCode.objects.filter(account_id=actor.account_id).delete()
    row.delete()
    _record(actor, "identity.factor_removed")


@transaction.atomic
def end_session(*, actor: Actor, session_id: UUID, reason: str = "signed_out") -> None:
    """End one session of one's own; a repeat changes nothing."""
    row = models.Session.objects.filter(pk=session_id, account_id=actor.account_id).first()
    if row is None:
        raise NotFound(model="Session", id=session_id)
    models.Session.objects.filter(pk=row.pk, ended_at=None).update(
        ended_at=clock.now(), end_reason=reason
    )


@transaction.atomic
def end_other_sessions(*, actor: Actor, session_id: UUID | None) -> int:
    """Sign out everywhere else; answers how many sessions ended."""
    count = _end_others(actor.account_id, session_id, "signed_out_elsewhere")
    _record(actor, "identity.sessions_ended", count=count)
    return count


def _own(actor: Actor) -> models.Account:
    row = models.Account.objects.filter(pk=actor.account_id, is_active=True).first()
    if row is None:
        raise NotFound(model="Account", id=actor.account_id)
    return row


def _factor(actor: Actor) -> models.SecondFactor:
    return lock_row(models.SecondFactor, actor.account_id)


def _end_others(account_id: UUID, session_id: UUID | None, reason: str) -> int:
    live = models.Session.objects.filter(account_id=account_id, ended_at=None)
    others = live.exclude(pk=session_id) if session_id else live
    return others.update(ended_at=clock.now(), end_reason=reason)


def _record(actor: Actor, action: str, **facts: object) -> None:
    audit.record(
        actor, action, "account", actor.account_id, region_path=actor.scope.region_path,
        org_id=actor.org_id, **facts,
    )  # fmt: skip
