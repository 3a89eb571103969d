"""The stage the twin plays on: the plan, the actors and the replay's memory, in one place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.identity.types import NewPerson
from huanxin.kernel.actor import Actor, system_actor
from huanxin.simulation import _build, rules
from huanxin.simulation._build import City
from huanxin.simulation._journal import Journal, WishState
from huanxin.simulation.types import ModelPlan, OrgPlan, PurchasePlan, SeasonPlan, Wish


@dataclass
class Stage:
    """Everything an act needs to find its words."""

    season: SeasonPlan
    city: City
    journal: Journal
    system: Actor = field(default_factory=lambda: system_actor("演示数据"))

    def __post_init__(self) -> None:
        self.seed = self.season.city.seed
        self.wishes: dict[str, Wish] = {wish.key: wish for wish in self.season.wishes}
        self.by_day: dict[date, list[Wish]] = {}
        for wish in self.season.wishes:
            self.by_day.setdefault(wish.on, []).append(wish)
        self.models: dict[str, ModelPlan] = {m.gtin: m for m in self.season.city.models}
        self.shops: dict[str, OrgPlan] = {shop.key: shop for shop in self.season.city.shops}
        actors = identity.actors_for(self.city.logins.values())
        self._actors = {login: actors[key] for login, key in self.city.logins.items()}
        self._consumers: dict[UUID, Actor] = {}

    def actor(self, login: str) -> Actor:
        """The staff member behind a login."""
        return self._actors[login]

    def org(self, key: str) -> UUID:
        """An organisation's id by the plan's key."""
        return self.city.org_ids[key]

    def person_id(self, wish: Wish) -> UUID:
        """The wisher's id on the platform."""
        return _build.person_id(self.seed, wish.resident.key)

    def consumer(self, wish: Wish) -> Actor:
        """The wisher acting for herself; she must have been welcomed."""
        return self._consumers[self.person_id(wish)]

    def welcome(self, wishes: Sequence[Wish]) -> None:
        """Register and verify whoever is not known yet, and get ready to act for them."""
        people = {self.person_id(wish): wish.resident for wish in wishes}
        new = [key for key in people if key not in self._consumers]
        _build.register(
            self.system,
            [
                NewPerson(
                    name=people[key].name,
                    document_no=people[key].document_no,
                    phone=people[key].phone,
                    region_code=people[key].county,
                    person_id=key,
                )
                for key in new
            ],
        )
        for key, card in identity.cards(new).items():
            self._consumers[key] = identity.consumer_actor(card)

    def welcome_back(self) -> None:
        """Get ready to act for everyone whose wish is still open after a pause."""
        open_keys = {key for keys in self.journal.lists.values() for key in keys}
        self.welcome([wish for key, wish in self.wishes.items() if key in open_keys])

    def request(self, *names: object) -> UUID:
        """The request id of an act: asking again on a resumed day changes nothing."""
        return rules.request_id(self.seed, *names)

    def state(self, key: str) -> WishState:
        """How far a wish has come."""
        return self.journal.of(key)

    def listed(self, name: str) -> list[str]:
        """Keys on one of the replay's lists."""
        return self.journal.lists.setdefault(name, [])

    def put(self, name: str, key: str) -> None:
        """Put a key on a list, once."""
        keys = self.listed(name)
        if key not in keys:
            keys.append(key)

    def take(self, name: str, key: str) -> None:
        """Take a key off a list."""
        keys = self.listed(name)
        if key in keys:
            keys.remove(key)

    def taken(self, name: str) -> list[str]:
        """A list's keys; the list is empty afterwards."""
        return self.journal.lists.pop(name, [])

    def purchase(self, wish: Wish) -> PurchasePlan:
        """What a wish buys."""
        assert wish.purchase is not None, wish.key
        return wish.purchase


def day(on: date, days: int) -> str:
    """A later day as the journal writes it."""
    return (on + timedelta(days=days)).isoformat()
