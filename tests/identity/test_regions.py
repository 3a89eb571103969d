import pytest

from huanxin.identity import selectors
from huanxin.identity.services import admitting
from tests import given

pytestmark = pytest.mark.django_db


def test_liaocheng_has_eight_counties_and_three_zones_of_our_own():
    admitting.load_regions(actor=given.system())
    assert admitting.load_regions(actor=given.system()) == 28
    below = selectors.list_regions(level="county", under="370000/371500")
    zones = [region for region in below if region.level == "zone"]
    assert len(below) == 11
    assert {zone.statutory_code for zone in zones} == {"371502"}
    assert len(selectors.list_regions(level="city")) == 16
