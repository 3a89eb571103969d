"""A nameplate finds its unit, a listed model has its own price, a signature is on the story."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.kernel import clock
from huanxin.recycling import _shipped, models, rules
from huanxin.recycling.errors import PickupIncomplete, StandardInvalid
from huanxin.recycling.selectors import order_book, quote_book
from huanxin.recycling.services import visiting
from huanxin.recycling.types import AgeBand, BrandTier
from huanxin.recycling.types.door import DoorVisit
from tests import given_recycling

MOMENT = clock.moment(given_recycling.DAY, 10)
LISTED = {
    "category": "phone", "model": "测试 X1（128G）", "yuan": 900, "assumed": True,
    "source": "平台假定",
}  # fmt: skip


def standard(*listed):
    body = _shipped.standards("valuation")[-1].body
    return rules.read_standard({**body, "models": list(listed)})


def worth(of, **said):
    answers = replace(given_recycling.answers("phone"), **said)
    return rules.value_unit(of, answers, "手机")


def test_a_listed_model_has_its_own_price_whatever_its_brand():
    of = standard(LISTED)
    mine = {"model_name": "测试x1 128g", "age_band": AgeBand.FROM_3_TO_8}
    prices = {worth(of, brand_tier=tier, **mine).cash_fen for tier in BrandTier}
    other = worth(of, model_name="测试 X2", age_band=AgeBand.FROM_3_TO_8)
    assert len(prices) == 1
    assert prices != {other.cash_fen}
    first = worth(of, **mine).reasons[0]
    assert (first.code, first.price_fen) == ("R601", 90_000)
    assert "型号 测试x1 128g" in first.sentence
    broken = worth(of, is_working=False, **mine)
    assert broken.cash_fen < prices.pop()  # its condition counts as for all
    assert worth(standard(), **mine) == worth(standard(), **{**mine, "model_name": ""})


@pytest.mark.parametrize("wrong", [{"category": "ship"}, {"model": "（）"}, {"yuan": 0}])
def test_a_model_row_that_promises_nonsense_is_refused(wrong):
    with pytest.raises(StandardInvalid):
        rules.check_standard(standard({**LISTED, **wrong}))


def collected(serial):
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)
    pickup = given_recycling.pickup(order)
    units = tuple(replace(one, serial=serial) for one in pickup.units)
    with clock.standing_at(MOMENT):
        visiting.collect_unit(
            actor=here.collector, pickup=replace(pickup, units=units), request_id=uuid4()
        )
    return models.Unit.objects.get(order_id=order.id)


@pytest.mark.django_db
def test_a_unit_is_found_by_the_serial_of_its_nameplate(client):
    unit = collected(" hx-2018／00a1 ")
    assert unit.serial == "HX201800A1"
    assert order_book.units_by_serial("HX2018 00A1") == [unit.unit_code]
    assert order_book.units_by_serial("") == order_book.units_by_serial("HX2018") == []
    answer = client.get(reverse("public:find"), {"code": "hx-2018/00a1"})
    assert answer["Location"] == reverse("public:trace", args=[unit.unit_code])
    assert client.get(reverse("public:find"), {"code": "SN-NOBODY-1"}).status_code == 422


@pytest.mark.django_db
def test_a_plate_that_cannot_be_read_is_left_blank():
    assert collected("").serial == ""


@pytest.mark.django_db
def test_a_serial_of_two_characters_is_refused():
    with pytest.raises(PickupIncomplete):
        collected("A1")


@pytest.mark.django_db
def test_a_price_signed_for_at_the_door_stands_on_the_owners_story():
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)
    pickup = given_recycling.pickup(order)
    found = given_recycling.answers("refrigerator", is_working=False)
    units = tuple(replace(one, answers=found) for one in pickup.units)
    with clock.standing_at(MOMENT):
        new_fen = quote_book.value_old_unit(found).cash_fen
        visit = DoorVisit(replace(pickup, units=units), new_fen, MOMENT, signature_sha256="a" * 64)
        visiting.hand_in(actor=here.collector, visit=visit, request_id=uuid4())
        story = order_book.timeline(order.id, here.manager.scope)
    step = next(one for one in story if one.code == "requoted")
    assert (step.at, step.note) == (MOMENT, "您在收运员手机上签字同意")
    assert "改为" in step.title
    names = [one.code for one in story]
    assert names.index("assigned") < names.index("requoted") < names.index("collected")
