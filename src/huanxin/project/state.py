"""Where a checkout keeps what it runs on: cluster, logs, addresses. Nothing here touches Django."""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from huanxin.project.errors import AlreadyRunning, DiskFull, StateUnwritable

ROOT = Path(__file__).resolve().parents[3]
MEGABYTE = 1024 * 1024
LOCKS = ("owner.lock", "serve.lock")
_OURS = (
    "data", "data.new", "log", "port", "password", "superuser", "twin", "files", "bank", "tls",
    "test-*",
    "postgresql-*", "*.new", *LOCKS,
)  # fmt: skip
_ACCOUNTS = ("postgres", "_postgres", "nobody")  # PostgreSQL refuses to run as root


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that runs PostgreSQL when we are root."""

    name: str
    uid: int
    gid: int


def unprivileged_account(*, owner_of: Path) -> Account | None:
    """Whom PostgreSQL runs as: the owner of that folder once it exists.

    None when we are unprivileged ourselves.
    """
    if os.geteuid() != 0:
        return None
    if owner_of.exists():
        found = owner_of.stat()
        return Account(owner_of.owner(), found.st_uid, found.st_gid)
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise StateUnwritable(path="/var/lib/huanxin", reason="系统中没有 postgres 或 nobody 账号")


def state_folder() -> Path:
    """HUANXIN_STATE, else .huanxin/ in the checkout, else (as root) a folder others can enter.

    Root's own folders are closed to the account that PostgreSQL runs as, so root's cluster lives
    under /var/lib/huanxin, one folder a checkout.
    """
    if chosen := os.environ.get("HUANXIN_STATE"):
        return Path(chosen).absolute()
    if os.geteuid() != 0:
        return ROOT / ".huanxin"
    return Path("/var/lib/huanxin") / hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]


def make_folder(path: Path, *, account: Account | None = None, mode: int = 0o700) -> Path:
    """Make a folder, with its parents, whatever the umask; owned by `account` if given.

    A folder that exists keeps the mode and owner that somebody gave it.
    """
    try:
        for folder in (*reversed(path.parents), path):
            if folder.exists():
                continue
            folder.mkdir()
            folder.chmod(mode if folder == path else 0o755)
            if account and folder == path:
                os.chown(folder, account.uid, account.gid)
    except OSError as error:
        raise StateUnwritable(path=path, reason=error.strerror) from error
    return path


def require_reachable(path: Path, account: Account) -> None:
    """Refuse a state folder inside one that the account which runs PostgreSQL cannot enter."""
    for folder in (path, *path.parents):
        found = folder.stat()
        if found.st_uid != account.uid and not found.st_mode & stat.S_IXOTH:
            reason = f"PostgreSQL 以账号 {account.name} 运行，它进不了 {folder}"
            raise StateUnwritable(path=path, reason=reason)


def write_private(path: Path, text: str, *, account: Account | None = None) -> None:
    """Replace a file whole, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account:
        os.chown(fresh, account.uid, account.gid)
    fresh.replace(path)


def require_space(path: Path, need_mb: int) -> None:
    """Refuse early rather than fill the disk half-way."""
    free_mb = shutil.disk_usage(path).free // MEGABYTE
    if free_mb < need_mb:
        raise DiskFull(path=path, free_mb=free_mb, need_mb=need_mb)


class FolderLock:
    """One process owns a folder's cluster. The kernel drops the lock when that process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def take(self) -> bool:
        """Take the lock if nobody has it."""
        assert self._fd is None, "already ours"
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        os.ftruncate(fd, 0)
        os.write(fd, str(os.getpid()).encode())
        self._fd = fd
        return True

    def take_or_refuse(self) -> None:
        """Take the lock or say who has it."""
        if not self.take():
            raise AlreadyRunning(pid=self.holder() or "未知")

    def release(self) -> None:
        """Give the lock back; nothing happens if it is not ours."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def holder(self) -> int | None:
        """The process id written by whoever took the lock last."""
        try:
            return int(self._path.read_text() or 0) or None
        except (OSError, ValueError):
            return None


def wipe(home: Path) -> list[str]:
    """Remove what the demo left in a state folder, and nothing that we did not put there.

    Refuses while a process of ours runs there. Returns the names of what went.
    """
    if not home.exists():
        return []
    locks = [FolderLock(home / name) for name in LOCKS]
    for lock in locks:
        lock.take_or_refuse()
    gone = []
    for pattern in _OURS:
        for path in sorted(home.glob(pattern)):
            gone.append(path.name)
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for lock in locks:
        lock.release()
    if not any(home.iterdir()):
        home.rmdir()
    return sorted(gone)
