"""The papers of a sale carry what an honest shop, a careless one and a cheat would hand in."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from huanxin.claims import rules as claims_rules
from huanxin.claims.types import EvidenceKind
from huanxin.kernel import clock
from huanxin.simulation import city, demand, frauds, papers
from huanxin.simulation.types import Pattern, Slip

POPULATIONS = {"371502": 1_008_594}
SEED = 5
SOLD_AT = clock.moment(date(2026, 6, 3), 15)


@pytest.fixture(scope="module")
def season():
    plan = city.plan_city(POPULATIONS, seed=SEED, scale=100)
    honest = demand.plan_season(plan, first_on=date(2026, 6, 1), last_on=date(2026, 6, 14))
    return frauds.add_frauds(honest)


def wish_of(season, *, category_code="air_conditioner", slip=None, pattern=None):
    return next(
        replace(w, purchase=replace(w.purchase, slip=slip, channel="shop"))
        for w in season.wishes
        if w.purchase and w.purchase.pattern is pattern
        and (pattern is not None or w.category_code == category_code)
    )  # fmt: skip


def sold(wish, *, submit_at: datetime = SOLD_AT + timedelta(days=1), **changes):
    values = {
        "wish": wish, "brand": "泉湖", "serial": papers.serial_of(SEED, wish),
        "imei": papers.imei_of(SEED, wish), "energy_grade": 1, "price_fen": 300_000,
        "to_pay_fen": 255_000, "sold_at": SOLD_AT, "submit_at": submit_at,
        "shop_uscc": "91991502MA9X000001",
    }  # fmt: skip
    return papers.Sold(**{**values, **changes})


def facts(evidence, kind):
    return next(e.facts for e in evidence if e.kind is kind)


@pytest.mark.parametrize("category_code", ["air_conditioner", "phone", "tablet"])
def test_every_fact_is_one_that_claims_takes(season, category_code):
    wish = wish_of(season, category_code=category_code)
    for paper in papers.papers_of(SEED, sold(wish)):
        for name, value in paper.facts.items():
            claims_rules.check_fact(paper.kind, name, value)


def test_honest_papers_agree_with_the_sale(season):
    wish = wish_of(season)
    unit = sold(wish)
    handed_in = papers.papers_of(SEED, unit)

    invoice = facts(handed_in, EvidenceKind.INVOICE)
    label = facts(handed_in, EvidenceKind.LABEL)
    delivery = facts(handed_in, EvidenceKind.DELIVERY)
    assert invoice["invoice_total_fen"] == unit.price_fen
    assert invoice["buyer_document_no"] == wish.resident.document_no
    assert label["serial_read"] == unit.serial
    assert unit.sold_at <= delivery["shipped_at"] < delivery["signed_at"] <= unit.submit_at


def test_goods_taken_home_are_signed_for_before_the_papers_come(season):
    unit = sold(wish_of(season), submit_at=SOLD_AT + timedelta(minutes=1))
    delivery = facts(papers.papers_of(SEED, unit), EvidenceKind.DELIVERY)
    assert SOLD_AT <= delivery["shipped_at"] <= delivery["signed_at"] <= unit.submit_at


def test_a_slip_shows_once_and_is_mended_when_asked(season):
    wrong = sold(wish_of(season, slip=Slip.WRONG_SERIAL))
    nowhere = sold(wish_of(season, slip=Slip.NO_LOCATION))
    missing = sold(wish_of(season, slip=Slip.MISSING_PAPER))

    read = facts(papers.papers_of(SEED, wrong), EvidenceKind.LABEL)["serial_read"]
    assert read != wrong.serial
    assert "lat_e6" not in facts(papers.papers_of(SEED, nowhere), EvidenceKind.LABEL)
    assert EvidenceKind.DELIVERY not in {e.kind for e in papers.papers_of(SEED, missing)}

    mended = facts(papers.corrected_papers(SEED, wrong), EvidenceKind.LABEL)
    assert mended["serial_read"] == wrong.serial
    assert "lat_e6" in facts(papers.corrected_papers(SEED, nowhere), EvidenceKind.LABEL)
    assert EvidenceKind.DELIVERY in {e.kind for e in papers.corrected_papers(SEED, missing)}


def ring_of(season, pattern):
    first = wish_of(season, pattern=pattern).purchase.ring
    return [w for w in season.wishes if w.purchase and w.purchase.ring == first]


def test_a_ring_shares_what_its_pattern_shares_and_nothing_else(season):
    shared = {
        Pattern.INVOICE_REUSE: (EvidenceKind.INVOICE, "invoice_number"),
        Pattern.PHOTO_REUSE: (EvidenceKind.LABEL, "photo_hash"),
        Pattern.SERIAL_REUSE: (EvidenceKind.LABEL, "serial_read"),
    }
    for pattern in shared:
        ring = ring_of(season, pattern)
        assert len(ring) > 1
        for other, (kind, name) in shared.items():
            values = {facts(papers.papers_of(SEED, sold(w)), kind)[name] for w in ring}
            assert len(values) == (1 if other is pattern else len(ring)), (pattern, name)


def test_a_cheat_whose_serial_is_refused_types_one_that_no_label_shows(season):
    ring = ring_of(season, Pattern.SERIAL_REUSE)
    serial = papers.serial_of(SEED, ring[0])
    typed = {papers.altered(serial, wish) for wish in ring}
    assert serial not in typed
    assert len(typed) == len(ring)


def test_a_hired_buyers_goods_go_to_somebody_else(season):
    wish = wish_of(season, pattern=Pattern.CLAIMANT_NOT_BUYER)
    handed_in = papers.papers_of(SEED, sold(wish, other_document="991502199001011232"))
    assert facts(handed_in, EvidenceKind.INVOICE)["buyer_document_no"] == "991502199001011232"
    assert facts(handed_in, EvidenceKind.PAYMENT)["payer_document_no"] == "991502199001011232"
