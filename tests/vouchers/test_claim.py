from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.errors import NotAllowed
from huanxin.identity.services import restricting
from huanxin.identity.types import RestrictionKind, Role
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, selectors
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import Claim, VoucherState
from huanxin.vouchers.types import ClaimOutcome as Outcome
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db


def outcomes(answers):
    return [answer.outcome for answer in answers]


def test_a_winner_holds_the_whole_cap_for_two_days():
    pool_id, who = gv.pool(quantity=2), given.person()
    [answer] = gv.claims(gv.claim(pool_id, who))

    assert (answer.outcome, answer.is_repeat) == (Outcome.WON, False)
    voucher = gv.card(answer.voucher_id)
    assert voucher.state is VoucherState.USABLE
    assert (voucher.person_id, voucher.cap_fen, voucher.value_fen) == (who.id, gv.CAP_FEN, None)
    assert voucher.expires_at == gv.OPENS + timedelta(hours=48)
    assert voucher.number.startswith("BT260901-1502-")
    assert gv.free_fen(pool_id) == gv.CAP_FEN
    assert selectors.get_pool(pool_id).remaining == 1
    assert AuditEntry.objects.filter(action="vouchers.issued").count() == 1


def test_every_request_of_a_batch_gets_its_own_answer():
    pool_id = gv.pool(quantity=2)
    a, b, c = (given.person() for _ in range(3))
    gv.claims(gv.claim(pool_id, a))
    asked = [
        gv.claim(pool_id, a),
        gv.claim(pool_id, b),
        gv.claim(pool_id, c),
        gv.claim(pool_id, c, "dishwasher"),
        gv.claim(uuid4(), c),
        gv.claim(pool_id, uuid4()),
        gv.claim(pool_id, given.person(is_verified=False)),
    ]
    answers = gv.claims(*asked)

    assert outcomes(answers) == [
        Outcome.ALREADY_YOURS, Outcome.WON, Outcome.SOLD_OUT, Outcome.NOT_ELIGIBLE,
        Outcome.NOT_ELIGIBLE, Outcome.NOT_ELIGIBLE, Outcome.NOT_ELIGIBLE,
    ]  # fmt: skip
    assert [answer.request_id for answer in answers] == [one.request_id for one in asked]
    assert "实名认证" in answers[-1].sentence
    assert models.Voucher.objects.count() == 2


def test_before_and_after_the_release_nobody_wins():
    pool_id, who = gv.pool(), given.person()
    assert outcomes(gv.claims(gv.claim(pool_id, who), at=gv.OPENS - timedelta(seconds=1))) == [
        Outcome.NOT_OPEN
    ]
    assert outcomes(gv.claims(gv.claim(pool_id, who), at=gv.ENDS)) == [Outcome.CLOSED]
    assert outcomes(gv.claims(gv.claim(pool_id, who), at=gv.OPENS)) == [Outcome.WON]


def test_a_repeated_request_gets_the_first_answer_even_when_sold_out():
    pool_id = gv.pool(quantity=1)
    asked = gv.claim(pool_id, given.person())
    [first] = gv.claims(asked)
    [again] = gv.claims(asked)

    assert (again.outcome, again.voucher_id, again.is_repeat) == (
        Outcome.WON, first.voucher_id, True,
    )  # fmt: skip
    assert gv.claims(asked, at=gv.ENDS)[0].voucher_id == first.voucher_id
    assert models.Voucher.objects.count() == 1


def test_a_request_id_of_another_claim_wins_nothing():
    pool_id, other = gv.pool(), given.person()
    asked = gv.claim(pool_id, given.person())
    stolen = type(asked)(asked.request_id, pool_id, other.id, "refrigerator")
    assert outcomes(gv.claims(asked, stolen)) == [Outcome.WON, Outcome.NOT_ELIGIBLE]
    assert outcomes(gv.claims(stolen)) == [Outcome.NOT_ELIGIBLE]
    assert selectors.list_vouchers(other.id, given.system().scope) == []


def test_duplicates_in_a_batch_do_not_eat_the_last_place():
    pool_id = gv.pool(quantity=2)
    a, b = given.person(), given.person()
    first = gv.claim(pool_id, a)
    answers = gv.claims(first, first, gv.claim(pool_id, a), gv.claim(pool_id, b))

    assert outcomes(answers) == [Outcome.WON, Outcome.WON, Outcome.ALREADY_YOURS, Outcome.WON]
    assert [answer.is_repeat for answer in answers] == [False, True, False, False]
    assert answers[0].voucher_id == answers[1].voucher_id == answers[2].voucher_id
    assert selectors.get_pool(pool_id).remaining == 0


def test_earlier_requests_win():
    pool_id = gv.pool(quantity=3)
    people = [given.person() for _ in range(5)]
    answers = gv.claims(*(gv.claim(pool_id, who) for who in people))
    assert outcomes(answers) == [Outcome.WON] * 3 + [Outcome.SOLD_OUT] * 2


def test_a_limit_of_three_gives_three_and_no_fourth():
    pool_id, who = gv.pool(lines={"air_conditioner": (gv.CAP_FEN, 3)}), given.person()
    asked = [gv.claim(pool_id, who, "air_conditioner") for _ in range(4)]
    assert outcomes(gv.claims(*asked[:2])) == [Outcome.WON] * 2
    assert outcomes(gv.claims(*asked)) == [Outcome.WON] * 3 + [Outcome.ALREADY_YOURS]
    assert sorted(models.Voucher.objects.values_list("ordinal", flat=True)) == [1, 2, 3]


def test_a_right_is_one_per_programme_whatever_the_pool():
    here, there = gv.pool(), gv.pool(region_code="371521")
    who = given.person()
    assert outcomes(gv.claims(gv.claim(here, who), gv.claim(there, who))) == [
        Outcome.WON, Outcome.ALREADY_YOURS,
    ]  # fmt: skip
    other = gv.pool(programme="appliances-2025")
    assert outcomes(gv.claims(gv.claim(other, who))) == [Outcome.WON]


def test_when_money_is_short_a_cheaper_category_still_wins():
    lines = {"refrigerator": (150_000, 1), "phone": (50_000, 1)}
    pool_id = gv.pool(quantity=10, budget_fen=200_000, lines=lines)
    people = [given.person() for _ in range(4)]
    answers = gv.claims(
        gv.claim(pool_id, people[0], "refrigerator"),
        gv.claim(pool_id, people[1], "refrigerator"),
        gv.claim(pool_id, people[2], "phone"),
        gv.claim(pool_id, people[3], "phone"),
    )
    assert outcomes(answers) == [Outcome.WON, Outcome.SOLD_OUT, Outcome.WON, Outcome.SOLD_OUT]
    assert gv.free_fen(pool_id) == 0
    card = selectors.get_pool(pool_id)
    assert (card.remaining, card.quantity) == (0, 10)  # places without money are not offered


def test_a_pool_that_reserves_half_holds_half():
    pool_id = gv.pool(quantity=2, budget_fen=150_000, reserve_bps=5_000)
    answers = gv.claims(*(gv.claim(pool_id, given.person()) for _ in range(2)))
    assert outcomes(answers) == [Outcome.WON] * 2
    assert gv.free_fen(pool_id) == 0


def test_restricted_people_and_phones_win_nothing():
    pool_id, person, phone_user = gv.pool(), given.person(), given.person()
    on = clock.business_day(gv.OPENS)
    for kind, key in (
        (RestrictionKind.PERSON, str(person.id)),
        (RestrictionKind.DEVICE, "phone-1"),
    ):
        restricting.restrict(
            actor=given.system(), kind=kind, key=key, reason="倒卖资格", from_on=on
        )
    by_phone = Claim(uuid4(), pool_id, phone_user.id, "refrigerator", "phone-1")
    assert outcomes(gv.claims(gv.claim(pool_id, person), by_phone)) == [Outcome.NOT_ELIGIBLE] * 2
    assert outcomes(gv.claims(gv.claim(pool_id, phone_user))) == [Outcome.WON]


def test_a_consumer_claims_for_herself_only_and_a_station_for_others():
    pool_id, mine, other = gv.pool(), given.person(), given.person()
    with clock.standing_at(gv.OPENS):
        answers = claiming.claim_vouchers(
            actor=given.consumer(mine), claims=[gv.claim(pool_id, mine)]
        )
        with pytest.raises(NotAllowed):
            claiming.claim_vouchers(actor=given.consumer(mine), claims=[gv.claim(pool_id, other)])
        clerk = given.staff(Role.STATION_CLERK)
        answers += claiming.claim_vouchers(actor=clerk, claims=[gv.claim(pool_id, other)])
    assert outcomes(answers) == [Outcome.WON] * 2


def test_an_empty_batch_is_answered():
    assert gv.claims() == []


def test_claims_leave_the_books_in_balance():
    pool_id = gv.pool(quantity=3)
    gv.claims(*(gv.claim(pool_id, given.person()) for _ in range(5)))
    assert ledger.sum_check().difference_fen == 0
