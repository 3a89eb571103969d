"""Cells follow the feed and say what the metrics' own statements say, day by day."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.claims.services import returning
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.indicators import _answers, _cells, models, selectors
from huanxin.indicators.services import rolling
from huanxin.indicators.types import By
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from tests import given, given_claims, given_recycling, given_settlement

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
CITY = Scope(region_path=given.CITY_PATH)
PATHS = ("", "370000", given.CITY_PATH, given.COUNTY_PATH)


@pytest.fixture(autouse=True)
def _regions() -> Iterator[None]:
    given.regions()
    selectors._walls.clear()
    yield
    selectors._walls.clear()


def roll() -> None:
    given.settled_feed()
    while rolling.roll_up(actor=given.system()):
        pass


def differences() -> list[str]:
    models.RollupState.objects.update(checked_on=None)
    return rolling.check_rollups(actor=given.system())


def of_cells_and_of_facts(monkeypatch: pytest.MonkeyPatch) -> list[list[object]]:
    """Every metric at every level by every grouping that cells can say: read both ways."""
    asked = [
        (metric.id, Scope(region_path=path), *YEAR, by)
        for metric in selectors.list_metrics()
        for path in PATHS
        for by in (None, By.DAY, By.REGION, By.CATEGORY)
    ]
    from_cells: list[object] = [selectors.read_metric(*one) for one in asked]
    with monkeypatch.context() as patch:
        patch.setattr(_cells, "find_state", lambda: None)
        from_facts: list[object] = [selectors.read_metric(*one) for one in asked]
    return [from_cells, from_facts]


def test_from_the_sale_to_the_bank_and_back_no_day_is_forgotten(monkeypatch) -> None:
    roll()
    till, claim, order = given_settlement.paid()
    roll()
    assert differences() == []
    given_settlement.answer(order)
    roll()
    assert differences() == []
    with clock.standing_at(given_settlement.PAID_AT + timedelta(days=1)):
        returning.return_sale(
            actor=till.manager, sale_id=claim.card.sale_id, reason="质量问题", request_id=uuid4()
        )
    roll()

    assert differences() == []
    cells, facts = of_cells_and_of_facts(monkeypatch)
    assert cells == facts
    assert any(series.value for series in cells)


def test_from_the_door_to_the_certificate_no_day_is_forgotten(monkeypatch) -> None:
    with clock.standing_at(given_recycling.EVENING):
        here = given_recycling.city()
        roll()
        _, codes = given_recycling.until_dismantler(here)
        roll()
        assert differences() == []
    with clock.standing_at(given_recycling.EVENING + timedelta(days=3)):
        given_recycling.dismantled(here, codes)
        roll()

    assert differences() == []
    cells, facts = of_cells_and_of_facts(monkeypatch)
    assert cells == facts
    assert selectors.read_metric("units_dismantled", CITY, *YEAR).value == 1


def test_a_day_that_was_missed_is_found_at_night_and_counted_anew(monkeypatch) -> None:
    roll()
    with monkeypatch.context() as patch:  # the protection off: the feed touches nothing
        patch.setattr(rolling, "_touched_by", lambda rows: set())
        given_claims.decided()
        roll()
    assert selectors.read_metric("new_units_sold", CITY, *YEAR).value == 0

    missed = differences()
    roll()

    assert any(line.startswith("new_units_sold ") for line in missed)
    assert selectors.read_metric("new_units_sold", CITY, *YEAR).value == 1
    assert AuditEntry.objects.filter(action="indicators.rollup_differed").count() == 1
    assert differences() == []


def test_the_check_is_made_once_a_day() -> None:
    roll()
    assert rolling.check_rollups(actor=given.system()) == []
    models.Cell.objects.create(
        metric_id="new_units_sold", region_path="", category_code="*", fact_on=YEAR[0], bucket=0,
        total=1, row_count=1,
    )  # fmt: skip

    assert rolling.check_rollups(actor=given.system()) == []
    assert differences() == ["new_units_sold 2026-01-01"]


def test_until_every_day_is_counted_the_facts_answer(monkeypatch) -> None:
    given_claims.decided()
    monkeypatch.setattr(rolling, "_DAYS_AT_ONCE", 1)
    monkeypatch.setattr(rolling, "_recount_some", lambda: None)
    given.settled_feed()

    assert rolling.roll_up(actor=given.system()) > 0
    assert _cells.find_state() is None
    assert selectors.read_metric("new_units_sold", CITY, *YEAR).value == 1


def test_a_quick_answer_is_read_live_and_a_slow_one_is_kept_with_its_moment(monkeypatch) -> None:
    with clock.standing_at(clock.moment(date(2026, 9, 5), 9)):
        roll()
        window = selectors.window_named("year")
        asked = ("beneficiaries", CITY, window.from_on, window.to_on)
        assert rolling.refresh_answers(actor=given.system(), milliseconds=60_000) > 100
        given_claims.decided()
        roll()
        assert selectors.read_metric(*asked).value == 1
        assert selectors.read_metric(*asked).read_at is None

        models.Answer.objects.update(cost_ms=_answers.WORTH_KEEPING_MS)
        kept = selectors.read_metric(*asked)
        assert (kept.value, kept.read_at) == (0, clock.now())
        assert selectors.read_flow(*asked[1:]).read_at == clock.now()
        round_before = models.RollupState.objects.get().round
        assert rolling.refresh_answers(actor=given.system(), milliseconds=60_000) > 100
        assert models.RollupState.objects.get().round == round_before + 1
        models.Answer.objects.update(cost_ms=_answers.WORTH_KEEPING_MS)
        assert selectors.read_metric(*asked).value == 1
        assert rolling.refresh_answers(actor=given.system()) == 0  # nothing new to read


def test_only_the_platform_turns_the_handle() -> None:
    for verb in (rolling.roll_up, rolling.refresh_answers, rolling.check_rollups):
        with pytest.raises(NotAllowed):
            verb(actor=given.staff(Role.OPERATOR))
    assert not models.RollupState.objects.exists()
