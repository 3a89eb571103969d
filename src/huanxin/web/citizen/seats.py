"""Whose business a page does: a resident's own, or hers with a clerk at the keys."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from huanxin.identity import selectors as identity
from huanxin.identity.types import Consent, PersonCard
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotAllowed
from huanxin.web import session


@dataclass(frozen=True, slots=True)
class Seat:
    """Who acts, for whom, what may be read, and where the next page lies.

    The selling and claiming pages are the same for both; `frame` is the shell around them.
    """

    actor: Actor
    person: PersonCard
    scope: Scope
    frame: str
    space: str
    stem: tuple[UUID, ...] = ()
    consent: Consent | None = None

    def url(self, name: str, *args: object) -> str:
        """The address of a page of this seat."""
        return reverse(f"{self.space}:{name}", args=[*self.stem, *args])

    @property
    def home(self) -> str:
        """Where this business begins and ends."""
        return self.url("home" if self.is_own else "person")

    @property
    def is_own(self) -> bool:
        return self.consent is None


def own(request: HttpRequest) -> Seat:
    """The signed-in resident about her own business."""
    actor = session.actor_of(request)
    if actor.person_id is None:
        raise NotAllowed(permission="web.citizen", role=actor.role)
    person = identity.get_person(actor.person_id, actor.scope)
    return Seat(actor, person, actor.scope, "citizen/frame.html", "citizen")


def assisted(request: HttpRequest, person_id: UUID) -> Seat:
    """A clerk about the business of a resident who gave her word for it."""
    actor = session.actor_of(request)
    scope = identity.assisted_scope(actor, person_id)
    person = identity.get_person(person_id, scope)
    consent = identity.find_consent(actor, person_id)
    return Seat(actor, person, scope, "station/frame.html", "station", (person_id,), consent)
