"""Reads the bank's answer file (CSV, docs/bank-files.md): every line, readable or not, in order."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from huanxin.kernel.errors import Invalid
from huanxin.kernel.money import parse_yuan
from huanxin.settlement.errors import AnswerFileUnreadable
from huanxin.settlement.types import BankAnswer

MAX_BYTES = 10 * 1024 * 1024
HEADINGS = ("指令编号", "金额", "结果", "回单号", "说明")
_WORDS = {
    "成功": BankAnswer.ACCEPTED, "已付": BankAnswer.ACCEPTED, "accepted": BankAnswer.ACCEPTED,
    "失败": BankAnswer.REFUSED, "退回": BankAnswer.REFUSED, "refused": BankAnswer.REFUSED,
    "处理中": BankAnswer.UNKNOWN, "不明": BankAnswer.UNKNOWN, "unknown": BankAnswer.UNKNOWN,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as the bank wrote it; `fault` says what keeps it from being an answer."""

    line: int
    number: str
    answer: BankAnswer | None
    amount_fen: int | None
    reference: str
    note: str
    fault: str = ""


def read(name: str, content: bytes) -> list[ReadLine]:
    """Every line below the headings; refuses what is no such file."""
    if len(content) > MAX_BYTES:
        raise AnswerFileUnreadable(name=name, reason=f"超过 {MAX_BYTES // 1024 // 1024} MB")
    rows = list(_rows(name, content))
    if not rows:
        raise AnswerFileUnreadable(name=name, reason="文件是空的")
    headings = [cell.strip() for cell in rows[0][1]]
    missing = [one for one in HEADINGS[:4] if one not in headings]
    if missing:
        raise AnswerFileUnreadable(name=name, reason=f"缺少表头：{'、'.join(missing)}")
    places = {one: headings.index(one) for one in HEADINGS if one in headings}
    return [_line(number, cells, places) for number, cells in rows[1:] if any(cells)]


def text_of(name: str, content: bytes) -> str:
    """The bytes as text, UTF-8 or GBK."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AnswerFileUnreadable(name=name, reason="编码既不是 UTF-8 也不是 GBK")


def _rows(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = text_of(name, content)
    if "\x00" in text:
        raise AnswerFileUnreadable(name=name, reason="不是文本文件")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise AnswerFileUnreadable(name=name, reason="不是有效的 CSV 文件") from error


def _line(number: int, cells: Sequence[str], places: dict[str, int]) -> ReadLine:
    def cell(heading: str, length: int) -> str:
        at = places.get(heading, len(cells))
        return cells[at][:length] if at < len(cells) else ""

    answer = _WORDS.get(cell("结果", 20).lower())
    amount_fen, fault = None, ""
    try:
        amount_fen = parse_yuan(cell("金额", 40))
    except Invalid as refusal:
        fault = str(refusal.facts["reason"])
    if answer is None:
        fault = f"结果“{cell('结果', 20)}”不是成功、失败或处理中"
    if not cell("指令编号", 40):
        fault = "没有指令编号"
    return ReadLine(
        number, cell("指令编号", 40), answer, amount_fen, cell("回单号", 80), cell("说明", 200),
        fault,
    )  # fmt: skip
