"""What every shell shows: who is signed in, elder mode, and that a demonstration is one."""

from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from huanxin.identity import selectors as identity
from huanxin.identity.errors import RegionUnknown
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.outreach import selectors as outreach
from huanxin.web import session

ELDER_COOKIE = "elder"


class Shell:
    """Read lazily: a page that shows no name asks for none."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def actor(self) -> Actor | None:
        return session.find_actor(self._request)

    @cached_property
    def is_staff(self) -> bool:
        """Whether the reader handles cases: codes are for them, residents read words."""
        actor = self.actor if hasattr(self._request, "session") else None
        return actor is not None and actor.person_id is None

    @cached_property
    def has_messages(self) -> bool:
        """Whether this reader has a message centre: people and firms do, officers have alerts."""
        actor = self.actor
        return actor is not None and identity.may(actor, "outreach.read")

    @cached_property
    def unread(self) -> int:
        return outreach.count_unread(self.actor) if self.actor and self.has_messages else 0

    @cached_property
    def home(self) -> str:
        return session.home_url(self.actor.role if self.actor else "")

    @cached_property
    def city(self) -> str:
        """The name of the city whose platform this is; empty before its regions are laid down."""
        try:
            return identity.get_region(settings.HUANXIN_CITY).name
        except RegionUnknown:
            return ""

    @property
    def is_demo(self) -> bool:
        return not settings.PRODUCTION

    @property
    def is_elder(self) -> bool:
        return self._request.COOKIES.get(ELDER_COOKIE) == "1"

    @property
    def now(self) -> datetime:
        return clock.now()


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every page."""
    return {"shell": Shell(request)}
