"""Who is calling, by a bearer token of ours or an organisation's key; and how often."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from huanxin.api.limits import count
from huanxin.identity import selectors as identity
from huanxin.identity.services import keying
from huanxin.identity.types import Caller
from huanxin.kernel import addresses, clock, crypto
from huanxin.kernel.actor import Actor
from huanxin.kernel.crypto import TokenInvalid
from huanxin.kernel.errors import NotFound

TOKEN_HOURS = 12
PER_MINUTE = 600  # of an account's token; a key has its own
REPOSITORY, REPOSITORY_PER_MINUTE = "/epcis/", 6_000


def issue_token(account_id: UUID) -> tuple[str, datetime]:
    """A bearer token for one account and when it ends."""
    until = clock.now() + timedelta(hours=TOKEN_HOURS)
    facts = {"use": "api", "account": str(account_id), "until": int(until.timestamp())}
    return crypto.sign_token(facts), until


class BearerToken(HttpBearer):
    """Turns `Authorization: Bearer …`, a key or a token, into request.auth, an Actor."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        caller = keying.use_key(secret=token) if keying.is_key(text=token) else _of_token(token)
        if caller is None:
            return None
        count(request, *_allowance(request, caller))
        return caller.actor


def _of_token(token: str) -> Caller | None:
    try:
        facts = crypto.read_token(token)
        if facts.get("use") != "api" or facts["until"] < clock.now().timestamp():
            return None
        actor = identity.actor_for(UUID(facts["account"]))
    except (TokenInvalid, NotFound):
        return None
    return Caller(actor, f"account:{actor.account_id}", PER_MINUTE)


def _allowance(request: HttpRequest, caller: Caller) -> tuple[str, int]:
    """Whom the request counts for, and how many a minute. A repository is asked event by event."""
    if request.path.startswith(REPOSITORY):
        return f"{caller.subject}:epcis", max(caller.per_minute, REPOSITORY_PER_MINUTE)
    return caller.subject, caller.per_minute


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, behind the proxies that are ours."""
    proxies = addresses.Proxies(addresses.networks(settings.HUANXIN_TRUSTED_PROXIES))
    return proxies.origin(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
    )


def actor_of(request: HttpRequest) -> Actor:
    """The authenticated caller."""
    actor = request.auth  # type: ignore[attr-defined]
    assert isinstance(actor, Actor)
    return actor
