"""Photos of old units: what is taken for one, and the copy that is shown. No database."""

from io import BytesIO

import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from huanxin.recycling.errors import PhotoRefused

pi_heif.register_heif_opener()  # what iPhones save
MOST_BYTES = 8_000_000
MOST_PIXELS = 50_000_000
SHOWN_SIDE = 1_600
_KINDS = ("JPEG", "PNG", "WEBP", "HEIF")


def shown_copy(content: bytes) -> bytes:
    """A JPEG of the picture alone: turned upright, at most 1,600 a side, no EXIF, no place.

    The type is read from the bytes, whatever the name says. Anything else is refused.
    """
    if len(content) > MOST_BYTES:
        raise PhotoRefused(reason=f"大小 {len(content) // 1_000_000} MB，超过 8 MB")
    try:
        with Image.open(BytesIO(content), formats=_KINDS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PhotoRefused(reason="像素过多")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as fault:
        raise PhotoRefused(reason="不是能打开的 JPG、PNG、WebP 或 HEIC 图片") from fault
    upright.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    out = BytesIO()
    Image.frombytes("RGB", upright.size, upright.tobytes()).save(out, "JPEG", quality=82)
    return out.getvalue()
