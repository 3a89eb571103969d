"""Other cities hand in their days; the province shows them with their own moment or not at all."""

import json
from datetime import date, timedelta

import pytest

from huanxin.identity import selectors as identity
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.indicators import models, selectors
from huanxin.indicators.errors import ImportRefused
from huanxin.indicators.services import importing
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from tests import given
from tests.given_indicators import CITY

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 1)
JINAN = "370100"


@pytest.fixture(autouse=True)
def _nine_o_clock():
    given.regions()
    with clock.standing_at(clock.moment(TODAY, 9)):
        yield


def file(**changed) -> bytes:
    content = {
        "format": importing.FORMAT, "city_code": JINAN,
        "as_of": (clock.now() - timedelta(hours=5)).isoformat(),
        "days": [
            ["new_units_sold", "2026-08-31", 120, 120], ["new_units_sold", "2025-01-01", 7, 7],
        ],
    }  # fmt: skip
    return json.dumps(content | changed).encode()


def take_in(content: bytes) -> int:
    return importing.import_city(actor=given.system(), content=content)


def others(scope: Scope):
    region = identity.get_region("370000")
    wall = selectors.read_wall(
        scope, region, selectors.window_named("year"), map_metric="new_units_sold"
    )
    return wall.other_cities


def test_a_citys_days_stand_in_the_province_with_their_own_moment():
    assert take_in(file()) == 2
    assert take_in(file()) == 2  # the same file changes nothing

    (jinan,) = others(Scope(region_path="370000"))
    assert (jinan.city_code, jinan.value, jinan.row_count) == (JINAN, 120, 120)
    assert jinan.as_of == clock.now() - timedelta(hours=5)
    assert models.CityImport.objects.count() == 1


def test_a_city_that_looks_into_the_frame_sees_no_other_citys_numbers():
    take_in(file())

    assert others(Scope(region_path=CITY)) == ()


def test_a_newer_file_replaces_the_older_and_an_older_one_is_refused():
    take_in(file())
    take_in(file(as_of=clock.now().isoformat(), days=[["new_units_sold", "2026-08-31", 130, 130]]))
    with pytest.raises(ImportRefused, match="更早"):
        take_in(file(as_of=(clock.now() - timedelta(days=2)).isoformat()))

    assert others(Scope(region_path="370000"))[0].value == 130
    assert models.CityRollup.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe", b"[]", b"{}",
        *(
            {"format": "other/1"}, {"as_of": "yesterday"}, {"as_of": "2026-08-31T00:00:00"},
            {"as_of": "2027-01-01T00:00:00+08:00"}, {"city_code": "371500"},
            {"city_code": "371502"}, {"days": [["happiness", "2026-08-31", 1, 1]]},
            {"days": [["new_units_sold", "2026-13-31", 1, 1]]},
            {"days": [["beneficiaries", "2026-08-31", 1, 1]]},
            {"days": [["new_units_sold", "2026-08-31", "1", 1]]}, {"days": [[]]},
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_nothing_is_kept(content):
    with pytest.raises(ImportRefused):
        take_in(content if isinstance(content, bytes) else file(**content))
    assert not models.CityRollup.objects.exists()


def test_who_may_hand_in_and_take_out():
    with pytest.raises(NotAllowed):
        importing.import_city(actor=given.staff(Role.OPERATOR, region_path=CITY), content=file())
    with pytest.raises(NotAllowed):
        importing.export_city(actor=given.staff(Role.OBSERVER), city_code="371500")
    with pytest.raises(ImportRefused, match="尚未算完"):
        importing.export_city(
            actor=given.staff(Role.OBSERVER, region_path=CITY), city_code="371500"
        )


def test_what_this_city_hands_out_is_what_another_cell_takes_in():
    models.RollupState.objects.create(pk=1, position="0.0", read_at=clock.now(), is_ready=True)
    models.Cell.objects.create(
        metric_id="new_units_sold", region_path=CITY, category_code="*", fact_on=TODAY, bucket=0,
        total=3, row_count=3,
    )  # fmt: skip

    handed = json.loads(
        importing.export_city(
            actor=given.staff(Role.OBSERVER, region_path=CITY), city_code="371500"
        )
    )

    assert handed["days"] == [["new_units_sold", "2026-09-01", 3, 3]]
    assert take_in(json.dumps(handed | {"city_code": JINAN}).encode()) == 1
