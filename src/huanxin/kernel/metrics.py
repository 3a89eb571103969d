"""Counters, gauges and histograms in Prometheus' text format. Each belongs to one thread."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class Histogram:
    """How many observations fell into each bucket, and their sum.

    >>> sizes = Histogram("x_size", "Claims in a batch.", (1, 10))
    >>> for size in (1, 4, 40):
    ...     sizes.observe(size)
    >>> print("\\n".join(sizes.lines()))
    # HELP x_size Claims in a batch.
    # TYPE x_size histogram
    x_size_bucket{le="1"} 1
    x_size_bucket{le="10"} 2
    x_size_bucket{le="+Inf"} 3
    x_size_sum 45
    x_size_count 3
    """

    def __init__(self, name: str, title: str, bounds: Sequence[float]) -> None:
        self._name, self._title, self._bounds = name, title, bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum: float = 0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self._name} {self._title}"
        yield f"# TYPE {self._name} histogram"
        total = 0
        for bound, count in zip((*self._bounds, "+Inf"), self._counts, strict=True):
            total += count
            yield f'{self._name}_bucket{{le="{bound}"}} {total}'
        yield f"{self._name}_sum {self._sum}"
        yield f"{self._name}_count {total}"


def counter(
    name: str, title: str, label: str, counts: Mapping[str, float], kind: str = "counter"
) -> Iterator[str]:
    """One counter with one label; or gauges, when `kind` says so."""
    yield f"# HELP {name} {title}"
    yield f"# TYPE {name} {kind}"
    for value, count in sorted(counts.items()):
        yield f'{name}{{{label}="{value}"}} {count}'


def gauge(name: str, title: str, value: float) -> Iterator[str]:
    """One value as it is now."""
    yield f"# HELP {name} {title}"
    yield f"# TYPE {name} gauge"
    yield f"{name} {value}"
