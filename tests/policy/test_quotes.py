"""Decisions of the published policies, by hand-computed figures."""

import dataclasses
import json
from datetime import date

import pytest

from huanxin.kernel import clock, money
from huanxin.policy import selectors
from huanxin.policy.errors import CategoryNotCovered, PolicyUnknown, VersionUnknown
from huanxin.policy.types import Evidence, Limit, LimitOver, LimitPer
from tests import given_policy
from tests.given_policy import case
from tests.given_rules import SHIPPED

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _published():
    given_policy.policies()


def test_a_grade_1_fridge_of_2026_gets_15_percent_and_the_decision_says_why():
    decision = selectors.quote_subsidy(case())

    assert (decision.is_eligible, decision.amount_fen, decision.cap_fen) == (True, 74_085, 150_000)
    assert (decision.policy_id, decision.line_id) == ("appliances-2026", "grade-1")
    assert decision.document == "商办流通函〔2025〕469号"
    assert decision.sentence == (
        "符合《2026年家电以旧换新补贴》“1 级能效（水效）”：按成交价 ¥4,939.00 的 15% 计算，"
        "补贴 ¥740.85，单件最高 ¥1,500.00。"
    )
    assert [(c.name, c.value, c.holds) for c in decision.conditions] == [
        ("付款日期", "2026-07-01", True),
        ("地区", "371502", True),
        ("品类", "refrigerator", True),
        ("能效（水效）等级", "1 级", True),
    ]
    assert (decision.reason_code, decision.nearest_line) == (None, None)
    assert decision.price_basis == "after_all_discounts"


def test_a_refusal_names_the_nearest_line_and_what_was_missing():
    decision = selectors.quote_subsidy(case(energy_grade=2))

    assert (decision.is_eligible, decision.amount_fen, decision.line_id) == (False, 0, None)
    assert (decision.reason_code, decision.nearest_line) == ("R201", "grade-1")
    assert decision.sentence == (
        "仅 1 级能效（水效）产品可享受补贴：能效（水效）等级应为“1 级”，实际为“2 级”。"
    )
    assert [c.name for c in decision.conditions if not c.holds] == ["能效（水效）等级"]


@pytest.mark.parametrize(
    ("changes", "amount_fen", "policy_id", "reason_code"),
    [
        ({"on": date(2024, 9, 1)}, 98_780, "appliances-2024", None),
        ({"on": date(2024, 12, 31), "energy_grade": 2}, 74_085, "appliances-2024", None),
        ({"on": date(2025, 1, 1)}, 98_780, "appliances-2025", None),
        ({"on": date(2025, 12, 31)}, 98_780, "appliances-2025", None),
        ({"on": date(2026, 1, 1)}, 74_085, "appliances-2026", None),
        ({"on": date(2026, 12, 31)}, 74_085, "appliances-2026", None),
        ({"on": date(2024, 8, 31)}, 0, "appliance-voucher-2024", "R202"),
        ({"on": date(2024, 3, 21)}, 0, "appliance-voucher-2024", "R205"),
        ({"on": date(2027, 1, 1)}, 0, "appliances-2026", "R205"),
    ],
)
def test_the_payment_date_picks_the_vintage(changes, amount_fen, policy_id, reason_code):
    decision = selectors.quote_subsidy(case(**changes))

    assert decision.amount_fen == amount_fen
    assert (decision.policy_id, decision.reason_code) == (policy_id, reason_code)


@pytest.mark.parametrize(
    ("changes", "policy_id", "reason_code"),
    [
        # paid for until 2025: this year's policy of the same family says it no longer is
        ({"category_code": "range_hood"}, "appliances-2026", "R204"),
        # paid for from 2026 on: last year's policy of the same family says it was not yet
        (
            {"category_code": "smart_glasses", "on": date(2025, 6, 1), "energy_grade": None},
            "digital-2025",
            "R204",
        ),
        ({"category_code": "phone", "on": date(2025, 1, 19)}, "digital-2025", "R205"),
        ({"region_code": "370102"}, "appliances-2026", "R206"),
        ({"category_code": "phone", "price_fen": 600_001}, "digital-2026", "R203"),
        ({"energy_grade": None}, "appliances-2026", "R202"),
        ({"price_fen": 6}, "appliances-2026", "R208"),
        ({"price_fen": 0}, "appliances-2026", "R208"),
        ({"price_fen": -1}, "appliances-2026", "R209"),
        ({"price_fen": 499_900.5}, "appliances-2026", "R209"),
        ({"price_fen": True}, "appliances-2026", "R209"),
    ],
)
def test_every_refusal_comes_from_the_policy_that_can_explain_it(changes, policy_id, reason_code):
    decision = selectors.quote_subsidy(case(**changes))

    assert (decision.is_eligible, decision.amount_fen) == (False, 0)
    assert (decision.policy_id, decision.reason_code) == (policy_id, reason_code)
    assert decision.sentence.endswith("。")


def test_many_quotes_are_the_quotes_one_by_one():
    cases = [case(), case(energy_grade=3), case(category_code="phone", price_fen=333_333)]

    many = selectors.quote_many(cases)

    assert many == [selectors.quote_subsidy(one) for one in cases]
    assert [decision.amount_fen for decision in many] == [74_085, 0, 49_999]


def test_a_decision_is_frozen_and_can_be_kept_as_json():
    decision = selectors.quote_subsidy(case())

    with pytest.raises(dataclasses.FrozenInstanceError):
        decision.amount_fen = 1
    kept = json.loads(json.dumps(decision.as_json(), ensure_ascii=False))
    assert (kept["amount_fen"], kept["line_id"]) == (74_085, "grade-1")
    assert kept["conditions"][3] == {
        "name": "能效（水效）等级", "value": "1 级", "wanted": "1 级", "holds": True,
    }  # fmt: skip


def test_the_hash_of_a_decision_leads_to_the_text_and_the_shares():
    decision = selectors.quote_subsidy(case())

    version = selectors.get_version(decision.version_hash)
    shares = selectors.shares_for(decision.version_hash)

    assert (version.policy_id, version.number) == ("appliances-2026", 1)
    assert "rate_bps: 1500" in version.text
    assert shares == decision.shares
    assert [(s.fund, s.share_bps, s.is_assumed) for s in shares] == [
        ("central", 8500, False),
        ("province", 750, True),
        ("city", 750, True),
    ]
    assert money.split_fen(74_085, [s.share_bps for s in shares]) == [62_972, 5_557, 5_556]
    with pytest.raises(VersionUnknown):
        selectors.shares_for("0" * 64)


def test_limits_and_caps_by_category():
    one = Limit(LimitPer.PERSON_AND_CATEGORY, 1, LimitOver.PROGRAMME)
    three = Limit(LimitPer.PERSON_AND_CATEGORY, 3, LimitOver.PROGRAMME)

    assert selectors.limit_for("appliances-2025", "air_conditioner") == three
    assert selectors.limit_for("appliances-2025", "refrigerator") == one
    assert selectors.limit_for("appliances-2024", "air_conditioner") == one
    assert selectors.limit_for("appliances-2026", "air_conditioner") == one
    assert selectors.line_cap_fen("appliances-2025", "air_conditioner") == 200_000
    assert selectors.line_cap_fen("appliances-2026", "air_conditioner") == 150_000
    assert selectors.line_cap_fen("digital-2026", "smart_glasses") == 50_000
    with pytest.raises(CategoryNotCovered):
        selectors.limit_for("appliances-2026", "range_hood")
    with pytest.raises(PolicyUnknown):
        selectors.line_cap_fen("appliances-2019", "refrigerator")


def test_policies_are_listed_by_date_and_shown_with_their_sources():
    everything = [card.policy_id for card in selectors.list_policies()]
    in_force = selectors.list_policies(on=JULY)
    digital = selectors.get_policy("digital-2026")

    assert sorted(everything) == list(SHIPPED)
    assert everything[:4] == [
        "appliance-voucher-2024", "car-scrappage-2024a", "car-scrappage-2024b",
        "car-replacement-2024",
    ]  # fmt: skip
    assert [card.policy_id for card in in_force] == [
        "appliances-2026", "car-replacement-2026", "car-scrappage-2026", "digital-2026",
        "elderly-care-2026", "merchant-admission-2026", "recycler-admission-2026",
    ]  # fmt: skip
    assert digital.categories == ("phone", "tablet", "smart_watch", "smart_glasses")
    assert digital.lines[0].conditions == ("成交价不超过¥6,000.00",)
    assert Evidence.ACTIVATION in digital.lines[0].evidence
    assert "发改环资〔2025〕1745号" in [source.document for source in digital.sources]
    assert [a.key for a in digital.assumptions] == ["from", "funds"]
    assert selectors.find_policy(JULY, "phone", "371581") == digital
    assert selectors.find_policy(JULY, "range_hood", "371581") is None


def test_an_expiry_without_a_successor_is_warned_of_30_days_ahead():
    def warned(on: date) -> list[str]:
        return [problem.file for problem in selectors.list_warnings(on=on)]

    ending = [f"{card.policy_id}.yaml" for card in selectors.list_policies(on=JULY)]
    assert warned(date(2026, 12, 1)) == []
    assert sorted(warned(date(2026, 12, 2))) == sorted(ending)
    assert sorted(warned(date(2026, 12, 31))) == sorted(ending)
    assert warned(date(2027, 1, 1)) == []
    # 2025 ends too, but only what 2026 dropped is left without a successor
    found = {
        problem.file: problem.cause for problem in selectors.list_warnings(on=date(2025, 12, 20))
    }
    assert found.keys() == {
        "appliances-2025.yaml", "e-bike-2025.yaml", "elderly-adapted-2025.yaml", "home-2025.yaml",
    }  # fmt: skip
    assert found["appliances-2025.yaml"] == (
        "《2025年家电以旧换新补贴》还有 12 天到期，6 个品类尚无后续政策"
    )
    with clock.standing_at(clock.moment(date(2026, 12, 20))):
        assert len(selectors.list_warnings()) == len(ending)


def test_the_published_policies_decide_as_the_shipped_ones_until_the_city_publishes_its_own():
    cases = [
        case(),
        case(energy_grade=2),
        case(category_code="phone", energy_grade=None),
        case(category_code="range_hood", on=date(2025, 3, 1)),
        case(category_code="range_hood"),
        case(region_code="370102"),
    ]

    assert [selectors.quote_shipped(one) for one in cases] == selectors.quote_many(cases)
