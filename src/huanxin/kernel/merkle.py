"""The transparency log: audit entries sealed into a Merkle tree with signed heads (RFC 9162).

Nodes of complete subtrees are stored, so appending, the root and a proof each read a handful of
rows however long the log grows.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction
from django.db.models import Q

from huanxin.kernel import clock, crypto, feed
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry, Checkpoint, Leaf, LogNode

Key = tuple[int, int]  # level, position
_SEAL_LOCK = 7_162_001  # any two sealers take turns


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything needed to check offline that an entry is in the log a head was signed for."""

    entry_id: int
    digest: bytes
    position: int
    size: int
    path: tuple[bytes, ...]
    root: bytes
    signature: bytes
    signed_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Plain values for a file; hashes, signature and public key in hex."""
        return {
            "entry_id": self.entry_id,
            "leaf_digest": self.digest.hex(),
            "leaf_position": self.position,
            "tree_size": self.size,
            "path": [node.hex() for node in self.path],
            "root": self.root.hex(),
            "head": head_text(self.size, self.root, self.signed_at).decode(),
            "signature": self.signature.hex(),
            "public_key": crypto.checkpoint_key().public_key().public_bytes_raw().hex(),
            "method": "RFC 9162 2.1.3.2, SHA-256; signature over head: Ed25519",
        }


def leaf_hash(digest: bytes) -> bytes:
    """RFC 9162, 2.1.1: a leaf is hashed with a 0x00 prefix."""
    return hashlib.sha256(b"\x00" + digest).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1: an inner node is hashed with a 0x01 prefix."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@transaction.atomic
def seal(*, limit: int = 5000) -> int:
    """Seal the feed's next entries and sign the new head; returns how many were sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])
    rows = feed.pull("sealer", limit=limit)
    if not rows:
        return 0
    size = _size()
    known = _stored([(peak_level, index) for peak_level, index in _peaks(size)])
    fresh: dict[Key, bytes] = {}
    for offset, row in enumerate(rows):
        _append(size + offset, leaf_hash(row.digest), known, fresh)
    Leaf.objects.bulk_create(
        Leaf(position=size + offset, entry_id=row.id) for offset, row in enumerate(rows)
    )
    LogNode.objects.bulk_create(
        (LogNode(level=level, position=pos, hash=value) for (level, pos), value in fresh.items()),
        batch_size=2000,
    )
    new_size = size + len(rows)
    head_root = _root([known[key] for key in _peaks(new_size)])
    at = clock.now()
    Checkpoint.objects.create(
        size=new_size,
        root=head_root,
        signature=crypto.checkpoint_key().sign(head_text(new_size, head_root, at)),
        at=at,
    )
    return len(rows)


def head_text(size: int, root: bytes, at: datetime) -> bytes:
    """The signed bytes of a head: origin, size, root, time, a line each."""
    encoded = base64.b64encode(root).decode()
    return f"huanxin.log.v1\n{size}\n{encoded}\n{at.isoformat()}\n".encode()


def proof_of(entry_id: int) -> Proof:
    """The inclusion proof of a sealed entry against the newest head; unsealed: NotFound."""
    leaf = Leaf.objects.filter(entry_id=entry_id).first()
    head = Checkpoint.objects.order_by("-size").first()
    if leaf is None or head is None or leaf.position >= head.size:
        raise NotFound(model="Leaf", id=entry_id)
    digest = AuditEntry.objects.values_list("digest", flat=True).get(pk=entry_id)
    return Proof(
        entry_id=entry_id,
        digest=bytes(digest),
        position=leaf.position,
        size=head.size,
        path=_path(leaf.position, head.size),
        root=bytes(head.root),
        signature=bytes(head.signature),
        signed_at=head.at,
    )


def sealed_among(entry_ids: Iterable[int]) -> set[int]:
    """Which of several audit entries are sealed."""
    rows = Leaf.objects.filter(entry_id__in=list(entry_ids))
    return set(rows.values_list("entry_id", flat=True))


def sealed_entries(subject_kind: str, subject_id: str) -> set[int]:
    """Which audit entries of a subject are sealed."""
    ids = AuditEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    rows = Leaf.objects.filter(entry_id__in=ids.values("id"))
    return set(rows.values_list("entry_id", flat=True))


def is_valid(proof: Proof, public_key: Ed25519PublicKey) -> bool:
    """Check a proof offline: the path leads to the root, and the head was signed.

    RFC 9162, 2.1.3.2.
    """
    try:
        public_key.verify(proof.signature, head_text(proof.size, proof.root, proof.signed_at))
    except InvalidSignature:
        return False
    fn, sn, value = proof.position, proof.size - 1, leaf_hash(proof.digest)
    for sibling in proof.path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node_hash(sibling, value)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node_hash(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == proof.root


def _append(position: int, value: bytes, known: dict[Key, bytes], fresh: dict[Key, bytes]) -> None:
    level = 0
    known[0, position] = fresh[0, position] = value
    while position & 1:
        value = node_hash(known[level, position - 1], value)
        level, position = level + 1, position >> 1
        known[level, position] = fresh[level, position] = value


def _size() -> int:
    last = Leaf.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def _peaks(size: int) -> list[Key]:
    """The complete subtrees that make up a tree of `size` leaves, left to right.

    >>> _peaks(7)
    [(2, 0), (1, 2), (0, 6)]
    """
    peaks, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            peaks.append((level, start >> level))
            start += 1 << level
    return peaks


def _root(peaks: Sequence[bytes]) -> bytes:
    value = peaks[-1]
    for left in reversed(peaks[:-1]):
        value = node_hash(left, value)
    return value


def _path(position: int, size: int) -> tuple[bytes, ...]:
    """Sibling hashes from the leaf up: inside its own peak, then the peaks beside it."""
    peaks = _peaks(size)
    mine = next(i for i, (level, at) in enumerate(peaks) if position >> level == at)
    inside = [(level, (position >> level) ^ 1) for level in range(peaks[mine][0])]
    stored = _stored([*inside, *peaks])
    path = [stored[key] for key in inside]
    if mine + 1 < len(peaks):
        path.append(_root([stored[key] for key in peaks[mine + 1 :]]))
    path.extend(stored[key] for key in reversed(peaks[:mine]))
    return tuple(path)


def _stored(keys: Sequence[Key]) -> dict[Key, bytes]:
    if not keys:
        return {}
    wanted = Q()
    for level, position in keys:
        wanted |= Q(level=level, position=position)
    rows: Mapping[Key, bytes] = {
        (level, position): bytes(value)
        for level, position, value in LogNode.objects.filter(wanted).values_list(
            "level", "position", "hash"
        )
    }
    return dict(rows)
