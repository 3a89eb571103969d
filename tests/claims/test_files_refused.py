"""Files that are cut short, hostile or not what they say: a sentence that helps, nothing kept.

Each test has its control: the same file without the harm is taken, or the harm is done where the
protection is off.
"""

import io
import resource
import tracemalloc
import zipfile
import zlib

import pytest
from PIL import Image

from huanxin.claims._reading_tables import PaperFile, Scan
from huanxin.claims.errors import PaperRefused
from huanxin.claims.reading import images, limits, ofd, sniff, xml_reader
from huanxin.claims.reading.found import CannotRead
from huanxin.claims.reading.sniff import Media
from huanxin.claims.services import submitting
from huanxin.identity.types import Role
from huanxin.simulation import _documents
from tests import given, given_papers

FACTS = given_papers.invoice_facts()
JPEG, PNG = given_papers.picture(), given_papers.picture(form="PNG")
XML, OFD = _documents.invoice_xml(FACTS), _documents.invoice_ofd(FACTS)
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
WHOLE = {Media.JPEG: JPEG, Media.PNG: PNG, Media.OFD: OFD, Media.XML: XML, Media.PDF: PDF,
         Media.HEIC: given_papers.HEIC, Media.WEBP: given_papers.picture(form="WEBP")}  # fmt: skip


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in entries.items():
            container.writestr(name, content)
    return out.getvalue()


BOMB = zipped({"OFD.xml": b"<a>" + b" " * 300_000_000 + b"</a>"})
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<EInvoice><InvoiceNumber>&c;</InvoiceNumber></EInvoice>"""
OUTSIDE = ENTITIES.replace(b"aaaaaaaaaa", b"x").replace(
    b'<!ENTITY b "&a;', b'<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY b "&f;'
)
REFUSED = {
    "nothing": (b"", "文件是空的"),
    "too large": (JPEG + bytes(limits.MOST_BYTES), "超过 10 MB"),
    "a program named .jpg": (b"MZ\x90\x00" + bytes(500), "程序不能作为材料"),
    "a workbook named .pdf": (zipped({"xl/workbook.xml": b"<x/>"}), "压缩包或 Office 文件"),
    "a page of script": (b"<html><script>alert(1)</script></html>", "这种文件不能作为材料"),
    "xml of something else": (b"<?xml version='1.0'?><note>1</note>", "没有发票内容"),
    "zip bomb": (BOMB, "展开后过大"),
    "xml entity bomb": (ENTITIES, "不该出现的指令"),
    "xml that fetches": (OUTSIDE, "不该出现的指令"),
    "picture that is a zip too": (JPEG + zipped({"a.js": b"alert(1)"}), "夹带了别的内容"),
    "picture that is a page too": (PNG + b"<script>alert(1)</script>", "夹带了别的内容"),
    "picture that is a pdf too": (JPEG + PDF, "夹带了别的内容"),
    "pdf that is a zip too": (
        PDF.replace(b"%%EOF", zipped({"a": b"b"}) + b"%%EOF"),
        "夹带了别的内容",
    ),
}


def large_png(side: int) -> bytes:
    """A PNG of side x side pixels in a few hundred kilobytes, never unpacked while it is made."""
    packer = zlib.compressobj(9)
    row = b"\x00" + bytes((side + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    drawn = b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + drawn


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    return tmp_path


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
@pytest.mark.django_db
def test_a_harmful_file_is_refused_with_what_to_do_and_leaves_nothing(folder, content, why):
    with pytest.raises(PaperRefused) as refusal:
        submitting.keep_file(actor=given.staff(Role.CASHIER), content=content)

    assert why in refusal.value.what
    assert refusal.value.next_step.startswith("请")
    assert list(folder.rglob("*")) == []
    assert not PaperFile.objects.exists()
    assert not Scan.objects.exists()


@pytest.mark.parametrize(("media", "content"), WHOLE.items(), ids=list(WHOLE))
def test_a_whole_file_is_told_by_its_bytes_and_cut_short_it_is_refused(media, content):
    assert sniff.media_of(content) is media  # the control
    for cut in (len(content) * 3 // 4, len(content) - 14):
        with pytest.raises(CannotRead, match=r"文件不完整|照片打不开|不能作为材料"):
            opened(content[:cut])


def opened(content: bytes) -> None:
    if sniff.media_of(content).is_picture:
        images.opened(content)


def test_a_picture_of_200_megapixels_is_never_unpacked(monkeypatch):
    huge = large_png(14_200)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CannotRead, match="万像素") as refusal:
        images.opened(huge)
    assert "普通分辨率" in refusal.value.do
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 50
    monkeypatch.setattr(limits, "MOST_PIXELS", 10**9)  # the control: without the bound it opens
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert images.opened(large_png(2_000)).width == 2_000


def test_a_zip_bomb_is_counted_while_it_unfolds_whatever_its_header_says():
    lying = bytearray(BOMB)
    size = (300_000_007).to_bytes(4, "little")
    while (at := lying.find(size)) >= 0:  # both headers say that it is small
        lying[at : at + 4] = (1_000).to_bytes(4, "little")
    tracemalloc.start()
    with pytest.raises(CannotRead):
        ofd.read(bytes(lying))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * limits.MOST_XML_BYTES
    assert len(ofd.read(OFD)[0]) == 5  # the control: an honest container is read


def test_many_small_files_in_a_container_are_too_many():
    crowd = {f"a{n}.xml": b"<a/>" for n in range(limits.MOST_ENTRIES)}
    with pytest.raises(CannotRead, match="展开后过大"):
        ofd.read(zipped({"OFD.xml": b"<a/>", **crowd}))


def test_entities_would_unfold_where_nothing_forbids_them():
    from xml.etree.ElementTree import fromstring  # the control

    assert len(fromstring(ENTITIES).findtext("InvoiceNumber") or "") == 640
    with pytest.raises(CannotRead, match="不该出现的指令"):
        xml_reader.root_of(ENTITIES)


def test_an_invoice_in_an_older_chinese_encoding_is_read():
    recoded = XML.decode().replace("UTF-8", "GBK").encode("gbk")
    assert xml_reader.text_at(xml_reader.root_of(recoded), "BuyerName") == "王测试"


def test_what_phones_put_behind_a_picture_is_no_harm():
    assert sniff.media_of(JPEG + b"\x00\x00\x00\x18ftypmp42" + bytes(4_000)) is Media.JPEG
