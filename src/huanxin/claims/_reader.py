"""The reading process as its owner sees it: asked one file at a time, replaced when it fails."""

import atexit
import json
import logging
import select
import subprocess
import sys
import threading
from functools import cache
from typing import Any

from huanxin.claims.reading.found import CannotRead
from huanxin.claims.reading.sniff import Media
from huanxin.claims.types import EvidenceKind

log = logging.getLogger("huanxin.claims")

SECONDS_A_FILE = 90.0  # a page takes two to four; the rest is a busy machine
_BY_HAND = "可照原件填写各项，由人工核对。"


class Reader:
    """One child process at a time, started when first asked."""

    def __init__(self, *, seconds: float = SECONDS_A_FILE) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def read(self, content: bytes, media: Media, kind: EvidenceKind) -> list[dict[str, Any]]:
        """The fields of one file; CannotRead says why not and what to do."""
        with self._turn:
            line = self._asked(content, media, kind)
        answer = json.loads(line)
        if "say" in answer:
            raise CannotRead(answer["say"], answer["do"])
        fields: list[dict[str, Any]] = answer["fields"]
        return fields

    def close(self) -> None:
        """End the child; the next file starts another."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.communicate()

    def _asked(self, content: bytes, media: Media, kind: EvidenceKind) -> bytes:
        child = self._running()
        assert child.stdin, "the child is started with pipes"
        assert child.stdout, "the child is started with pipes"
        head = json.dumps({"media": media, "kind": kind, "size": len(content)}).encode()
        try:
            child.stdin.write(head + b"\n" + content)
            child.stdin.flush()
        except BrokenPipeError:
            return self._lost("died before it was asked")
        ready, _, _ = select.select([child.stdout], [], [], self._seconds)
        if not ready:
            return self._lost("took too long")
        return child.stdout.readline() or self._lost("died over the file")

    def _lost(self, how: str) -> bytes:
        log.warning("the reading process %s", how)
        self.close()
        raise CannotRead("文件无法自动识别", f"请换一张更清晰的照片重新上传；也{_BY_HAND}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            command = [sys.executable, "-m", "huanxin.claims.reading.child"]
            self._child = subprocess.Popen(  # noqa: S603  our own module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        return self._child


@cache
def reader() -> Reader:
    """This process's reader, ended with it."""
    one = Reader()
    atexit.register(one.close)
    return one
