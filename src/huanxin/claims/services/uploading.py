"""Handing in the evidence of many sales at once: a file or a call, each row with its own answer."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from huanxin.claims import _evidence_file, _rows, _uploads
from huanxin.claims.errors import UploadNotFound, UploadOfNobody
from huanxin.claims.models import Claim, Upload
from huanxin.claims.types import EvidenceKind, FileColumn
from huanxin.claims.types.uploads import (
    Keep,
    RowAnswer,
    RowProblem,
    UploadCard,
    UploadChannel,
    UploadRow,
)
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, filestore, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.paging import PAGE_SIZE, Page


@transaction.atomic
def upload_file(*, actor: Actor, name: str, content: bytes, keep: Keep) -> UploadCard:
    """Hand in a file of evidence facts for sales that exist, a row a sale (docs/evidence-file.md).

    With Keep.GOOD the good rows are stored and the others come back with their reasons beside
    them; with Keep.ALL one bad row keeps everything out. The papers are marked as handed in in
    bulk. A file of which rows were stored is answered with its first result when it comes again.
    Refuses what is no such file; a row is refused for cells that cannot be read (formulas too), an
    unknown or returned sale, a sale or an invoice twice, and amounts a fen off the sale.
    """
    org_id = _shop(actor)
    sha256 = hashlib.sha256(content).hexdigest()
    _one_at_a_time(org_id, sha256)
    stored = Upload.objects.filter(org_id=org_id, sha256=sha256, stored_count__gt=0)
    if earlier := stored.filter(channel=UploadChannel.FILE).first():
        return _uploads.card(earlier, is_repeat=True)
    sheet = _evidence_file.read(name, content)
    filestore.file_store().put(content)
    readable = [row for row in sheet.rows if row.row not in sheet.faults]
    upload = _new(
        actor, org_id, UploadChannel.FILE, sha256=sha256, keep=keep, rows=len(sheet.rows), name=name
    )
    _take(actor, upload, readable, sheet.faults)
    return _uploads.card(upload)


@transaction.atomic
def submit_batch(
    *, actor: Actor, rows: Sequence[UploadRow], keep: Keep, request_id: UUID
) -> UploadCard:
    """Hand in the evidence of many sales by one call; every row is answered in its place.

    The same rules as upload_file. Safe to retry: a repeated request id returns the first answer,
    other content under it is refused.
    """
    org_id = _shop(actor)
    content = [[row.row, row.number, [[p.kind, p.sha256, p.facts] for p in row.papers]]
               for row in rows]  # fmt: skip
    earlier = requests.first_answer(actor, "claims.submit_batch", request_id, [keep, content])
    if earlier is not None:
        card = _uploads.card(Upload.objects.get(pk=earlier["upload_id"]), is_repeat=True)
        return _with_rows(card, rows, earlier["due"])
    sha256 = requests.content_digest(content).hex()
    upload = _new(actor, org_id, UploadChannel.API, sha256=sha256, keep=keep, rows=len(rows))
    due = _take(actor, upload, rows, {})
    requests.remember(
        actor, "claims.submit_batch", request_id, {"upload_id": upload.pk, "due": due}
    )
    return _with_rows(_uploads.card(upload), rows, due)


def list_uploads(*, actor: Actor, page: int = 1) -> Page[UploadCard]:
    """The shop's bulk submissions, newest first, without their problems."""
    rows = Upload.objects.filter(org_id=_shop(actor)).order_by("-uploaded_at", "-pk")
    chosen = rows.defer("problems")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_uploads.card(row, with_problems=False) for row in chosen], page, rows.count())


def find_upload(*, actor: Actor, upload_id: UUID) -> UploadCard:
    """One bulk submission with every problem; UploadNotFound for another shop's."""
    return _uploads.card(_find(actor, upload_id))


def mark_file(*, actor: Actor, upload_id: UUID) -> tuple[list[str], list[list[Any]]]:
    """The uploaded file's refused rows with the answer beside each: (headings, rows)."""
    row = _find(actor, upload_id)
    sheet = _evidence_file.read(row.name or "x", filestore.file_store().get(row.sha256))
    said: dict[int, list[str]] = {}
    for one in _uploads.card(row).problems:
        said.setdefault(one.row, []).append(one.sentence)
    lines = [
        [*kept, *[""] * (len(sheet.headings) - len(kept)), "未收下", " ".join(said[number])]
        for number, kept in sheet.cells.items()
        if number in said
    ]
    return [*sheet.headings, _evidence_file.ANSWER, _evidence_file.TODO], lines


def list_columns(*, actor: Actor) -> list[FileColumn]:
    """The headings of the evidence file, in the template's order (docs/evidence-file.md)."""
    identity.require(actor, "claims.submit")
    first = FileColumn(_evidence_file.NUMBER, is_required=True, says="平台的销售单号，XS 开头")
    rest = [FileColumn(c.heading, is_required=False, says=c.says) for c in _evidence_file.COLUMNS]
    return [first, *rest]


def _find(actor: Actor, upload_id: UUID) -> Upload:
    row = Upload.objects.filter(pk=upload_id, org_id=_shop(actor)).first()
    if row is None:
        raise UploadNotFound(upload_id=upload_id)
    return row


def _shop(actor: Actor) -> UUID:
    identity.require(actor, "claims.submit")
    if actor.org_id is None:
        raise UploadOfNobody(permission="claims.submit")
    identity.require(actor, "claims.submit", org_id=actor.org_id)
    return actor.org_id


def _one_at_a_time(org_id: UUID, sha256: str) -> None:
    """Two uploads of the same bytes: the second waits and then finds the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 62))", [f"{org_id}{sha256}"]
        )


def _new(
    actor: Actor,
    org_id: UUID,
    channel: UploadChannel,
    *,
    sha256: str,
    keep: Keep,
    rows: int,
    name: str = "",
) -> Upload:
    return Upload(
        id=ids.new_id(), org_id=org_id, channel=channel, name=name[:120], sha256=sha256, keep=keep,
        row_count=rows, uploaded_at=clock.now(), account_id=actor.account_id,
    )  # fmt: skip


def _take(
    actor: Actor,
    upload: Upload,
    rows: Sequence[UploadRow],
    faults: Mapping[int, Sequence[RowProblem]],
) -> dict[str, list[str]]:
    """Judge and store; which kinds each stored sale still lacks, by its number."""
    claims = _uploads.lock_claims(upload.org_id, {row.number for row in rows})
    problems, facts = _uploads.judge(rows, claims)
    refused = {**dict(faults), **problems}
    good = [(row, claims[row.number], facts[row.row]) for row in rows if row.row in facts]
    if refused and upload.keep == Keep.ALL:
        good = []
    upload.stored_count, upload.refused_count = len(good), len(refused)
    upload.problems = _uploads.as_json(refused)
    upload.save(force_insert=True)
    missing = _uploads.store(actor.account_id, good, upload)
    _record(actor, upload, [claim for _, claim, _ in good])
    return {number: [str(kind) for kind in kinds] for number, kinds in missing.items()}


def _record(actor: Actor, upload: Upload, claims: Sequence[Claim]) -> None:
    audit.record_many(
        actor,
        "claims.evidence_submitted",
        [_rows.entry(claim, upload=str(upload.pk)) for claim in claims],
    )
    audit.record(
        actor, "claims.uploaded", "upload", upload.pk, org_id=upload.org_id, rows=upload.row_count,
        stored=upload.stored_count, refused=upload.refused_count, sha256=upload.sha256,
    )  # fmt: skip


def _with_rows(
    card: UploadCard, rows: Sequence[UploadRow], due: Mapping[str, Sequence[str]]
) -> UploadCard:
    by_row: dict[int, list[RowProblem]] = {}
    for problem in card.problems:
        by_row.setdefault(problem.row, []).append(problem)
    answers = tuple(_answer(row, by_row.get(row.row, []), due) for row in rows)
    values: dict[str, Any] = {name: getattr(card, name) for name in card.__slots__}
    return UploadCard(**{**values, "rows": answers})


def _answer(
    row: UploadRow, problems: Sequence[RowProblem], due: Mapping[str, Sequence[str]]
) -> RowAnswer:
    if problems or row.number not in due:
        return RowAnswer(row.row, row.number, is_stored=False, problems=tuple(problems))
    missing = tuple(EvidenceKind(kind) for kind in due[row.number])
    return RowAnswer(row.row, row.number, is_stored=True, is_due=not missing, missing=missing)
