"""Recomputing the whole log from the rows it was made of: what was changed since is named.

Every leaf is made again from its row, every node from the leaves, and every signed head is held
against that tree. So an edit behind triggers, a removed row, a row slipped in behind the sealer,
and an edit of the log itself each come out, by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from cryptography.exceptions import InvalidSignature
from django.db import connection, transaction

from huanxin.kernel import auditlog, crypto, merkle, proofs, tree
from huanxin.kernel.models import AuditEntry, Checkpoint

_CHUNK = 10_000
_LEAVES = """
SELECT l.position, l.kind, l.row_id, n.hash
FROM kernel_leaf l LEFT JOIN kernel_lognode n ON n.level = 0 AND n.position = l.position
WHERE l.position >= %s AND l.position < %s ORDER BY l.position
"""
_DIGESTS = "SELECT row_id, digest FROM {view} WHERE row_id = ANY(%s)"
_UNSEALED = """
SELECT v.row_id FROM {view} v
WHERE (v.tx, v.row_id) <= ((SELECT f.tx::text::xid8 FROM kernel_feedcursor f WHERE f.name = %s),
                           (SELECT f.entry_id FROM kernel_feedcursor f WHERE f.name = %s))
  AND NOT EXISTS (SELECT FROM kernel_leaf l WHERE l.kind = %s AND l.row_id = v.row_id)
ORDER BY v.row_id LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed."""

    what: str  # changed | removed | slipped_in | node_changed | head_changed | leaf_missing
    kind: str
    row_id: int
    position: int | None

    @property
    def sentence(self) -> str:
        words = {
            "changed": "内容与存证时不同",
            "removed": "已被删除",
            "slipped_in": "不在日志中，是绕过平台补入的",
            "node_changed": "日志节点被改动",
            "head_changed": "签名的树头与日志不符",
            "leaf_missing": "日志缺少这一位置的叶子",
        }[self.what]
        kinds = {"audit": "审计记录", "transfer": "转账", "event": "追溯事件", "log": "日志"}
        return f"{kinds[self.kind]} {self.row_id}：{words}。"


@dataclass(frozen=True, slots=True)
class Result:
    """How many leaves were recomputed, and what was found."""

    leaves: int
    heads: int
    findings: tuple[Finding, ...]


@transaction.atomic
def recompute() -> Result:
    """Recompute every leaf, node and head; reads only. Bounded memory: ten thousand at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    heads = list(Checkpoint.objects.order_by("size"))
    size = heads[-1].size if heads else 0
    findings: list[Finding] = []
    peaks: list[tuple[int, bytes]] = []  # (level, hash) of the complete subtrees so far
    due = iter(heads)
    head = next(due, None)
    for position, leaf in _leaves(size, findings):
        _push(peaks, leaf)
        while head is not None and head.size == position + 1:
            findings.extend(_head_findings(head, peaks))
            head = next(due, None)
    for kind in merkle.SOURCES:
        findings.extend(_slipped_in(kind))
    return Result(size, len(heads), tuple(findings))


def _push(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    level = 0
    while peaks and peaks[-1][0] == level:
        leaf = tree.node_hash(peaks.pop()[1], leaf)
        level += 1
    peaks.append((level, leaf))


def _head_findings(head: Checkpoint, peaks: list[tuple[int, bytes]]) -> Iterator[Finding]:
    """A head must be signed by us and be over the stored leaves."""
    text = proofs.head_text(head.size, bytes(head.root), head.at)
    try:
        crypto.checkpoint_key().public_key().verify(bytes(head.signature), text)
    except InvalidSignature:
        yield Finding("head_changed", "log", head.size, None)
        return
    if tree.fold([value for _, value in peaks]) != bytes(head.root):
        yield Finding("node_changed", "log", head.size, None)


def _leaves(size: int, findings: list[Finding]) -> Iterator[tuple[int, bytes]]:
    """Stored leaf hashes in order; what does not fit its row is added to the findings."""
    for start in range(0, size, _CHUNK):
        end = min(start + _CHUNK, size)
        with connection.cursor() as cursor:
            cursor.execute(_LEAVES, [start, end])
            rows = cursor.fetchall()
        by_position = {row[0]: row for row in rows}
        digests = _recomputed(rows)
        for position in range(start, end):
            row = by_position.get(position)
            if row is None or row[3] is None:
                findings.append(Finding("leaf_missing", "log", position, position))
                yield position, b""
                continue
            _, kind, row_id, stored = row
            digest = digests.get((kind, row_id))
            if digest is None:
                findings.append(Finding("removed", kind, row_id, position))
            elif tree.leaf_hash(digest) != bytes(stored):
                findings.append(Finding("changed", kind, row_id, position))
            yield position, bytes(stored)


def _recomputed(rows: list[tuple[int, str, int, bytes]]) -> dict[tuple[str, int], bytes]:
    found: dict[tuple[str, int], bytes] = {}
    ordered = sorted((row[1], row[2]) for row in rows)
    for kind, pairs in groupby(ordered, key=lambda pair: pair[0]):
        ids = [row_id for _, row_id in pairs]
        if kind == "audit":
            lines = AuditEntry.objects.filter(pk__in=ids)
            found |= {(kind, row.id): auditlog.recomputed_digest(row) for row in lines}
        else:
            with connection.cursor() as cursor:
                cursor.execute(_DIGESTS.format(view=merkle.SOURCES[kind]), [ids])
                found |= {(kind, row_id): bytes(value) for row_id, value in cursor.fetchall()}
    return found


def _slipped_in(kind: str) -> Iterator[Finding]:
    name = "sealer" if kind == "audit" else f"sealer:{kind}"
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED.format(view=merkle.SOURCES[kind]), [name, name, kind])
        rows = cursor.fetchall()
    yield from (Finding("slipped_in", kind, row_id, None) for (row_id,) in rows)
