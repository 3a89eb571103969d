"""What pages hand to the components: frozen values, filled by views, drawn by templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Tone = Literal["", "good", "warn", "danger"]


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a timeline: done with time and actor, now, next with its promise, or stopped."""

    what: str
    state: Literal["done", "now", "next", "stopped"]
    at: datetime | None = None
    by: str = ""
    note: str = ""
    href: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """原因 · 依据 · 怎么办, with the code that support staff ask for."""

    what: str
    basis: str = ""
    todo: str = ""
    code: str = ""
    tone: Tone = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of a key–value list; `kind` as in values.render_value."""

    name: str
    value: object
    kind: str = "text"
    note: str = ""
    is_sum: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What to do first when there is nothing yet."""

    title: str
    text: str = ""
    href: str = ""
    button: str = ""
    icon: str = "list"


@dataclass(frozen=True, slots=True)
class Link:
    """A value of kind `link`: words, and where they lead if the reader may go there."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    title: str
    kind: str = "text"
    is_sortable: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Values by column key; the first column links to `href`."""

    values: Mapping[str, object]
    href: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one page and the totals of all of them. `sort` is a column key, '-' for falling.

    `is_more`: counting stopped at `total_count`. `totals_href` adds up what takes too long to wait
    for: a table's foot that the page fetches by itself.
    """

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: Empty = field(default_factory=lambda: Empty("暂无记录"))
    totals: Mapping[str, object] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    pages: int = 1
    total_count: int | None = None
    can_export: bool = False
    is_more: bool = False
    totals_href: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A control of a filter bar; a hidden one keeps what another page's link asked for."""

    name: str
    label: str
    value: str = ""
    kind: Literal["search", "choice", "day", "hidden"] = "choice"
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """A metric: figure, change against the last period and the target, spark line, its rows."""

    name: str
    value: object
    kind: str = "count"
    unit: str = ""
    change_bps: int | None = None
    change_words: str = ""
    target: str = ""
    trend: Sequence[int] = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and the table of the same rows.

    Without an ECharts `option` the picture is a bar a row: `name_key` and `figure_key` are columns.
    """

    id: str
    title: str
    table: Table
    name_key: str = ""
    figure_key: str = ""
    option: Mapping[str, object] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A region of a map: its outline in picture units, its value and its step of colour (0–5)."""

    code: str
    name: str
    outline: str
    label_x: int
    label_y: int
    shown: str = ""
    step: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """A drawn region with its neighbours that have no boundary listed beside it."""

    title: str
    width: int
    height: int
    shapes: Sequence[Shape]
    crumbs: Sequence[tuple[str, str]] = ()
    beside: Sequence[Shape] = ()
    legend: Sequence[tuple[int, str]] = ()
    note: str = "审图号：由部署单位提供"


@dataclass(frozen=True, slots=True)
class Reading:
    """Something read from a picture: where, what, how sure, and whether its check digit fits."""

    name: str
    value: str
    box: tuple[int, int, int, int] | None = None
    sure_bps: int | None = None
    is_checked: bool | None = None
    is_bad: bool = False
    note: str = ""
    check: str = ""  # what was checked where it is no check digit


@dataclass(frozen=True, slots=True)
class Evidence:
    title: str
    image: str
    width: int
    height: int
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class CodeCard:
    """A code that a till scans. `renew_url` answers the next card, by htmx or by hand."""

    title: str
    text: str
    until: datetime
    renew_url: str
    digits: str = ""


@dataclass(frozen=True, slots=True)
class FileResult:
    name: str
    state: Literal["accepted", "refused", "missing"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The last look before money moves: how much, to whom, from which account, then one button."""

    title: str
    amount_fen: int
    sentence: str
    facts: Sequence[Fact]
    action: str
    button: str
    back: str
    fields: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""
