"""The address book is hers: sealed, at most ten, one the default."""

import pytest

from huanxin.kernel.errors import NotAllowed, NotFound
from huanxin.recycling import models
from huanxin.recycling.errors import AddressBookFull
from huanxin.recycling.selectors import care_book
from huanxin.recycling.services import keeping
from huanxin.recycling.types.care import AddressCard, NewAddress
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


def _new(n: int, *, label: str = "家", is_default: bool = False) -> NewAddress:
    return NewAddress(
        label, f"测试小区 {n} 号楼", given.COUNTY, given_recycling.LAT_E6,
        given_recycling.LON_E6, is_default,
    )  # fmt: skip


def test_addresses_are_kept_once_sealed_and_for_her_alone() -> None:
    who = given.person()
    keep = lambda new: keeping.keep_address(  # noqa: E731
        actor=given.consumer(who), person_id=who.id, address=new
    )
    home: AddressCard = keep(_new(1))
    again = keep(_new(1, label="老家"))
    work = keep(_new(2, label="单位", is_default=True))

    assert again.id == home.id
    mine = care_book.list_addresses(who.id, given.consumer(who).scope)
    assert [(a.label, a.address, a.is_default) for a in mine] == [
        ("单位", "测试小区 2 号楼", True), ("老家", "测试小区 1 号楼", False),
    ]  # fmt: skip
    sealed = bytes(models.Address.objects.get(pk=work.id).address_sealed)
    assert "测试小区".encode() not in sealed
    with pytest.raises(NotFound):
        care_book.list_addresses(who.id, given.consumer().scope)
    with pytest.raises(NotAllowed):
        keeping.keep_address(actor=given.consumer(), person_id=who.id, address=_new(3))


def test_the_book_holds_ten_and_a_removed_one_makes_room() -> None:
    who = given.person()
    me = given.consumer(who)
    cards = [keeping.keep_address(actor=me, person_id=who.id, address=_new(n)) for n in range(10)]
    with pytest.raises(AddressBookFull):
        keeping.keep_address(actor=me, person_id=who.id, address=_new(10))

    keeping.remove_address(actor=me, person_id=who.id, address_id=cards[3].id)
    keeping.remove_address(actor=me, person_id=who.id, address_id=cards[3].id)
    keeping.keep_address(actor=me, person_id=who.id, address=_new(10))

    assert len(care_book.list_addresses(who.id, me.scope)) == 10
