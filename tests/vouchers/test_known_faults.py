"""What the feasibility study of the flash claim got wrong, each by name, so that it stays right."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from huanxin.kernel.sqlfiles import read_folder
from huanxin.vouchers import models, selectors
from huanxin.vouchers.types import Claim
from huanxin.vouchers.types import ClaimOutcome as Outcome
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

ROOMS = Path(__file__).parents[2] / "src" / "huanxin"


def outcomes(answers):
    return [answer.outcome for answer in answers]


def test_fault_duplicates_within_a_batch_were_all_answered_won():
    pool_id, who = gv.pool(quantity=5), given.person()
    answers = gv.claims(*(gv.claim(pool_id, who) for _ in range(4)))
    assert outcomes(answers) == [Outcome.WON] + [Outcome.ALREADY_YOURS] * 3
    assert {answer.voucher_id for answer in answers} == {models.Voucher.objects.get().id}
    assert selectors.get_pool(pool_id).remaining == 4


def test_fault_a_repeated_request_id_ate_the_last_place():
    pool_id, next_in_line = gv.pool(quantity=2), given.person()
    asked = gv.claim(pool_id, given.person())
    gv.claims(asked)
    answers = gv.claims(asked, asked, gv.claim(pool_id, next_in_line))
    assert outcomes(answers) == [Outcome.WON] * 3
    assert [answer.is_repeat for answer in answers] == [True, True, False]
    assert models.Voucher.objects.filter(person_id=next_in_line.id).count() == 1


def test_fault_a_loser_was_not_told_why():
    pool_id, winner = gv.pool(quantity=1), given.person()
    gv.claims(gv.claim(pool_id, winner))
    unknown, other = uuid4(), given.person()
    answers = gv.claims(
        gv.claim(pool_id, winner),
        gv.claim(pool_id, other),
        gv.claim(pool_id, other, "dishwasher"),
        gv.claim(pool_id, unknown),
        gv.claim(uuid4(), other),
    )
    assert outcomes(answers) == [
        Outcome.ALREADY_YOURS, Outcome.SOLD_OUT, Outcome.NOT_ELIGIBLE, Outcome.NOT_ELIGIBLE,
        Outcome.NOT_ELIGIBLE,
    ]  # fmt: skip
    assert len({answer.sentence for answer in answers}) == 5
    [early] = gv.claims(gv.claim(pool_id, other), at=gv.OPENS - timedelta(seconds=1))
    [late] = gv.claims(gv.claim(pool_id, other), at=gv.ENDS)
    assert (early.outcome, late.outcome) == (Outcome.NOT_OPEN, Outcome.CLOSED)


def test_fault_the_statement_asked_the_database_for_the_time():
    for room in ("kernel", "ledger", "vouchers"):
        for file in read_folder(f"huanxin.{room}.sql"):
            words = file.text.lower()
            assert "now()" not in words, file.name
            assert "current_timestamp" not in words, file.name


def test_fault_one_broken_request_broke_its_whole_batch_and_wrote_half_of_it():
    """The gateway halves a broken batch (tests/gateway); here: a broken batch leaves nothing."""
    pool_id = gv.pool(quantity=5)
    poison = Claim(uuid4(), pool_id, given.person().id, "refrigerator", "\x00")
    with pytest.raises(Exception, match="NUL"):
        gv.claims(gv.claim(pool_id, given.person()), poison)
    assert models.Voucher.objects.count() == 0
    assert gv.free_fen(pool_id) == 5 * gv.CAP_FEN
    assert outcomes(gv.claims(gv.claim(pool_id, given.person()))) == [Outcome.WON]
