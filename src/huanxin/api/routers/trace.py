"""A unit's passport and story; the transparency log's key, heads and proofs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from huanxin.api.security import actor_of
from huanxin.kernel import merkle, proofs
from huanxin.kernel.errors import NotFound
from huanxin.trace import selectors
from huanxin.trace.types import Passport, Sighting, Stop

router = Router(tags=["trace"])


@router.get("/units/{unit_code}", response=Passport, summary="一台旧机的产品护照")
def get_passport(request: HttpRequest, unit_code: str) -> Passport:
    return selectors.get_passport(selectors.read_scanned(unit_code), actor_of(request).scope)


@router.get("/units/{unit_code}/story", response=list[Stop], summary="一台旧机的全程经过")
def story(request: HttpRequest, unit_code: str) -> list[Stop]:
    return list(selectors.story(selectors.read_scanned(unit_code), actor_of(request).scope))


@router.get("/units/{unit_code}/seen", response=list[Sighting], summary="他人对旧机及其批次的上报")
def seen(request: HttpRequest, unit_code: str) -> list[Sighting]:
    return list(selectors.seen(selectors.read_scanned(unit_code), actor_of(request).scope))


@router.get("/log/key", auth=None, response=dict[str, str], summary="存证日志的公钥")
def log_key(request: HttpRequest) -> dict[str, str]:
    del request
    key = proofs.public_key_hex()
    return {
        "origin": proofs.ORIGIN, "algorithm": "Ed25519", "public_key": key,
        "fingerprint": proofs.fingerprint(key),
    }  # fmt: skip


@router.get("/log/checkpoint", auth=None, response=dict[str, str], summary="最新的签名树头")
def checkpoint(request: HttpRequest) -> dict[str, str]:
    """C2SP 签名笔记格式，任何人都可以保存下来，日后要求一致性证明。"""
    del request
    head = merkle.head()
    if head is None:
        raise NotFound(model="Checkpoint", id=0)
    return {"note": head.note()}


@router.get(
    "/log/inclusion/{kind}/{row_id}", auth=None, response=dict[str, Any],
    summary="一条记录的包含证明，不含其内容",
)  # fmt: skip
def inclusion(request: HttpRequest, kind: str, row_id: int) -> dict[str, Any]:
    del request
    if kind not in merkle.SOURCES:
        raise NotFound(model="Leaf", id=kind)
    return merkle.proof_of(kind, row_id).as_json()


@router.get(
    "/log/consistency", auth=None, response=dict[str, Any],
    summary="两个树头之间的一致性证明：后者是前者的延续",
)  # fmt: skip
def consistency(request: HttpRequest, first: int, second: int | None = None) -> dict[str, Any]:
    del request
    return merkle.consistency(first, second).as_json()
