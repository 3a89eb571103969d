"""A lottery under concurrency: one draw, and a list nobody slips into while it is published."""

import contextlib
from uuid import uuid4

import pytest

from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import _draw, models, selectors
from huanxin.vouchers.errors import DrawDone, RegistrationRefused
from huanxin.vouchers.services import drawing
from tests import given, given_release
from tests.given_release import CLOSES, DRAWS, NUMBER

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_officers_press_draw_at_once_and_it_is_drawn_once(race):
    pool_id, _ = given_release.listed(12)
    with clock.standing_at(DRAWS):
        drawing.enter_public_number(actor=given_release.officer(), pool_id=pool_id, value=NUMBER)
    officers = [given_release.officer() for _ in range(4)]

    def draw(number):
        with clock.standing_at(DRAWS):
            try:
                return drawing.reveal_and_draw(
                    actor=officers[number], pool_id=pool_id, value=NUMBER, request_id=uuid4()
                )
            except DrawDone:
                return None

    assert sorted(race(draw, 4), key=str) == [3, None, None, None]
    assert models.Voucher.objects.count() == 3
    assert selectors.audit_draw(selectors.draw_document(pool_id)).fault is None
    assert ledger.sum_check().difference_fen == 0


def test_two_workers_move_the_waiting_up_once(race):
    pool_id, _ = given_release.listed(6, quantity=4, budget_fen=4 * given_release.CAP_FEN)
    given_release.draw(pool_id)
    models.Pool.objects.filter(pk=pool_id).update(quantity=5, remaining=1)
    with clock.standing_at(DRAWS):
        given_release.budget(given_release.CAP_FEN)
    released = race(lambda _: _turned(), 4)
    assert sum(released) == 0  # a place without money behind it is nobody's
    assert models.Registration.objects.filter(outcome="").count() == 2


def _turned():
    with clock.standing_at(DRAWS):
        return drawing.turn_lotteries(actor=given.system())


def test_who_registers_in_the_last_moment_is_in_the_list_or_refused(race):
    """Half the threads think the window is still open while the others publish the list."""
    pool_id = given_release.lottery()
    people = [given.person() for _ in range(6)]

    def act(number):
        if number % 2:
            with clock.standing_at(CLOSES):
                return drawing.publish_list(actor=given.system(), pool_id=pool_id)
        with contextlib.suppress(RegistrationRefused):
            return given_release.register(pool_id, people[number])
        return None

    race(act, 6)
    hashes = models.Registration.objects.values_list("hash", flat=True)
    assert _draw.list_digest(hashes) == selectors.find_lottery(pool_id).list_sha256
