"""Synthetic residents, made when the plan first needs them. Pure.

Their names say that they are a demonstration, their documents carry an area code that was never
issued, their phones cannot be dialled.
"""

import random
from collections.abc import Iterable
from datetime import date, timedelta

from huanxin.simulation import assumptions, city, rules
from huanxin.simulation.types import CityPlan, Resident

_TITLES = ("先生", "女士")


class Residents:
    """One city's people: the same household and member is the same person every time."""

    def __init__(self, plan: CityPlan, *, first_order: int = 1, taken: Iterable[str] = ()) -> None:
        self._plan = plan
        self._first_order = first_order
        self._known: dict[str, Resident] = {}
        self._documents: set[str] = set(taken)

    def of(self, county: str, household: int, member: int) -> Resident:
        """The person behind a door."""
        key = f"{county}-{household:05d}-{member}"
        if key not in self._known:
            self._known[key] = self._make(key, county)
        return self._known[key]

    def _make(self, key: str, county: str) -> Resident:
        rng = rules.stream(self._plan.seed, "resident", key)
        numbers = assumptions.numbers()
        adults = 10_000 - numbers["children_share_bps"]
        is_elder = rules.picks(rng, numbers["elder_share_bps"] * 10_000 // adults)
        age = rng.randint(60, 84) if is_elder else rng.randint(19, 59)
        born_on = date(2026 - age, 1, 1) + timedelta(days=rng.randrange(365))
        is_woman = rng.randrange(2)
        surname = rules.choose(rng, *zip(*assumptions.surnames(), strict=True))
        order = self._first_order + len(self._known)
        lat, lon = city.place(rng, county)
        return Resident(
            key=key,
            name=f"{surname}{_TITLES[is_woman]}·演示{order:06d}",
            document_no=self._document(rng, county, born_on, is_woman),
            phone=rules.phone_no(order),
            born_on=born_on,
            county=county,
            address=(
                f"{assumptions.counties()[county].office}演示路{rng.randint(1, 300)}号"
                f"演示小区{rng.randint(1, 30)}号楼{rng.randint(101, 1804)}室"
            ),
            lat_e6=lat,
            lon_e6=lon,
            uses_station=is_elder and rules.picks(rng, numbers["elder_uses_station_bps"]),
        )

    def _document(self, rng: random.Random, county: str, born_on: date, is_woman: int) -> str:
        """A free number; the order's last digit is odd for men, even for women (GB 11643)."""
        order = rng.randrange(1, 500) * 2 - is_woman
        order = order + 1 if order % 2 == is_woman else order
        while (number := rules.document_no(county, born_on, order % 1000)) in self._documents:
            order += 2
        self._documents.add(number)
        return number
