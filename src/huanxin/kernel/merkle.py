"""The transparency log: facts sealed into one Merkle tree with signed heads (RFC 9162).

Three kinds of fact are leaves: audit entries, ledger transfers, custody events. Each room
publishes its rows as a view (row_id, tx, digest, text); the sealer reads them behind the feed's
watermark, so a row that commits late is not lost and the writing path pays nothing. Nodes of
complete subtrees are stored: appending, a root and a proof read a handful of rows, whatever the
size.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from huanxin.kernel import clock, crypto, proofs, tree
from huanxin.kernel.copying import copy_rows
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry, Checkpoint, FeedCursor, Leaf
from huanxin.kernel.proofs import Head, Proof
from huanxin.kernel.tree import Key

SOURCES = {
    "audit": "mart_kernel_leaf",
    "transfer": "mart_ledger_leaf",
    "event": "mart_trace_leaf",
}
_SEAL_LOCK = 7_162_001  # any two sealers take turns
_PULL = """
SELECT v.tx::text::bigint AS sealed_tx, v.row_id, v.digest FROM {view} v
WHERE (v.tx, v.row_id) > ((%s::text)::xid8, %s)
  AND v.tx < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY v.tx, v.row_id LIMIT %s
"""
_NODES = """
SELECT n.level, n.position, n.hash FROM kernel_lognode n
JOIN unnest(%s::int[], %s::bigint[]) AS k(level, position)
  ON n.level = k.level AND n.position = k.position
"""
_NEWEST = "SELECT * FROM kernel_checkpoint ORDER BY size DESC LIMIT 1"
_FIRST = "SELECT * FROM kernel_checkpoint k WHERE k.size > l.position ORDER BY k.size LIMIT 1"
# One round trip: the leaf's place, a head, its row's digest, and every node a path may
# need: on each level the sibling and, where the size has this bit, its complete subtree. That part
# is a function (migration 0004) because its plan took longer than its work.
_PLACE = """
SELECT l.position, c.size, c.root, c.signature, c.at,
       (SELECT v.digest FROM {view} v WHERE v.row_id = l.row_id), n.levels, n.positions, n.hashes
FROM kernel_leaf l CROSS JOIN LATERAL ({head}) c
CROSS JOIN LATERAL kernel_log_path(l.position, c.size) n
WHERE l.kind = %s AND l.row_id = %s AND l.position < c.size
"""


@dataclass(frozen=True, slots=True)
class Consistency:
    """Proof that the log of `second` is the log of `first` with more at its end."""

    first: Head
    second: Head
    path: tuple[bytes, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "format": proofs.CONSISTENCY,
            "first": self.first.note(),
            "second": self.second.note(),
            "path": [node.hex() for node in self.path],
            "public_key": proofs.public_key_hex(),
        }


@transaction.atomic
def seal(*, limit: int = 5000) -> int:
    """Seal each kind's next rows and sign the new head; returns how many were sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])
    fresh = [(kind, row, digest) for kind in SOURCES for row, digest in _pull(kind, limit)]
    if not fresh:
        return 0
    size = _size()
    known = _stored(tree.subtrees(0, size))
    nodes = tree.grow(size, known, [tree.leaf_hash(digest) for _, _, digest in fresh])
    copy_rows("kernel_leaf (position, kind, row_id)", [
        (size + offset, kind, row_id) for offset, (kind, row_id, _) in enumerate(fresh)
    ])  # fmt: skip
    copy_rows("kernel_lognode (level, position, hash)", nodes)
    known |= {(level, position): value for level, position, value in nodes}
    new_size = size + len(fresh)
    _sign(new_size, tree.fold([known[key] for key in tree.subtrees(0, new_size)]))
    return len(fresh)


def head() -> Head | None:
    """The newest signed head; None while the log is empty."""
    row = Checkpoint.objects.order_by("-size").first()
    return _head(row) if row else None


def proof_of(kind: str, row_id: int, *, is_first: bool = False) -> Proof:
    """The inclusion proof of a sealed row against the newest head; unsealed: NotFound.

    With `is_first` against the first head that covered it: its signed time says since when.
    """
    which = _FIRST if is_first else _NEWEST
    with connection.cursor() as cursor:
        cursor.execute(_PLACE.format(view=SOURCES[kind], head=which), [kind, row_id])
        place = cursor.fetchone()
    if place is None or place[5] is None:
        raise NotFound(model="Leaf", id=row_id)
    position, size, root, signature, at, digest, *nodes = place
    stored = {(level, at): bytes(value) for level, at, value in zip(*nodes, strict=True)}
    return Proof(
        kind=kind,
        row_id=row_id,
        digest=bytes(digest),
        position=position,
        path=_inclusion(position, size, stored),
        head=Head(size, bytes(root), at, bytes(signature)),
    )


def text_of(kind: str, row_id: int) -> str:
    """The text whose SHA-256 is a transfer's or event's digest (an audit line has its own)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM {SOURCES[kind]} WHERE row_id = %s", [row_id])  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        raise NotFound(model="Leaf", id=row_id)
    return str(row[0])


def consistency(first: int, second: int | None = None) -> Consistency:
    """Proof between two signed heads, `second` the newest unless given; unknown sizes: NotFound."""
    old = Checkpoint.objects.filter(size=first).first()
    later = Checkpoint.objects.filter(size=second) if second else Checkpoint.objects.all()
    new = later.order_by("-size").first()
    if old is None or new is None or new.size < old.size:
        raise NotFound(model="Checkpoint", id=first)
    ranges = tree.consistency_ranges(old.size, new.size)
    return Consistency(_head(old), _head(new), tuple(_roots(ranges)))


def sealed_among(kind: str, row_ids: Iterable[int]) -> set[int]:
    """Which of several rows of a kind are sealed."""
    rows = Leaf.objects.filter(kind=kind, row_id__in=list(row_ids))
    return set(rows.values_list("row_id", flat=True))


def sealed_entries(subject_kind: str, subject_id: str) -> set[int]:
    """Which audit entries of a subject are sealed."""
    ids = AuditEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return sealed_among("audit", ids.values_list("id", flat=True))


def _pull(kind: str, limit: int) -> list[tuple[int, bytes]]:
    name = "sealer" if kind == "audit" else f"sealer:{kind}"
    at, _ = FeedCursor.objects.get_or_create(name=name)
    with connection.cursor() as cursor:
        cursor.execute(_PULL.format(view=SOURCES[kind]), [str(at.tx), at.entry_id, limit])
        rows = cursor.fetchall()
    if rows:
        at.tx, at.entry_id = rows[-1][0], rows[-1][1]
        at.save()
    return [(row[1], bytes(row[2])) for row in rows]


def _sign(size: int, root: bytes) -> None:
    at = clock.now()
    signature = crypto.checkpoint_key().sign(proofs.head_text(size, root, at))
    Checkpoint.objects.create(size=size, root=root, signature=signature, at=at)


def _head(row: Checkpoint) -> Head:
    return Head(row.size, bytes(row.root), row.at, bytes(row.signature))


def _size() -> int:
    last = Leaf.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def _inclusion(position: int, size: int, stored: Mapping[Key, bytes]) -> tuple[bytes, ...]:
    inside, folded = tree.inclusion_keys(position, size)
    path = [stored[key] for key in inside]
    path.extend(tree.fold([stored[key] for key in keys]) for keys in folded)
    return tuple(path)


def _roots(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    parts = [tree.subtrees(first, end) for first, end in ranges]
    stored = _stored([key for keys in parts for key in keys])
    return [tree.fold([stored[key] for key in keys]) for keys in parts]


def _stored(keys: Sequence[Key]) -> dict[Key, bytes]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NODES, [[level for level, _ in keys], [at for _, at in keys]])
        rows: Mapping[Key, bytes] = {(row[0], row[1]): bytes(row[2]) for row in cursor.fetchall()}
    return dict(rows)
