"""A kept photo or paper as an answer: pictures are shown, everything else is saved."""

from django.http import HttpResponse

_KINDS = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"%PDF-", "application/pdf", "pdf"),
    (b"PK\x03\x04", "application/ofd", "ofd"),
    (b"<?xml", "application/xml", "xml"),
)


def answer(content: bytes, sha256: str) -> HttpResponse:
    """The bytes under the first letters of their digest, in a sandbox of their own.

    The type comes from the first bytes, never from what the sender called it: nothing that a
    browser would run is served as such.
    """
    content_type, ending = kind_of(content)
    shown = "inline" if content_type.startswith("image/") else "attachment"
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'{shown}; filename="{sha256[:12]}.{ending}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def kind_of(content: bytes) -> tuple[str, str]:
    """Media type and file ending by the first bytes."""
    for mark, content_type, ending in _KINDS:
        if content.startswith(mark):
            return content_type, ending
    return "application/octet-stream", "bin"
