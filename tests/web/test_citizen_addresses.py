"""Her address book on her phone: seen by her alone, a door removed after a second look."""

import pytest

from huanxin.kernel import clock
from huanxin.recycling import models
from huanxin.recycling.selectors import care_book
from huanxin.recycling.services import keeping
from huanxin.recycling.types.care import NewAddress
from tests import given, given_citizen
from tests.given_citizen import NOW

pytestmark = pytest.mark.django_db
DOOR = "振兴路 8 号 2 单元 301"


@pytest.fixture
def kept(client):
    with clock.standing_at(NOW):
        given_citizen.city()
        who = given_citizen.resident(client)
        new = NewAddress("家", DOOR, given.COUNTY, 36_000_000, 116_000_000)
        yield who, keeping.keep_address(
            actor=given.consumer(who), person_id=who.id, address=new
        )  # fmt: skip


def test_a_door_is_removed_after_a_second_look_and_again_harms_nothing(client, kept):
    who, door = kept
    place = f"/my/addresses/{door.id}/remove"
    page = client.get("/my/addresses").content.decode()
    assert DOOR in page
    assert place in page
    assert DOOR in client.get(place).content.decode()
    assert care_book.list_addresses(who.id, given.consumer(who).scope)  # a look removes nothing
    for _again in range(2):
        assert client.post(place)["Location"] == "/my/addresses"
    assert care_book.list_addresses(who.id, given.consumer(who).scope) == []
    page = client.get("/my/addresses").content.decode()
    assert DOOR not in page
    assert "还没有存地址" in page
    assert client.get(place).status_code == 404


def test_another_resident_neither_sees_nor_removes_it(client, kept):
    _who, door = kept
    given_citizen.resident(client)
    place = f"/my/addresses/{door.id}/remove"
    assert DOOR not in client.get("/my/addresses").content.decode()
    assert client.get(place).status_code == 404
    assert client.post(place).status_code == 404
    assert models.Address.objects.get().removed_at is None


def test_clerks_have_no_address_book_of_their_own(client, kept):
    given_citizen.clerk(client)
    assert client.get("/my/addresses").status_code == 403
    assert client.post(f"/my/addresses/{kept[1].id}/remove").status_code == 403
