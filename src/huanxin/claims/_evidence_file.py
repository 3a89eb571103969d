"""Reads a file of evidence facts (CSV or XLSX, docs/evidence-file.md): a row a sale."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from huanxin.claims import _cells as cells
from huanxin.claims._cells import Unreadable
from huanxin.claims.errors import FileUnreadable
from huanxin.claims.types import EvidenceKind
from huanxin.claims.types.uploads import Paper, RowProblem, UploadRow

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
_HEADER_WITHIN = 10
NUMBER = "单号"
ANSWER, TODO = "处理结果", "问题与怎么办"  # what comes back beside the rows; not read


@dataclass(frozen=True, slots=True)
class FactColumn:
    """One heading: which fact of which kind of evidence it fills."""

    heading: str
    kind: EvidenceKind
    fact: str
    read: Callable[[Any], Any]
    says: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file read: its rows, the faults of cells, and the cells themselves for the way back."""

    headings: tuple[str, ...]
    rows: tuple[UploadRow, ...]
    faults: Mapping[int, tuple[RowProblem, ...]]
    cells: Mapping[int, tuple[Any, ...]]


def read(name: str, content: bytes) -> Sheet:
    """Every row below the headings; what cannot be read is named by row and heading."""
    if len(content) > MAX_BYTES:
        raise FileUnreadable(name=name, reason=f"超过 {MAX_BYTES // 1024 // 1024} MB")
    lines = enumerate(cells.table(name, content), start=1)
    headings, places = _find_headings(name, lines)
    rows: list[UploadRow] = []
    faults: dict[int, tuple[RowProblem, ...]] = {}
    kept: dict[int, tuple[Any, ...]] = {}
    for number, line in lines:
        if all(cell in (None, "") or not str(cell).strip() for cell in line):
            continue
        if len(kept) >= MAX_ROWS:
            raise FileUnreadable(name=name, reason=f"超过 {MAX_ROWS} 行")
        kept[number] = tuple(line[: len(headings)])
        row, problems = _row(number, line, places)
        rows.append(row)
        if problems:
            faults[number] = tuple(problems)
    if not rows:
        raise FileUnreadable(name=name, reason="表头下面没有内容")
    return Sheet(headings, tuple(rows), faults, kept)


def _find_headings(
    name: str, lines: Iterator[tuple[int, list[Any]]]
) -> tuple[tuple[str, ...], dict[str, int]]:
    known = {NUMBER, *(column.heading for column in COLUMNS)}
    for number, line in lines:
        titles = [str(cell or "").strip().rstrip("*＊").strip() for cell in line]
        found = [title for title in titles if title in known]
        if NUMBER in found and len(found) >= 2:
            if len(found) != len(set(found)):
                raise FileUnreadable(name=name, reason="表头有重复的列")
            return tuple(titles), {title: titles.index(title) for title in found}
        if number >= _HEADER_WITHIN:
            break
    raise FileUnreadable(name=name, reason=f"前 {_HEADER_WITHIN} 行中没有找到“{NUMBER}”等表头")


def _row(
    number: int, line: list[Any], places: Mapping[str, int]
) -> tuple[UploadRow, list[RowProblem]]:
    facts: dict[EvidenceKind, dict[str, Any]] = {}
    problems: list[RowProblem] = []
    said = ""
    try:
        said = _number(_at(line, places[NUMBER]))
    except Unreadable as fault:
        problems.append(RowProblem(number, NUMBER, f"{fault}。", "cell"))
    for column in COLUMNS:
        value = _at(line, places[column.heading]) if column.heading in places else None
        if value is None or not str(value).strip():
            continue
        try:
            facts.setdefault(column.kind, {})[column.fact] = column.read(value)
        except Unreadable as fault:
            problems.append(RowProblem(number, column.heading, f"{fault}。", "cell"))
    if not facts and not problems:
        problems.append(RowProblem(number, "", "除单号外没有填写任何内容。", "cell"))
    papers = tuple(Paper(kind, of_kind) for kind, of_kind in facts.items())
    return UploadRow(number, said, papers), problems


def _at(line: list[Any], place: int) -> Any:
    return line[place] if place < len(line) else None


def _number(value: Any) -> str:
    said = cells.code(value).upper()
    if not said:
        raise Unreadable("不能为空，请填平台的销售单号")
    return said


_I, _L, _D = EvidenceKind.INVOICE, EvidenceKind.LABEL, EvidenceKind.DELIVERY
_A, _P = EvidenceKind.ACTIVATION, EvidenceKind.PAYMENT
COLUMNS = (
    FactColumn(
        "发票号码", _I, "invoice_number", cells.invoice_number, "20 位，设为文本；旧版 8 位"
    ),
    FactColumn("发票代码", _I, "invoice_code", cells.code, "旧版发票才有"),
    FactColumn("价税合计", _I, "invoice_total_fen", cells.money, "元，应等于成交价，分毫不差"),
    FactColumn("开票日期", _I, "invoiced_on", cells.day, "如 2026-07-15"),
    FactColumn("购买人证件号", _I, "buyer_document_no", cells.code, "只作比对，不保存原文"),
    FactColumn("销售方税号", _I, "seller_uscc", cells.code, "18 位统一社会信用代码"),
    FactColumn("商品名称", _I, "goods_name", cells.text, "发票上的货物名称与型号"),
    FactColumn("机身序列号", _L, "serial_read", cells.serial, "应与成交时登记的一致，设为文本格式"),
    FactColumn("机身IMEI", _L, "imei_read", cells.imei, "手机填写，15 位"),
    FactColumn("承运商", _D, "carrier", cells.text, "线上订单填写"),
    FactColumn("运单号", _D, "waybill", cells.code, "线上订单填写，设为文本格式"),
    FactColumn("发货时间", _D, "shipped_at", cells.moment, "如 2026-07-15 14:30"),
    FactColumn("签收时间", _D, "signed_at", cells.moment, "如 2026-07-16 09:10"),
    FactColumn("收货人证件号", _D, "receiver_document_no", cells.code, "只作比对，不保存原文"),
    FactColumn("收货地址", _D, "address", cells.text, "只作比对，不保存原文"),
    FactColumn("收货县区代码", _D, "address_region_code", cells.region_code, "6 位，如 371502"),
    FactColumn("激活时间", _A, "activated_at", cells.moment, "数码产品填写"),
    FactColumn("实付金额", _P, "paid_fen", cells.money, "元，应等于顾客应付"),
    FactColumn("付款时间", _P, "paid_at", cells.moment, "如 2026-07-15 14:28"),
    FactColumn("付款人证件号", _P, "payer_document_no", cells.code, "只作比对，不保存原文"),
)
