"""build_city lays the city down, and laying it again changes nothing."""

import pytest

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.services import signing_in
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel.actor import Scope
from huanxin.recycling.selectors import order_book, route_book
from huanxin.simulation import selectors, services

pytestmark = pytest.mark.django_db
CITY = Scope(region_path="370000/371500")


def counts():
    return {
        "organisations": len(identity.list_organisations(CITY)),
        "models": len(catalogue.list_models()),
        "vans": len(route_book.list_vans(Scope())),
    }


def test_building_twice_builds_once():
    first = services.build_city()
    after_first = counts()
    second = services.build_city()

    assert first.is_new
    assert not second.is_new
    assert second.org_ids == first.org_ids
    assert second.account_ids == first.account_ids
    assert counts() == after_first
    assert after_first["models"] == 120
    assert after_first["vans"] == 11


def test_every_role_has_a_ready_account_that_signs_in():
    services.build_city()
    accounts = selectors.demo_accounts()

    assert {a.role for a in accounts} == set(Role)
    for account in accounts:
        card = signing_in.sign_in(login=account.login, password=selectors.DEMO_PASSWORD)
        assert card.role == account.role
        actor = identity.actor_for(card.id)
        assert actor.scope.person_id or actor.scope.region_path.startswith("370000/371500")


def test_wang_has_a_clean_slate_and_a_shop_with_her_fridge():
    services.build_city()
    wang = identity.find_account("wang")
    person = identity.get_person(wang.person_id, Scope())
    cashier = identity.actor_for(identity.find_account("till").id)
    shop = identity.get_organisation(cashier.org_id)
    fridges = [
        model
        for model in catalogue.list_models(category_code="refrigerator")
        if model.energy_grade == 1
        and catalogue.filed_price_fen(model.id, services.LAST_ON, org_id=shop.id) == 499_900
    ]

    assert person.is_verified
    assert order_book.list_orders(Scope(person_id=person.id)).total == 0
    assert shop.kind is OrgKind.RETAILER
    assert shop.region_path == person.region_path
    assert fridges
