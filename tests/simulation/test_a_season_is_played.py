"""A small season through the real services: the books close and nothing acknowledged is missing."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection

from huanxin.claims import selectors as claims
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.ledger import selectors as ledger
from huanxin.outreach import selectors as outreach
from huanxin.settlement.services import reconciling
from huanxin.simulation import services
from huanxin.vouchers import selectors as vouchers
from tests import given

pytestmark = pytest.mark.django_db
DAYS = {"first_on": date(2026, 6, 1), "last_on": date(2026, 6, 17), "scale": 300, "seed": 11}
WANGS_COUNTY = "370000/371500/371502"


@pytest.fixture(scope="module")
def played(tmp_path_factory, django_db_setup, django_db_blocker):
    """One season for all tests of this module; its rows go with the transaction."""
    from django.db import transaction

    folder = tmp_path_factory.mktemp("twin")
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            yield services.replay_season(folder=folder, **DAYS), folder
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


def journal(folder):
    return json.loads((folder / "season.json").read_text("utf-8"))


def ask(statement, values=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall()


def test_the_ledger_adds_up_to_the_fen(played):
    result, _ = played
    check = ledger.sum_check()
    assert result.ledger_difference_fen == 0
    assert check.difference_fen == 0
    assert not check.faults
    assert check.accounts > 50


def test_every_acknowledged_sale_is_there_with_its_amount(played):
    result, folder = played
    sold = [state for state in journal(folder)["wishes"].values() if state.get("sale_id")]

    assert len(sold) == result.counts["sales"] > 10
    for state in sold:
        card = claims.get_claim_of_sale(UUID(state["sale_id"]), Scope()).card
        assert card.price_fen == state["price_fen"]
        assert card.subsidy_fen == state["subsidy_fen"]
        assert card.subsidy_fen + card.to_pay_fen == card.price_fen
    assert ask("SELECT count(*) FROM mart_claims_sale") == [(len(sold),)]


def test_every_act_of_the_chain_happened(played):
    result, _ = played
    wanted = (
        "bookings", "pick_ups", "claim:won", "claim:sold_out", "decided", "submissions", "lots",
        "batches", "dismantled", "review:correct", "payment_orders", "bank:accepted",
    )  # fmt: skip
    assert [name for name in wanted if not result.counts.get(name)] == []


def test_records_and_ledger_agree_day_by_day(played):
    proof = reconciling.reconcile(actor=given.system(), on=DAYS["last_on"])
    assert proof.difference_fen == 0
    assert len(proof.lines) > 1


def test_collected_units_keep_their_mass(played):
    runs = ask("SELECT mass_in_g, mass_out_g FROM mart_recycling_run")
    assert runs
    assert all(0 <= came_in - out <= came_in * 3 // 100 for came_in, out in runs)


def test_no_truth_about_frauds_is_in_the_platform(played):
    _, folder = played
    truth = json.loads((folder / "fraud-truth.json").read_text("utf-8"))
    rings = {key.split("-9", 1)[1].partition("-")[2] for key in truth}
    assert rings
    columns = ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name NOT LIKE 'mart%%'"
        " AND data_type IN ('character varying', 'text', 'jsonb')"
    )
    assert len(columns) > 100
    for table, column in columns:
        for word in rings | set(truth):
            found = ask(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE %s', [f"%{word}%"]
            )
            assert found == [(0,)], f"{table}.{column} knows {word}"


def test_frauds_were_tried_and_their_scores_add_up(played):
    result, _ = played
    assert sum(score.committed for score in result.scores) > 5
    for score in result.scores:
        assert score.stopped <= score.committed
        assert score.denied <= score.committed
        assert score.flagged_right <= score.flagged


def test_the_clock_stands_on_the_morning_after_and_a_pool_is_open(played):
    now = clock.now()
    opened = vouchers.list_open_pools(now=now, region_path=WANGS_COUNTY)
    assert clock.business_day(now) == date(2026, 6, 18)
    rights = {pool.programme for pool in opened if not pool.consumption}
    assert rights == {"appliances-2026", "digital-2026"}
    assert all(pool.closes_at > now for pool in opened)


def test_one_lottery_is_drawn_so_that_anyone_can_check_it_and_one_takes_registrations(played):
    lotteries = [lottery for _, lottery in vouchers.list_lotteries()]
    [drawn] = [one for one in lotteries if one.drawn_at]
    [open_one] = [one for one in lotteries if not one.drawn_at]
    audit = vouchers.audit_draw(vouchers.draw_document(drawn.pool_id), noted=[drawn.commitment])
    assert (audit.fault, audit.winners) == (None, 3)
    assert audit.registered > audit.winners
    assert open_one.registers_until > clock.now()


def test_a_week_of_slots_in_stages_is_announced(played):
    pools = vouchers.list_open_pools(now=clock.now(), region_path=WANGS_COUNTY)
    staged = [pool for pool in pools if pool.stages]
    assert len(staged) == 14
    assert all(pool.remaining == 10 for pool in staged)


def test_the_city_paid_in_before_its_vouchers_were_issued(played):
    assert ledger.list_overspendings() == []
    page = ledger.get_statement("funder:city", Scope(), size=100_000)
    lowest = min(entry.after.available_fen for entry in page.entries)
    assert page.entries[0].key.cause == "funder.funded"
    assert lowest >= 0, f"the credit line was drawn by {-lowest} fen"


def test_the_citys_tree_adds_up_level_by_level(played):
    for programme in ("appliances-2026", "digital-2026"):
        city, *counties = vouchers.list_budgets(
            Scope(region_path="370000/371500"), programme=programme
        )
        assert city.given_down_fen == sum(one.allocated_fen for one in counties)
        assert city.unused_fen == 0
        for one in counties:
            spent = one.paid_fen + one.held_fen + one.left_fen
            assert spent == one.allocated_fen
            assert min(part.unused_fen for part in one.funds.values()) >= 0


def test_the_city_and_a_shop_have_consumption_vouchers_and_some_are_spent(played):
    cards = {card.title: card for card in vouchers.list_campaigns(Scope())}
    assert set(cards) == {"青年兴聊消费券（演示）", "适老焕新消费券（演示）", "店庆满减券（演示）"}
    assert all(card.consumption.is_synthetic for card in cards.values())
    use = vouchers.campaign_use(cards["青年兴聊消费券（演示）"].id)
    assert use.claimed_count == 8
    assert use.used_count == 3
    assert use.used_fen == 20_000 + 60_000 + 20_000


def test_notices_and_a_stations_events_are_there_for_whoever_looks(played):
    with clock.standing_at(clock.moment(DAYS["last_on"] + timedelta(days=1), 9)):
        notices, events = outreach.list_notices(), outreach.list_events()
    assert len(notices) == len(events) == 2
    assert all("演示" in one.title for one in [*notices, *events])
    assert all(one.left_count == one.places_count for one in events)
