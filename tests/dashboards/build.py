"""Series made by hand for the pure tests of dashboards."""

from datetime import date

from huanxin.indicators.types import (
    Aggregate,
    By,
    FlowLeg,
    Metric,
    Money,
    Point,
    Series,
    Unit,
    UnitFlow,
    Window,
)

FROM, TO = date(2026, 1, 1), date(2026, 9, 1)


def metric(unit: Unit = Unit.UNITS, *, aggregate: Aggregate = Aggregate.SUM) -> Metric:
    return Metric(
        id="m", title="指标", group="换新消费", place=1, unit=unit, aggregate=aggregate,
        grain="一行一笔", direction="up", definition="…", source="…",
    )  # fmt: skip


def series(values: dict[str, int | None], *, unit: Unit = Unit.UNITS, by: By = By.REGION) -> Series:
    points = tuple(Point(key, f"名{key}", value, 1) for key, value in values.items())
    total = sum(value or 0 for value in values.values())
    return Series(metric(unit), "370000/371500", FROM, TO, by, total, len(points), points)


def money(budget_fen: int, claimed: dict[str, int]) -> Money:
    by_day = series(dict(claimed), unit=Unit.FEN, by=By.DAY)
    return Money(Window(FROM, TO, "本年", "year"), budget_fen, by_day, by_day, by_day)


def flow(*legs: tuple[str, bool, int], waiting: int = 0, cancelled: int = 0) -> UnitFlow:
    return UnitFlow(waiting, cancelled, tuple(FlowLeg(*leg) for leg in legs))
