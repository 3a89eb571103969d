"""A lottery: one registration each, a list that stands before the seed opens, one draw."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotAllowed
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import _claims, _draw, _pools, models, selectors
from huanxin.vouchers.errors import (
    AlreadyRegistered,
    DrawDone,
    DrawNotDue,
    EntropyDiffers,
    NotEligible,
    PoolInvalid,
    PoolsApart,
    RegistrationRefused,
    SecondOfficerNeeded,
)
from huanxin.vouchers.services import drawing, lapsing, releasing
from huanxin.vouchers.types import ClaimOutcome, NewLottery, RegistrationState
from tests import given, given_release
from tests import given_vouchers as gv
from tests.given_release import CLOSES, DRAWS, NUMBER

pytestmark = pytest.mark.django_db
MICROSECOND = timedelta(microseconds=1)
State = RegistrationState


def states(pool_id, at=DRAWS):
    """Everybody's state in the order of rank."""
    rows = models.Registration.objects.filter(pool_id=pool_id).order_by("rank")
    with clock.standing_at(at):
        return [
            selectors.list_registrations(pool_id, row.person_id, Scope())[0].state for row in rows
        ]


# --- registering ---------------------------------------------------------------------------------


def test_a_registration_is_taken_once_and_holds_no_money():
    pool_id, who = given_release.lottery(), given.person()
    given_release.register(pool_id, who)
    with pytest.raises(AlreadyRegistered):
        given_release.register(pool_id, who)
    assert models.Registration.objects.count() == 1
    assert gv.free_fen(pool_id) == 3 * gv.CAP_FEN


def test_control_without_the_constraint_she_would_be_drawn_twice():
    pool_id, who = given_release.lottery(), given.person()
    given_release.register(pool_id, who)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX registration_once")
    given_release.register(pool_id, who)
    assert models.Registration.objects.count() == 2


def test_one_person_may_register_for_each_category():
    pool_id = given_release.lottery(categories=("refrigerator", "television"))
    who = given.person()
    for category in ("refrigerator", "television"):
        given_release.register(pool_id, who, category)
    assert models.Registration.objects.count() == 2


@pytest.mark.parametrize("at", [gv.OPENS - MICROSECOND, CLOSES, CLOSES + timedelta(days=1)])
def test_outside_the_window_nobody_registers_to_the_microsecond(at):
    pool_id, who = given_release.lottery(), given.person()
    with pytest.raises(RegistrationRefused):
        given_release.register(pool_id, who, at=at)
    assert models.Registration.objects.count() == 0


@pytest.mark.parametrize("at", [gv.OPENS, CLOSES - MICROSECOND])
def test_control_at_both_ends_of_the_window_she_is_taken(at):
    pool_id, who = given_release.lottery(), given.person()
    given_release.register(pool_id, who, at=at)
    assert models.Registration.objects.count() == 1


def test_who_is_not_verified_or_wants_what_is_not_drawn_is_refused():
    pool_id = given_release.lottery()
    with pytest.raises(NotEligible):
        given_release.register(pool_id, given.person(is_verified=False))
    with pytest.raises(NotEligible):
        given_release.register(pool_id, given.person(), "television")
    assert models.Registration.objects.count() == 0


def test_a_withdrawn_registration_is_not_drawn_and_may_be_made_again():
    pool_id, who = given_release.lottery(), given.person()
    with clock.standing_at(gv.OPENS):
        first = given_release.register(pool_id, who)
        drawing.withdraw_registration(actor=given.system(), registration_id=first)
        with pytest.raises(RegistrationRefused):
            drawing.withdraw_registration(actor=given.system(), registration_id=first)
    second = given_release.register(pool_id, who)
    with clock.standing_at(CLOSES):
        drawing.publish_list(actor=given.system(), pool_id=pool_id)
    mine = models.Registration.objects.get(pk=second)
    assert selectors.lottery_list(pool_id) == f"{mine.hash}\n"


def test_nobody_withdraws_another_persons_registration():
    pool_id, who = given_release.lottery(), given.person()
    registration_id = given_release.register(pool_id, who)
    with clock.standing_at(gv.OPENS), pytest.raises(NotAllowed):
        drawing.withdraw_registration(
            actor=given.consumer(given.person()), registration_id=registration_id
        )
    assert models.Registration.objects.filter(withdrawn_at=None).count() == 1


def test_the_receipt_proves_her_entry_and_the_entry_names_nobody():
    pool_id, who = given_release.lottery(), given.person()
    given_release.register(pool_id, who)
    [mine] = selectors.list_registrations(pool_id, who.id, given.consumer(who).scope)
    assert _draw.registration_hash(pool_id, "refrigerator", mine.receipt) == mine.hash
    assert selectors.list_registrations(pool_id, who.id, given.consumer().scope) == []


def test_first_come_is_not_served_in_a_lottery():
    pool_id = given_release.lottery()
    [answer] = gv.claims(gv.claim(pool_id, given.person()))
    assert answer.outcome is ClaimOutcome.NOT_ELIGIBLE
    assert "摇号" in answer.sentence
    assert gv.free_fen(pool_id) == 3 * gv.CAP_FEN


# --- opening one ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"registers_until": gv.OPENS},
        {"draws_at": CLOSES},
        {"closes_at": DRAWS},
        {"entropy_source": "  "},
        {"budget_fen": 3 * gv.CAP_FEN - 1},
        {"lottery": None},
        {"stages": given_release.THREE},
    ],
)
def test_a_lottery_with_steps_out_of_order_or_places_without_money_is_not_opened(changes):
    with pytest.raises(PoolInvalid):
        given_release.lottery(**changes)
    assert models.Pool.objects.count() == 0


def test_a_first_come_pool_takes_no_draw():
    drawn = NewLottery(CLOSES, DRAWS, "双色球第 1 期")
    with pytest.raises(PoolInvalid):
        given_release.opened(given_release.new_pool(lottery=drawn))


def test_the_seed_is_stored_sealed_and_its_fingerprint_is_public_from_the_start():
    pool_id = given_release.lottery()
    lottery = models.Lottery.objects.get(pk=pool_id)
    card = selectors.find_lottery(pool_id)
    assert (card.seed, card.commitment) == ("", lottery.commitment)
    assert _draw.commitment_of(bytes(lottery.sealed_seed)) != lottery.commitment
    assert len(bytes(lottery.sealed_seed)) == _draw.SEED_BYTES + 28  # with nonce and tag


def test_places_of_a_running_lottery_neither_grow_nor_move():
    pool_id, other = given_release.lottery(), gv.pool()
    with clock.standing_at(gv.OPENS), pytest.raises(PoolsApart):
        releasing.add_to_pool(
            actor=given.system(), pool_id=pool_id, places=1, amount_fen=0, reason="追加",
            request_id=uuid4(),
        )  # fmt: skip
    with clock.standing_at(gv.OPENS), pytest.raises(PoolsApart):
        releasing.move_places(
            actor=given.system(), from_pool_id=pool_id, to_pool_id=other, places=1, amount_fen=0,
            reason="调剂", request_id=uuid4(),
        )  # fmt: skip
    assert selectors.get_pool(pool_id).quantity == 3


# --- the list ------------------------------------------------------------------------------------


def test_the_list_is_published_after_the_window_once_and_stands():
    pool_id, _ = given_release.listed(4)
    card = selectors.find_lottery(pool_id)
    text = selectors.lottery_list(pool_id)
    assert text == "".join(sorted(text.splitlines(keepends=True)))
    assert text.count("\n") == 4
    assert _draw.list_digest(text.split()) == card.list_sha256
    with clock.standing_at(CLOSES + timedelta(hours=1)):
        assert drawing.publish_list(actor=given.system(), pool_id=pool_id) == card.list_sha256
    assert selectors.find_lottery(pool_id).listed_at == CLOSES


def test_the_list_is_not_published_while_people_may_still_join():
    pool_id = given_release.lottery()
    with clock.standing_at(CLOSES - MICROSECOND), pytest.raises(DrawNotDue):
        drawing.publish_list(actor=given.system(), pool_id=pool_id)
    with pytest.raises(DrawNotDue):
        selectors.lottery_list(pool_id)


def test_nobody_joins_or_leaves_a_published_list_even_past_the_service():
    pool_id, _ = given_release.listed(2)
    row = models.Registration.objects.filter(pool_id=pool_id).first()
    late = models.Registration(
        id=uuid4(), pool_id=pool_id, person_id=given.person().id, holder_key="late",
        category_code="refrigerator", receipt="0" * 32, hash="0" * 64, registered_at=gv.OPENS,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="registration_list_closed"), transaction.atomic():
        late.save(force_insert=True)
    with pytest.raises(IntegrityError, match="registration_list_closed"), transaction.atomic():
        models.Registration.objects.filter(pk=row.pk).update(withdrawn_at=CLOSES)
    with pytest.raises(IntegrityError, match="registration_kept"), transaction.atomic():
        models.Registration.objects.filter(pk=row.pk).update(hash="1" * 64)
    with connection.cursor() as cursor:  # control: the trigger is what refuses
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE vouchers_registration DISABLE TRIGGER registration_kept")
    late.save(force_insert=True)
    assert selectors.lottery_list(pool_id).count("\n") == 3


# --- the draw ------------------------------------------------------------------------------------


def test_the_draw_gives_vouchers_with_money_and_everyone_a_rank():
    pool_id, _ = given_release.listed(8)
    assert given_release.draw(pool_id) == 3
    assert states(pool_id) == [State.WON] * 3 + [State.WAITING] * 5
    rows = models.Registration.objects.filter(pool_id=pool_id).order_by("rank")
    assert [row.rank for row in rows] == list(range(1, 9))
    assert all(gv.card(row.voucher_id).person_id == row.person_id for row in rows[:3])
    assert gv.free_fen(pool_id) == 0
    audit = selectors.audit_draw(selectors.draw_document(pool_id))
    assert (audit.fault, audit.registered, audit.winners) == (None, 8, 3)


def test_who_waits_sees_how_many_are_ahead():
    pool_id, _ = given_release.listed(6)
    given_release.draw(pool_id)
    last = models.Registration.objects.get(pool_id=pool_id, rank=6)
    with clock.standing_at(DRAWS):
        [mine] = selectors.list_registrations(pool_id, last.person_id, Scope())
    assert (mine.state, mine.rank, mine.ahead) == (State.WAITING, 6, 2)
    with clock.standing_at(gv.ENDS):
        [mine] = selectors.list_registrations(pool_id, last.person_id, Scope())
    assert mine.state is State.NOT_WON


def test_the_seed_opens_no_microsecond_early_and_not_before_the_list():
    unlisted = given_release.lottery()
    with clock.standing_at(DRAWS), pytest.raises(DrawNotDue):
        drawing.enter_public_number(actor=given_release.officer(), pool_id=unlisted, value=NUMBER)
    pool_id, _ = given_release.listed(3)
    for act in (
        lambda: given_release.draw(pool_id, at=DRAWS - MICROSECOND),
        lambda: drawing.reveal_and_draw(
            actor=given_release.officer(), pool_id=pool_id, value=NUMBER, request_id=uuid4()
        ),
    ):
        with clock.standing_at(DRAWS - MICROSECOND), pytest.raises(DrawNotDue):
            act()
    with pytest.raises(DrawNotDue):
        selectors.draw_document(pool_id)
    assert selectors.find_lottery(pool_id).seed == ""
    assert gv.free_fen(pool_id) == 3 * gv.CAP_FEN


def test_one_officer_alone_cannot_draw():
    pool_id, _ = given_release.listed(3)
    officer = given_release.officer()
    with clock.standing_at(DRAWS):
        drawing.enter_public_number(actor=officer, pool_id=pool_id, value=NUMBER)
        with pytest.raises(SecondOfficerNeeded):
            drawing.reveal_and_draw(
                actor=officer, pool_id=pool_id, value=NUMBER, request_id=uuid4()
            )
        with pytest.raises(EntropyDiffers):
            drawing.reveal_and_draw(
                actor=given_release.officer(), pool_id=pool_id, value="03 07", request_id=uuid4()
            )
    assert selectors.find_lottery(pool_id).seed == ""
    assert models.Registration.objects.filter(rank__isnull=False).count() == 0


def test_who_may_not_draw_is_refused():
    pool_id, _ = given_release.listed(3)
    with clock.standing_at(DRAWS), pytest.raises(NotAllowed):
        drawing.enter_public_number(
            actor=given.staff(Role.FINANCE_OFFICER), pool_id=pool_id, value=NUMBER
        )


def test_a_draw_repeated_answers_the_same_and_a_second_one_is_refused():
    pool_id, _ = given_release.listed(5)
    request_id = uuid4()
    confirmer = given_release.officer()
    with clock.standing_at(DRAWS):
        drawing.enter_public_number(actor=given_release.officer(), pool_id=pool_id, value=NUMBER)
        for _ in range(2):
            won = drawing.reveal_and_draw(
                actor=confirmer, pool_id=pool_id, value=NUMBER, request_id=request_id
            )
            assert won == 3
        with pytest.raises(DrawDone):
            drawing.reveal_and_draw(
                actor=confirmer, pool_id=pool_id, value=NUMBER, request_id=uuid4()
            )
        with pytest.raises(DrawDone):
            drawing.enter_public_number(actor=confirmer, pool_id=pool_id, value="01")
    assert models.Voucher.objects.count() == 3


def test_a_crash_in_the_middle_leaves_the_seed_sealed_and_the_next_try_draws(monkeypatch):
    pool_id, _ = given_release.listed(5)
    write = _claims.execute

    def broken(name, **parameters):
        if name == "write_outcomes":
            raise KeyboardInterrupt  # the process is gone after the vouchers were written
        return write(name, **parameters)

    monkeypatch.setattr(_claims, "execute", broken)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        given_release.draw(pool_id)
    monkeypatch.undo()
    assert selectors.find_lottery(pool_id).seed == ""
    assert models.Voucher.objects.count() == 0
    assert given_release.draw(pool_id) == 3
    assert models.Voucher.objects.count() == 3
    assert ledger.sum_check().difference_fen == 0


def test_what_was_drawn_stays_even_past_the_service():
    pool_id, _ = given_release.listed(5)
    given_release.draw(pool_id)
    lottery = models.Lottery.objects.filter(pk=pool_id)
    for change in ({"seed": "00" * 32}, {"entropy": "1"}, {"list_sha256": "0" * 64},
                   {"commitment": "0" * 64}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            lottery.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Registration.objects.filter(pool_id=pool_id, rank=1).update(rank=99)


def test_a_seed_other_than_the_promised_one_is_refused_by_the_database(monkeypatch):
    pool_id, _ = given_release.listed(3)
    monkeypatch.setattr(drawing.crypto, "unseal_secret", lambda *_: bytes(32))
    with pytest.raises(IntegrityError, match="lottery_seed_promised"), transaction.atomic():
        given_release.draw(pool_id)
    assert selectors.find_lottery(pool_id).seed == ""
    assert _pools.SEED_PURPOSE == "lottery-seed"


def test_who_got_a_right_elsewhere_meanwhile_leaves_the_place_to_the_next():
    pool_id, who = given_release.listed(5)
    elsewhere = gv.pool(quantity=5)
    gv.claims(*(gv.claim(elsewhere, one) for one in who[1:]), at=CLOSES)
    assert given_release.draw(pool_id) == 1
    assert sorted(states(pool_id)) == [State.PASSED] * 4 + [State.WON]
    assert models.Registration.objects.get(outcome="won").person_id == who[0].id
    document = selectors.draw_document(pool_id)
    assert {one["reason"] for one in document["passed_over"]} == {"already_yours"}
    assert selectors.audit_draw(document).fault is None


def test_an_unused_place_goes_to_the_next_in_rank():
    pool_id, _ = given_release.listed(5, closes_at=DRAWS + timedelta(days=9))
    given_release.draw(pool_id)
    later = DRAWS + timedelta(hours=49)
    with clock.standing_at(later):
        lapsing.lapse_due(actor=given.system())
        assert drawing.turn_lotteries(actor=given.system()) == 2
        assert drawing.turn_lotteries(actor=given.system()) == 0
    assert states(pool_id, later) == [State.WON] * 5
    document = selectors.draw_document(pool_id)
    assert (len(document["winners"]), len(document["moved_up"])) == (3, 2)
    assert selectors.audit_draw(document).fault is None


def test_after_the_pools_end_nobody_moves_up():
    pool_id, _ = given_release.listed(5, closes_at=DRAWS + timedelta(hours=1))
    given_release.draw(pool_id)
    with clock.standing_at(DRAWS + timedelta(hours=49)):
        lapsing.lapse_due(actor=given.system())
        assert drawing.turn_lotteries(actor=given.system()) == 0


def test_the_timer_publishes_a_list_that_is_due_and_never_draws():
    pool_id = given_release.lottery()
    given_release.register(pool_id, given.person())
    with clock.standing_at(CLOSES):
        drawing.turn_lotteries(actor=given.system())
    with clock.standing_at(DRAWS + timedelta(days=1)):
        drawing.turn_lotteries(actor=given.system())
    card = selectors.find_lottery(pool_id)
    assert (card.listed_at, card.drawn_at) == (CLOSES, None)
