"""Who is acting and how far they may see. Frozen values, filled by identity."""

from dataclasses import dataclass, field
from uuid import UUID

SYSTEM_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a read may return: rows at or below `region_path`, of one organisation or person if set.

    `region_path` is codes from the province down, joined by '/': '370000/371500/371502'. The
    empty path is everywhere.

    >>> city = Scope(region_path="370000/371500")
    >>> city.covers("370000/371500/371502"), city.covers("370000/370100")
    (True, False)
    """

    region_path: str = ""
    org_id: UUID | None = None
    person_id: UUID | None = None

    def covers(self, region_path: str) -> bool:
        """Whether rows of that region may be seen."""
        mine = self.region_path
        return not mine or region_path == mine or region_path.startswith(mine + "/")


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting account as the domain knows it. Permissions are dotted verbs: 'claims.sell'."""

    account_id: UUID
    name: str
    role: str
    permissions: frozenset[str] = field(repr=False)
    scope: Scope
    org_id: UUID | None = None
    person_id: UUID | None = None


def system_actor(name: str = "系统") -> Actor:
    """The platform acting on a timer. Holds every permission, everywhere ('*')."""
    return Actor(
        account_id=SYSTEM_ID,
        name=name,
        role="system",
        permissions=frozenset({"*"}),
        scope=Scope(),
    )
