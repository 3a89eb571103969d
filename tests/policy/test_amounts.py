"""What no price may break, whatever the policy: the amounts of the shipped policies."""

import re
from datetime import date
from fractions import Fraction
from math import floor

from hypothesis import given as examples
from hypothesis import strategies as st

from huanxin.policy import rules
from huanxin.policy.types import Case
from tests.given_rules import SHIPPED, policy, text

YEARLY = [key for key in SHIPPED if re.match("(appliances|digital)-", key)]  # rate and cap alone
POLICIES = [policy(text(policy_id)) for policy_id in YEARLY]
DECIDERS = {p.id: rules.compile_policy(p) for p in POLICIES}
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
PRICES = st.integers(-1_000, 20_000_000)
GRADES = st.sampled_from([None, 1, 2, 3, 4, 5])


@st.composite
def cases(draw):
    codes = [code for p in POLICIES for code in p.categories]
    region = draw(st.sampled_from(["371502", "371573", "371500", "370102"]))
    return Case(draw(DAYS), region, draw(st.sampled_from(codes)), draw(GRADES), draw(PRICES))


@examples(cases())
def test_an_amount_is_the_rate_of_the_price_rounded_down_and_never_above_the_cap(case):
    for each in POLICIES:
        decision = DECIDERS[each.id](case)
        if not decision.is_eligible:
            assert decision.amount_fen == 0
            assert decision.reason_code in {f"R20{n}" for n in range(1, 10)}
            continue
        line = next(x for x in each.lines if x.id == decision.line_id)
        exact = Fraction(case.price_fen * line.subsidy.rate_bps, 10_000)
        assert decision.amount_fen == min(floor(exact), line.subsidy.cap_fen)
        assert 1 <= decision.amount_fen <= case.price_fen
        assert all(condition.holds for condition in decision.conditions)


@examples(cases())
def test_at_most_one_policy_pays_for_a_purchase(case):
    assert sum(decide(case).is_eligible for decide in DECIDERS.values()) <= 1


@examples(cases())
def test_a_refusal_shows_a_condition_that_does_not_hold(case):
    for decide in DECIDERS.values():
        decision = decide(case)
        if not decision.is_eligible and decision.reason_code != "R208":
            assert not all(condition.holds for condition in decision.conditions)


@examples(cases(), st.integers(1, 100_000))
def test_a_higher_price_never_earns_less_until_the_ceiling(case, more_fen):
    dearer = Case(case.on, case.region_code, case.category_code, case.energy_grade,
                  case.price_fen + more_fen)  # fmt: skip
    for decide in DECIDERS.values():
        one, other = decide(case), decide(dearer)
        assert other.amount_fen >= one.amount_fen or other.reason_code == "R203"
