"""Every form of rule that the vintages need, by the shipped files and hand-computed figures."""

from datetime import date

import pytest

from huanxin.policy import rules
from huanxin.policy.errors import VoucherMoveUnknown
from huanxin.policy.types import Case, VoucherEvent
from huanxin.vouchers.types import VoucherState
from tests.given_rules import SHIPPED, edited, policy, problems, text, tried

CAR = {
    "is_individual": True, "old_car_route": "scrapped", "same_owner": True,
    "old_owned_since": date(2020, 5, 1), "old_fuel": "petrol",
    "old_registered_on": date(2013, 6, 30), "qualified_dismantler": True,
    "scrap_certificate_on": date(2026, 6, 20), "deregistered_on": date(2026, 6, 25),
    "new_invoiced_on": date(2026, 7, 1), "new_registered_on": date(2026, 7, 5),
    "invoiced_in_province": True, "registered_in_province": True, "new_car_kind": "nev",
    "in_nev_catalogue": True,
}  # fmt: skip


def car(price_fen: int = 10_000_001, **facts: object) -> Case:
    said = {name: value for name, value in {**CAR, **facts}.items() if value is not None}
    return Case(date(2026, 7, 1), "371502", "passenger_car", None, price_fen, said)  # type: ignore[arg-type]


SCRAPPAGE = rules.compile_policy(policy(text("car-scrappage-2026")))


def test_an_amount_is_rounded_up_to_the_whole_yuan_and_the_sentence_says_so():
    decision = SCRAPPAGE(car())

    assert decision.amount_fen == 1_200_100
    assert "发票价税合计 ¥100,000.01 的 12% 计算，不足一元的进为一元" in decision.sentence
    assert SCRAPPAGE(car(30_000_000)).amount_fen == 2_000_000


def test_a_date_limit_goes_by_the_fuel_and_an_unknown_fuel_is_asked_for():
    day = date(2015, 6, 30)

    assert not SCRAPPAGE(car(old_fuel="petrol", old_registered_on=day)).is_eligible
    assert SCRAPPAGE(car(old_fuel="diesel", old_registered_on=day)).is_eligible
    unknown = SCRAPPAGE(car(old_fuel=None, old_registered_on=day))
    assert (unknown.reason_code, unknown.sentence) == ("R202", "缺少“旧车燃料”，无法判断能否补贴。")
    late = SCRAPPAGE(car(old_fuel="nev", old_registered_on=date(2020, 1, 1)))
    assert late.sentence.startswith("旧车的注册登记日期晚于该燃料种类的界限")
    assert "新能源2019-12-31及以前" in late.sentence


def test_a_fact_of_another_type_than_declared_counts_as_not_given():
    for wrong in ("2013-06-30", 20130630, True):
        assert SCRAPPAGE(car(old_registered_on=wrong)).reason_code == "R202"


def test_a_decision_that_rests_on_an_assumption_says_so():
    replacement = rules.compile_policy(policy(text("car-replacement-2026")))
    said = {**CAR, "old_car_route": "sold", "transferred_by_sale": True}
    decision = replacement(
        Case(date(2026, 7, 1), "371502", "passenger_car", None, 10_000_001, said)
    )

    assert decision.amount_fen == 800_100
    assert decision.is_assumed
    assert decision.sentence.endswith("本条含有待核实的假定参数。")
    assert not SCRAPPAGE(car()).is_assumed


def test_what_a_household_has_had_is_taken_from_its_total():
    home = rules.compile_policy(policy(text("home-2025")))
    facts = {"is_individual": True, "household_paid_fen": 3_950_000}
    decision = home(Case(date(2025, 6, 18), "371502", "sofa", None, 600_000, facts))

    assert decision.amount_fen == 50_000
    assert "累计最高 ¥40,000.00，扣除已补贴的部分后补贴 ¥500.00" in decision.sentence


def test_an_admission_is_a_decision_without_money():
    admission = rules.compile_policy(policy(text("recycler-admission-2026")))
    good = {"qualification_in_force": True, "dishonest_within_a_year": False,
            "never_refused_audit": True}  # fmt: skip
    refusing = {**good, "never_refused_audit": False}
    accepted, refused = (
        admission(Case(date(2026, 7, 1), "371502", "recycler", None, 0, facts))
        for facts in (good, refusing)
    )

    assert (accepted.is_eligible, accepted.amount_fen) == (True, 0)
    assert (refused.is_eligible, refused.reason_code) == (False, "R214")


def test_the_voucher_of_march_2024_lives_as_the_announcement_says():
    voucher = policy(text("appliance-voucher-2024")).voucher
    assert voucher is not None
    assert voucher.first == VoucherState.INACTIVE

    def after(state: str, event: VoucherEvent, *, ended: bool = False) -> str:
        return rules.next_state(voucher, state, event, ended=ended)

    assert after("inactive", VoucherEvent.ORDER_COMPLETED) == "usable"
    assert after("inactive", VoucherEvent.ORDER_CANCELLED) == "void"
    assert after("usable", VoucherEvent.REDEEMED) == "used"
    # after the end an issued one can still be activated, but nothing is spent
    assert after("inactive", VoucherEvent.ORDER_COMPLETED, ended=True) == "usable"
    for state, event, ended in (
        ("used", VoucherEvent.REDEEMED, False),
        ("inactive", VoucherEvent.REDEEMED, False),
        ("usable", VoucherEvent.REDEEMED, True),
    ):
        with pytest.raises(VoucherMoveUnknown):
            after(state, event, ended=ended)


def test_every_state_of_a_voucher_file_is_one_the_platform_keeps():
    machines = [each for each in map(policy, map(text, SHIPPED)) if each.voucher]
    states = {
        s for m in machines for move in m.voucher.moves for s in (move.from_state, move.to_state)
    }

    assert len(machines) == 3
    assert states <= {state.value for state in VoucherState}


def test_scrapping_and_selling_the_old_car_are_two_policies_side_by_side():
    both = [policy(text("car-scrappage-2026")), policy(text("car-replacement-2026"))]
    alike = edited(text("car-replacement-2026"), ("old_car_route: sold", "old_car_route: scrapped"))

    assert [p for p in rules.check_library(both) if "重叠" in p.cause] == []
    causes = [p.cause for p in rules.check_library([both[0], policy(alike)])]
    assert any("日期重叠" in cause for cause in causes)


RATE = "subsidy: {rate_bps: 1500, cap_fen: 50000, rounding: fen_down}"
STEPS = "{up_to_fen: 9, amount_fen: 5}"
UNREACHED = "voucher: {first: usable, moves: [{event: redeemed, from: locked, to: used}]}"


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (RATE, f"subsidy: {{tiers: [{STEPS}]}}", "价格档次没有写全"),
        (
            RATE,
            f"subsidy: {{tiers: [{STEPS}, {STEPS}, {{amount_fen: 7}}]}}",
            "价格档次没有从低到高",
        ),
        (RATE, "subsidy: {admit: false}", "“admit”只能是 true"),
        (RATE, "subsidy: {amount_fen: 0}", "应在 1 至"),
        ("    limit:", "    within: {total_fen: 5, used: completed_on}\n    limit:", "不是以分计"),
        ("{price_fen: {max: 600000}}", "{old_fuel: steam}", "不是“旧车燃料”的取值"),
        (
            "{price_fen: {max: 600000}}",
            "{old_registered_on: {max: {petrol: 2013-06-30}}}",
            "对照表没有写明按哪一项取值",
        ),
        ("- key: from", "- key: lines.nothing.subsidy", "不在文件中"),
        ("lines:\n", "voucher: {first: asleep, moves: []}\nlines:\n", "不是券的状态"),
        ("lines:\n", f"{UNREACHED}\nlines:\n", "券到不了"),
    ],
)
def test_a_fault_in_a_form_is_named(old, new, cause):
    found = problems(edited(text("digital-2026"), (old, new)))

    assert any(cause in problem.cause for problem in found), [str(p) for p in found]


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("id:\tx\n", "用了制表符"),
        ("id: x\n" + "# 长\n" * 60_000, "超过 200,000 个"),
        ("a: " + "[" * 5_000, "套得太深"),
        ("a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n", "锚点引用"),
    ],
)
def test_a_file_made_to_hurt_is_refused_by_name(source, cause):
    outcome = tried(source, "")

    assert [cause in problem.cause for problem in outcome.problems] == [True]
