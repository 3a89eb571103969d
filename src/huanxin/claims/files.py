"""Reads a merchant's claims file (CSV or XLSX) by the documented template, docs/claims-file.md.

A cell that cannot be read is named by row and heading; the other rows go on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from stdnum import ean

from huanxin.claims import _cells as cells
from huanxin.claims._cells import Unreadable
from huanxin.claims.errors import FileUnreadable
from huanxin.claims.types import CellProblem, ClaimRow

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
_HEADER_WITHIN = 10
_GRADES = {"一级": 1, "二级": 2, "三级": 3, "四级": 4, "五级": 5}


@dataclass(frozen=True, slots=True)
class Column:
    """One heading of the template: where its value goes and how it is read."""

    heading: str
    field: str
    read: Callable[[Any], Any]
    is_required: bool
    says: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row with its claim, or with every problem that kept it from being one."""

    row: int
    order_no: str
    claim: ClaimRow | None
    problems: tuple[CellProblem, ...]


def read_file(name: str, content: bytes, categories: Mapping[str, str]) -> list[ReadRow]:
    """Every row below the headings. `categories` maps codes, names and aliases to codes."""
    if len(content) > MAX_BYTES:
        raise FileUnreadable(name=name, reason=f"超过 {MAX_BYTES // 1024 // 1024} MB")
    rows = enumerate(cells.table(name, content), start=1)
    by_index = _find_headings(name, rows)
    read: list[ReadRow] = []
    for number, line in rows:
        if all(cell in (None, "") or not str(cell).strip() for cell in line):
            continue
        if len(read) >= MAX_ROWS:
            raise FileUnreadable(name=name, reason=f"超过 {MAX_ROWS} 行")
        values = {i: line[i] if i < len(line) else None for i in by_index}
        read.append(_read_row(number, by_index, values, categories))
    return read


def _find_headings(name: str, rows: Iterator[tuple[int, list[Any]]]) -> dict[int, Column]:
    wanted = {column.heading: column for column in COLUMNS}
    for number, line in rows:
        headings = [str(cell or "").strip().rstrip("*＊").strip() for cell in line]
        found = {i: wanted[text] for i, text in enumerate(headings) if text in wanted}
        if len(found) >= 3:
            _check_headings(name, found.values())
            return found
        if number >= _HEADER_WITHIN:
            break
    raise FileUnreadable(name=name, reason=f"前 {_HEADER_WITHIN} 行中没有找到表头")


def _check_headings(name: str, found: Iterable[Column]) -> None:
    headings = [column.heading for column in found]
    if doubled := sorted({text for text in headings if headings.count(text) > 1}):
        raise FileUnreadable(name=name, reason=f"表头重复：{'、'.join(doubled)}")
    missing = [c.heading for c in COLUMNS if c.is_required and c.heading not in headings]
    if missing:
        raise FileUnreadable(name=name, reason=f"缺少表头：{'、'.join(missing)}")


def _read_row(
    number: int,
    by_index: Mapping[int, Column],
    values: Mapping[int, Any],
    categories: Mapping[str, str],
) -> ReadRow:
    fields: dict[str, Any] = {column.field: column.read(None) for column in COLUMNS
                              if not column.is_required}  # fmt: skip
    problems = []
    for i, column in by_index.items():
        value = values[i]
        try:
            fields[column.field] = _read_cell(column, value, categories)
        except Unreadable as problem:
            problems.append(CellProblem(number, column.heading, f"{problem}。"))
    order_no = str(fields.get("order_no", ""))
    if problems:
        return ReadRow(number, order_no, None, tuple(problems))
    claim = ClaimRow(row=number, **fields)
    if claim.price_fen <= 0:
        nothing_left = CellProblem(number, "标价", "减去商家优惠和焕新券后必须大于零。")
        return ReadRow(number, order_no, None, (nothing_left,))
    return ReadRow(number, order_no, claim, ())


def _read_cell(column: Column, value: Any, categories: Mapping[str, str]) -> Any:
    if column.is_required and cells.text(value) == "":
        raise Unreadable("不能为空")
    read = column.read(value)
    return _category(read, categories) if column.field == _CATEGORY else read


def _category(word: str, categories: Mapping[str, str]) -> str:
    if word not in categories:
        raise Unreadable(f"没有名为“{word}”的品类，请从模板说明中选择")
    return categories[word]


def _money_or_zero(value: Any) -> int:
    return cells.money(value) if cells.text(value) else 0


def _money_or_none(value: Any) -> int | None:
    return cells.money(value) if cells.text(value) else None


def _date_or_none(value: Any) -> date | None:
    return cells.day(value) if cells.text(value) else None


def _grade(value: Any) -> int | None:
    text = cells.text(value)
    if not text or text in {"无", "—", "-"}:
        return None
    digit = _GRADES.get(text) or text.removesuffix("级")
    if str(digit) not in {"1", "2", "3", "4", "5"}:
        raise Unreadable(f"“{text}”不是能效等级，应为 1 至 5，没有等级的留空")
    return int(digit)


def _region(value: Any) -> str:
    return cells.region_code(value if cells.text(value) else settings.HUANXIN_CITY)


def _gtin(value: Any) -> str:
    text = cells.code(value)
    if text and not ean.is_valid(text):
        raise Unreadable(f"“{text}”不是有效的商品条码，请核对末位校验码")
    return text.zfill(13) if text else ""


_CATEGORY = "category_code"
COLUMNS = (
    Column("单号", "order_no", cells.text, True, "门店自己的销售单号，不重复"),
    Column("销售日期", "sold_on", cells.day, True, "付款日期，如 2026-07-15；决定适用哪一年的规则"),
    Column("县区代码", "region_code", _region, False, "6 位代码，如 371502；留空按全市规则"),
    Column("品类", _CATEGORY, cells.text, True, "品类名称、常用别名或代码，如 冰箱"),
    Column("能效等级", "energy_grade", _grade, False, "1 至 5；没有等级的产品留空"),
    Column("品牌", "brand", cells.text, False, "与序列号一起确定一台机器"),
    Column("商品条码", "gtin", _gtin, False, "69 码，8、12、13 或 14 位，设为文本格式"),
    Column("序列号", "serial", cells.serial, True, "机身铭牌上的序列号（SN），设为文本格式"),
    Column("IMEI", "imei", cells.imei, False, "手机必填，15 位"),
    Column("标价", "list_price_fen", cells.money, True, "元，最多两位小数"),
    Column("商家优惠", "discount_fen", _money_or_zero, False, "元；没有留空"),
    Column("焕新券", "trade_in_fen", _money_or_zero, False, "元；没有留空"),
    Column("申报补贴", "claimed_fen", cells.money, True, "元；门店已让利给顾客的补贴"),
    Column("发票号码", "invoice_number", cells.invoice_number, True, "20 位，设为文本格式"),
    Column("发票金额", "invoice_fen", _money_or_none, False, "价税合计，应等于标价减全部优惠"),
    Column("开票日期", "invoice_on", _date_or_none, False, "如 2026-07-15"),
    Column("购买人", "buyer", cells.text, True, "发票抬头，须与领取资格的人一致"),
    Column("付款人", "payer", cells.text, False, "与购买人不同时才需填写"),
    Column("收货人", "receiver", cells.text, False, "与购买人不同时才需填写"),
    Column("购买人证件号", "buyer_document", cells.code, False, "用于核对同一人的次数；不会被保存"),
    Column("资格券号", "right_number", cells.code, False, "平台发放的资格编号"),
    Column("备案价", "filed_price_fen", _money_or_none, False, "元；留空则不核对"),
    Column("送达日期", "delivered_on", _date_or_none, False, "如 2026-07-16"),
)
