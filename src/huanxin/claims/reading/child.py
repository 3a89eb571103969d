"""The process in which files are opened: bounded in memory, replaced when one kills it.

Decoders and models are written in C. A file that breaks one ends this process, not the worker, and
what it unfolds to cannot take the machine's memory. It speaks over its own standard streams: a line
of JSON and the bytes in, a line of JSON out; the end of its input is its end.
"""

import json
import os
import sys
from datetime import date, datetime
from typing import Any, BinaryIO

from huanxin.claims.reading import reader
from huanxin.claims.reading.found import CannotRead
from huanxin.claims.reading.sniff import Media
from huanxin.claims.types import EvidenceKind

MOST_MEMORY = 2 << 30


def answer(asked: dict[str, Any], content: bytes) -> dict[str, Any]:
    """One paper read, as JSON takes it; what cannot be read says why and what to do."""
    try:
        read = reader.read(content, Media(asked["media"]), EvidenceKind(asked["kind"]))
    except CannotRead as refusal:
        return {"say": refusal.say, "do": refusal.do}
    except MemoryError:
        return {"say": "文件展开后过大", "do": "请降低照片分辨率或重新下载原件后上传。"}
    fields = [
        {
            "fact": one.fact, "value": _plain(one.value), "source": one.source,
            "sure_bps": one.sure_bps, "is_checked": one.is_checked, "is_sure": one.is_sure,
            "place": one.place,
        }
        for one in read.fields
    ]  # fmt: skip
    return {"fields": fields}


def main() -> None:
    """Answer until the input ends. Whatever a library prints goes to the error stream."""
    _bound_memory()
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    source: BinaryIO = sys.stdin.buffer
    while line := source.readline():
        asked = json.loads(line)
        content = source.read(asked["size"])
        out.write(json.dumps(answer(asked, content), ensure_ascii=False).encode() + b"\n")


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # no such bound on this system
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


if __name__ == "__main__":
    main()
