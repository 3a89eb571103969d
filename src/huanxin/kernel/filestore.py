"""Where photos and papers are kept: one folder behind one port, for every room that has files."""

import base64
import hashlib
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from huanxin.kernel import crypto
from huanxin.kernel.errors import NotFound


class FileStore(Protocol):
    """Keeps bytes under the SHA-256 of what was received."""

    def put(self, content: bytes) -> str: ...

    def get(self, sha256: str) -> bytes: ...


class LocalFileStore:
    """A local folder. Each file is encrypted under a key of its own, wrapped by the master key.

    `HUANXIN_FILE_FOLDER` names the folder; a file arrives whole or not at all.
    """

    def __init__(self) -> None:
        self.folder = Path(settings.HUANXIN_FILE_FOLDER)

    def put(self, content: bytes) -> str:
        """Store the bytes and return their name; the same bytes are stored once."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            key = crypto.new_person_key()
            sealed = crypto.seal(key, base64.b64encode(content).decode())
            part = path.with_suffix(".part")
            part.write_bytes(len(key).to_bytes(2, "big") + key + sealed)
            part.replace(path)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes as they were received; an unknown name raises NotFound."""
        path = self._path(sha256)
        if not path.exists():
            raise NotFound(model="File", id=sha256)
        stored = path.read_bytes()
        size = int.from_bytes(stored[:2], "big")
        key, sealed = stored[2 : 2 + size], stored[2 + size :]
        return base64.b64decode(crypto.unseal(key, sealed))

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def file_store() -> FileStore:
    """The implementation that HUANXIN_FILE_PORT names, else the local folder."""
    named = getattr(settings, "HUANXIN_FILE_PORT", None)
    store: FileStore = import_string(named)() if named else LocalFileStore()
    return store
