"""A kept paper as it was received: pictures are shown, everything else is saved."""

from uuid import UUID

from django.http import Http404, HttpResponse

from huanxin.claims import selectors
from huanxin.kernel.actor import Actor

_KINDS = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"%PDF-", "application/pdf", "pdf"),
)


def answer(actor: Actor, claim_id: UUID, sha256: str) -> HttpResponse:
    """The file through its claim; one of which only the digest is known is not found.

    The type comes from the first bytes, never from what the sender called it: nothing that a
    browser would run is served as such.
    """
    content = selectors.find_file(claim_id, sha256, actor.scope)
    if content is None:
        raise Http404
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
