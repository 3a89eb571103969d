"""Who is calling: a bearer token of ours that names an account."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from ninja.security import HttpBearer

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, crypto
from huanxin.kernel.actor import Actor
from huanxin.kernel.crypto import TokenInvalid
from huanxin.kernel.errors import NotFound

TOKEN_HOURS = 12


def issue_token(account_id: UUID) -> tuple[str, datetime]:
    """A bearer token for one account and when it ends."""
    until = clock.now() + timedelta(hours=TOKEN_HOURS)
    facts = {"use": "api", "account": str(account_id), "until": int(until.timestamp())}
    return crypto.sign_token(facts), until


class BearerToken(HttpBearer):
    """Turns `Authorization: Bearer …` into request.auth, an Actor."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        del request
        try:
            facts = crypto.read_token(token)
            if facts.get("use") != "api" or facts["until"] < clock.now().timestamp():
                return None
            return identity.actor_for(UUID(facts["account"]))
        except (TokenInvalid, NotFound):
            return None


def actor_of(request: HttpRequest) -> Actor:
    """The authenticated caller."""
    actor = request.auth  # type: ignore[attr-defined]
    assert isinstance(actor, Actor)
    return actor
