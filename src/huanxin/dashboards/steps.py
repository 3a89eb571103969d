"""Five even steps of colour for the regions of a map, and the legend that says what they mean."""

from collections.abc import Collection
from dataclasses import dataclass

from huanxin.dashboards.figures import words
from huanxin.indicators.types import Series

STEPS = 5


@dataclass(frozen=True, slots=True)
class Shading:
    """A step (1 to 5; 0 is no colour) and the value in words by region code, and the legend."""

    step: dict[str, int]
    shown: dict[str, str]
    legend: tuple[tuple[int, str], ...]


def shade(series: Series, codes: Collection[str]) -> Shading:
    """Shade a series by region. Only `codes`, the regions with a boundary, set the scale.

    One region alone compares with nothing: it needs no legend.
    """
    values = {point.key: point.value or 0 for point in series.points}
    top = round_up(max((values[code] for code in values if code in codes), default=0))
    unit = series.metric.unit
    return Shading(
        step={code: step_of(value, top) for code, value in values.items()},
        shown={point.key: words(point.value, unit) for point in series.points},
        legend=tuple((step, f"≤{words(top * step // STEPS, unit)}") for step in range(1, STEPS + 1))
        if top and len(values) > 1
        else (),
    )


def step_of(value: int, top: int) -> int:
    """The step of a value on five even steps of 0 … top; nothing takes no colour.

    >>> [step_of(value, 100) for value in (0, 1, 20, 21, 100, 140)]
    [0, 1, 1, 2, 5, 5]
    """
    if value <= 0 or top <= 0:
        return 0
    return min(STEPS, (value * STEPS - 1) // top + 1)


def round_up(value: int) -> int:
    """The next of 5, 10, 20, 25, 50, 100 … that is not below the value: five steps divide it.

    >>> round_up(0), round_up(3), round_up(83), round_up(401), round_up(1_234_567)
    (0, 5, 100, 500, 2000000)
    """
    if value <= 0:
        return 0
    power = 1
    while True:
        for lead in (5, 10, 20, 25):
            if lead * power >= value:
                return lead * power
        power *= 10
