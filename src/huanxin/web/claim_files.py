"""A kept paper of a claim, as it was received."""

from uuid import UUID

from django.http import Http404, HttpResponse

from huanxin.claims import selectors
from huanxin.kernel.actor import Actor
from huanxin.web import kept_files


def answer(actor: Actor, claim_id: UUID, sha256: str) -> HttpResponse:
    """The file through its claim; one of which only the digest is known is not found."""
    return shown(selectors.find_file(claim_id, sha256, actor.scope), sha256)


def shown(content: bytes | None, sha256: str) -> HttpResponse:
    """The bytes as an answer, or not found."""
    if content is None:
        raise Http404
    return kept_files.answer(content, sha256)
