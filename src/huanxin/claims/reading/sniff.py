"""What kind of file the bytes are, whatever its name says, and whether it is whole."""

import io
import re
import zipfile
from enum import StrEnum

from huanxin.claims.reading import limits
from huanxin.claims.reading.found import CannotRead

_AGAIN = "请重新拍照或从原系统重新下载后上传。"
_TAKEN = "请上传 JPG、PNG、HEIC 照片，或 PDF、OFD、XML 格式的发票原件。"
_BY_ITSELF = "请只上传照片或发票原件本身。"
_TAIL = 66_000  # a zip's directory ends within its last 65,557 bytes
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"}
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件"), (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"), (b"GIF8", "GIF 动图"), (b"BM", "BMP 图片"), (b"MZ", "程序"),
    (b"\x7fELF", "程序"), (b"\x1f\x8b", "压缩包"),
)  # fmt: skip
_ACTIVE = re.compile(rb"<(?:script|html|\?php|svg[\s>])", re.IGNORECASE)
_MARKER = re.compile(
    rb"\xff[^\x00\xd0-\xd7\xff]"
)  # in coded data FF is followed by 00 or a restart


class Media(StrEnum):
    """A kind of file that is taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    PDF = "pdf"
    OFD = "ofd"
    XML = "xml"

    @property
    def is_picture(self) -> bool:
        return self in {Media.JPEG, Media.PNG, Media.WEBP, Media.HEIC}


def media_of(content: bytes) -> Media:
    """The kind of a whole file; raises CannotRead for anything else, with what to do."""
    if not content:
        raise CannotRead("文件是空的", _AGAIN)
    if len(content) > limits.MOST_BYTES:
        size, most = -(-len(content) // 1024 // 1024), limits.MOST_BYTES // 1024 // 1024
        raise CannotRead(f"文件有 {size} MB，超过 {most} MB", "请降低照片分辨率或压缩后重新上传。")
    media = _by_first_bytes(content)
    if media is None:
        raise CannotRead(f"{_named(content)}不能作为材料", _TAKEN)
    if not _is_whole(media, content):
        raise CannotRead("文件不完整，可能没有传完或已损坏", _AGAIN)
    if _carries_more(media, content):
        raise CannotRead("文件里还夹带了别的内容", _BY_ITSELF)
    return media


def _by_first_bytes(content: bytes) -> Media | None:
    if content.startswith(b"\xff\xd8\xff"):
        return Media.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Media.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Media.WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return Media.HEIC
    if content.startswith(b"%PDF-"):
        return Media.PDF
    if content.startswith(b"PK\x03\x04"):
        return Media.OFD if _is_ofd(content) else None
    head = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    is_xml = head.startswith(b"<?xml") or re.match(rb"<(?:\w+:)?e?invoice\b", head, re.IGNORECASE)
    return Media.XML if is_xml else None


def _is_ofd(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            return any(name.lstrip("/") == "OFD.xml" for name in container.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        # no directory at its end: a container cut short, to be told as such
        return b"OFD.xml" in content[:_TAIL]


def _is_whole(media: Media, content: bytes) -> bool:
    if media is Media.JPEG:
        return _end_of_jpeg(content) > 0
    if media is Media.PNG:
        return b"IEND" in content[-_TAIL:]
    if media is Media.PDF:
        return b"%%EOF" in content[-2_048:]
    if media is Media.OFD:
        return zipfile.is_zipfile(io.BytesIO(content))
    if media is Media.WEBP:
        return int.from_bytes(content[4:8], "little") + 8 <= len(content) + 1
    if media is Media.XML:
        return content.rstrip().endswith((b">", b">\x00"))
    return _boxes_fit(content)


def _boxes_fit(content: bytes) -> bool:
    """A HEIC file is boxes, each with its length: together they are the file."""
    at = 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        if size == 0:
            return True
        if size < 8:
            return False
        at += size
    return at == len(content)


def _carries_more(media: Media, content: bytes) -> bool:
    """A second file in the first: what opens as a picture here must not open as a page there."""
    tail = content[-_TAIL:]
    if media is Media.OFD:
        return b"%PDF-" in content[:1_024]
    if media is not Media.PDF and not media.is_picture:
        return False
    if b"PK\x05\x06" in tail and zipfile.is_zipfile(io.BytesIO(content)):
        return True
    if media is Media.PDF:
        return bool(_ACTIVE.search(content[: content.find(b"obj") + 1]))
    after = content[_end_of_picture(media, content) :]
    return b"%PDF-" in content[:1_024] or b"%PDF-" in after or bool(_ACTIVE.search(after))


def _end_of_picture(media: Media, content: bytes) -> int:
    if media is Media.PNG:
        return content.rfind(b"IEND") + 8
    return _end_of_jpeg(content) if media is Media.JPEG else len(content)


def _end_of_jpeg(content: bytes) -> int:
    """Where the first picture ends, walking its segments; 0 where it never does."""
    at = 2
    while marker := _MARKER.search(content, at):
        kind = content[marker.start() + 1]
        if kind == 0xD9:
            return marker.end()
        if kind == 0x01:
            at = marker.end()
            continue
        length = int.from_bytes(content[marker.end() : marker.end() + 2], "big")
        at = marker.end() + length
    return 0


def _named(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        return "压缩包或 Office 文件"
    for mark, name in _OTHERS:
        if content.startswith(mark):
            return name
    return "这种文件"
