"""Fields in SM4-GCM, tokens and blind indexes in HMAC-SM3, checkpoints in Ed25519.

GB/T 39786-2021 asks for national algorithms where data is stored; `cryptography` ships SM3 and SM4.
All keys derive from one master key in the environment (HUANXIN_MASTER_KEY, base64, 32 bytes).
"""

import base64
import hmac as stdlib_hmac
import json
import os
from functools import cache
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from huanxin.kernel.errors import Invalid

_IV_BYTES = 12
_TAG_BYTES = 16


class TokenInvalid(Invalid):
    """A signed token is not ours, or was altered."""

    code = "kernel.token_invalid"
    say = "该凭证无效或已被改动。"
    do = "请回到原页面重新获取。"


@cache
def _key(purpose: str, size: int = 16) -> bytes:
    master = base64.b64decode(settings.HUANXIN_MASTER_KEY)
    return HKDF(hashes.SM3(), size, salt=None, info=purpose.encode()).derive(master)


def _encrypt(key: bytes, plain: bytes) -> bytes:
    iv = os.urandom(_IV_BYTES)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(iv)).encryptor()
    return iv + encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _decrypt(key: bytes, sealed: bytes) -> bytes:
    iv, body, tag = sealed[:_IV_BYTES], sealed[_IV_BYTES:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(iv, tag)).decryptor()
    return decryptor.update(body) + decryptor.finalize()


def new_person_key() -> bytes:
    """A fresh key for one person, wrapped under the master key. Destroying it erases the person."""
    return _encrypt(_key("person-key-wrap"), os.urandom(16))


def seal(wrapped_key: bytes, text: str) -> bytes:
    """Encrypt a field under a person's wrapped key."""
    return _encrypt(_decrypt(_key("person-key-wrap"), wrapped_key), text.encode())


def unseal(wrapped_key: bytes, sealed: bytes) -> str:
    """Decrypt a field sealed under the same person's key."""
    return _decrypt(_decrypt(_key("person-key-wrap"), wrapped_key), sealed).decode()


def seal_secret(purpose: str, secret: bytes) -> bytes:
    """Encrypt bytes that nobody may read before their time, under a key of that purpose."""
    return _encrypt(_key(f"secret:{purpose}"), secret)


def unseal_secret(purpose: str, sealed: bytes) -> bytes:
    """Decrypt bytes that were sealed for the same purpose."""
    return _decrypt(_key(f"secret:{purpose}"), sealed)


def blind_index(kind: str, value: str, *, reach: Literal["city", "province"] = "city") -> str:
    """A keyed fingerprint for look-up by exact value: 'city' here, 'province' in exports."""
    return _hmac_sm3(_key(f"blind-index-{reach}", 32), f"{kind}:{value}".encode()).hex()


def sign_token(facts: dict[str, Any]) -> str:
    """A compact token over the facts: url-safe, tamper-evident, readable by its bearer."""
    body = base64.urlsafe_b64encode(json.dumps(facts, separators=(",", ":")).encode())
    tag = base64.urlsafe_b64encode(_token_mac(body)[:16])
    return f"{body.decode()}.{tag.decode()}".replace("=", "")


def read_token(token: str) -> dict[str, Any]:
    """The facts of a token of ours; raises TokenInvalid for any other text."""
    facts: dict[str, Any] = json.loads(signed_text(token))
    return facts


def signed_text(token: str) -> bytes:
    """The JSON that was signed, for a rush that decodes it in its own way; else TokenInvalid."""
    try:
        body, tag = token.encode("ascii").split(b".")
        padded = _pad(body)
        expected = base64.urlsafe_b64encode(_token_mac(padded)[:16])
        if not stdlib_hmac.compare_digest(expected.rstrip(b"="), tag):
            raise TokenInvalid
        return base64.urlsafe_b64decode(padded)
    except ValueError as error:
        raise TokenInvalid from error


def checkpoint_key() -> Ed25519PrivateKey:
    """The key that signs tree heads of the transparency log."""
    return Ed25519PrivateKey.from_private_bytes(_key("checkpoint", 32))


@cache
def _keyed_mac(purpose: str) -> hmac.HMAC:
    return hmac.HMAC(_key(purpose, 32), hashes.SM3())


def _token_mac(data: bytes) -> bytes:
    mac = _keyed_mac("token").copy()  # copying is cheaper than laying the key out anew
    mac.update(data)
    return mac.finalize()


def _hmac_sm3(key: bytes, data: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize()


def _pad(text: bytes) -> bytes:
    return text + b"=" * (-len(text) % 4)
