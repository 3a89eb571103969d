"""Tables as files: CSV and Excel, out and in. Text that a spreadsheet would run is quoted."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(ValueError):
    """Not a table: the text says why."""


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula, quoted; anything else as it is.

    >>> harmless("=HYPERLINK(1)"), harmless("-5"), harmless(-5)
    ("'=HYPERLINK(1)", "'-5", -5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_csv(lines: Iterable[Sequence[Any]]) -> bytes:
    """CSV with a byte-order mark, which Excel needs to read Chinese."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Iterable[Sequence[Any]], title: str) -> bytes:
    """A workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for line in lines:
        sheet.append(line)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def read(content: bytes) -> list[list[str]]:
    """The cells of a CSV or Excel file as text, its empty lines left out. Else Unreadable."""
    rows = _read_xlsx(content) if content.startswith(b"PK") else _read_csv(content)
    found = [[cell.strip() for cell in row] for row in rows]
    return [row for row in found if any(row)]


def _read_csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):  # what Excel in China saves
        try:
            rows = list(csv.reader(io.StringIO(content.decode(encoding)), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
        if len(rows) > MOST_ROWS + 1:
            raise Unreadable(f"超过 {MOST_ROWS} 行")
        return [[cell.removeprefix("'") for cell in row] for row in rows]
    raise Unreadable("不是 CSV 或 Excel 文件")


def _read_xlsx(content: bytes) -> list[list[str]]:
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2))
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, OSError):
        raise Unreadable("Excel 文件损坏或有密码") from None
    if len(rows) > MOST_ROWS + 1:
        raise Unreadable(f"超过 {MOST_ROWS} 行")
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).removesuffix(" 00:00:00").removeprefix("'")
