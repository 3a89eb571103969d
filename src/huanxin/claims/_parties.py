"""Who and what may not take part in a sale: the violation library asked at the till."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from huanxin.claims import rules
from huanxin.claims.errors import PartyRestricted
from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import clock


@dataclass(frozen=True, slots=True)
class Party:
    """The buyer and the unit of one sale."""

    person_id: UUID
    brand: str
    serial: str
    imei: str | None


def check(parties: Iterable[Party]) -> None:
    """Refuse a sale to a restricted person or of a restricted unit. Says until when, never why."""
    found = list(parties)
    people = {str(one.person_id): "购买人" for one in found}
    units = {key: "该台商品" for one in found for key in unit_keys(one)}
    today = clock.today()
    for kind, words in ((RestrictionKind.PERSON, people), (RestrictionKind.DEVICE, units)):
        for key in sorted(identity.restricted_keys(kind, words, today)):
            restriction = identity.find_restriction(kind, key, today)
            until = restriction.to_on if restriction else None
            raise PartyRestricted(
                subject=words[key], until=f"{until:%Y年%m月%d日}" if until else "另行通知"
            )


def unit_keys(one: Party) -> list[str]:
    """What a unit goes by in the violation library: brand and serial, and its IMEI."""
    keys = [f"{rules.normal_serial(one.brand)}|{rules.normal_serial(one.serial)}"]
    return [*keys, f"imei:{one.imei}"] if one.imei else keys
