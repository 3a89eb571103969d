"""Accounts: who may come in, as what, and for whom."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from huanxin.identity import models, selectors
from huanxin.identity.errors import (
    AccountTaken,
    RegionUnknown,
)
from huanxin.identity.types import (
    AccountCard,
    Role,
)
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor


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
) -> AccountCard:
    """Open a login. Without a password it can only be entered by phone code.

    Scope comes from `region_path`, else from the organisation's or the person's region. A login
    name in use raises AccountTaken.
    """
    selectors.require(actor, "identity.open_account")
    if region_path is None and org_id is not None:
        region_path = selectors.get_organisation(org_id).region_path
    if region_path is None and person_id is not None:
        region_path = selectors.get_person(person_id, actor.scope).region_path
    if region_path is None:
        raise RegionUnknown(region_code="")
    row = models.Account(
        id=ids.new_id(),
        login=login,
        display_name=display_name,
        role=role,
        password=make_password(password),
        organisation_id=org_id,
        person_id=person_id,
        region_path=region_path,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AccountTaken(login=login) from error
    audit.record(
        actor, "identity.account_opened", "account", row.id,
        region_path=region_path, org_id=org_id, role=role,
    )  # fmt: skip
    return row.as_card()
