"""Whose screen is whose: a region is open to those above it and shut to those beside it."""

import pytest

from huanxin.identity.types import Role
from huanxin.indicators import selectors
from huanxin.indicators.errors import RegionOutOfReach
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotAllowed
from tests import given

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _regions() -> None:
    given.regions()


def observer(path: str) -> Actor:
    return given.staff(Role.OBSERVER, region_path=path)


@pytest.mark.parametrize("code", ["371500", "371502", "371571"])
def test_the_city_sees_itself_and_what_lies_below(code: str) -> None:
    assert selectors.reachable_region(observer(given.CITY_PATH), code).code == code


@pytest.mark.parametrize("code", ["371500", "371503", "370000", "370100"])
def test_a_county_sees_no_other_and_is_told_where_its_own_is(code: str) -> None:
    with pytest.raises(RegionOutOfReach) as refusal:
        selectors.reachable_region(observer(given.COUNTY_PATH), code)

    assert refusal.value.next_step.startswith("您可以查看东昌府区的大屏（/screen/371502/）")


def test_another_city_is_shut_to_this_one() -> None:
    with pytest.raises(RegionOutOfReach):
        selectors.reachable_region(observer(given.CITY_PATH), "370100")


def test_the_province_is_a_frame_that_shows_a_city_only_its_own_numbers() -> None:
    city = observer(given.CITY_PATH)
    province = selectors.reachable_region(city, "370000")

    assert province.level == "province"
    assert selectors.reach(city, province) == Scope(region_path=given.CITY_PATH)
    assert selectors.reach(observer("370000"), province) == Scope(region_path="370000")


@pytest.mark.parametrize(
    ("path", "own"), [("370000/371500/371502", "371502"), ("370000", "371500"), ("", "371500")]
)
def test_everyone_starts_at_their_own_region(path: str, own: str) -> None:
    assert selectors.own_region(observer(path)).code == own


def test_a_cashier_has_no_screen() -> None:
    cashier = given.staff(Role.CASHIER, org_id=given.organisation())

    with pytest.raises(NotAllowed):
        selectors.reachable_region(cashier, "371502")


def test_only_this_cells_city_is_connected() -> None:
    assert [city.code for city in selectors.connected_cities()] == ["371500"]
