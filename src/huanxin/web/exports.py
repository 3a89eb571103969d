"""A table as a file: the page's own columns, with integer fen beside every amount in yuan."""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from openpyxl import Workbook

from huanxin.kernel import tables
from huanxin.web.parts import Table
from huanxin.web.values import MONEY, plain_value


def table_file(table: Table, wanted: str) -> HttpResponse:
    """The table's rows as 'xlsx' or (anything else) as CSV with a byte-order mark for Excel."""
    if wanted == "xlsx":
        body = tables.as_xlsx(_lines(table), table.caption)
        return attachment(body, tables.XLSX_TYPE, f"{table.caption}.xlsx")
    return attachment(tables.as_csv(_lines(table)), tables.CSV_TYPE, f"{table.caption}.csv")


def add_sheet(book: Workbook, table: Table) -> None:
    """A table as a sheet of a workbook, its totals as the last row."""
    sheet = book.create_sheet(table.caption[:31])
    for line in _lines(table):
        sheet.append(line)


def _lines(table: Table) -> Iterator[list[Any]]:
    heads: list[str] = []
    for column in table.columns:
        heads += (
            [f"{column.title}（元）", f"{column.title}（分）"]
            if column.kind in MONEY
            else [column.title]
        )
    yield heads
    for row in table.rows:
        line: list[Any] = []
        for column in table.columns:
            value = row.values.get(column.key)
            line.append(_harmless(plain_value(column.kind, value), column.kind))
            if column.kind in MONEY:
                line.append("" if value is None else value)
        yield line


def _harmless(cell: str | int, kind: str) -> str | int:
    """Text that a spreadsheet would run as a formula is quoted; amounts are numbers in words."""
    return cell if kind in MONEY else tables.harmless(cell)


def workbook_file(book: Workbook, name: str) -> HttpResponse:
    """A workbook to save."""
    body = io.BytesIO()
    book.save(body)
    return attachment(body.getvalue(), tables.XLSX_TYPE, name)


def attachment(body: bytes, content_type: str, name: str) -> HttpResponse:
    """Bytes to save under a name."""
    response = HttpResponse(body, content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
