"""Planning, moving, watching and drawing releases at the desk."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.clock import moment
from huanxin.vouchers import models
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import PoolFilter, ReleaseMode
from huanxin.web.console import pools
from tests import given, given_claims, given_release
from tests import given_vouchers as gv
from tests.given_release import CLOSES, DRAWS, NUMBER, OPENS
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
CAP = gv.CAP_FEN
BEFORE = moment(date(2026, 8, 31), 9)


@pytest.fixture(autouse=True)
def _rules():
    given_claims.rules_in_force()


def operator():
    return visitor(Role.OPERATOR)[0]


def plan_form(**changes):
    sent = {
        "title": "九月家电", "programme": gv.PROGRAMME, "regions": [given.COUNTY],
        "categories": ["refrigerator"], "first_on": "2026-09-01", "last_on": "2026-09-02",
        "days": "every_day", "also_on": "", "not_on": "", "stages": "0:40 5:30 10:30",
        "carries_rest": "on", "lapse_hours": "48", "request_id": str(uuid4()),
        "opens_1": "10:00", "closes_1": "20:00", "quantity_1": "10", "budget_fen_1": "15000",
        "opens_2": "20:00", "closes_2": "24:00", "quantity_2": "5", "budget_fen_2": "7500",
    }  # fmt: skip
    return {**sent, **changes}


def test_a_plan_opens_once_after_a_page_that_adds_it_up():
    client = operator()
    with clock.standing_at(BEFORE):
        given_release.budget(4_500_000)
        page = client.post(reverse("console:new_plan"), plan_form())
        confirmation = page.context["confirmation"]
        assert confirmation.amount_fen == 4_500_000
        assert "预算可用 ¥45,000.00，划出后剩 ¥0.00" in text_of(page)
        assert vouchers.list_pools(Scope()) == []
        for _ in range(2):
            answer = client.post(reverse("console:open_plan"), confirmation.fields)
            assert answer.status_code == 302
        listed = text_of(client.get(answer["Location"]))
        again = client.get(confirmation.back)
    assert len(vouchers.list_pools(Scope())) == 4
    assert [stage.places for stage in vouchers.list_pools(Scope())[3].stages] == [3, 3]
    assert listed.count("九月家电") >= 4
    assert 'value="0:40 5:30 10:30"' in text_of(again)


def test_a_short_budget_is_said_before_and_nothing_opens():
    client = operator()
    with clock.standing_at(BEFORE):
        given_release.budget(4_499_999)
        page = client.post(reverse("console:new_plan"), plan_form())
        assert "从“九月家电 9月2日 20:00”一场起不足" in text_of(page)
        answer = client.post(reverse("console:open_plan"), page.context["confirmation"].fields)
    assert answer.status_code == 409
    assert 'data-code="vouchers.plan_unfunded"' in text_of(answer)
    assert 'value="九月家电"' in text_of(answer)  # what was typed stays
    assert vouchers.list_pools(Scope()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stages": "forty"}, "分钟:百分比"),
        ({"also_on": "国庆"}, "日期写作"),
        ({"closes_2": ""}, "没有填全"),
        ({"opens_2": "19:00"}, "重叠"),
        ({"quantity_1": "-3"}, "大于零"),
    ],
)
def test_what_cannot_be_planned_stays_on_the_form(changes, said):
    with clock.standing_at(BEFORE):
        answer = operator().post(reverse("console:new_plan"), plan_form(**changes))
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_the_calendar_shows_the_months_slots_with_money():
    plan_id = given_release.open_plan(given_release.new_plan())
    with clock.standing_at(OPENS):
        page = text_of(operator().get(reverse("console:calendar") + "?month=2026-09"))
        empty = text_of(operator().get(reverse("console:calendar") + "?month=2026-11"))
    assert page.count('class="calendar-slot"') == 4
    assert "¥7,500.00" in page
    assert empty.count('class="calendar-slot"') == 0
    assert str(plan_id) in page


def test_the_list_filters_by_its_address():
    given_release.open_plan(given_release.new_plan())
    given_release.lottery(title="摇号一期")
    client, address = operator(), reverse("console:pools")

    def titles(query):
        with clock.standing_at(moment(date(2026, 9, 1), 11)):
            return [
                row.values["title"] for row in client.get(address + query).context["table"].rows
            ]

    assert titles("?mode=lottery") == ["摇号一期"]
    assert titles("?q=20:00") == ["九月家电 9月2日 20:00", "九月家电 9月1日 20:00"]
    assert titles("?day=2026-09-02&state=soon") == [
        "九月家电 9月2日 20:00",
        "九月家电 9月2日 10:00",
    ]
    assert len(titles("?state=nonsense&plan=nonsense&day=2026-99-99")) == 5


def test_a_long_list_is_paged_and_sums_only_what_it_shows_whole(monkeypatch):
    given_release.open_plan(given_release.new_plan())
    client, address = operator(), reverse("console:pools")
    whole = client.get(address).context["table"]
    monkeypatch.setattr(pools, "_ROWS", 3)
    first, last = (client.get(address + query).context["table"] for query in ("", "?page=2"))
    file = text_of(client.get(address + "?export=csv")).strip().splitlines()

    assert (whole.total_count, whole.pages, whole.totals["quantity"] > 0) == (4, 1, True)
    assert [len(first.rows), len(last.rows), first.pages, first.total_count] == [3, 1, 2, 4]
    assert first.totals == last.totals == {}
    assert len(file) == 1 + 4


def test_a_pools_page_draws_what_was_claimed_and_says_how_long_it_lasts():
    pool_id = gv.pool(quantity=40)
    gv.claims(*(gv.claim(pool_id, given.person()) for _ in range(10)), at=OPENS)
    client = operator()
    with clock.standing_at(OPENS + timedelta(minutes=9)):
        page = client.get(reverse("console:pool", args=[pool_id]))
        table = text_of(client.get(reverse("console:pool", args=[pool_id]) + "?export=csv"))
    assert "预计" in page.context["burn"].sentence
    assert "9月1日 09:36" in page.context["burn"].sentence
    assert "10 份" in page.context["burn"].how
    assert 'class="ahead-line"' in text_of(page)
    assert [row.values["left"] for row in page.context["burn"].table.rows] == [30]
    assert "累计领取" in table


def test_places_are_added_and_moved_after_the_last_look():
    given_release.open_plan(given_release.new_plan(), budget_fen=18 * CAP)
    [_, _, later, first] = vouchers.list_pools(Scope())
    client = operator()
    form = {"places": "2", "amount_fen": "3000", "reason": "报名人数多", "request_id": str(uuid4())}
    with clock.standing_at(OPENS):
        address = reverse("console:pool_add", args=[first.id])
        page = client.post(address, form)
        assert vouchers.get_pool(first.id).quantity == 5
        for _ in range(2):
            client.post(address, page.context["confirmation"].fields)
        assert vouchers.get_pool(first.id).quantity == 7
        address = reverse("console:pool_move", args=[first.id])
        move = {**form, "to_pool": str(later.id), "request_id": str(uuid4())}
        page = client.post(address, move)
        client.post(address, page.context["confirmation"].fields)
        too_much = client.post(address, {**move, "places": "99", "confirmed": "1",
                                         "request_id": str(uuid4())})  # fmt: skip
    assert (vouchers.get_pool(first.id).quantity, vouchers.get_pool(later.id).quantity) == (5, 5)
    assert 'data-code="vouchers.places_not_free"' in text_of(too_much)


def test_a_lottery_is_opened_from_the_form():
    client = operator()
    sent = {
        "title": "九月摇号", "programme": gv.PROGRAMME, "region_code": given.COUNTY,
        "categories": ["refrigerator"], "quantity": "2", "budget_fen": "3000",
        "opens_at": "2026-09-01T09:00", "closes_at": "2026-09-30T00:00", "lapse_hours": "48",
        "reserve_percent": "100", "request_id": str(uuid4()), "stages": "",
        "registers_until": "2026-09-04T09:00", "draws_at": "2026-09-04T21:00",
        "entropy_source": "双色球第 2026101 期",
    }  # fmt: skip
    with clock.standing_at(BEFORE):
        given_release.budget(300_000)
        half = client.post(reverse("console:new_pool"), {**sent, "draws_at": ""})
        assert "三项都要填写" in text_of(half)
        page = client.post(reverse("console:new_pool"), sent)
        client.post(reverse("console:open_pool"), page.context["confirmation"].fields)
    [card] = vouchers.list_pools(Scope(), wanted=PoolFilter(mode=ReleaseMode.LOTTERY))
    assert vouchers.find_lottery(card.id).draws_at == moment(date(2026, 9, 4), 21)


def test_two_officers_draw_at_the_desk_and_one_alone_cannot():
    pool_id = given_release.lottery()
    for _ in range(5):
        given_release.register(pool_id, given.person())
    one, two = operator(), operator()
    steps = {
        name: reverse(f"console:lottery_{name}", args=[pool_id])
        for name in ("list", "number", "draw")
    }

    def typed(value=NUMBER):
        return {"value": value, "request_id": str(uuid4())}

    with clock.standing_at(OPENS):
        early = one.post(steps["list"])
        assert 'data-code="vouchers.draw_not_due"' in text_of(early)
    with clock.standing_at(CLOSES):
        assert one.post(steps["list"]).status_code == 302
    with clock.standing_at(DRAWS):
        assert one.post(steps["number"], typed()).status_code == 302
        hidden = text_of(two.get(reverse("console:lottery", args=[pool_id])))
        assert NUMBER not in hidden  # the second officer reads it elsewhere
        assert NUMBER not in text_of(two.get(reverse("public:draw", args=[pool_id])))
        alone = one.post(steps["draw"], typed())
        other = two.post(steps["draw"], typed("1 2 3"))
        assert models.Voucher.objects.count() == 0
        assert two.post(steps["draw"], typed()).status_code == 302
        again = two.post(steps["draw"], typed())
        page = text_of(one.get(reverse("console:lottery", args=[pool_id])))
    assert 'data-code="vouchers.second_officer_needed"' in text_of(alone)
    assert 'data-code="vouchers.entropy_differs"' in text_of(other)
    assert 'data-code="vouchers.draw_done"' in text_of(again)
    assert "下载开奖文件" in page
    assert NUMBER in page
    assert models.Voucher.objects.count() == 3


def test_who_may_not_release_sees_none_of_it():
    pool_id = given_release.lottery()
    finance = visitor(Role.FINANCE_OFFICER)[0]
    for name in ("calendar", "new_plan", "pools"):
        assert finance.get(reverse(f"console:{name}")).status_code == 403
    for name in ("lottery", "pool_add", "pool_move"):
        assert finance.get(reverse(f"console:{name}", args=[pool_id])).status_code == 403
    assert finance.post(reverse("console:open_plan"), plan_form()).status_code in {403, 422}
    assert finance.post(reverse("console:lottery_list", args=[pool_id])).status_code == 403
