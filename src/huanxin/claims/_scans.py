"""Files and their readings: kept once, read once, and laid over what was typed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from huanxin.claims import _papers, rules
from huanxin.claims._reading_tables import PaperFile, Scan
from huanxin.claims.errors import EvidenceInvalid, PaperRefused
from huanxin.claims.models import Evidence
from huanxin.claims.reading import images, reader, sniff
from huanxin.claims.reading.found import CannotRead
from huanxin.claims.reading.sniff import Media
from huanxin.claims.types import EvidenceKind, NewEvidence
from huanxin.claims.types.reading import PaperReading, ReadField, ScanState, Source
from huanxin.kernel import clock, filestore, ids

NOT_INSTALLED = (
    "本平台未安装自动识别组件",
    "请照原件填写各项；安装方法：pip install -r requirements/reading.txt。",
)
_CAMERA = ("photo_hash", "lat_e6", "lon_e6", "taken_at")


def kept(content: bytes) -> str:
    """The digest of a file, once it is known to be whole; PaperRefused leaves nothing behind.

    A picture is opened here, within bounds: its fingerprint, place and time come from the bytes
    received, and the copy that is shown carries nothing else. Opening costs tens of milliseconds;
    what takes longer waits for the reading process.
    """
    try:
        media = sniff.media_of(content)
        picture = images.opened(content) if media.is_picture else None
        shown = images.shown_copy(picture.image) if picture else b""
        fields = _read_data(content, media)
    except CannotRead as refusal:
        raise PaperRefused(reason=refusal.say, advice=refusal.do.rstrip("。")) from refusal
    store, now = filestore.file_store(), clock.now()
    row = PaperFile(
        sha256=store.put(content), media=media, size_bytes=len(content), kept_at=now,
        shown_sha256=store.put(shown) if shown else "",
    )  # fmt: skip
    if picture is not None:
        row.width, row.height = picture.width, picture.height
        row.photo_hash = images.fingerprint(picture.image)
        row.lat_e6, row.lon_e6, row.taken_at = picture.lat_e6, picture.lon_e6, picture.taken_at
    PaperFile.objects.bulk_create([row], ignore_conflicts=True)
    if reader.is_data(media):
        read = Scan(
            id=ids.new_id(), file_id=row.sha256, kind=EvidenceKind.INVOICE, asked_at=now,
            read_at=now, state=ScanState.READ,
            fields=stored(EvidenceKind.INVOICE, row.sha256, fields),
        )  # fmt: skip
        Scan.objects.bulk_create([read], ignore_conflicts=True)
    return row.sha256


def _read_data(content: bytes, media: Media) -> Sequence[ReadField]:
    """Data is read at once, and refused at once where it is none."""
    if not reader.is_data(media):
        return ()
    return reader.read(content, media, EvidenceKind.INVOICE).fields


def files_of(papers: Iterable[NewEvidence]) -> dict[str, PaperFile]:
    """The kept files among the papers; of the others only the digest is known."""
    digests = {paper.sha256 for paper in papers}
    return {row.sha256: row for row in PaperFile.objects.filter(sha256__in=digests)}


def ask(papers: Sequence[NewEvidence], files: Mapping[str, PaperFile]) -> dict[Any, Scan]:
    """The scan of every kept file among the papers, by digest and kind; new ones wait."""
    wanted = {(p.sha256, p.kind) for p in papers if p.sha256 in files}
    if not wanted:
        return {}
    now, is_installed = clock.now(), reader.is_installed()
    new = [_new_scan(files[sha], kind, now, is_installed=is_installed) for sha, kind in wanted]
    Scan.objects.bulk_create(new, ignore_conflicts=True)
    rows = Scan.objects.filter(file_id__in={sha for sha, _ in wanted})
    return {(row.file_id, EvidenceKind(row.kind)): row for row in rows}


def _new_scan(file: PaperFile, kind: EvidenceKind, now: datetime, *, is_installed: bool) -> Scan:
    scan = Scan(id=ids.new_id(), file=file, kind=kind, asked_at=now)
    if reader.is_data(Media(file.media)) or (kind is EvidenceKind.OLD_UNIT and file.photo_hash):
        scan.state, scan.read_at = ScanState.READ, now  # data is an invoice; a photo is its picture
    elif not is_installed:
        scan.state, scan.read_at = ScanState.NOT_INSTALLED, now
        scan.say, scan.do = NOT_INSTALLED
    return scan


def camera_facts(file: PaperFile | None, kind: EvidenceKind) -> dict[str, Any]:
    """Fingerprint, place and time as the bytes have them, for the kinds that carry them."""
    if file is None or file.photo_hash is None or "photo_hash" not in rules.FACTS[kind]:
        return {}
    seen = {name: getattr(file, name) for name in _CAMERA}
    return {name: value for name, value in seen.items() if value is not None}


def stored(
    kind: EvidenceKind, sha256: str, fields: Iterable[ReadField | Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Fields as they are kept: comparable, without document numbers, cards or addresses."""
    rows: list[dict[str, Any]] = []
    for one in fields:
        given = one if isinstance(one, Mapping) else {
            name: getattr(one, name)
            for name in ("fact", "value", "source", "sure_bps", "is_checked", "is_sure", "place")
        }  # fmt: skip
        value = typed_value(kind, given["fact"], given["value"])
        try:
            facts = _papers.facts_of(NewEvidence(kind, sha256, {given["fact"]: value}))
        except EvidenceInvalid:
            continue  # what cannot be such a fact was misread
        facts.pop("invoice_key", None)
        rows += [
            {**given, "fact": name, "value": _papers.plain(fact)}
            for name, fact in facts.items()
            if fact is not None
        ]
    return rows


def sure_facts(scan: Scan | None) -> dict[str, Any]:
    """What was read surely, as values."""
    if scan is None or scan.state != ScanState.READ:
        return {}
    kind = EvidenceKind(scan.kind)
    return {
        one["fact"]: typed_value(kind, one["fact"], one["value"])
        for one in scan.fields
        if one["is_sure"]
    }


def typed_value(kind: EvidenceKind, name: str, value: Any) -> Any:
    """A value of JSON as its fact has it."""
    wanted = rules.FACTS[kind].get(name)
    if wanted in {date, datetime} and isinstance(value, str):
        return wanted.fromisoformat(value)
    return value


def unread_sales(sale_ids: Iterable[UUID]) -> set[UUID]:
    """The sales that have a paper which still waits to be read."""
    waiting = Scan.objects.filter(
        file_id=OuterRef("sha256"), kind=OuterRef("kind"), state=ScanState.WAITING
    )
    rows = Evidence.objects.filter(Exists(waiting), sale_id__in=list(sale_ids))
    return set(rows.values_list("sale_id", flat=True))


def readings(sale_id: UUID) -> list[PaperReading]:
    """What was read from the newest paper of each kind, beside what was typed."""
    newest = {
        EvidenceKind(paper.kind): paper
        for paper in Evidence.objects.filter(sale_id=sale_id).order_by("submitted_at", "pk")
    }
    digests = [paper.sha256 for paper in newest.values()]
    files = {row.sha256: row for row in PaperFile.objects.filter(sha256__in=digests)}
    scans = {(s.file_id, s.kind): s for s in Scan.objects.filter(file_id__in=files)}
    return [
        _reading(kind, paper, files[paper.sha256], scans[paper.sha256, kind])
        for kind, paper in newest.items()
        if (paper.sha256, kind) in scans
    ]


def _reading(kind: EvidenceKind, paper: Evidence, file: PaperFile, scan: Scan) -> PaperReading:
    fields = [_field(kind, one) for one in scan.fields]
    fields += [
        ReadField(name, value, Source.CAMERA, 10_000, is_checked=None, is_sure=True)
        for name, value in camera_facts(file, kind).items()
    ]
    differs = [
        one.fact for one in fields
        if one.fact in paper.facts and one.fact not in _CAMERA
        and paper.facts[one.fact] != _papers.plain(one.value)
    ]  # fmt: skip
    return PaperReading(
        sha256=file.sha256, kind=kind, state=ScanState(scan.state), say=scan.say, do=scan.do,
        is_picture=bool(file.shown_sha256), width=file.width, height=file.height,
        fields=tuple(fields), typed=paper.facts, differs=tuple(differs),
    )  # fmt: skip


def _field(kind: EvidenceKind, one: Mapping[str, Any]) -> ReadField:
    return ReadField(
        fact=one["fact"], value=typed_value(kind, one["fact"], one["value"]),
        source=Source(one["source"]), sure_bps=one["sure_bps"], is_checked=one["is_checked"],
        is_sure=one["is_sure"], place=tuple(one["place"]) if one["place"] else None,
    )  # fmt: skip
