"""A price may be asked for without a proof: the same standard, nothing written."""

import pytest

from huanxin.catalogue.errors import CategoryUnknown
from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.services import quoting
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


def test_an_indication_is_what_the_proof_will_say():
    given_recycling.city()
    who = given.person()
    with clock.standing_at(given_recycling.EVENING):
        value = quote_book.value_old_unit(given_recycling.answers())
        assert not models.Quote.objects.exists()
        proof = quoting.quote_old_unit(
            actor=given.consumer(who), person_id=who.id, answers=given_recycling.answers()
        )
    assert (value.cash_fen, value.voucher_fen) == (45_00, 60_00)
    assert (proof.cash_fen, proof.voucher_fen, proof.reasons) == (
        value.cash_fen, value.voucher_fen, value.reasons,
    )  # fmt: skip


def test_a_category_nobody_knows_has_no_price():
    given_recycling.city()
    with clock.standing_at(given_recycling.EVENING), pytest.raises(CategoryUnknown):
        quote_book.value_old_unit(given_recycling.answers("tractor"))
