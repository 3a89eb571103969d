"""Cells of spreadsheets as people fill them in: text, codes, money, days and moments.

What cannot be what its heading says raises Unreadable, whose message is the rest of a sentence.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from huanxin.claims import rules
from huanxin.claims.errors import FileUnreadable, SerialInvalid
from huanxin.kernel import clock
from huanxin.kernel.errors import Invalid
from huanxin.kernel.money import parse_yuan

MAX_UNPACKED = 200 * 1024 * 1024
_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T](.*))?$")
_TIME = re.compile(r"^(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?$")
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+\d+$")


class Unreadable(ValueError):
    """A cell that cannot be what its heading says; the message is the rest of the sentence."""


def table(name: str, content: bytes) -> Iterator[list[Any]]:
    """The rows of the first sheet of an .xlsx, or of a CSV in UTF-8 or GBK."""
    if content[:4] == b"PK\x03\x04":
        return _xlsx(name, content)
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise FileUnreadable(name=name, reason="这是旧版 .xls 文件")
    return _csv(name, content)


def _xlsx(name: str, content: bytes) -> Iterator[list[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MAX_UNPACKED:
                raise FileUnreadable(name=name, reason="解压后过大，不像申报表")
        book = load_workbook(io.BytesIO(content), read_only=True)  # formulas stay formulas
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise FileUnreadable(name=name, reason="不是有效的 XLSX 文件") from error
    try:
        if book.worksheets:
            for row in book.worksheets[0].iter_rows(values_only=True):
                yield list(row)
    finally:
        book.close()


def _csv(name: str, content: bytes) -> Iterator[list[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text_ = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            yield from csv.reader(io.StringIO(text_, newline=""))
        except csv.Error as error:
            raise FileUnreadable(name=name, reason="不是有效的 CSV 文件") from error
        return
    raise FileUnreadable(name=name, reason="编码既不是 UTF-8 也不是 GBK")


def text(value: Any) -> str:
    """A cell as text; a whole number in a spreadsheet has no decimals to show."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    said = str(value).strip()
    if said.startswith("=") and len(said) > 1:
        raise Unreadable("是公式，不是内容，请复制后“选择性粘贴为数值”再上传")
    return said


def code(value: Any) -> str:
    """A long number that must be text: spreadsheets silently round those past 15 digits."""
    said = text(value)
    is_rounded = isinstance(value, int | float) and abs(value) >= 1e15
    if is_rounded or _SCIENTIFIC.match(said):
        raise Unreadable("被存成了数字，末几位可能已丢失，请将该列设为“文本”格式后重新录入")
    return said


def region_code(value: Any) -> str:
    """The six digits of GB/T 2260, or our own code of a zone."""
    said = code(value)
    if not (said.isascii() and said.isdigit() and len(said) == 6):
        raise Unreadable(f"“{said}”不是县区代码，应为 6 位数字，例如 371502")
    return said


def invoice_number(value: Any) -> str:
    """Twenty digits, or the eight of an older invoice, which has a code beside it."""
    said = code(value).replace(" ", "")
    if not (said.isascii() and said.isdigit() and len(said) in {8, 20}):
        raise Unreadable(f"“{said}”不是发票号码，应为 20 位数字（旧版 8 位）")
    return said


def serial(value: Any) -> str:
    """A serial number as the till would take it."""
    said = code(value)
    try:
        rules.check_serial(said)
    except SerialInvalid as refusal:
        raise Unreadable(f"“{said}”{refusal.facts['reason']}") from refusal
    return said


def imei(value: Any) -> str:
    """An IMEI with its check digit, or nothing."""
    said = code(value)
    try:
        return rules.check_imei(said) or ""
    except SerialInvalid as refusal:
        raise Unreadable(f"“{said}”{refusal.facts['reason']}") from refusal


def money(value: Any) -> int:
    """Yuan in fen."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = _exact(value)
    try:
        return parse_yuan(text(value))
    except Invalid as refusal:
        raise Unreadable(str(refusal.facts["reason"])) from refusal


def day(value: Any) -> date:
    """A calendar day."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    said = text(value)
    match = _DATE.match(said)
    try:
        if match:
            return date(*(int(part) for part in match.groups()[:3]))
    except ValueError:
        pass
    raise Unreadable(f"“{said}”不是日期，应如 2026-07-15")


def moment(value: Any) -> datetime:
    """A moment in Shanghai's time; a day alone is its noon, which no check takes for exact."""
    if isinstance(value, datetime):
        return clock.moment(value.date(), value.hour, value.minute)
    on = day(value)
    said = "" if isinstance(value, date) else (_DATE.match(text(value)) or [""] * 5)[4] or ""
    if not said:
        return clock.moment(on, 12)
    match = _TIME.match(str(said).strip())
    try:
        if match:
            at = time(int(match[1]), int(match[2]))
            return clock.moment(on, at.hour, at.minute)
    except ValueError:
        pass
    raise Unreadable(f"“{text(value)}”不是时间，应如 2026-07-15 14:30")


def _exact(value: float) -> str:
    """A number from a spreadsheet as typed: binary noise beyond the ninth decimal is dropped."""
    try:
        exact = round(Decimal(repr(value)), 9).normalize()
    except InvalidOperation as error:
        raise Unreadable(f"“{value}”不是金额") from error
    return f"{exact:f}"
