"""Limits per household and over all categories hold on the claim path as they do elsewhere."""

from uuid import uuid4

import pytest
from django.db import IntegrityError

from huanxin.identity.services import registering
from huanxin.kernel import sets
from huanxin.vouchers import _claims, _pools, models, selectors
from huanxin.vouchers.types import ClaimOutcome as Outcome
from huanxin.vouchers.types import HolderKind, PoolCategory
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db

CODES = ("refrigerator", "television")


def member(number="371502001"):
    who = given.person()
    registering.record_household(actor=given.system(), person_id=who.id, household_no=number)
    return who


def household_pool(limit=1, **more):
    return gv.pool(
        holder=HolderKind.HOUSEHOLD, lines=dict.fromkeys(CODES, (gv.CAP_FEN, limit)), **more
    )


def across_pool(monkeypatch, holder=HolderKind.PERSON, region_code=given.COUNTY):
    """Whose limit of one counts over both categories."""
    lines = [
        PoolCategory(code, gv.CAP_FEN, gv.CAP_FEN, 1, holder, counts_across=True) for code in CODES
    ]
    known = _pools._lines
    monkeypatch.setattr(_pools, "_lines", lambda row, _: known(row, lines))
    return gv.pool(lines=dict.fromkeys(CODES, (gv.CAP_FEN, 1)), region_code=region_code)


def outcomes(*asked):
    return [answer.outcome for answer in gv.claims(*asked)]


def test_a_household_gets_one_whoever_of_it_asks_in_one_batch_or_two():
    pool_id, people = household_pool(), [member() for _ in range(3)]
    other = member("371502002")
    asked = [gv.claim(pool_id, who) for who in (*people[:2], other)]
    assert outcomes(*asked) == [Outcome.WON, Outcome.ALREADY_YOURS, Outcome.WON]
    assert outcomes(gv.claim(pool_id, people[2])) == [Outcome.ALREADY_YOURS]
    assert outcomes(gv.claim(pool_id, people[2], "television")) == [Outcome.WON]
    keys = set(models.Voucher.objects.values_list("holder_key", flat=True))
    assert len(keys) == 2
    assert all(key.startswith("household:") for key in keys)
    assert selectors.get_pool(pool_id).remaining == 10 - 3


def test_a_household_may_have_as_many_as_its_limit_says():
    pool_id, people = household_pool(limit=2), [member() for _ in range(3)]
    asked = [gv.claim(pool_id, who) for who in people]
    assert outcomes(*asked) == [Outcome.WON, Outcome.WON, Outcome.ALREADY_YOURS]
    assert set(models.Voucher.objects.values_list("ordinal", flat=True)) == {1, 2}


def test_who_has_no_household_recorded_is_told_what_to_do_and_takes_no_place():
    pool_id = household_pool()
    [answer] = gv.claims(gv.claim(pool_id, given.person()))
    assert answer.outcome is Outcome.NOT_ELIGIBLE
    assert "户口簿" in answer.sentence
    assert selectors.get_pool(pool_id).remaining == 10
    assert gv.free_fen(pool_id) == 10 * gv.CAP_FEN


@pytest.mark.parametrize("holder", [HolderKind.DWELLING, HolderKind.VEHICLE])
def test_a_dwelling_or_vehicle_is_not_named_by_who_claims(holder):
    pool_id = gv.pool(holder=holder)
    [answer] = gv.claims(gv.claim(pool_id, member()))
    assert answer.outcome is Outcome.NOT_ELIGIBLE
    assert holder.label in answer.sentence
    assert not models.Voucher.objects.exists()


def test_a_limit_per_person_counts_over_all_categories_and_pools(monkeypatch):
    pool_id, who, next_in_line = across_pool(monkeypatch), given.person(), given.person()
    asked = [gv.claim(pool_id, who, code) for code in CODES]
    assert outcomes(*asked, gv.claim(pool_id, next_in_line, CODES[1])) == [
        Outcome.WON, Outcome.ALREADY_YOURS, Outcome.WON,
    ]  # fmt: skip
    elsewhere = across_pool(monkeypatch, region_code="371521")
    assert outcomes(gv.claim(elsewhere, who, CODES[1])) == [Outcome.ALREADY_YOURS]
    assert models.Voucher.objects.filter(counts_across=True).count() == 2


def test_a_batch_of_both_kinds_of_pool_is_decided_each_by_its_own(monkeypatch):
    plain = gv.pool(region_code="371521")
    pool_id, who = household_pool(), member()
    spouse = member()
    asked = [gv.claim(plain, who, "refrigerator"), gv.claim(pool_id, spouse)]
    assert outcomes(*asked) == [Outcome.WON, Outcome.WON]
    keys = models.Voucher.objects.order_by("holder_key").values_list("holder_key", flat=True)
    assert [key.partition(":")[0] for key in keys] == ["household", "person"]


def test_a_pool_that_counts_by_person_asks_nothing_more(monkeypatch):
    seen = []
    ask = sets.ask
    monkeypatch.setattr(
        _claims.sets, "ask", lambda *asked: seen.extend(q.name for q in asked) or ask(*asked)
    )
    gv.right(gv.pool())
    assert "holder_standings" not in seen
    gv.claims(gv.claim(household_pool(), member()))
    assert "holder_standings" in seen


@pytest.mark.django_db(transaction=True)
def test_a_household_raced_at_two_pools_gets_one_right(race):
    pools = [household_pool(), household_pool(region_code="371521")]
    people = [member() for _ in range(6)]
    answers = race(lambda n: gv.claims(gv.claim(pools[n % 2], people[n]))[0], 6)
    assert sorted(a.outcome for a in answers) == [Outcome.ALREADY_YOURS] * 5 + [Outcome.WON]
    assert models.Voucher.objects.count() == 1


def test_control_without_its_key_a_household_would_get_two(monkeypatch):
    monkeypatch.setattr(_claims.Batch, "_read_holders", lambda self: None)
    pool_id = household_pool()
    asked = [gv.claim(pool_id, member()) for _ in range(2)]
    assert outcomes(*asked) == [Outcome.WON, Outcome.WON]


def test_control_the_constraint_refuses_a_second_right_over_all_categories(monkeypatch):
    pool_id = across_pool(monkeypatch)
    gv.right(pool_id)
    row = models.Voucher.objects.get()
    row.id, row.number, row.request_id, row.reserve_cause_id = uuid4(), "BT-2", uuid4(), uuid4()
    row.category_code = CODES[1]
    with pytest.raises(IntegrityError, match="voucher_right_across_once"):
        row.save(force_insert=True)
