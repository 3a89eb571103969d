"""The measured city: every pattern at its rate, honest look-alikes, nothing tuned, reproducible."""

from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import timedelta

import pytest

from huanxin.claims import rules as claims_rules
from huanxin.claims.types import EvidenceKind
from huanxin.kernel import clock
from huanxin.simulation import assumptions, forgeries, readings, services, shown, trade
from huanxin.simulation.deals import LABEL
from huanxin.simulation.types import Look, Pattern

PEOPLE = {"371502": 1_008_594, "371522": 912_200, "371581": 719_600}


@pytest.fixture(scope="module")
def planned():
    return services.plan_trade(people=PEOPLE, seed=7, scale=100)


@pytest.fixture(scope="module")
def deals(planned):
    return planned[1]


def of(deals, pattern):
    return [deal for deal in deals if deal.pattern is pattern]


def by_ring(deals):
    rings = defaultdict(list)
    for deal in deals:
        rings[deal.ring].append(deal)
    return rings


def test_three_in_a_hundred_are_frauds_and_every_pattern_has_its_share(deals):
    frauds = [deal for deal in deals if deal.is_fraud]
    assert 0.025 <= len(frauds) / len(deals) <= 0.035
    committed = Counter(deal.pattern for deal in frauds)
    share = 7694 * 300 // 10_000 / len(forgeries.schemes())
    assert set(committed) == {scheme.pattern for scheme in forgeries.schemes()}
    assert all(share - 1 <= count <= share + 8 for count in committed.values()), committed


def test_every_documented_pattern_is_committed_or_named_as_one_no_goods_claim_shows():
    committed = {scheme.case for scheme in forgeries.schemes()}
    assert committed | set(forgeries.NOT_IN_A_CLAIM) == set(range(1, 18))
    assert not committed & set(forgeries.NOT_IN_A_CLAIM)


def test_the_same_seed_plans_the_same_trade_and_another_one_another():
    once, again, other = (
        services.plan_trade(people=PEOPLE, seed=seed, scale=2000)[1] for seed in (7, 7, 8)
    )
    assert [asdict(deal) for deal in again] == [asdict(deal) for deal in once]
    assert [d.serial for d in other[:50]] != [d.serial for d in once[:50]]


def test_every_look_alike_happens_and_none_of_them_is_a_fraud(deals):
    looks = Counter(deal.look for deal in deals)
    assert {look for look in looks if look} >= set(Look) - {Look.WEEKLY_UPLOAD}  # a few shops' way
    assert not [deal.key for deal in deals if deal.look and deal.is_fraud]


def test_an_honest_sale_pays_the_holder_in_her_own_name_unless_it_is_a_named_slip(deals):
    named = {Look.FAMILY_INVOICE, Look.FAMILY_PAYS, Look.FAMILY_RECEIVES}
    others = [
        deal
        for deal in deals
        if deal.pattern is None and {deal.buyer.key, deal.payer.key, deal.receiver.key}
        != {deal.holder.key}
    ]  # fmt: skip
    assert others
    looks = {deal.look for deal in others}
    assert looks & named
    assert len(others) < len(deals) * 3 // 100
    for deal in others:
        people = (deal.holder, deal.buyer, deal.payer, deal.receiver)
        assert len({who.key.rsplit("-", 1)[0] for who in people}) == 1, deal.key  # one door


def test_nothing_happens_before_what_it_follows(deals):
    for deal in deals:
        assert deal.recorded_at >= deal.sold_at, deal.key
        assert deal.submit_at >= max(deal.recorded_at, *deal.taken.values()), deal.key
        assert deal.claimed_at <= deal.recorded_at, deal.key
        assert deal.made_on < deal.sold_at, deal.key


def test_one_person_has_one_right_a_category_but_where_the_rule_gives_three(deals):
    honest = [deal for deal in deals if deal.pattern is None]
    rights = Counter((d.programme, d.category_code, d.holder.key) for d in honest)
    most = Counter()
    for (programme, category, _), count in rights.items():
        most[programme, category] = max(most[programme, category], count)
    assert most["appliances-2025", "air_conditioner"] == 3
    del most["appliances-2025", "air_conditioner"]
    assert max(most.values()) == 1


def test_a_ring_shares_things_and_some_rings_hide_nearly_all_of_them(deals):
    rings = by_ring(of(deals, Pattern.BOUGHT_VOUCHERS) + of(deals, Pattern.SCALPERS))
    shared = [len({d.device for d in ring}) / len(ring) for ring in rings.values()]
    assert min(shared) < 0.5
    resold = by_ring(of(deals, Pattern.SERIAL_REUSE))
    for ring in resold.values():
        first, *later = ring
        assert first.is_base
        assert not first.is_fraud
        assert any(d.label_serial == first.serial or d.serial != first.serial for d in later)


def test_forms_vary(deals):
    forms = {p: {d.form for d in of(deals, p)} - {""} for p in Pattern}
    assert len(forms[Pattern.PRICE_RAISED]) > 1
    assert len(forms[Pattern.SERIAL_REUSE]) > 1
    signed = [d.signed_at - d.shipped_at for d in of(deals, Pattern.FALSE_SIGN_OFF)]
    assert min(signed) < timedelta(0)
    assert max(signed) > timedelta(hours=3)


def test_every_fact_on_a_paper_is_one_that_claims_takes(planned):
    market, deals = planned
    for deal in deals[:300] + deals[-200:]:
        papers = shown.papers(7, deal, market.shops[deal.shop], price_fen=300_000,
                              to_pay_fen=255_000, at=deal.submit_at)  # fmt: skip
        for paper in papers:
            for name, value in paper.facts.items():
                claims_rules.check_fact(paper.kind, name, value)


def test_reading_errors_come_at_their_rates_and_the_same_paper_reads_the_same():
    facts = {"serial_read": "HX700039253082142"}
    read = [readings.read(1, f"p{i}", "label", facts) for i in range(20_000)]
    wrong, unread = readings.rates()["label", "serial_read"]
    assert abs(sum("serial_read" not in r for r in read) / 20_000 - unread / 10_000) < 0.004
    off = sum(r.get("serial_read", facts["serial_read"]) != facts["serial_read"] for r in read)
    assert abs(off / 20_000 - wrong / 10_000) < 0.003
    assert readings.read(1, "p3", "label", facts) == read[3]


def test_an_honest_paper_says_what_happened(planned):
    market, deals = planned
    deal = next(d for d in deals if d.pattern is None and d.look is None and d.imei is None)
    papers = {
        paper.kind: paper.facts
        for paper in shown.papers(7, deal, market.shops[deal.shop], price_fen=300_000,
                                  to_pay_fen=255_000, at=deal.submit_at)
    }  # fmt: skip
    assert papers[EvidenceKind.INVOICE]["invoice_total_fen"] == 300_000
    assert papers[EvidenceKind.PAYMENT]["paid_fen"] == 255_000
    assert papers[EvidenceKind.LABEL]["serial_read"] == deal.serial
    assert papers[EvidenceKind.LABEL]["photo_hash"] == deal.photos[LABEL]


def test_who_fetches_her_unit_has_the_shops_address_on_the_note(planned):
    market, deals = planned
    carried = [deal for deal in deals if deal.look is Look.CARRIED_HOME]
    assert carried
    for deal in carried:
        shop = market.shops[deal.shop]
        assert deal.address_at == (shop.lat_e6, shop.lon_e6)
        assert deal.address.endswith("自提")


def test_the_assumptions_all_name_their_source():
    assert set(assumptions.trade()) >= {"fraud_bps", "careful_bps", "mended_at_upload_bps"}
    for scheme in forgeries.schemes():
        assert scheme.size_median <= scheme.size_max


def test_sales_fall_into_the_years_whose_rules_pay_for_them(deals):
    for deal in deals:
        on = clock.business_day(deal.sold_at)
        assert deal.programme == trade.programme_of(deal.category_code, on), deal.key
        if deal.programme.startswith("digital"):
            assert on >= trade.DIGITAL_FROM, deal.key
        if on >= trade.GRADE_ONE_FROM and deal.grade is not None:
            assert deal.grade == 1, deal.key
