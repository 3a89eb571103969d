"""Proof files and their offline check: needs the file and a public key, no database, no platform.

A head is a checkpoint in C2SP's signed-note form: origin, size, root and time, a line each, then
the signature line (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from huanxin.kernel import tree
from huanxin.kernel.errors import ProofRefused

ORIGIN = "huanxin.log.v1"
INCLUSION, CONSISTENCY = "huanxin.proof.v1", "huanxin.consistency.v1"
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Head:
    """A signed tree head over the first `size` leaves."""

    size: int
    root: bytes
    at: datetime
    signature: bytes

    def note(self) -> str:
        """The head as a signed note."""
        key = bytes.fromhex(public_key_hex())
        signed = base64.b64encode(key_id(key) + self.signature).decode()
        return f"{head_text(self.size, self.root, self.at).decode()}\n— {ORIGIN} {signed}\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything needed to check offline that a row is in the log a head was signed for."""

    kind: str
    row_id: int
    digest: bytes
    position: int
    path: tuple[bytes, ...]
    head: Head

    def as_json(self, text: str | None = None, **facts: Any) -> dict[str, Any]:
        """Plain values for a file; `text` is what was digested, `facts` are for its reader."""
        return {
            "format": INCLUSION,
            "kind": self.kind,
            "row_id": self.row_id,
            **facts,
            **({"text": text} if text is not None else {}),
            "leaf_digest": self.digest.hex(),
            "leaf_position": self.position,
            "path": [node.hex() for node in self.path],
            "checkpoint": self.head.note(),
            "public_key": public_key_hex(),
            "method": "text: SHA-256; path: RFC 9162 2.1.3.2; checkpoint: Ed25519 signed note",
        }


@dataclass(frozen=True, slots=True)
class Holds:
    """What a proof that holds says."""

    kind: str
    row_id: int
    position: int
    size: int
    signed_at: str
    fingerprint: str
    says: str


def head_text(size: int, root: bytes, at: datetime) -> bytes:
    """The signed bytes of a head: origin, size, root, time, a line each."""
    encoded = base64.b64encode(root).decode()
    return f"{ORIGIN}\n{size}\n{encoded}\n{at.isoformat()}\n".encode()


def key_id(public_key: bytes) -> bytes:
    """The four bytes by which a signed note names its key."""
    return hashlib.sha256(ORIGIN.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def fingerprint(public_key_hex_text: str) -> str:
    """A key's name for people: the first 16 hex digits of its SHA-256, in fours.

    >>> fingerprint("00" * 32)
    '6668 7aad f862 bd77'
    """
    digest = hashlib.sha256(bytes.fromhex(public_key_hex_text)).hexdigest()[:16]
    return " ".join(digest[i : i + 4] for i in range(0, 16, 4))


def public_key_hex() -> str:
    """The platform's own checkpoint key."""
    from huanxin.kernel import crypto  # only who makes proofs has keys

    return crypto.checkpoint_key().public_key().public_bytes_raw().hex()


def check_file(text: str, *, public_key: str | None = None) -> list[Holds]:
    """Check a proof file, one proof or a list of them; raises ProofRefused with the exact cause.

    `public_key` (hex) is the one you trust; without it the file's own key is used, and whoever
    reads the answer has to compare its fingerprint with the published one.
    """
    try:
        loaded = json.loads(text)
    except ValueError:
        raise ProofRefused(reason="文件不是 JSON，可能下载不完整") from None
    documents = loaded.get("proofs", [loaded]) if isinstance(loaded, dict) else loaded
    if not isinstance(documents, list) or not documents:
        raise ProofRefused(reason="文件里没有证明")
    return [_check(document, public_key) for document in documents]


def _check(document: Any, trusted: str | None) -> Holds:
    try:
        if document["format"] == CONSISTENCY:
            return _check_consistency(document, trusted)
        if document["format"] != INCLUSION:
            raise ProofRefused(reason=f"不认识的格式“{document['format']}”")
        return _check_inclusion(document, trusted)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ProofRefused(reason=f"证明缺少内容或格式有误（{fault}）") from None


def _check_inclusion(document: dict[str, Any], trusted: str | None) -> Holds:
    digest = bytes.fromhex(document["leaf_digest"])
    if "text" in document and hashlib.sha256(document["text"].encode()).digest() != digest:
        raise ProofRefused(reason="记录内容与其摘要不符，内容已被改动")
    if "event" in document:
        _check_event(document)
    key = _key(document, trusted)
    size, root, at = _open_note(document["checkpoint"], key)
    position = int(document["leaf_position"])
    if not 0 <= position < size:
        raise ProofRefused(reason=f"位置{position}不在{size}条记录之内")
    path = [bytes.fromhex(node) for node in document["path"]]
    found = tree.climb(position, size, tree.leaf_hash(digest), path)
    if found is None:
        raise ProofRefused(reason="证明路径的长度与位置不符")
    if found != root:
        raise ProofRefused(reason="证明路径不通向已签名的根，记录、位置或路径已被改动")
    says = document.get("says") or document.get("text", "")
    return Holds(
        document["kind"], int(document["row_id"]), position, size, at, fingerprint(key), says
    )


def _check_event(document: dict[str, Any]) -> None:
    """The readable event must be the one inside the digested text."""
    body = document["text"].split("|", 7)[7].rpartition("|")[0]
    if json.loads(body) != document["event"]:
        raise ProofRefused(reason="所附事件与存证内容不同")


def _check_consistency(document: dict[str, Any], trusted: str | None) -> Holds:
    key = _key(document, trusted)
    first, first_root, _ = _open_note(document["first"], key)
    second, second_root, at = _open_note(document["second"], key)
    path: Sequence[bytes] = [bytes.fromhex(node) for node in document["path"]]
    if not tree.extends(first, first_root, second, second_root, path):
        raise ProofRefused(reason="后一次的记录不是前一次的延续，历史已被改写或证明有误")
    says = f"前{first}条记录原样保留在后来的{second}条之中"
    return Holds("consistency", 0, first, second, at, fingerprint(key), says)


def _key(document: dict[str, Any], trusted: str | None) -> str:
    named = str(document["public_key"]).lower()
    wanted = (trusted or named).strip().lower()
    if len(wanted) != 64 or any(c not in "0123456789abcdef" for c in wanted):
        raise ProofRefused(reason="公钥应为 64 位十六进制数字")
    if named != wanted:
        raise ProofRefused(
            reason=f"证明由另一把密钥签署（{fingerprint(named)}），不是您信任的（{fingerprint(wanted)}）"
        )
    return wanted


def _open_note(note: str, key_hex: str) -> tuple[int, bytes, str]:
    """Size, root and time of a signed note, or the reason why it is not one."""
    text, blank, signed = note.partition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) != 4 or lines[0] != ORIGIN:
        raise ProofRefused(reason="签名的树头不是本平台日志的格式")
    name, _, encoded = signed.removeprefix("— ").strip().partition(" ")
    raw = base64.b64decode(encoded)
    key = bytes.fromhex(key_hex)
    if name != ORIGIN or raw[:4] != key_id(key):
        raise ProofRefused(reason="树头不是用这把公钥签署的")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], (text + "\n").encode())
    except InvalidSignature:
        raise ProofRefused(reason="树头的签名不成立，树头已被改动") from None
    return int(lines[1]), base64.b64decode(lines[2]), lines[3]
