"""The embedded PostgreSQL: one private cluster a state folder, started and stopped by its owner.

    state folder/
      data/          the cluster, appears whole or not at all
      data.new/      an initdb under way; a leftover is thrown away
      log/           PostgreSQL's own log, a file a weekday, and start.log
      port           where it listens, or did last    } what other processes
      password       of the role huanxin, mode 0600   } of the same user read
      superuser      password of the superuser, which the platform never uses
      owner.lock     held by the process that runs the cluster

The cluster listens on loopback TCP with scram; no Unix socket, so any path length will do. It is
started with `postgres` itself, not pg_ctl, so that it dies with its supervisor.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from huanxin.project import ports, processes
from huanxin.project.binaries import Binaries, environment, find_binaries
from huanxin.project.errors import (
    AlreadyRunning,
    ClusterFailed,
    ClusterFromOtherVersion,
    ClusterIncomplete,
    DiskFilledUp,
    StateUnwritable,
)
from huanxin.project.state import (
    Account,
    FolderLock,
    make_folder,
    require_reachable,
    require_space,
    unprivileged_account,
    write_private,
)

ROLE = DATABASE = "huanxin"
_SUPERUSER = "postgres"
_NEW_CLUSTER_MB, _START_MB = 400, 64
_START_SECONDS = 300  # replaying the log after a crash takes its time
_STOP_SECONDS = 60
_PORT_TRIES = 5
_LINGER_SECONDS = 20  # how long a killed postmaster's children may hold its shared memory

_SETTINGS = """\
# Written by huanxin at every start.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '128MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_wal_size = '1GB'
jit = off
max_parallel_workers_per_gather = 0  # web, gateway and worker already fill the processors
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = on
log_directory = '{log_folder}'
log_filename = 'postgresql-%a.log'   # a week of logs, each overwritten after seven days
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] '
"""
# Tests throw their cluster away, so they need not wait for the disk.
_FORGETFUL = (
    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"
    "autovacuum = off\n"  # a plan must not depend on when statistics were last taken
)
_ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


@dataclass
class Cluster:
    """One embedded cluster. `durable=False` is for tests, whose data nobody wants back."""

    home: Path
    durable: bool = True
    _server: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _lock: FolderLock | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def start_log(self) -> Path:
        return self.home / "log" / "start.log"

    def start(self) -> None:
        """Make the cluster if there is none, start it, and return once it answers.

        Raises AlreadyRunning if another process owns it, DiskFull, ClusterFromOtherVersion,
        ClusterIncomplete, ClusterFailed or what find_binaries() refuses. Nothing stays behind.
        """
        make_folder(self.home, mode=0o755)
        lock = FolderLock(self.home / "owner.lock")
        try:
            lock.take_or_refuse()
        except OSError as error:
            raise StateUnwritable(path=self.home, reason=error.strerror) from error
        try:
            self._start_owned()
        except BaseException:  # Ctrl-C too must leave neither server nor lock behind
            self._end_server()
            lock.release()
            raise
        self._lock = lock

    def poll(self) -> int | None:
        """The server's exit code if it ended by itself; None while it runs."""
        assert self._server is not None, "not started"
        return self._server.poll()

    def restart(self) -> None:
        """Bring an unexpectedly ended server back on the port that clients know."""
        self._end_server()
        self._start_owned()

    def stop(self) -> None:
        """Disconnect clients, write everything down, end. Nothing happens if not started."""
        self._end_server()
        if self._lock:
            self._lock.release()
            self._lock = None

    def url(self, database: str = DATABASE) -> str:
        """The running cluster's address for libpq and DATABASE_URL."""
        url = running_url(self.home, database)
        assert url is not None, "not started"
        return url

    def _start_owned(self) -> None:
        account = unprivileged_account(owner_of=self.data)
        require_space(self.home, _START_MB)
        if account:
            require_reachable(self.home, account)
        make_folder(self.home / "log", account=account)
        _end_orphan(self.data)
        binaries = find_binaries(self.home, account)
        if not self.data.exists():
            self._make(binaries, account)
        _check_cluster(self.data, binaries)
        self._write_settings(account)
        self._launch(binaries, account)
        _ensure_database(self._superuser_dsn(), (self.home / "password").read_text())

    def _make(self, binaries: Binaries, account: Account | None) -> None:
        """initdb beside, then rename: a crash in between leaves no half cluster."""
        require_space(self.home, _NEW_CLUSTER_MB if self.durable else _START_MB)
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        make_folder(fresh, account=account)
        secret = secrets.token_urlsafe(24)
        write_private(self.home / "password", secrets.token_urlsafe(24))
        write_private(self.home / "superuser", secret)
        given = self.home / "log" / "given"  # where the unprivileged account may read it
        write_private(given, secret, account=account)
        try:
            self._initdb(binaries, account, fresh, given)
        finally:
            given.unlink(missing_ok=True)
        fresh.rename(self.data)
        folder = os.open(self.home, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _initdb(
        self, binaries: Binaries, account: Account | None, fresh: Path, password: Path
    ) -> None:
        self.start_log.write_bytes(b"")
        child = processes.spawn(
            [
                binaries.program("initdb"), "-D", fresh, "-U", _SUPERUSER, "--pwfile", password,
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums",
                "--no-instructions", *([] if self.durable else ["--no-sync"]),
            ],
            log=self.start_log, env=environment(), account=account,
            death_signal=signal.SIGKILL,
        )  # fmt: skip
        try:
            code = child.wait()
        finally:
            processes.kill_session(child)
        if code != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise self._failure("initdb 未完成")

    def _write_settings(self, account: Account | None) -> None:
        settings = _SETTINGS.format(log_folder=str(self.home / "log").replace("'", "''"))
        settings += "" if self.durable else _FORGETFUL
        write_private(self.data / "postgresql.conf", settings, account=account)
        write_private(self.data / "pg_hba.conf", _ACCESS, account=account)

    def _launch(self, binaries: Binaries, account: Account | None) -> None:
        """Start the server on the port it had before, or another one if that is taken."""
        port = _last_port(self.home)
        lingering_until = time.monotonic() + _LINGER_SECONDS
        tries = 0
        while True:
            port = port if port and ports.is_free(port) else ports.any_free()
            self.start_log.write_bytes(b"")
            self._server = processes.spawn(
                [binaries.program("postgres"), "-D", self.data, "-p", str(port)],
                log=self.start_log, env=environment(), account=account,
                death_signal=signal.SIGINT,  # fast shutdown
            )  # fmt: skip
            write_private(self.home / "port", str(port))
            if self._answers():
                return
            said = self._said()
            self._end_server()
            if "could not create any TCP/IP sockets" in said and tries < _PORT_TRIES:
                port, tries = None, tries + 1
            elif "is still in use" in said and time.monotonic() < lingering_until:
                time.sleep(0.5)
            else:
                raise self._failure("启动后随即退出")

    def _answers(self) -> bool:
        """Wait until the server takes connections; False if it ended instead."""
        assert self._server is not None
        until = time.monotonic() + _START_SECONDS
        while self._server.poll() is None and time.monotonic() < until:
            try:
                psycopg.connect(self._superuser_dsn(), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise ClusterFailed(
                        reason="口令文件与数据不符", log=self.home / "log"
                    ) from error
                time.sleep(0.05)
            else:
                return True
        return False

    def _superuser_dsn(self) -> str:
        port = (self.home / "port").read_text()
        secret = (self.home / "superuser").read_text()
        return f"postgresql://{_SUPERUSER}:{quote(secret)}@127.0.0.1:{port}/postgres"

    def _said(self) -> str:
        """What the server or initdb wrote last, in start.log or after that in its own log."""
        logs = [self.start_log, *sorted(self.start_log.parent.glob("postgresql-*.log"))]
        newest = max(logs[1:], key=lambda path: path.stat().st_mtime, default=None)
        texts = [path.read_text(errors="replace")[-4000:] for path in (logs[0], newest) if path]
        return "\n".join(texts)

    def _failure(self, what: str) -> ClusterFailed | DiskFilledUp:
        said = self._said()
        if "No space left on device" in said:
            return DiskFilledUp()
        telling = ("FATAL", "PANIC", "error:", "could not")
        lines = [line for line in said.splitlines() if any(word in line for word in telling)]
        reason = f"{what}：{lines[-1].strip()}" if lines else what
        return ClusterFailed(reason=reason, log=self.start_log.parent)

    def _end_server(self) -> None:
        if self._server is None:
            return
        if not processes.stop(
            self._server, with_signal=signal.SIGINT, grace_seconds=_STOP_SECONDS
        ):  # killed: the next start replays the log, nothing is lost
            time.sleep(0.5)
        self._server = None


@contextmanager
def running(home: Path) -> Iterator[str]:
    """A running cluster's address for the length of a block.

    The one that another process of this user runs is shared; else ours is started and stopped.
    """
    cluster = Cluster(home)
    try:
        cluster.start()
    except AlreadyRunning:
        yield _url_of_other(home)
        return
    try:
        yield cluster.url()
    finally:
        cluster.stop()


def _url_of_other(home: Path) -> str:
    """Wait for the cluster that another process is starting."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        url = running_url(home)
        try:
            if url:
                psycopg.connect(url, connect_timeout=2).close()
                return url
        except psycopg.OperationalError:
            time.sleep(0.2)
    raise AlreadyRunning(pid=FolderLock(home / "owner.lock").holder() or "未知")


def running_url(home: Path, database: str = DATABASE) -> str | None:
    """Where that folder's cluster listens while it runs; None if there never was one."""
    try:
        port, secret = (home / "port").read_text(), (home / "password").read_text()
    except OSError:
        return None
    return f"postgresql://{ROLE}:{quote(secret)}@127.0.0.1:{port}/{database}"


def _check_cluster(data: Path, binaries: Binaries) -> None:
    try:
        made_by = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise ClusterIncomplete(data=data) from error
    if made_by != str(binaries.major):
        raise ClusterFromOtherVersion(data=data, made_by=made_by, found=binaries.major)


def _end_orphan(data: Path) -> None:
    """End a server whose supervisor was killed, or clear a pid file that names nobody's server.

    We hold the folder's lock, so no supervisor of ours owns what is still running.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if f"-D {data} " not in processes.command_line(pid):
        pid_file.unlink(missing_ok=True)
        return
    for stop_signal, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 10)):
        try:
            os.kill(pid, stop_signal)
        except ProcessLookupError:
            return
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not processes.is_running(pid):
                return
            time.sleep(0.05)


def _ensure_database(superuser_dsn: str, password: str) -> None:
    """The role and database that the platform uses; neither is the superuser's."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        if not known:
            statement = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(ROLE), password))
        there = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone()
        if not there:
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            name = sql.Identifier(DATABASE)
            connection.execute(statement.format(name, sql.Identifier(ROLE)))


def _last_port(home: Path) -> int | None:
    try:
        return int((home / "port").read_text())
    except (OSError, ValueError):
        return None
