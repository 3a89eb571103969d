"""SQL kept in files of its own, each with a header that says what it is."""

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class SqlFile:
    """A statement and its `-- key: value` header lines."""

    name: str
    header: dict[str, str]
    text: str


def parse(name: str, source: str) -> SqlFile:
    """Read the header (leading `-- key: value` lines); the rest is the statement.

    >>> parse("x", "-- id: x\\n-- title: 重复\\nSELECT 1").header
    {'id': 'x', 'title': '重复'}
    """
    header: dict[str, str] = {}
    for line in source.splitlines():
        if not line.startswith("--"):
            break
        key, colon, value = line[2:].partition(":")
        if colon and key.strip().isidentifier():
            header[key.strip()] = value.strip()
    return SqlFile(name=name, header=header, text=source.strip())


@cache
def read_sql(package: str, name: str) -> SqlFile:
    """One file of a package's folder, e.g. read_sql('huanxin.vouchers.sql', 'claim')."""
    parent, _, folder = package.rpartition(".")
    path = resources.files(parent).joinpath(folder).joinpath(f"{name}.sql")
    return parse(name, path.read_text(encoding="utf-8"))


@cache
def read_folder(package: str) -> tuple[SqlFile, ...]:
    """Every .sql file of a folder, by name. An absent folder is empty."""
    parent, _, folder = package.rpartition(".")
    root = resources.files(parent).joinpath(folder)
    if not root.is_dir():
        return ()
    names = sorted(p.name.removesuffix(".sql") for p in root.iterdir() if p.name.endswith(".sql"))
    return tuple(read_sql(package, name) for name in names)
