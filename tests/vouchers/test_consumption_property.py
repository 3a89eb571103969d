"""No ladder, order or stack ever takes more than the price, and no return more than was given."""

import random
from uuid import UUID

import pytest

from huanxin.vouchers import _discounts
from huanxin.vouchers.errors import StackingBroken, TermsInvalid, ThresholdNotReached
from huanxin.vouchers.types import Offer, Tier
from tests import given_consumption as given_c

ROUNDS = 4_000


def ladder(rng):
    """A random ladder that check_terms lets through."""
    count = rng.randint(1, 4)
    thresholds = sorted(rng.sample(range(1, 800_000), count))
    most = thresholds[0]
    discounts = sorted(rng.sample(range(1, max(most, count) + 1), count))
    rates = [rng.choice([0, 0, rng.randint(1, 10_000)]) for _ in thresholds]
    tiers = tuple(Tier(*one) for one in zip(thresholds, discounts, rates, strict=True))
    try:
        _discounts.check_terms(given_c.terms(tiers=tiers))
    except TermsInvalid:
        return ladder(rng)
    return tiers


def offers(rng, count):
    return [
        Offer(
            UUID(int=rng.getrandbits(128)),
            given_c.terms(tiers=ladder(rng), others_max=rng.choice([0, 1, 2, 4, 4, 4]),
                          order=rng.randint(1, 99)),
        )
        for _ in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 20, 2026])
def test_no_stack_takes_more_than_the_price_or_than_a_face(seed):
    rng, tried = random.Random(seed), 0
    for _ in range(ROUNDS):
        laid, price_fen = offers(rng, rng.randint(1, 4)), rng.randint(1, 1_200_000)
        rng.shuffle(laid)
        try:
            taken = _discounts.deduct(price_fen, laid, has_right=True, has_huanxin=True)
        except (StackingBroken, ThresholdNotReached):
            continue
        tried += 1
        terms = {one.voucher_id: one.terms for one in laid}
        assert sum(one.amount_fen for one in taken) <= price_fen, (seed, laid)
        left_fen = price_fen
        for one in taken:
            assert one.from_fen == left_fen
            assert 1 <= one.amount_fen <= terms[one.voucher_id].face_fen
            left_fen -= one.amount_fen
        assert [terms[one.voucher_id].order for one in taken] == sorted(
            one.terms.order for one in laid
        )
        assert _discounts.deduct(price_fen, laid[::-1], has_right=True, has_huanxin=True) == taken
    assert tried > ROUNDS // 20, "the generator must reach the happy path"


@pytest.mark.parametrize("seed", [3, 21, 2027])
def test_partial_returns_never_give_back_more_than_came_back_nor_keep_more_than_is_kept(seed):
    rng, tried = random.Random(seed), 0
    for _ in range(ROUNDS):
        laid, price_fen = offers(rng, rng.randint(1, 3)), rng.randint(1, 1_200_000)
        try:
            taken = _discounts.deduct(price_fen, laid, has_right=False, has_huanxin=False)
        except (StackingBroken, ThresholdNotReached):
            continue
        tried += 1
        terms = {one.voucher_id: one.terms for one in laid}
        now = [(terms[one.voucher_id].tiers, one.amount_fen) for one in taken]
        paid_fen = price_fen - sum(fen for _, fen in now)
        while price_fen > 1:
            back_fen = rng.randint(1, price_fen - 1)
            price_fen -= back_fen
            kept = _discounts.kept_parts(now, price_fen, back_fen)
            given_fen, kept_fen = sum(fen for _, fen in now), sum(kept)
            refund_fen = back_fen - (given_fen - kept_fen)
            assert all(0 <= new <= old for new, (_, old) in zip(kept, now, strict=True))
            assert refund_fen >= 0, (seed, "nobody pays for returning goods")
            assert kept_fen <= price_fen, (seed, "the vouchers never pay more than what is kept")
            paid_fen -= refund_fen
            assert paid_fen == price_fen - kept_fen >= 0
            now = [(tiers, fen) for (tiers, _), fen in zip(now, kept, strict=True)]
    assert tried > ROUNDS // 20


def test_control_a_threshold_measured_on_the_whole_price_would_take_more_than_the_price():
    """Why each voucher is measured on what is left: the naive sum is caught by the property."""
    tiers = (Tier(100_000, 80_000),)
    naive = 2 * _discounts.discount_fen(tiers, 100_000)
    assert naive > 100_000
    two = [
        Offer(one.voucher_id, given_c.terms(tiers=tiers, others_max=1))
        for one in offers(random.Random(0), 2)
    ]
    with pytest.raises(ThresholdNotReached):
        _discounts.deduct(100_000, two, has_right=False, has_huanxin=False)
