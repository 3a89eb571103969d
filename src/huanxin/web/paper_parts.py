"""What a machine read from a paper, in the pages' parts: the picture, each fact, how sure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.claims.types import EvidenceKind
from huanxin.claims.types.reading import PaperReading, ReadField, ScanState, Source
from huanxin.web import claim_parts
from huanxin.web.parts import Evidence, Reading

SOURCE_WORDS: dict[Source, Promise] = {
    Source.DATA: gettext_lazy("发票数据"),
    Source.QR: gettext_lazy("二维码"),
    Source.BARCODE: gettext_lazy("条码"),
    Source.TEXT: gettext_lazy("文件文字"),
    Source.CAMERA: gettext_lazy("照片自带信息"),
    Source.PRINT: gettext_lazy("图片文字"),
}
# Facts without a check digit are held against something else that stands on the paper.
_CHECKS: dict[str, Promise] = {
    "invoice_number": gettext_lazy("与开票年份相符"),
    "invoiced_on": gettext_lazy("与发票号码相符"),
    "invoice_total_fen": gettext_lazy("与大写金额或税额相加相符"),
}


@dataclass(frozen=True, slots=True)
class PaperSeen:
    """A paper's reading as a page shows it: the viewer of a picture, or the facts alone."""

    kind: EvidenceKind
    is_waiting: bool
    say: str
    do: str
    evidence: Evidence


def seen(reading: PaperReading, image_url: Callable[[str], str]) -> PaperSeen:
    """One reading; `image_url` names the shown copy of a file."""
    facts = {one.fact: _plain(one.value) for one in reading.fields}
    rows = [row for one in reading.fields if (row := _row(reading, one, facts))]
    image = image_url(reading.sha256) if reading.is_picture else ""
    title = _("从%s读出的内容") % claim_parts.KIND_WORDS[reading.kind]
    say, do = reading.say, reading.do
    if reading.state is ScanState.READ and not rows and reading.kind is not EvidenceKind.OLD_UNIT:
        say = _("没有从文件中认出可用的内容。")
        do = _("请换一张清晰、完整的照片重新上传；也可照原件填写各项，由人工核对。")
    return PaperSeen(
        reading.kind, reading.state is ScanState.WAITING, say, do,
        Evidence(title, image, reading.width, reading.height, rows),
    )  # fmt: skip


def _row(reading: PaperReading, one: ReadField, facts: dict[str, object]) -> Reading | None:
    said = claim_parts.fact_in_words(one.fact, facts)
    if said is None:
        return None
    differs = one.fact in reading.differs
    return Reading(
        name=said[0], value=said[1], box=_box(reading, one), sure_bps=one.sure_bps,
        is_checked=one.is_checked, is_bad=differs or not one.is_sure,
        note=_note(reading, one, differs=differs), check=str(_CHECKS.get(one.fact, "")),
    )  # fmt: skip


def _note(reading: PaperReading, one: ReadField, *, differs: bool) -> str:
    source = str(SOURCE_WORDS[one.source])
    if differs:
        typed = claim_parts.fact_in_words(one.fact, reading.typed)
        words = typed[1] if typed else ""
        used = _("以读出的为准") if one.is_sure else _("以填写的为准")
        said = _("{source}；与填写的 {typed} 不一致，{used}")
        return format_html(said, source=source, typed=words, used=used)
    if not one.is_sure:
        return _("%s；认得不够清楚，没有采用，请对照原件填写") % source
    return source


def _plain(value: object) -> object:
    """A value as a paper's facts hold it, which is how the pages draw both."""
    return value.isoformat() if isinstance(value, date) else value


def _box(reading: PaperReading, one: ReadField) -> tuple[int, int, int, int] | None:
    if one.place is None or not reading.is_picture:
        return None
    x, y, width, height = one.place
    return (
        x * reading.width // 10_000, y * reading.height // 10_000,
        width * reading.width // 10_000, height * reading.height // 10_000,
    )  # fmt: skip
