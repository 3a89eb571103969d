"""Nobody in the twin can be mistaken for a real person, firm or product."""

from datetime import date

from stdnum import ean, imei
from stdnum.cn import uscc

from huanxin.identity.rules import check_document, check_phone
from huanxin.simulation import city, demand, frauds, rules

POPULATIONS = {"371502": 1_008_594, "371524": 346_100}


def residents():
    plan = city.plan_city(POPULATIONS, seed=3, scale=100)
    season = demand.plan_season(plan, first_on=date(2026, 6, 1), last_on=date(2026, 6, 20))
    people = {w.resident.key: w.resident for w in frauds.add_frauds(season).wishes}
    assert len(people) > 300
    return people.values()


def test_every_name_says_that_it_is_a_demonstration():
    assert all("·演示" in who.name for who in residents())


def test_documents_are_whole_and_of_no_real_region():
    for who in residents():
        assert check_document(who.document_no) == who.born_on
        assert who.document_no[:2] == rules.UNISSUED_PROVINCE
        assert 18 <= 2026 - who.born_on.year <= 85


def test_a_documents_order_number_tells_the_sex_that_the_name_tells():
    for who in residents():
        is_even = int(who.document_no[16]) % 2 == 0
        assert is_even == ("女士" in who.name)


def test_no_two_people_share_a_document_or_a_phone():
    people = list(residents())
    assert len({who.document_no for who in people}) == len(people)
    assert len({who.phone for who in people}) == len(people)


def test_phones_look_whole_and_cannot_be_dialled():
    for who in residents():
        assert check_phone(who.phone).startswith(rules.UNALLOCATED_PHONES)


def test_firms_and_products_carry_valid_numbers_that_nobody_issued():
    plan = city.plan_city(POPULATIONS, seed=3, scale=100)
    firms = [*plan.shops, *plan.depots, *plan.dismantlers, *plan.stations, *plan.makers]

    assert all(uscc.is_valid(firm.uscc) and firm.uscc[2:4] == "99" for firm in firms)
    assert len({firm.uscc for firm in firms}) == len(firms)
    assert all("（演示）" in firm.name for firm in firms)
    assert len(plan.models) == 120
    assert len({model.gtin for model in plan.models}) == 120
    assert all(ean.is_valid(m.gtin) and m.gtin.startswith("952") for m in plan.models)
    assert imei.is_valid(rules.imei_code(7))


def test_the_walk_through_has_its_fridge():
    plan = city.plan_city(POPULATIONS, seed=2026, scale=100)
    fridges = [m for m in plan.models if m.price_fen == 499_900 and m.energy_grade == 1]
    assert "refrigerator" in {m.category_code for m in fridges}
