"""Lays the planned city down through the rooms' public services. Every step is safe to repeat."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from huanxin.catalogue import services as catalogue
from huanxin.catalogue.types import NewModel, NewPrice
from huanxin.identity import selectors as identity
from huanxin.identity.services import admitting, opening, registering, staffing
from huanxin.identity.types import (
    DayHours,
    Licence,
    NewOrganisation,
    NewPerson,
    OrgKind,
    Role,
)
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import Actor
from huanxin.recycling.selectors import route_book
from huanxin.recycling.services import preparing
from huanxin.recycling.types.routes import NewVan
from huanxin.simulation import city, rules
from huanxin.simulation.selectors import DEMO_PASSWORD, demo_accounts
from huanxin.simulation.types import CityPlan, DemoAccount, OrgPlan

CITY_PATH = "370000/371500"
PRICES_FROM = date(2026, 5, 1)
OPENED_AT = clock.moment(date(2026, 5, 31), 8)
WANG_KEY = "371502-demo-wang"

_KINDS = {
    "shop": OrgKind.RETAILER,
    "depot": OrgKind.RECYCLER,
    "dismantler": OrgKind.DISMANTLER,
    "station": OrgKind.STATION,
    "maker": OrgKind.MAKER,
}
# The staff that every organisation of a kind has: role and a word for its login.
_STAFF: dict[str, tuple[tuple[Role, str], ...]] = {
    "shop": ((Role.CASHIER, "till"), (Role.MERCHANT_MANAGER, "manager")),
    "depot": ((Role.COLLECTOR, "van"), (Role.RECYCLER_MANAGER, "manager")),
    "dismantler": ((Role.DISMANTLER_CLERK, "clerk"),),
    "station": ((Role.STATION_CLERK, "clerk"),),
    "maker": ((Role.MAKER_CLERK, "clerk"),),
}
_OFFICES: tuple[tuple[str, Role], ...] = (
    ("review-1", Role.REVIEWER),
    ("review-2", Role.REVIEWER),
    ("review-3", Role.REVIEWER),
    ("finance-1", Role.FINANCE_OFFICER),
    ("operate-1", Role.OPERATOR),
    ("operate-2", Role.OPERATOR),  # a draw takes two
)
_WEEK = [
    *(DayHours(day, time(8, 30), time(17, 30)) for day in range(1, 6)),
    DayHours(6, time(9), time(12)),
]
_LICENCES = {
    "depot": "再生资源回收经营者备案",
    "dismantler": "废弃电器电子产品处理资格证书",
}


@dataclass(frozen=True, slots=True)
class City:
    """The laid city: ids by the plan's keys, actors by key and role."""

    plan: CityPlan
    org_ids: Mapping[str, UUID]
    logins: Mapping[str, UUID]


def lay(actor: Actor, plan: CityPlan) -> City:
    """Organisations, accounts, models, prices and the demo's people; what exists is left alone."""
    with clock.standing_at(OPENED_AT):
        org_ids = _organisations(actor, plan)
        _hours(actor, plan, org_ids)
        wang_id = register_wang(actor, plan)
        logins = _accounts(actor, plan, org_ids, wang_id)
        _models(actor, plan, org_ids)
        _vans(actor, plan, org_ids, logins)
    return City(plan, org_ids, logins)


def register_wang(actor: Actor, plan: CityPlan) -> UUID:
    """王女士, for whom a visitor acts: verified, with nothing claimed or booked yet."""
    wang = NewPerson(
        name="王女士·演示",
        document_no=rules.document_no("371502", date(1968, 3, 12), 22),
        phone=rules.phone_no(0),
        region_code="371502",
        person_id=person_id(plan.seed, WANG_KEY),
    )
    assert wang.person_id is not None
    register(actor, [wang])
    return wang.person_id


def register(actor: Actor, people: Iterable[NewPerson]) -> None:
    """Register and verify whoever is not known yet."""
    wanted = {person.person_id: person for person in people if person.person_id}
    known = identity.cards(wanted)
    new = [person for key, person in wanted.items() if key not in known]
    if new:
        person_ids = registering.register_people(actor=actor, people=new)
        registering.verify_real_name(actor=actor, person_ids=person_ids)


def person_id(seed: int, key: str) -> UUID:
    """A resident's id on the platform: known without asking, so that a resumed replay knows it."""
    return rules.fixed_id(OPENED_AT, seed, "person", key)


def _organisations(actor: Actor, plan: CityPlan) -> dict[str, UUID]:
    return {
        org.key: admitting.open_organisation(actor=actor, organisation=_organisation(plan, org))
        for org in _everyone(plan)
    }


def _hours(actor: Actor, plan: CityPlan, org_ids: Mapping[str, UUID]) -> None:
    """Stations keep office hours, every second one Saturday mornings too: assumed."""
    mine = [org_ids[station.key] for station in plan.stations]
    known = identity.openings_of(mine)
    for n, org_id in enumerate(mine):
        if org_id not in known:
            opening.set_hours(actor=actor, org_id=org_id, week=_WEEK if n % 2 else _WEEK[:5])


def _everyone(plan: CityPlan) -> tuple[OrgPlan, ...]:
    return (*plan.shops, *plan.depots, *plan.dismantlers, *plan.stations, *plan.makers)


def _organisation(plan: CityPlan, org: OrgPlan) -> NewOrganisation:
    licences: tuple[Licence, ...] = ()
    if kind := _LICENCES.get(org.kind):
        licence = Licence(kind, f"演示-{org.uscc[-8:]}", date(2025, 1, 1), date(2030, 1, 1))
        licences = (licence,)
    return NewOrganisation(
        kind=_KINDS[org.kind],
        name=org.name,
        short_name=org.short_name,
        uscc=org.uscc,
        region_code=org.region_code,
        address=f"演示路{int(org.uscc[-4:-1], 36) % 400 + 1}号",
        phone=rules.phone_no(90_000_000 + int(org.uscc[-5:-1], 36)),
        lat_e6=org.lat_e6,
        lon_e6=org.lon_e6,
        licences=licences,
        org_id=rules.fixed_id(OPENED_AT, plan.seed, "organisation", org.key),
    )


def _accounts(
    actor: Actor, plan: CityPlan, org_ids: Mapping[str, UUID], wang_id: UUID
) -> dict[str, UUID]:
    """Every account by login: the demo's with the printed password, the twin's with none."""
    logins = {}
    for demo in demo_accounts():
        logins[demo.login] = _open_demo(actor, demo, org_ids, wang_id)
    for org in _everyone(plan):
        path = region_path(org.region_code)
        for role, word in _STAFF[org.kind]:
            login = f"{org.key}-{word}"
            logins[login] = _open(
                actor, login, "演示员工", role, org_id=org_ids[org.key], region_path=path
            )
    for login, role in _OFFICES:
        logins[login] = _open(actor, login, "演示科室", role, region_path=CITY_PATH)
    return logins


def _open_demo(actor: Actor, demo: DemoAccount, org_ids: Mapping[str, UUID], wang_id: UUID) -> UUID:
    role = Role(demo.role)
    org_id = org_ids[demo.org_key] if demo.org_key else None
    is_office = org_id is None and role is not Role.CONSUMER
    return _open(
        actor,
        demo.login,
        demo.name,
        role,
        org_id=org_id,
        person_id=wang_id if role is Role.CONSUMER else None,
        region_path=CITY_PATH if is_office else None,
        password=DEMO_PASSWORD,
    )


def _open(
    actor: Actor,
    login: str,
    name: str,
    role: Role,
    *,
    org_id: UUID | None = None,
    person_id: UUID | None = None,
    region_path: str | None = None,
    password: str | None = None,
) -> UUID:
    if known := identity.find_account(login):
        return known.id
    return staffing.open_account(
        actor=actor,
        login=login,
        display_name=name,
        role=role,
        password=password,
        org_id=org_id,
        person_id=person_id,
        region_path=region_path,
    ).id


def _models(actor: Actor, plan: CityPlan, org_ids: Mapping[str, UUID]) -> None:
    """Every model by its maker, with a guide price filed before the season."""
    makers = {maker.short_name: org_ids[maker.key] for maker in plan.makers}
    model_ids = catalogue.file_models(
        actor=actor,
        models=[
            NewModel(
                gtin=model.gtin,
                brand=model.brand,
                name=model.name,
                category_code=model.category_code,
                energy_grade=model.energy_grade,
                maker_id=makers[model.brand],
            )
            for model in plan.models
        ],
    )
    prices = [
        NewPrice(model_id=model_id, price_fen=model.price_fen, from_on=PRICES_FROM)
        for model_id, model in zip(model_ids, plan.models, strict=True)
    ]
    catalogue.file_prices(actor=actor, prices=prices)


def _vans(
    actor: Actor, plan: CityPlan, org_ids: Mapping[str, UUID], logins: Mapping[str, UUID]
) -> None:
    """One van a depot; the demo's collector drives the first depot's."""
    drivers = {demo.org_key: demo.login for demo in demo_accounts() if demo.login == "van"}
    running = {van.org_id for van in route_book.list_vans(actor.scope)}
    new = [
        NewVan(
            org_id=org_ids[depot.key],
            name=f"{depot.short_name}1号车",
            region_code=depot.region_code,
            collector_account_id=logins[drivers.get(depot.key, f"{depot.key}-van")],
        )
        for depot in plan.depots
        if org_ids[depot.key] not in running
    ]
    if new:
        preparing.register_vans(actor=actor, vans=new)


def fingerprint(logins: Mapping[str, UUID]) -> str:
    """Which database this city stands in: the id of one account, drawn at random (ADR 072)."""
    return str(logins["watch"])


def seed_ids(seed: int, *names: object) -> None:
    """Draw the ids of what follows from a stream of its own (ADR 072)."""
    ids.seed(int(rules.token(seed, "ids", *names)[:16], 16))


def region_path(code: str) -> str:
    """The path of a county of the demo city."""
    return f"{CITY_PATH}/{code}" if code != city.CITY else CITY_PATH
