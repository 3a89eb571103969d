"""The one transition table: the rule and the database agree on every pair of states."""

from itertools import product
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel import clock
from huanxin.vouchers import models, rules
from huanxin.vouchers.errors import TransitionImpossible
from huanxin.vouchers.types import VoucherState
from tests import given_vouchers as gv

PAIRS = [(a, b) for a, b in product(VoucherState, VoucherState) if a is not b]


def put(voucher_id, state):
    """Write a state with the columns its constraints ask for."""
    models.Voucher.objects.filter(pk=voucher_id).update(
        state=state,
        used_sale_id=uuid4() if state is VoucherState.USED else None,
        locked_for=uuid4() if state is VoucherState.LOCKED else None,
        locked_until=clock.now() if state is VoucherState.LOCKED else None,
    )


def forced(voucher_id, state):
    """The same past the trigger, to stand at the start of a pair."""
    switch = "ALTER TABLE vouchers_voucher {} TRIGGER voucher_transition"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(switch.format("DISABLE"))
        put(voucher_id, state)
        cursor.execute(switch.format("ENABLE"))


@pytest.mark.django_db
def test_rule_and_trigger_agree_on_every_pair():
    voucher = gv.right()
    for before, after in PAIRS:
        forced(voucher.id, before)
        allowed = after in rules.TRANSITIONS[before]
        try:
            rules.check_transition(before, after)
            by_rule = True
        except TransitionImpossible:
            by_rule = False
        try:
            with transaction.atomic():
                put(voucher.id, after)
            by_trigger = True
        except IntegrityError:
            by_trigger = False
        assert (by_rule, by_trigger) == (allowed, allowed), f"{before} -> {after}"


def test_every_state_has_the_citys_word():
    assert [state.label for state in VoucherState] == [
        "待激活", "待使用", "已锁定", "已使用", "已失效", "已作废",
    ]  # fmt: skip
    assert set(rules.TRANSITIONS) == set(VoucherState)


@pytest.mark.django_db
def test_a_voucher_is_never_deleted():
    voucher = gv.right()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        models.Voucher.objects.filter(pk=voucher.id).delete()
