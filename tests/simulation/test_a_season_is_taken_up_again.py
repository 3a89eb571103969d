"""A replay that was killed goes on, and ends where an undisturbed one ends."""

from datetime import date

import pytest
from django.db import connection, transaction

from huanxin.kernel import clock
from huanxin.simulation import _journal, _season, demand, services
from huanxin.simulation.errors import AnotherCity, SeasonOfAnotherVersion

pytestmark = pytest.mark.django_db
DAYS = {"first_on": date(2026, 6, 1), "last_on": date(2026, 6, 6), "scale": 500, "seed": 3}

_TOTALS = """
SELECT 'account ' || kind, sum(debits_posted_fen + debits_pending_fen) FROM mart_ledger_account
GROUP BY kind
UNION ALL SELECT 'sale', sum(subsidy_fen * 31 + price_fen) FROM mart_claims_sale
UNION ALL SELECT 'claim ' || verify_status, count(*) FROM mart_claims_claim GROUP BY verify_status
UNION ALL SELECT 'voucher ' || state, count(*) FROM mart_vouchers_voucher GROUP BY state
UNION ALL SELECT 'order ' || state, sum(quoted_fen) FROM mart_recycling_order GROUP BY state
UNION ALL SELECT 'unit', sum(mass_g) FROM mart_recycling_unit
UNION ALL SELECT 'audit', count(*) FROM kernel_auditentry
"""


class Killed(BaseException):
    """What kill -9 looks like from inside."""


def totals():
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        return dict(cursor.fetchall())


def undisturbed(folder):
    """The totals of a whole replay, which is then undone."""
    with transaction.atomic():
        result = services.replay_season(folder=folder, **DAYS)
        found = totals()
        transaction.set_rollback(True)
    clock._cached["read"] = float("-inf")
    return result, found


def test_killed_between_days_within_a_day_and_between_commit_and_file(tmp_path, monkeypatch):
    whole, wanted = undisturbed(tmp_path / "whole")
    folder = tmp_path / "killed"

    def kill_on(day):
        def progress(done, total, label):
            if label == day:
                raise Killed

        return progress

    with pytest.raises(Killed):
        services.replay_season(folder=folder, progress=kill_on("06月03日"), **DAYS)
    assert _journal.load(folder).done_on == "2026-06-02"

    _kill_within_a_day(folder, monkeypatch)
    assert _journal.load(folder).done_on == "2026-06-02"

    _kill_after_the_commit(folder, monkeypatch)
    assert _journal.load(folder).done_on == "2026-06-02"
    assert _journal.load_next(folder).done_on == "2026-06-03"

    again = services.replay_season(folder=folder, **DAYS)
    assert again.counts == whole.counts
    assert again.scores == whole.scores
    assert totals() == wanted


def _kill_within_a_day(folder, monkeypatch):
    """The kill comes when everything of the day is done except the commit."""
    with monkeypatch.context() as patch:
        patch.setattr(_season, "_mark_played", killed)
        with pytest.raises(Killed):
            services.replay_season(folder=folder, **DAYS)


def _kill_after_the_commit(folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(_journal, "promote_next", killed)
        with pytest.raises(Killed):
            services.replay_season(folder=folder, **DAYS)


def killed(*_):
    raise Killed


def test_a_finished_season_is_not_played_again(tmp_path):
    first = services.replay_season(folder=tmp_path, **DAYS)
    before = totals()
    second = services.replay_season(folder=tmp_path, **DAYS)
    assert second.counts == first.counts
    assert totals() == before


@pytest.mark.slow
def test_a_journal_of_another_database_is_not_believed(tmp_path):
    with transaction.atomic():
        services.replay_season(folder=tmp_path, **DAYS)
        transaction.set_rollback(True)
    clock._cached["read"] = float("-inf")
    result = services.replay_season(folder=tmp_path, **DAYS)
    assert result.counts["sales"] == totals_of_sales() > 0


def totals_of_sales():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mart_claims_sale")
        return cursor.fetchone()[0]


def test_one_database_holds_one_city(tmp_path):
    services.replay_season(folder=tmp_path, **DAYS)
    before = totals()
    for change in ({"seed": 4}, {"scale": 600}):
        with pytest.raises(AnotherCity):
            services.replay_season(folder=tmp_path / "other", **{**DAYS, **change})
    assert totals() == before


@pytest.mark.slow
def test_a_season_finished_by_another_version_is_left_as_it_is(tmp_path, monkeypatch):
    first = services.replay_season(folder=tmp_path, **DAYS)
    before = totals()
    monkeypatch.setattr(demand, "plan_hash", lambda _: "another plan")

    assert services.replay_season(folder=tmp_path, **DAYS) == first
    assert services.replay_season(folder=tmp_path / "lost", **DAYS).counts == {}
    assert totals() == before


def test_half_a_season_without_its_journal_is_refused(tmp_path):
    half = {**DAYS, "last_on": date(2026, 6, 2)}
    services.replay_season(folder=tmp_path / "half", **half)
    before = totals()
    with pytest.raises(SeasonOfAnotherVersion):
        services.replay_season(folder=tmp_path / "lost", **DAYS)
    assert totals() == before
