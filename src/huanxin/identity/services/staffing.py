"""Accounts: who may come in, as what, and for whom; kept by her organisation's or region's own."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from huanxin.identity import _passwords, models, rules, selectors
from huanxin.identity.errors import AccountTaken, OwnAccount, RegionUnknown, RoleNotGivable
from huanxin.identity.types import AccountCard, NewStaff, OpenedAccount, OrgKind, Role
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import SYSTEM_ID, Actor
from huanxin.kernel.errors import Invalid
from huanxin.kernel.locking import lock_row


@transaction.atomic
def open_account(
    *,
    actor: Actor,
    login: str,
    display_name: str,
    role: Role,
    password: str | None,
    org_id: UUID | None = None,
    person_id: UUID | None = None,
    region_path: str | None = None,
    is_administrator: bool | None = None,
) -> AccountCard:
    """Open a login. Without a password it can only be entered by phone code.

    Scope comes from `region_path`, else from the organisation's or the person's region. Unless
    said otherwise, the first of an organisation's leading accounts keeps its accounts. A login
    name in use raises AccountTaken; a role outside the opener's reach RoleNotGivable.
    """
    selectors.require(actor, "identity.open_account")
    if region_path is None and org_id is not None:
        region_path = selectors.get_organisation(org_id).region_path
    if region_path is None and person_id is not None:
        region_path = selectors.get_person(person_id, actor.scope).region_path
    if region_path is None:
        raise RegionUnknown(region_code="")
    _check_reach(actor, role, org_id, region_path)
    if is_administrator is None:
        leads = org_id is not None and role in rules.LEADING_ROLES
        is_administrator = leads and org_id is not None and not _has_administrator(org_id)
    row = models.Account(
        id=ids.new_id(),
        login=login,
        display_name=display_name,
        role=role,
        password=make_password(password),
        organisation_id=org_id,
        person_id=person_id,
        region_path=region_path,
        is_administrator=is_administrator,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AccountTaken(login=login) from error
    audit.record(
        actor, "identity.account_opened", "account", row.id,
        region_path=region_path, org_id=org_id, role=role, is_administrator=is_administrator,
    )  # fmt: skip
    return row.as_card()


@transaction.atomic
def hire(*, actor: Actor, new: NewStaff) -> OpenedAccount:
    """Open an account for a colleague with a one-time password, told to the opener this once.

    An organisation's administrator opens accounts of her own organisation, a region's those at or
    below her region. AccountTaken if the login name is in use: nothing is opened twice.
    """
    if not new.login.strip() or not new.display_name.strip():
        raise Invalid(reason="登录名与姓名都须填写")
    card = open_account(
        actor=actor, login=new.login.strip(), display_name=new.display_name.strip(),
        role=new.role, password=None, org_id=new.org_id, region_path=new.region_path,
        is_administrator=new.is_administrator,
    )  # fmt: skip
    row = lock_row(models.Account, card.id)
    password = _passwords.set_one_time(row)
    row.refresh_from_db()
    return OpenedAccount(row.as_card(), password)


@transaction.atomic
def set_active(*, actor: Actor, account_id: UUID, is_active: bool, reason: str) -> AccountCard:
    """Disable an account, which ends its sessions at once, or let it in again."""
    row = _kept(actor, account_id)
    if len(reason.strip()) < 4:
        raise Invalid(reason="须写明原因，至少四个字")
    if row.is_active != is_active:
        row.is_active = is_active
        row.save(update_fields=["is_active"])
        if not is_active:
            _end_sessions(row.pk, "disabled")
        action = "identity.account_enabled" if is_active else "identity.account_disabled"
        _record(actor, action, row, reason=reason)
    return row.as_card()


@transaction.atomic
def reset_password(*, actor: Actor, account_id: UUID) -> OpenedAccount:
    """Replace a forgotten password by a one-time one; every session of the account ends."""
    row = _kept(actor, account_id)
    password = _passwords.set_one_time(row)
    _end_sessions(row.pk, "password_reset")
    _record(actor, "identity.password_reset", row)
    row.refresh_from_db()
    return OpenedAccount(row.as_card(), password)


@transaction.atomic
def clear_second_factor(*, actor: Actor, account_id: UUID, reason: str) -> None:
    """Take the authenticator off a colleague's account who lost hers; her sessions end."""
    row = _kept(actor, account_id)
    if len(reason.strip()) < 4:
        raise Invalid(reason="须写明如何核实了本人，至少四个字")
    models.RecoveryCode.objects.filter(account=row).delete()
    models.SecondFactor.objects.filter(account=row).delete()
    _end_sessions(row.pk, "factor_cleared")
    _record(actor, "identity.factor_cleared", row, reason=reason)


@transaction.atomic
def set_administrator(*, actor: Actor, account_id: UUID, is_administrator: bool) -> AccountCard:
    """Let a colleague keep the organisation's accounts and keys, or no longer."""
    row = _kept(actor, account_id)
    if row.organisation_id is None:
        raise Invalid(reason="该账号不属于任何单位")
    if row.is_administrator != is_administrator:
        row.is_administrator = is_administrator
        row.save(update_fields=["is_administrator"])
        _record(actor, "identity.administrator_set", row, is_administrator=is_administrator)
    return row.as_card()


@transaction.atomic
def end_sessions(*, actor: Actor, account_id: UUID) -> int:
    """Sign a colleague out everywhere; answers how many sessions ended."""
    row = _kept(actor, account_id)
    count = _end_sessions(row.pk, "by_administrator")
    _record(actor, "identity.sessions_ended", row, count=count)
    return count


@transaction.atomic
def set_role(*, actor: Actor, role: Role, needs_second_factor: bool) -> None:
    """Decide whether accounts of a role must show a second factor from their next sign-in on."""
    selectors.require(actor, "identity.set_role")
    if role == Role.CONSUMER:
        raise Invalid(reason="居民以手机验证码登录，不设动态码")
    models.RoleSetting.objects.update_or_create(
        role=role,
        defaults={
            "needs_second_factor": needs_second_factor,
            "by_account_id": actor.account_id,
            "at": clock.now(),
        },
    )
    audit.record(actor, "identity.role_set", "role", role, needs_second_factor=needs_second_factor)


def _kept(actor: Actor, account_id: UUID) -> models.Account:
    """A colleague's account, held, if the actor may keep it."""
    selectors.require(actor, "identity.open_account")
    selectors.get_account(actor, account_id)
    row = lock_row(models.Account, account_id)
    if row.pk == actor.account_id:
        raise OwnAccount
    _check_reach(actor, Role(row.role), row.organisation_id, row.region_path)
    return row


def _check_reach(actor: Actor, role: Role, org_id: UUID | None, region_path: str) -> None:
    if actor.account_id == SYSTEM_ID:
        return
    kind: OrgKind | None = None
    if org_id is not None:
        kind = selectors.get_organisation(org_id).kind
    if role == Role.CONSUMER or not rules.may_give(
        role, kind=kind, by=Role(actor.role), is_own=org_id == actor.org_id,
        at=region_path, reach=actor.scope.region_path,
    ):  # fmt: skip
        raise RoleNotGivable(role=selectors.role_title(role))


def _has_administrator(org_id: UUID) -> bool:
    return models.Account.objects.filter(organisation_id=org_id, is_administrator=True).exists()


def _end_sessions(account_id: UUID, reason: str) -> int:
    live = models.Session.objects.filter(account_id=account_id, ended_at=None)
    return live.update(ended_at=clock.now(), end_reason=reason)


def _record(actor: Actor, action: str, row: models.Account, **facts: object) -> None:
    audit.record(
        actor, action, "account", row.pk, region_path=row.region_path,
        org_id=row.organisation_id, **facts,
    )  # fmt: skip
