import pytest

from huanxin.ledger import selectors, services
from huanxin.ledger.errors import AmountAboveHold, FundExhausted, HoldClosed, HoldUnknown
from huanxin.ledger.types import Balance
from tests import given_ledger as given

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    """A budget of 1,000.00 of which 300.00 are held for a shop."""
    budget = given.budget(100_000)
    leg = given.leg(budget, "payable:a", 30_000)
    services.hold_transfers(legs=[leg])
    return leg


def state_of(leg):
    [card] = selectors.transfers_of(leg.cause, leg.cause_id)
    return card.state, card.amount_fen


def test_held_money_is_not_available_and_has_not_arrived(held):
    assert selectors.get_balance(held.debit).available_fen == 70_000
    assert selectors.get_balance("payable:a") == Balance(credits_pending_fen=30_000)
    with pytest.raises(FundExhausted):
        services.hold_transfers(legs=[given.leg(held.debit, "payable:a", 70_001)])


def test_a_posted_hold_arrives(held):
    services.post_held(posts=[(held.key, None)])
    assert selectors.get_balance(held.debit).available_fen == 70_000
    assert selectors.get_balance("payable:a") == Balance(credits_posted_fen=30_000)
    assert state_of(held) == ("posted", 30_000)


def test_posting_part_releases_the_rest(held):
    services.post_held(posts=[(held.key, 20_000)])
    assert selectors.get_balance(held.debit).available_fen == 80_000
    assert selectors.get_balance("payable:a") == Balance(credits_posted_fen=20_000)
    assert state_of(held) == ("posted", 20_000)


def test_a_voided_hold_is_available_at_once(held):
    services.void_held(keys=[held.key], reason="退货")
    assert selectors.get_balance(held.debit).available_fen == 100_000
    assert selectors.get_balance("payable:a") == Balance()
    assert state_of(held) == ("voided", 30_000)


def test_resolving_again_changes_nothing(held):
    first = services.post_held(posts=[(held.key, 20_000)])
    assert services.post_held(posts=[(held.key, 20_000)]) == first
    assert selectors.get_balance("payable:a").available_fen == 20_000


def test_a_hold_is_resolved_one_way_only(held):
    services.void_held(keys=[held.key], reason="退货")
    with pytest.raises(HoldClosed) as refusal:
        services.post_held(posts=[(held.key, None)])
    assert refusal.value.facts["state"] == "释放"
    assert selectors.get_balance("payable:a") == Balance()
    assert services.void_held(keys=[held.key], reason="再退") == services.void_held(
        keys=[held.key], reason="又退"
    )


def test_a_posted_hold_cannot_be_posted_with_another_amount_nor_voided(held):
    services.post_held(posts=[(held.key, 20_000)])
    with pytest.raises(HoldClosed):
        services.post_held(posts=[(held.key, None)])
    with pytest.raises(HoldClosed):
        services.void_held(keys=[held.key], reason="退货")
    assert selectors.get_balance(held.debit).available_fen == 80_000


def test_more_than_is_held_cannot_be_posted(held):
    with pytest.raises(AmountAboveHold):
        services.post_held(posts=[(held.key, 30_001)])
    assert state_of(held) == ("pending", 30_000)


def test_a_batch_with_one_unknown_hold_resolves_nothing(held):
    stranger = given.leg(held.debit, "payable:a", 1)
    with pytest.raises(HoldUnknown):
        services.post_held(posts=[(held.key, None), (stranger.key, None)])
    posted = given.leg(held.debit, "payable:a", 5)
    services.post_transfers(legs=[posted])
    with pytest.raises(HoldUnknown):
        services.void_held(keys=[held.key, posted.key], reason="退货")
    assert state_of(held) == ("pending", 30_000)


def test_the_books_add_up_whatever_happened(held):
    other = given.leg(held.debit, "payable:b", 10_000)
    services.hold_transfers(legs=[other])
    services.post_held(posts=[(held.key, 12_345)])
    services.void_held(keys=[other.key], reason="退货")
    proof = selectors.sum_check()
    assert (proof.difference_fen, proof.differences, proof.faults) == (0, (), ())
    assert proof.accounts == 4
