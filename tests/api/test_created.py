"""Routes that create something answer 201 with what they made, and the same for a repeat."""

import json
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from huanxin.api import security
from huanxin.identity import selectors as identity
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling.selectors import order_book, stock_book
from huanxin.recycling.services import storing, visiting
from huanxin.recycling.types.depot import NewLot
from tests import (
    given,
    given_budgets,
    given_citizen,
    given_claims,
    given_recycling,
    given_settlement,
)
from tests import given_vouchers as gv
from tests.given_claims import SOLD_AT as AT
from tests.given_web import visitor

pytestmark = pytest.mark.django_db


def bearer(account_id):
    token, _ = security.issue_token(account_id)
    return {"authorization": f"Bearer {token}", "idempotency-key": str(uuid4())}


def twice(client, address, headers, body):
    """The same request sent twice: both answers are 201; returns both bodies."""
    sent = json.dumps(body, default=str)
    answers = [
        client.post(f"/api/v1{address}", sent, "application/json", headers=headers)
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201], answers[0].content.decode()
    return [one.json() for one in answers]


def test_a_pool_is_opened_once(client):
    given_claims.rules_in_force()
    given_budgets.money(given.COUNTY, central=3 * gv.CAP_FEN)
    with clock.standing_at(gv.OPENS - timedelta(days=1)):
        headers = bearer(visitor(Role.OPERATOR)[1].account_id)
        body = {
            "title": "接口开放", "programme": gv.PROGRAMME, "region_code": given.COUNTY,
            "categories": ["refrigerator"], "quantity": 3, "budget_fen": 3 * gv.CAP_FEN,
            "opens_at": gv.OPENS, "closes_at": gv.ENDS,
        }  # fmt: skip
        first, again = twice(client, "/pools", headers, body)
    assert first["id"] == again["id"]
    assert first["quantity"] == 3


def test_a_sale_is_made_once(client):
    till = given_claims.till()
    with clock.standing_at(AT):
        headers = bearer(visitor(Role.CASHIER, org_id=till.sale.merchant_id)[1].account_id)
        first, again = twice(client, "/sales", headers, asdict(till.sale))
    assert first == again
    assert first["subsidy_fen"] == 74_985
    assert given_claims.count_sales() == 1


def test_a_batch_is_opened_once(client):
    given_settlement.cleared(*given_settlement.shops(1))
    with clock.standing_at(given_settlement.OPENED_AT):
        headers = bearer(visitor(Role.OPERATOR)[1].account_id)
        body = {"programme": gv.PROGRAMME, "region_code": given.COUNTY}
        first, again = twice(client, "/batches", headers, body)
    assert first["number"] == again["number"]


def test_her_code_and_her_quote_are_made_for_her(client):
    given_citizen.city()
    person = given_citizen.resident(client)
    card = identity.find_account_of_person(person.id)
    assert card is not None
    right = gv.right(who=person, at=given_citizen.NOW)
    with clock.standing_at(given_citizen.NOW):
        headers = bearer(card.id)
        shown, fresh = twice(client, "/till-codes", headers, {"voucher_ids": [right.id]})
        answers = {
            "category_code": "refrigerator", "age_band": "3_to_8", "is_working": True,
            "is_complete": True,
        }  # fmt: skip
        body = {"person_id": person.id, "answers": answers}
        quote, _ = twice(client, "/valuations", headers, body)
    assert shown["code"] != fresh["code"]  # each look makes a new one
    assert quote["cash_fen"] > 0


def test_a_fridge_goes_over_the_api_from_booking_to_certificate(client):
    here, who = given_citizen.city(), given.person()
    with clock.standing_at(given_recycling.EVENING):
        given_citizen.resident(client, who)
        account = identity.find_account_of_person(who.id)
        assert account is not None
        order = given_recycling.new_order(who)
        booked, again = twice(client, "/orders", bearer(account.id), asdict(order))
        assert booked["id"] == again["id"]
        given_recycling.planned(here)
    moment = given_recycling.EVENING + timedelta(hours=14)
    with clock.standing_at(moment):
        [card] = order_book.cards([UUID(booked["id"])])
        collector = visitor(Role.COLLECTOR, org_id=here.recycler_id)[1].account_id
        wish = {"unit_id": card.units[0].id, "answers": asdict(given_recycling.answers(
            is_working=False))}  # fmt: skip
        asked, _ = twice(client, f"/orders/{card.id}/requotes", bearer(collector), wish)
        visiting.answer_requote(
            actor=given.consumer(who), requote_id=UUID(asked["id"]), is_accepted=True
        )
        found = given_recycling.pickup(card, found=given_recycling.answers(is_working=False))
        taken, same = twice(client, "/pickups", bearer(collector), asdict(found))
        assert taken == same
        codes = tuple(taken["unit_codes"])
    with clock.standing_at(moment + timedelta(hours=1)):
        given_recycling.at_depot(here, codes)
        manager = visitor(Role.RECYCLER_MANAGER, org_id=here.recycler_id)[1].account_id
        lots = [asdict(NewLot(here.recycler_id, here.dismantler_id, codes))]
        [lot], _ = twice(client, "/lots", bearer(manager), lots)
        storing.ship_lot(actor=here.manager, lot_id=UUID(lot["id"]))
    with clock.standing_at(moment + timedelta(hours=3)):
        [moving] = stock_book.list_lots(here.clerk.scope).items
        given_recycling.at_dismantler(here, moving)
        clerk = visitor(Role.DISMANTLER_CLERK, org_id=here.dismantler_id)[1].account_id
        run = asdict(given_recycling.run(here, codes))
        first, second = twice(client, "/runs", bearer(clerk), run)
    assert first["number"] == second["number"]
