"""PDF papers: their text with its place, or their first page as a picture where there is none."""

from importlib.util import find_spec
from typing import Any

from PIL import Image

from huanxin.claims.reading import limits
from huanxin.claims.reading.found import CannotRead, Line, Place

_DOTS_PER_POINT = 2.5  # 180 dots an inch
_LEAST_TEXT = 40  # fewer characters are a scan's stamp, not its text


def is_installed() -> bool:
    """Whether the library that reads PDFs is there."""
    return find_spec("pypdfium2") is not None


def read(content: bytes) -> tuple[list[Line], Image.Image | None]:
    """The lines of the first pages; for a scan no lines and the picture of its first page."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as fault:
        raise CannotRead(
            "PDF 打不开，可能设了密码或已损坏", "请去掉密码或重新下载原件后上传。"
        ) from fault
    try:
        if not len(document):
            raise CannotRead("PDF 里没有页面", "请重新下载原件后上传。")
        lines = [
            line
            for number in range(min(len(document), limits.MOST_PAGES))
            for line in _lines(document[number])
        ]
        if sum(len(line.text) for line in lines) >= _LEAST_TEXT:
            return lines[: limits.MOST_LINES], None
        return [], _picture(document[0])
    except pypdfium2.PdfiumError as fault:
        raise CannotRead("PDF 的页面打不开，可能已损坏", "请重新下载原件后上传。") from fault
    finally:
        document.close()


def _lines(page: Any) -> list[Line]:
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        return []
    words = page.get_textpage()
    found: list[Line] = []
    end = 0.0
    for number in range(min(words.count_rects(), limits.MOST_LINES)):
        left, bottom, right, top = words.get_rect(number)
        text = words.get_text_bounded(left, bottom, right, top).strip()
        if not text:
            continue
        place = (
            int(left * 10_000 / width), int((height - top) * 10_000 / height),
            int((right - left) * 10_000 / width), int((top - bottom) * 10_000 / height),
        )  # fmt: skip
        if found and _goes_on(found[-1], place, (left - end) / width):
            found[-1] = _joined(found[-1], Line(text, place=place))
        else:
            found.append(Line(text, place=place))
        end = right
    return found


def _goes_on(last: Line, place: Place, gap: float) -> bool:
    """A run of another font or script breaks a number in two: what touches is one text."""
    assert last.place, "every line of a PDF has a place"
    level = abs(last.place[1] + last.place[3] // 2 - place[1] - place[3] // 2)
    return level * 2 < max(last.place[3], place[3]) and abs(gap * 10_000) < max(place[3], 60) // 3


def _joined(last: Line, more: Line) -> Line:
    assert last.place, "every line of a PDF has a place"
    assert more.place, "every line of a PDF has a place"
    left, top = last.place[0], min(last.place[1], more.place[1])
    right = more.place[0] + more.place[2]
    low = max(last.place[1] + last.place[3], more.place[1] + more.place[3])
    return Line(last.text + more.text, place=(left, top, right - left, low - top))


def _picture(page: Any) -> Image.Image:
    width, height = page.get_size()
    scale = min(_DOTS_PER_POINT, limits.READ_SIDE / max(width, height, 1))
    image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return image
