"""Visitors of the pages: a signed-in browser of a role, and what a form carries."""

import itertools
from uuid import UUID

from django.contrib.auth import get_user_model
from django.test import Client

from huanxin.identity import selectors
from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.kernel.actor import Actor
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
    account = get_user_model().objects.get(pk=card.id)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client, selectors.actor_for(card.id)


def text_of(response: object) -> str:
    """The page as a reader's browser gets it."""
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]
