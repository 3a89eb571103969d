"""Files as shops hand them in: drawn papers, photographed, and plain pictures."""

import base64
import io
import random
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from PIL import Image

from huanxin.claims.services import reading
from huanxin.claims.types import EvidenceKind
from huanxin.simulation import _camera, _documents, rules
from tests import given

# A green picture of 64 x 48 as iPhones save them, made for this test.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAABgAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEA"
    "GEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAA"
    "AwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAAB"
    "AAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACBt"
    "ZGF0AAAAFCgBrwtg9eWDr//0X8vj9LFT/UOA"
)
MILD = _camera.Take(skew=8, turn=8, blur=3, shade=10, size=80, quality=85, grain=2)
TAKEN_AT = datetime(2026, 7, 15, 3, 20, tzinfo=UTC)


def picture(shade: int = 120, *, form: str = "JPEG", size: tuple[int, int] = (96, 64)) -> bytes:
    """A small whole picture of nothing; another shade is another file."""
    out = io.BytesIO()
    Image.new("RGB", size, (shade % 256, shade // 256 % 256, 90)).save(out, form)
    return out.getvalue()


def invoice_facts(**changes: Any) -> dict[str, Any]:
    """What stands on an invoice of 4,939.00 yuan."""
    return {
        "invoice_number": "26372000000012345678",
        "invoice_total_fen": 493_900,
        "invoiced_on": date(2026, 7, 15),
        "buyer_document_no": rules.document_no("371502", date(1968, 3, 7), 22),
        "seller_uscc": rules.uscc_code("371502", 7),
        "goods_name": "*制冷电器*测试牌冰箱",
        **changes,
    }


def label_facts(**changes: Any) -> dict[str, Any]:
    """What stands on a fridge's nameplate and energy label."""
    return {
        "serial_read": "HX2607AB12CD34",
        "model_read": "BCD-260WX",
        "gtin_read": rules.gtin_code(1, 1),
        "grade_read": 1,
        "produced_on": date(2026, 3, 9),
        **changes,
    }


def photo(kind: EvidenceKind, facts: dict[str, Any], **camera: Any) -> bytes:
    """A fair photograph of a paper."""
    paper = _documents.drawn(kind, facts)
    return _camera.photographed(paper, random.Random(7), how=MILD, **camera)


@cache
def invoice_photo() -> bytes:
    """The usual invoice, photographed."""
    return photo(EvidenceKind.INVOICE, invoice_facts())


@cache
def label_photo() -> bytes:
    """The usual nameplate, photographed in Dongchangfu."""
    return photo(
        EvidenceKind.LABEL,
        label_facts(),
        lat_e6=36_456_789,
        lon_e6=115_980_123,
        taken_at=TAKEN_AT,
    )


def read() -> int:
    """Read whatever waits, as the worker does."""
    return reading.read_waiting(actor=given.system(), limit=50)
