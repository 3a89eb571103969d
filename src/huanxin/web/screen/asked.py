"""What the address asks for: period, grouping, map metric. The whole state of a screen is in it."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from huanxin.indicators import selectors
from huanxin.indicators.errors import MetricUnknown, WindowInvalid
from huanxin.indicators.types import By, Window

DEFAULT_PERIOD = "year"


@dataclass(frozen=True, slots=True)
class Asked:
    """The period (by name, or two days), the map's metric, a metric page's grouping and page."""

    window: Window
    map_metric: str
    by: By
    page: int = 1

    def query(self, **changed: str) -> str:
        """The address's query with something changed; what stands at its default is left out."""
        named = {"period": self.window.key} if self.window.key else self._days()
        wanted = {**named, "map": self.map_metric, **changed}
        if "period" in changed:
            wanted.pop("from", None), wanted.pop("to", None)
        left = {k: v for k, v in wanted.items() if v and v != _DEFAULTS.get(k)}
        return f"?{urlencode(left)}" if left else ""

    def _days(self) -> dict[str, str]:
        return {"from": self.window.from_on.isoformat(), "to": self.window.to_on.isoformat()}


_DEFAULTS = {"period": DEFAULT_PERIOD, "map": selectors.MAP_METRICS[0], "by": "day", "page": "1"}


def read(request: HttpRequest) -> Asked:
    """Read and check the query; what cannot be used is refused in words."""
    map_metric = request.GET.get("map") or selectors.MAP_METRICS[0]
    if map_metric not in selectors.MAP_METRICS:
        raise MetricUnknown(metric_id=map_metric)
    by = request.GET.get("by") or By.DAY
    return Asked(_window(request), map_metric, By(by) if by in set(By) else By.DAY, _page(request))


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _window(request: HttpRequest) -> Window:
    first, last = request.GET.get("from"), request.GET.get("to")
    if not first and not last:
        return selectors.window_named(request.GET.get("period") or DEFAULT_PERIOD)
    try:
        from_on, to_on = date.fromisoformat(first or ""), date.fromisoformat(last or "")
    except ValueError:
        raise WindowInvalid(reason=_("起止日期应写成 2026-06-01 的样子")) from None
    return selectors.window_between(from_on, to_on)
