"""Figures round like the rest of the platform and never hide the exact value."""

import pytest

from huanxin.dashboards import steps
from huanxin.dashboards.figures import figure, words
from huanxin.indicators.types import Unit
from huanxin.web import values
from tests.dashboards import build


@pytest.mark.parametrize("fen", [0, 74_085, 99_999_999, 123_456_00, 9_999_999_999, 30_40000000_00])
def test_the_wall_and_the_consoles_write_the_same_money(fen: int) -> None:
    said = figure(fen, Unit.FEN)

    assert (said.text, said.unit) == values.wan_yuan_parts(fen)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (834, Unit.UNITS, "834台"),
        (1_234_567, Unit.UNITS, "123.46万台"),
        (7_412, Unit.SHARE_BPS, "74.1%"),
        (67_598, Unit.TIMES_BPS, "6.76倍"),
        (59, Unit.SECONDS, "59秒"),
        (3_660, Unit.SECONDS, "1小时1分"),
        (12_345_678, Unit.GRAMS, "12.35吨"),
        (None, Unit.FEN, "—"),
    ],
)
def test_a_value_is_written_with_its_unit(value: int | None, unit: Unit, said: str) -> None:
    assert words(value, unit) == said


def test_the_map_shades_by_the_regions_it_can_draw() -> None:
    series = build.series({"371502": 60, "371503": 20, "371571": 900})

    shading = steps.shade(series, {"371502", "371503"})

    assert shading.step == {"371502": 3, "371503": 1, "371571": 5}
    assert shading.legend[-1] == (5, "≤100台")


def test_an_empty_city_has_no_colours_and_no_legend() -> None:
    shading = steps.shade(build.series({"371502": 0}), {"371502"})

    assert (shading.step, shading.legend) == ({"371502": 0}, ())
