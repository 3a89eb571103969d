"""Reading the papers that wait, and handing their claims to the checks."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from huanxin.claims import _papers, _reader, _rows, _scans, rules
from huanxin.claims._reading_tables import Scan
from huanxin.claims.models import Claim, Evidence
from huanxin.claims.reading.found import CannotRead
from huanxin.claims.reading.sniff import Media
from huanxin.claims.types import AuditStatus, EvidenceKind, VerifyStatus
from huanxin.claims.types.reading import ScanState
from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, filestore
from huanxin.kernel.actor import Actor

MOST_TRIES = 3
_GIVEN_UP = CannotRead("文件无法自动识别", "请照原件填写各项，由人工核对；也可换一张照片重新上传。")


def read_waiting(*, actor: Actor, limit: int = 8) -> int:
    """Read papers in the order they were handed in; returns how many were answered.

    Each is read outside any transaction, by a process of its own that is bounded in memory and
    time, and its answer written in one. A claim whose last paper is read goes to the checks at
    once. What cannot be read says so: the file stays, typed facts stand, a person looks. A file
    that ends the process three times is given up. Safe to run at any moment: an answered scan is
    not read again.
    """
    identity.require(actor, "claims.decide")
    waiting = Scan.objects.filter(state=ScanState.WAITING).select_related("file")
    scans = list(waiting.order_by("asked_at", "id")[:limit])
    for scan in scans:
        Scan.objects.filter(pk=scan.pk).update(tries=F("tries") + 1)
        _answer(actor, scan)
    return len(scans)


def _answer(actor: Actor, scan: Scan) -> None:
    kind = EvidenceKind(scan.kind)
    try:
        if scan.tries >= MOST_TRIES:
            raise _GIVEN_UP
        content = filestore.file_store().get(scan.file_id)
        fields = _reader.reader().read(content, Media(scan.file.media), kind)
    except CannotRead as refusal:
        _finish(actor, scan.pk, [], refusal)
    else:
        _finish(actor, scan.pk, _scans.stored(kind, scan.file_id, fields), None)


@transaction.atomic
def _finish(
    actor: Actor, scan_id: UUID, fields: list[dict[str, Any]], refusal: CannotRead | None
) -> None:
    named = Scan.objects.get(pk=scan_id)
    papers = list(Evidence.objects.filter(sha256=named.file_id, kind=named.kind))
    claims = _rows.lock_claims({paper.sale_id for paper in papers})
    scan = Scan.objects.select_for_update(no_key=True).get(pk=scan_id)
    if scan.state != ScanState.WAITING:
        return  # another worker was quicker
    scan.state = ScanState.UNREADABLE if refusal else ScanState.READ
    scan.say, scan.do = (refusal.say, refusal.do) if refusal else ("", "")
    scan.fields, scan.read_at = fields, clock.now()
    scan.save(update_fields=["state", "say", "do", "fields", "read_at"])
    open_claims = {sale_id: claim for sale_id, claim in claims.items() if _takes(claim)}
    _save(scan, [paper for paper in papers if paper.sale_id in open_claims])
    unread = _scans.unread_sales(open_claims)
    _rows.make_due(
        [claim for sale_id, claim in open_claims.items() if sale_id not in unread],
        _rows.kinds_of(open_claims),
    )
    audit.record_many(
        actor,
        "claims.paper_read",
        [
            _rows.entry(claim, kind=scan.kind, state=scan.state, sha256=scan.file_id)
            for claim in open_claims.values()
        ],
    )


def _takes(claim: Claim) -> bool:
    verify, human = VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status)
    is_submitted = claim.submitted_at is not None
    return not claim.is_returned and rules.takes_evidence(verify, human, is_submitted=is_submitted)


def _save(scan: Scan, papers: list[Evidence]) -> None:
    """What was read goes over what was typed, where the paper is still its sale's newest."""
    kind, read = EvidenceKind(scan.kind), _scans.sure_facts(scan)
    newest = {
        paper.sale_id: paper
        for paper in Evidence.objects.filter(
            sale_id__in=[paper.sale_id for paper in papers], kind=kind
        ).order_by("submitted_at", "pk")
    }
    changed = []
    for paper in newest.values():
        if paper.sha256 == scan.file_id:
            typed = {n: _scans.typed_value(kind, n, v) for n, v in paper.facts.items()}
            seen = _scans.camera_facts(scan.file, kind)
            changed.append((paper.sale_id, kind, _papers.merged(kind, typed, {**seen, **read})))
    _papers.save_readings(changed)
