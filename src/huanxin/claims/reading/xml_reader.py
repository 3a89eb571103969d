"""XML read within bounds: no document types, no entities, nothing fetched."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from huanxin.claims.reading import limits
from huanxin.claims.reading.found import CannotRead

_DECLARED = re.compile(
    rb"""^\s*<\?xml[^>]*encoding\s*=\s*["'](gbk|gb2312|gb18030)["'][^>]*\?>""", re.I
)
_HARMFUL = CannotRead(
    "文件里有不该出现的指令（实体或外部引用）", "请从税务平台重新下载原件后上传。"
)


def root_of(content: bytes) -> Element:
    """The root element; raises CannotRead for what is no XML, too large, or carries entities."""
    if len(content) > limits.MOST_XML_BYTES:
        raise CannotRead("文件展开后过大", "请从税务平台重新下载原件后上传。")
    try:
        root: Element = fromstring(_as_utf8(content), forbid_dtd=True)
    except DefusedXmlException as fault:
        raise _HARMFUL from fault
    except (ParseError, ValueError, LookupError) as fault:
        raise CannotRead("XML 文件不完整或格式有误", "请从税务平台重新下载原件后上传。") from fault
    return root


def name_of(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def named(root: Element, *path: str) -> Iterator[Element]:
    """Elements under the root whose last names, from the outside in, are the path."""
    first, rest = path[0], path[1:]
    for element in root.iter():
        if name_of(element) == first:
            if rest:
                yield from (e for child in element for e in named(child, *rest))
            else:
                yield element


def text_at(root: Element, *path: str) -> str:
    """The text of the first such element, or ''."""
    found = next(named(root, *path), None)
    return (found.text or "").strip() if found is not None else ""


def _as_utf8(content: bytes) -> bytes:
    """The parser knows no Chinese encodings: such a file is recoded and its declaration dropped."""
    declared = _DECLARED.match(content)
    if declared is None:
        return content
    return content[declared.end() :].decode("gb18030").encode()
