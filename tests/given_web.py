"""Visitors of the pages: a signed-in browser of a role, and what a form carries."""

import itertools
from uuid import UUID

from django.conf import settings
from django.test import Client

from huanxin.identity import selectors
from huanxin.identity.services import signing_in, staffing
from huanxin.identity.types import Role
from huanxin.kernel.actor import Actor
from huanxin.web.session import SESSION_KEY
from tests import given

HTMX = {"HX-Request": "true"}
PASSWORD = "correct horse"

_serial = itertools.count(1)


def visitor(
    role: Role, *, org_id: UUID | None = None, region_path: str = given.COUNTY_PATH
) -> tuple[Client, Actor]:
    """A browser in which an account of the role is signed in, and its actor."""
    given.regions()
    card = staffing.open_account(
        actor=given.system(),
        login=f"{role}{next(_serial)}",
        display_name="1号台",
        role=role,
        password=PASSWORD,
        org_id=org_id,
        region_path=region_path,
    )
    client = Client()
    enter(client, card.id)
    return client, selectors.actor_for(card.id)


def enter(client: Client, account_id: UUID) -> None:
    """Let a browser be one in which the account has just signed in."""
    kept = client.session
    kept[SESSION_KEY] = str(signing_in.begin_session(account_id=account_id))
    kept.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = kept.session_key


def account_of(client: Client) -> UUID | None:
    """The account that is signed in in that browser, if its session still runs."""
    kept = client.session.get(SESSION_KEY)
    actor = signing_in.see_session(session_id=UUID(kept)) if kept else None
    return actor.account_id if actor else None


def text_of(response: object) -> str:
    """The page as a reader's browser gets it."""
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]
