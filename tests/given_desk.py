"""What pages of recyclers and dismantlers start from: who is signed in, and a photo to hand in."""

import re
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huanxin.identity import selectors as identity
from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.kernel.actor import Actor
from tests import given, given_web

PASSWORD = "correct horse"
JPEG = b"\xff\xd8\xff\xe0 not really a photo"


def account(role: Role, org_id: UUID, *, login: str = "") -> Actor:
    """A stored account of an organisation's staff."""
    card = staffing.open_account(
        actor=given.system(), login=login or f"{role}-{org_id}", display_name=f"测试{role}",
        role=role, password=PASSWORD, org_id=org_id,
    )  # fmt: skip
    return identity.actor_for(card.id)


def enter(client: Client, role: Role, org_id: UUID) -> Actor:
    """The same, signed in on that client."""
    actor = account(role, org_id)
    login(client, actor)
    return actor


def photo(name: str = "old.jpg", content: bytes = JPEG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def login(client: Client, actor: Actor) -> None:
    """Signed in on that client."""
    given_web.enter(client, actor.account_id)


def cookie(login_name: str, address: str) -> dict[str, str]:
    """The session of a stored account, as a browser carries it."""
    client = Client()
    card = identity.find_account(login_name)
    assert card is not None
    given_web.enter(client, card.id)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}


def form(page: str, action: str) -> dict[str, str]:
    """The hidden inputs of the form whose address ends so, as a browser would send them."""
    found = re.search(rf'<form[^>]*action="[^"]*{action}"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert found, f"no form to {action}"
    return hidden(found.group(1))


def hidden(page: str) -> dict[str, str]:
    """Every hidden input of a piece of page that carries a value."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def still(page: str) -> str:
    """A page without what is new at each look: tokens and request ids."""
    moving = re.compile(r'name="(csrfmiddlewaretoken|request_id)" value="[^"]+"')
    return moving.sub("", page).strip()
