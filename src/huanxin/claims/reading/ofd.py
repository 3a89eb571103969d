"""OFD documents (GB/T 33190): a zip of XML, read within bounds, never unpacked to a disk."""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from huanxin.claims.reading import invoice_xml, limits
from huanxin.claims.reading.found import CannotRead, Line
from huanxin.claims.reading.xml_reader import name_of, named, root_of, text_at
from huanxin.claims.types.reading import ReadField

_AGAIN = "请从税务平台重新下载原件后上传。"
_BOMB = CannotRead("文件展开后过大，像是被做过手脚的压缩包", _AGAIN)
_A4 = (2_100_000, 2_970_000)


class Container:
    """The entries of one OFD file by their names."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError) as fault:
            raise CannotRead("OFD 文件不完整或已损坏", _AGAIN) from fault
        entries = self._zip.infolist()
        sizes = sum(entry.file_size for entry in entries)
        if len(entries) > limits.MOST_ENTRIES or sizes > limits.MOST_UNPACKED_BYTES:
            raise _BOMB
        self._names = {entry.filename.lstrip("/"): entry for entry in entries}
        self._left = limits.MOST_UNPACKED_BYTES

    def xml(self, name: str) -> Element:
        """One entry as XML. What it unfolds to is counted, whatever its header says."""
        entry = self._names.get(name.lstrip("/"))
        if entry is None:
            raise CannotRead("OFD 文件缺少内容", _AGAIN)
        try:
            with self._zip.open(entry) as stream:
                content = stream.read(limits.MOST_XML_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError,
                EOFError) as fault:  # fmt: skip
            raise CannotRead("OFD 文件不完整或已损坏", _AGAIN) from fault
        self._left -= len(content)
        if len(content) > limits.MOST_XML_BYTES or self._left < 0:
            raise _BOMB
        return root_of(content)

    def ending(self, end: str) -> list[str]:
        """Names with this ending, in the container's order."""
        return [name for name in self._names if name.lower().endswith(end)]


def read(content: bytes) -> tuple[list[ReadField], list[Line]]:
    """The invoice's data where the file carries it, and the text of its pages."""
    container = Container(content)
    ofd = container.xml("OFD.xml")
    data = ((e.get("Name", ""), e.text or "") for e in named(ofd, "CustomData"))
    fields = [*_attached(container), *invoice_xml.facts_of_names(data)]
    document = text_at(ofd, "DocRoot").lstrip("/")
    return fields, list(_lines(container, document)) if document else []


def _attached(container: Container) -> list[ReadField]:
    """The older electronic invoices carry their XML as an attachment."""
    for name in container.ending("invoice.xml")[:3]:
        root = container.xml(name)
        if invoice_xml.is_invoice(root):
            return invoice_xml.facts_of(root)
    return []


def _lines(container: Container, document: str) -> Iterator[Line]:
    root = container.xml(document)
    folder = posixpath.dirname(document)
    names = [page.get("BaseLoc", "") for page in named(root, "Page")]
    # the form lies in a template, what was filled in lies on the page
    templates = [page.get("BaseLoc", "") for page in named(root, "TemplatePage")]
    for name in [*templates[: limits.MOST_PAGES], *names[: limits.MOST_PAGES]]:
        path = name.lstrip("/") if name.startswith("/") else posixpath.join(folder, name)
        page = container.xml(path)
        for text in named(page, "TextObject"):
            yield from _text(text)


def _text(element: Element) -> Iterator[Line]:
    box = [float(part) for part in element.get("Boundary", "").split()[:4] if _is_number(part)]
    codes = [part.text or "" for part in element if name_of(part) == "TextCode"]
    words = "".join(codes).strip()
    if words and len(box) == 4:
        width, height = _A4
        x, y, w, h = (int(part * 10_000) for part in box)
        place = (x * 10_000 // width, y * 10_000 // height,
                 w * 10_000 // width, h * 10_000 // height)  # fmt: skip
        yield Line(words, place=place)
    elif words:
        yield Line(words)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()
