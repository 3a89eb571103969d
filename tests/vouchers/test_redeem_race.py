"""Promise 3 at the till: one right, one device, one time, on every channel."""

import threading
from unittest import mock
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection

from huanxin.ledger import selectors as ledger
from huanxin.vouchers import _redeem, models
from huanxin.vouchers.errors import DeviceAlreadySold, VoucherNotUsable
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db(transaction=True)


def test_six_tills_race_for_one_voucher(race):
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    spends = [gv.redemption(voucher, org_id=shop) for _ in range(6)]
    outcomes = race(lambda number: gv.spend(spends[number]), 6)

    assert outcomes.count(None) == 1
    assert sum(isinstance(x, VoucherNotUsable) for x in outcomes) == 5
    assert gv.owed_fen(shop) == 74_085
    assert models.DeviceLock.objects.count() == 1
    assert ledger.sum_check().difference_fen == 0


def test_one_serial_number_in_two_shops_is_sold_in_one(race):
    pool_id, shops = gv.pool(), [given.organisation(), given.organisation()]
    unit = gv.device()
    spends = [gv.redemption(gv.right(pool_id), org_id=shop, unit=unit) for shop in shops]
    outcomes = race(lambda number: gv.spend(spends[number]), 2)

    assert outcomes.count(None) == 1
    assert sum(isinstance(x, DeviceAlreadySold) for x in outcomes) == 1
    assert sorted(gv.owed_fen(shop) for shop in shops) == [0, 74_085]


def unlocked():
    """lock_rows() that locks nothing and lets both tills read before either writes."""
    barrier = threading.Barrier(2)

    def rows_of(model, pks):
        rows = list(model.objects.filter(pk__in=list(pks)).order_by("pk"))
        barrier.wait(timeout=20)
        return rows

    return mock.patch.object(_redeem, "lock_rows", rows_of)


def test_without_the_voucher_lock_the_trigger_refuses_the_second_till(race):
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    spends = [gv.redemption(voucher, org_id=shop) for _ in range(2)]
    with unlocked():
        outcomes = race(lambda number: gv.spend(spends[number]), 2)

    [refused] = [x for x in outcomes if x is not None]
    assert isinstance(refused, IntegrityError)
    assert "voucher_transition: used to used" in str(refused)
    assert gv.owed_fen(shop) == 74_085


def test_control_without_lock_and_trigger_both_tills_are_paid(race):
    pool_id, shop = gv.pool(), given.organisation()
    voucher = gv.right(pool_id)
    spends = [gv.redemption(voucher, org_id=shop) for _ in range(2)]
    switch = "ALTER TABLE vouchers_voucher {} TRIGGER voucher_transition"
    with connection.cursor() as cursor:
        cursor.execute(switch.format("DISABLE"))
    try:
        with unlocked():
            assert race(lambda number: gv.spend(spends[number]), 2) == [None, None]
        assert gv.owed_fen(shop) == 2 * 74_085
    finally:
        with connection.cursor() as cursor:
            cursor.execute(switch.format("ENABLE"))


def test_control_without_the_device_index_one_unit_is_sold_twice(race):
    pool_id = gv.pool()
    unit = gv.device()
    spends = [gv.redemption(gv.right(pool_id), unit=unit) for _ in range(2)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'device_sold_once'")
        [definition] = cursor.fetchone()
        cursor.execute("DROP INDEX device_sold_once")
    try:
        assert race(lambda number: gv.spend(spends[number]), 2) == [None, None]
        assert models.DeviceLock.objects.filter(freed_at=None).count() == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE vouchers_devicelock")
            cursor.execute(definition)


def test_past_the_service_the_index_still_refuses_the_second_sale():
    gv.spend(gv.redemption(gv.right()))
    row = models.DeviceLock.objects.get()
    with pytest.raises(IntegrityError, match="device_sold_once"):
        models.DeviceLock.objects.create(
            manufacturer=row.manufacturer,
            serial_norm=row.serial_norm,
            sale_id=uuid4(),
            org_id=row.org_id,
            locked_at=row.locked_at,
        )
