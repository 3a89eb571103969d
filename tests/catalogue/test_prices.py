from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from huanxin.catalogue import models as tables
from huanxin.catalogue import selectors, services
from huanxin.catalogue.errors import (
    ModelUnknown,
    PriceInvalid,
    PriceNotYours,
    PriceOverlaps,
)
from huanxin.catalogue.types import NewPrice
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from tests import given, given_catalogue

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)


def file(*prices: NewPrice, actor=None) -> int:
    return services.file_prices(actor=actor or given.system(), prices=prices)


def periods(model_id, org_id=None):
    return [
        (p.price_fen, p.from_on, p.to_on) for p in selectors.list_prices(model_id, org_id=org_id)
    ]


def test_a_price_holds_from_its_first_day_until_the_day_the_next_one_begins():
    model_id = given_catalogue.model()

    assert file(NewPrice(model_id, 499_900, JUNE), NewPrice(model_id, 479_900, JULY)) == 2

    assert selectors.filed_price_fen(model_id, date(2026, 5, 31)) is None
    assert selectors.filed_price_fen(model_id, JUNE) == 499_900
    assert selectors.filed_price_fen(model_id, date(2026, 6, 30)) == 499_900
    assert selectors.filed_price_fen(model_id, JULY) == 479_900
    assert periods(model_id) == [(499_900, JUNE, JULY), (479_900, JULY, None)]


def test_a_later_filing_closes_the_one_without_end():
    model_id = given_catalogue.model()
    file(NewPrice(model_id, 499_900, JUNE))

    file(NewPrice(model_id, 479_900, JULY))

    assert periods(model_id) == [(499_900, JUNE, JULY), (479_900, JULY, None)]


def test_the_shops_own_price_comes_before_the_guide_price():
    model_id, shop, other = given_catalogue.model(), given.organisation(), given.organisation()

    file(NewPrice(model_id, 499_900, JUNE), NewPrice(model_id, 469_900, JULY, org_id=shop))

    assert selectors.filed_price_fen(model_id, JUNE, org_id=shop) == 499_900
    assert selectors.filed_price_fen(model_id, JULY, org_id=shop) == 469_900
    assert selectors.filed_price_fen(model_id, JULY, org_id=other) == 499_900


def test_filing_the_same_prices_again_changes_nothing():
    model_id = given_catalogue.model()
    prices = [NewPrice(model_id, 499_900, JUNE), NewPrice(model_id, 479_900, JULY)]
    file(*prices)
    before = periods(model_id)

    assert file(*prices) == 0
    assert periods(model_id) == before


@pytest.mark.parametrize(
    ("from_on", "to_on"), [(JUNE, None), (date(2026, 5, 1), date(2026, 6, 2)), (JUNE, JULY)]
)
def test_a_filing_that_crosses_another_is_refused_and_nothing_is_filed(from_on, to_on):
    model_id, elsewhere = given_catalogue.model(), given_catalogue.model()
    file(NewPrice(model_id, 499_900, JUNE, to_on=AUGUST))

    with pytest.raises(PriceOverlaps):
        file(
            NewPrice(elsewhere, 100, date(2026, 1, 1)),
            NewPrice(model_id, 479_900, from_on, to_on=to_on),
        )

    assert periods(model_id) == [(499_900, JUNE, AUGUST)]
    assert periods(elsewhere) == []


def test_a_price_of_nothing_and_a_period_of_nothing_are_refused():
    model_id = given_catalogue.model()
    for price in (NewPrice(model_id, 0, JUNE), NewPrice(model_id, 100, JUNE, to_on=JUNE)):
        with pytest.raises(PriceInvalid):
            file(price)
    with pytest.raises(ModelUnknown):
        file(NewPrice(uuid4(), 100, JUNE))
    assert periods(model_id) == []


def test_a_shop_files_for_itself_only_and_no_guide_price():
    model_id, shop, other = given_catalogue.model(), given.organisation(), given.organisation()
    manager = given.staff(Role.MERCHANT_MANAGER, org_id=shop)

    assert file(NewPrice(model_id, 469_900, JUNE, org_id=shop), actor=manager) == 1
    with pytest.raises(NotAllowed):
        file(NewPrice(model_id, 469_900, JUNE, org_id=other), actor=manager)
    with pytest.raises(PriceNotYours):
        file(NewPrice(model_id, 469_900, JUNE), actor=manager)

    assert periods(model_id, other) == periods(model_id) == []


def test_a_maker_files_the_guide_price_of_its_own_models_only():
    maker = given.organisation(OrgKind.MAKER)
    mine, other = given_catalogue.model(maker_id=maker), given_catalogue.model()
    clerk = given.staff(Role.MAKER_CLERK, org_id=maker)

    file(NewPrice(mine, 499_900, JUNE), actor=clerk)
    with pytest.raises(PriceNotYours):
        file(NewPrice(other, 499_900, JUNE), actor=clerk)

    assert (len(periods(mine)), len(periods(other))) == (1, 0)


def insert(model_id, from_on, to_on=None) -> None:
    tables.FiledPrice.objects.create(
        id=uuid4(), model_id=model_id, price_fen=1, from_on=from_on, to_on=to_on,
        filed_at=clock.now(),
    )  # fmt: skip


def test_the_database_itself_refuses_overlapping_filings():
    model_id = given_catalogue.model()
    insert(model_id, JUNE, JULY)
    insert(model_id, JULY)

    with pytest.raises(IntegrityError, match="filed_price_no_overlap"), transaction.atomic():
        insert(model_id, date(2026, 6, 30), JULY)

    with connection.cursor() as cursor:  # control: without the constraint it goes in
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE catalogue_filedprice DROP CONSTRAINT filed_price_no_overlap")
    insert(model_id, date(2026, 6, 30), JULY)
    assert len(periods(model_id)) == 3


def test_the_database_itself_refuses_to_rewrite_a_filed_price():
    model_id = given_catalogue.model()
    insert(model_id, JUNE)
    rows = tables.FiledPrice.objects.filter(model_id=model_id)

    for change in ({"price_fen": 2}, {"to_on": JULY, "price_fen": 2}, {"from_on": AUGUST}):
        with pytest.raises(DatabaseError, match="only closed, once"), transaction.atomic():
            rows.update(**change)
    rows.update(to_on=JULY)
    for change in ({"to_on": AUGUST}, {"to_on": None}):
        with pytest.raises(DatabaseError, match="only closed, once"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="only closed, once"), transaction.atomic():
        rows.delete()

    assert periods(model_id) == [(1, JUNE, JULY)]
    with connection.cursor() as cursor:  # control: without the trigger it is rewritten
        cursor.execute("DROP TRIGGER catalogue_filedprice_closed_once ON catalogue_filedprice")
    rows.update(price_fen=2)
    assert periods(model_id) == [(2, JUNE, JULY)]


@pytest.mark.django_db(transaction=True)
def test_filings_at_once_leave_one_unbroken_line(race):
    models = [given_catalogue.model() for _ in range(15)]

    def one(number: int) -> int:
        filed = 0
        for model_id in models:  # all threads over the same models, so that they do meet
            try:
                filed += file(NewPrice(model_id, 100 + number, date(2026, 6, 1 + number)))
            except PriceOverlaps:
                continue
        return filed

    outcomes = race(one, 6)

    lines = [periods(model_id) for model_id in models]
    assert sum(outcomes) == sum(len(line) for line in lines)
    for line in lines:
        assert [to_on for _, _, to_on in line[:-1]] == [from_on for _, from_on, _ in line[1:]]
        assert line[-1][2] is None
