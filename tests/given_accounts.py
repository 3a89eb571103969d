"""Those who keep accounts and keys: an organisation's administrator, a region's."""

from dataclasses import replace
from uuid import UUID

from huanxin.identity import rules, selectors
from huanxin.identity.services import keying, staffing
from huanxin.identity.types import IssuedKey, NewApiKey, OrgKind, Role
from huanxin.kernel.actor import Actor
from tests import given

PASSWORD = "correct horse"


def keeper(role: Role = Role.MERCHANT_MANAGER, *, org_id: UUID | None = None) -> Actor:
    """An actor that keeps the accounts and keys of its organisation."""
    actor = given.staff(role, org_id=org_id or given.organisation(OrgKind.RETAILER))
    return replace(actor, permissions=actor.permissions | rules.ADMINISTRATOR_PERMISSIONS)


def account(
    login: str, role: Role = Role.CASHIER, *, org_id: UUID | None = None, **more: object
) -> Actor:
    """A stored account's actor; its password is PASSWORD."""
    card = staffing.open_account(
        actor=given.system(), login=login, display_name="小李", role=role, password=PASSWORD,
        org_id=org_id, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return selectors.actor_for(card.id)


def key(actor: Actor, *permissions: str, days: int = 90, per_minute: int = 600) -> IssuedKey:
    """A key of the actor's organisation."""
    new = NewApiKey(
        "进销存", Role(actor.role), permissions or ("claims.read",), days, per_minute=per_minute
    )
    return keying.issue_key(actor=actor, new=new)
