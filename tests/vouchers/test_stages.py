"""Places of a pool that open bit by bit: nobody gets one before its stage, and nobody is misled."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.vouchers import models, selectors
from huanxin.vouchers.errors import PoolInvalid
from huanxin.vouchers.types import ClaimOutcome, Stage
from tests import given, given_release
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)
SECOND = gv.OPENS + timedelta(seconds=300)


def ask(pool_id, count, at):
    """The outcomes of so many people asking at an instant."""
    answers = gv.claims(*(gv.claim(pool_id, given.person()) for _ in range(count)), at=at)
    return [answer.outcome for answer in answers], answers


def test_a_stage_gives_its_places_and_says_when_the_next_opens():
    pool_id = given_release.staged(10)
    outcomes, answers = ask(pool_id, 6, gv.OPENS)
    assert outcomes == [ClaimOutcome.WON] * 4 + [ClaimOutcome.NOT_YET] * 2
    assert answers[4].sentence.startswith("本批已领完，下一批 9月1日 09:05 开放")
    assert gv.free_fen(pool_id) == 6 * gv.CAP_FEN  # who was put off holds nothing


def test_a_microsecond_before_the_next_stage_is_before_it():
    pool_id = given_release.staged(10)
    ask(pool_id, 4, gv.OPENS)
    early, _ = ask(pool_id, 1, SECOND - MICROSECOND)
    assert early == [ClaimOutcome.NOT_YET]
    outcomes, _ = ask(pool_id, 4, SECOND)
    assert outcomes == [ClaimOutcome.WON] * 3 + [ClaimOutcome.NOT_YET]


def test_after_the_last_stage_the_pool_is_sold_out_to_the_last_place():
    pool_id = given_release.staged(10)
    outcomes, _ = ask(pool_id, 12, gv.OPENS + timedelta(seconds=600))
    assert outcomes == [ClaimOutcome.WON] * 10 + [ClaimOutcome.SOLD_OUT] * 2
    assert gv.free_fen(pool_id) == 0


def test_control_without_its_stages_the_same_pool_gives_everything_at_once():
    pool_id = given_release.staged(10)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE vouchers_poolstage DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM vouchers_poolstage")
        cursor.execute("ALTER TABLE vouchers_poolstage ENABLE TRIGGER USER")
    outcomes, _ = ask(pool_id, 10, gv.OPENS)
    assert outcomes == [ClaimOutcome.WON] * 10


def test_a_card_counts_the_places_that_are_open_now():
    card = selectors.get_pool(given_release.staged(10))
    assert [stage.places for stage in card.stages] == [3, 3]
    assert card.remaining == 10
    instants = [gv.OPENS, SECOND - MICROSECOND, SECOND, gv.OPENS + timedelta(seconds=600)]
    assert [card.places_open_at(at) for at in instants] == [4, 4, 7, 10]
    assert card.next_stage(SECOND).opens_at == gv.OPENS + timedelta(seconds=600)
    assert card.next_stage(instants[3]) is None


@pytest.mark.parametrize(
    ("stages", "reason"),
    [
        ((Stage(0, 4_000), Stage(300, 5_000)), "各批比例合计必须为 100%"),
        ((Stage(60, 10_000),), "第一批必须在开放时刻放出"),
        ((Stage(0, 5_000), Stage(0, 5_000)), "各批的时间必须依次递增"),
        ((Stage(0, 10_000), Stage(300, 0)), "每批的比例必须大于零"),
        ((Stage(0, 12_000), Stage(300, -2_000)), "每批的比例必须大于零"),
        ((Stage(0, 5_000), Stage(40 * 86_400, 5_000)), "最后一批必须在结束前放出"),
    ],
)
def test_stages_that_are_not_the_whole_are_refused_and_nothing_opens(stages, reason):
    with pytest.raises(PoolInvalid) as refusal:
        given_release.staged(10, stages)
    assert refusal.value.facts == {"reason": reason}
    assert models.Pool.objects.count() == 0
    assert gv.budget_fen() == 10 * gv.CAP_FEN


def test_a_stage_once_announced_stays():
    pool_id = given_release.staged(10)
    rows = models.PoolStageRow.objects.filter(pool_id=pool_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(opens_at=gv.OPENS)
    assert rows.filter(opens_at=gv.OPENS).count() == 0
