"""The arithmetic of a draw: hashes, ranks, and the check that anyone can repeat. No database.

Everything is plain SHA-256 over text, so that a few lines in any language recompute it.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from huanxin.kernel import proofs
from huanxin.kernel.errors import ProofRefused
from huanxin.vouchers.errors import DrawUnreadable
from huanxin.vouchers.types import DrawAudit, DrawFault

FORMAT = "huanxin.draw.v1"
SEED_BYTES = 32


def registration_hash(pool_id: UUID | str, category_code: str, receipt: str) -> str:
    """The public entry of one registration. The receipt is random, so nobody can guess whose it is.

    >>> registration_hash("p", "refrigerator", "r")[:16]
    'ea731e525d25bf4f'
    """
    text = f"huanxin.registration.v1\n{pool_id}\n{category_code}\n{receipt}\n"
    return hashlib.sha256(text.encode()).hexdigest()


def commitment_of(seed: bytes) -> str:
    """What is published of the seed before anyone registers."""
    return hashlib.sha256(seed).hexdigest()


def list_text(hashes: Iterable[str]) -> str:
    """The published list: hashes in rising order, a line each."""
    return "".join(f"{one}\n" for one in sorted(hashes))


def list_digest(hashes: Iterable[str]) -> str:
    """SHA-256 of the list file; `sha256sum` of the download shows the same."""
    return hashlib.sha256(list_text(hashes).encode()).hexdigest()


def lot(seed: bytes, list_sha256: str, entropy: str, one: str) -> str:
    """The number that decides a registration's rank: lower comes first."""
    message = f"{list_sha256}\n{entropy}\n{one}\n"
    return hmac.new(seed, message.encode(), hashlib.sha256).hexdigest()


def ranking(seed: bytes, entropy: str, hashes: Sequence[str]) -> list[str]:
    """The hashes in the order of the draw."""
    digest = list_digest(hashes)
    return sorted(hashes, key=lambda one: (lot(seed, digest, entropy, one), one))


def audit(
    document: Mapping[str, Any], noted: Sequence[str] = (), public_key: str = ""
) -> DrawAudit:
    """Recompute a published draw and name the first thing that does not come out.

    `noted` are hashes somebody wrote down before the draw (the commitment, the list's): each must
    be in the document, or it is another draw than the one that was announced. `public_key` is the
    log's key you trust; without it the document's own counts, whose fingerprint is answered. A
    document without proofs of the log (drawn before they were kept) is recomputed without them.
    """
    try:
        facts = _Facts(document, noted, public_key)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DrawUnreadable(reason=f"缺少或写错了“{error}”") from error
    checked: list[str] = []
    fault = None
    for step, check in _STEPS:
        if step == "sealed" and not facts.log:
            continue
        if say := check(facts):
            fault = DrawFault(step, say)
            break
        checked.append(step)
    return DrawAudit(
        facts.title, len(facts.hashes), facts.places, len(facts.winners), tuple(checked), fault,
        facts.signed_by if "sealed" in checked else "",
    )  # fmt: skip


class _Facts:
    """A draw document, read."""

    def __init__(self, document: Mapping[str, Any], noted: Sequence[str], public_key: str) -> None:
        self.public_key = public_key
        self.signed_by = ""
        self.pool_id = str(document["pool"].get("id", "?"))
        self.log: Mapping[str, Any] = document.get("log") or {}
        self.noted = [one.strip().lower() for one in noted]
        if document["format"] != FORMAT:
            raise DrawUnreadable(reason=f"格式不是 {FORMAT}")
        self.title = str(document["pool"]["title"])
        self.places = int(document["places"])
        self.commitment = str(document["commitment"])
        self.seed = bytes.fromhex(document["seed"])
        self.entropy = str(document["entropy"])
        self.list_sha256 = str(document["list_sha256"])
        self.hashes = [str(one) for one in document["hashes"]]
        self.ranking = [str(one) for one in document["ranking"]]
        self.winners = [str(one) for one in document["winners"]]
        self.moved_up = [str(one) for one in document["moved_up"]]
        self.passed_over = {str(one["hash"]) for one in document["passed_over"]}
        times = document["times"]
        names = ("committed_at", "registers_until", "listed_at", "entropy_at", "drawn_at")
        self.times = [(name, str(times[name])) for name in names]
        self.drawn_at = datetime.fromisoformat(str(times["drawn_at"]))
        if not all(len(one) == 64 and int(one, 16) >= 0 for one in self.hashes):
            raise ValueError("hashes")


def _noted(facts: _Facts) -> str:
    known = {facts.commitment, facts.list_sha256, *facts.hashes}
    lost = next((one for one in facts.noted if one not in known), None)
    return f"您事先记下的 {lost} 不在文件里，名单或承诺值在公布后被换过" if lost else ""


def _times(facts: _Facts) -> str:
    for (before, early), (after, late) in zip(facts.times, facts.times[1:], strict=False):
        if early > late:
            return f"{after}（{late}）早于 {before}（{early}），步骤颠倒"
    return ""


def _sealed(facts: _Facts) -> str:
    """The log's own lines: commitment and list signed for before the draw, and in that order.

    What a line says is its text; each is proved under the first signed head that covered it.
    """
    lines = (
        ("opened", "公布承诺值", (facts.pool_id, facts.commitment)),
        ("listed", "公布名单", (facts.pool_id, facts.commitment, facts.list_sha256)),
        ("drawn", "开奖", (facts.pool_id, facts.seed.hex(), facts.list_sha256)),
    )
    places = []
    for name, what, named in lines:
        proof = dict(facts.log.get(name) or {})
        try:
            [held] = proofs.check_file(json.dumps(proof), public_key=facts.public_key or None)
        except ProofRefused as refusal:
            return f"“{what}”的存证不成立：{refusal.message}"
        facts.signed_by = held.fingerprint
        if lost := next((one for one in named if one not in proof.get("text", "")), None):
            return f"“{what}”的存证里没有 {lost}，是另一次摇号的存证"
        if name != "drawn" and datetime.fromisoformat(held.signed_at) >= facts.drawn_at:
            return f"“{what}”在 {held.signed_at} 才封存，不早于开奖（{facts.drawn_at.isoformat()}）"
        places.append(held.position)
    return "" if places == sorted(set(places)) else "存证日志里的先后与所说的步骤不同"


def _seed(facts: _Facts) -> str:
    if commitment_of(facts.seed) == facts.commitment:
        return ""
    return (
        f"种子的 SHA-256 是 {commitment_of(facts.seed)}，与事先公布的承诺值 {facts.commitment} 不符"
    )


def _list(facts: _Facts) -> str:
    for before, after in zip(facts.hashes, facts.hashes[1:], strict=False):
        if before >= after:
            return f"名单没有按顺序排列或有重复：{after}"
    if list_digest(facts.hashes) == facts.list_sha256:
        return ""
    return (
        f"名单的 SHA-256 是 {list_digest(facts.hashes)}，与开奖前公布的 {facts.list_sha256} 不符："
        "公布之后有人加入、去掉或改动了登记"
    )


def _ranks(facts: _Facts) -> str:
    right = ranking(facts.seed, facts.entropy, facts.hashes)
    if len(right) != len(facts.ranking):
        return f"名单有 {len(right)} 个登记，排序里有 {len(facts.ranking)} 个"
    for rank, (mine, theirs) in enumerate(zip(right, facts.ranking, strict=True), start=1):
        if mine != theirs:
            return f"第 {rank} 位应为 {mine}，文件写的是 {theirs}"
    return ""


def _winners(facts: _Facts) -> str:
    entitled = [one for one in facts.ranking if one not in facts.passed_over]
    given = [*facts.winners, *facts.moved_up]
    for rank, (mine, theirs) in enumerate(zip(entitled, given, strict=False), start=1):
        if mine != theirs:
            return f"第 {rank} 个名额应给 {mine}，文件给了 {theirs}"
    if len(facts.winners) != min(facts.places, len(entitled)):
        return (
            f"{facts.places} 个名额，应中签 {min(facts.places, len(entitled))} 个，"
            f"文件写了 {len(facts.winners)} 个"
        )
    return "" if len(given) <= len(entitled) else "得到名额的比登记的多"


_STEPS = (
    ("noted", _noted),
    ("times", _times),
    ("sealed", _sealed),
    ("seed", _seed),
    ("list", _list),
    ("ranking", _ranks),
    ("winners", _winners),
)
