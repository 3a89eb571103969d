"""The embedded PostgreSQL: made whole or not at all, private, and never losing an answer."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from huanxin.project import binaries, embedded, processes, state
from huanxin.project.errors import (
    AlreadyRunning,
    ClusterFromOtherVersion,
    ClusterIncomplete,
    DiskFilledUp,
    DiskFull,
    PostgresMissing,
    PostgresUnusable,
    PostgresVersionUnsupported,
)
from tests.project import given_cluster as given

pytestmark = pytest.mark.cluster
SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.fixture
def home(request):
    """A folder below the run's own, because root's cluster must be reachable by its account."""
    folder = state.state_folder() / f"test-{request.node.name[:40]}-{os.getpid()}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["wheel", *(str(path.parent) for path in SYSTEM)])
def each_binary(request, monkeypatch):
    monkeypatch.delenv("HUANXIN_PG_BIN", raising=False)
    if request.param != "wheel":
        monkeypatch.setenv("HUANXIN_PG_BIN", request.param)


def wait_until(condition, seconds=30.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_each_postgresql_makes_starts_stops_and_reopens_a_cluster(home, each_binary):
    with given.cluster(home) as cluster:
        given.run(cluster.url(), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
        shown = given.run(
            cluster.url(),
            "SELECT current_setting('data_checksums'), current_setting('server_encoding'),"
            " current_setting('listen_addresses'),"
            " (SELECT datcollate FROM pg_database WHERE datname = 'huanxin')",
        )
        super_ = given.run(cluster.url(), "SELECT rolsuper FROM pg_roles WHERE rolname = 'huanxin'")
    with given.cluster(home) as cluster:
        assert given.run(cluster.url(), "SELECT n FROM kept") == [(7,)]
    assert shown == [("on", "UTF8", "127.0.0.1", "C")]
    assert super_ == [(False,)]


def test_a_very_long_path_will_do(home):
    deep = home / ("long" * 25) / ("folder" * 20)
    with given.cluster(deep) as cluster:
        assert given.run(cluster.url(), "SELECT 1") == [(1,)]


def test_only_the_password_opens_it_and_only_its_owner_reads_the_password(home):
    with given.cluster(home) as cluster:
        port = (home / "port").read_text()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://huanxin@127.0.0.1:{port}/huanxin")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"postgresql://huanxin:guess@127.0.0.1:{port}/huanxin")
        assert given.run(cluster.url(), "SELECT current_user") == [("huanxin",)]
    for name in ("password", "superuser"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account to run it as")
def test_root_runs_it_as_an_unprivileged_account(home):
    with given.cluster(home) as cluster:
        assert Path(f"/proc/{cluster._server.pid}").stat().st_uid != 0
    assert (home / "data").stat().st_uid != 0


def test_what_was_answered_survives_kill_nine_of_the_server(home):
    with given.cluster(home, durable=True) as cluster:
        given.run(cluster.url(), "CREATE TABLE answered (n int)")
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            for n in range(200):
                connection.execute("INSERT INTO answered VALUES (%s)", [n])
            before = (home / "port").read_text()
            processes.kill_session(cluster._server)
            cluster._server.wait()
        assert cluster.poll() is not None
        cluster.restart()
        assert given.run(cluster.url(), "SELECT count(*), max(n) FROM answered") == [(200, 199)]
        assert (home / "port").read_text() == before


def test_what_was_answered_survives_kill_nine_of_the_owner(home):
    with given.keeper(home) as (owner, url, server):
        given.run(url, "CREATE TABLE answered (n int)", "INSERT INTO answered VALUES (1)")
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        with given.cluster(home) as cluster:
            assert given.run(cluster.url(), "SELECT n FROM answered") == [(1,)]
            assert cluster._server.pid != server
    assert not processes.is_running(server)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the kernel's own watch is Linux's")
def test_the_server_dies_with_its_owner(home):
    with given.keeper(home) as (owner, _, server):
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        assert wait_until(lambda: not processes.command_line(server))


def test_a_pid_file_that_names_a_stranger_is_cleared_and_the_stranger_lives(home):
    with given.cluster(home):
        pass
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (home / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{home}/data\n")
        with given.cluster(home) as cluster:
            assert given.run(cluster.url(), "SELECT 1") == [(1,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_two_processes_never_open_one_cluster_but_share_it(home):
    with given.keeper(home) as (owner, url, _):
        with pytest.raises(AlreadyRunning, match=str(owner.pid)):
            embedded.Cluster(home).start()
        with embedded.running(home) as shared:
            assert shared == url
            assert given.run(shared, "SELECT 1") == [(1,)]
        assert given.run(url, "SELECT 1") == [(1,)]  # sharing did not stop it


def test_a_crash_while_making_it_leaves_no_half_cluster(home, monkeypatch):
    halves = []

    def crash(self, programs, account, fresh, password):
        (fresh / "PG_VERSION").write_text("18")
        halves.append(fresh)
        raise KeyboardInterrupt

    monkeypatch.setattr(embedded.Cluster, "_initdb", crash)
    with pytest.raises(KeyboardInterrupt):
        embedded.Cluster(home, durable=False).start()
    assert halves[0].exists()
    assert not (home / "data").exists()
    monkeypatch.undo()
    with given.cluster(home) as cluster:
        assert given.run(cluster.url(), "SELECT 1") == [(1,)]
    assert not halves[0].exists()


def test_a_cluster_of_another_version_is_refused_and_left_alone(home):
    with given.cluster(home):
        pass
    (home / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(ClusterFromOtherVersion) as refusal:
        embedded.Cluster(home).start()
    assert refusal.value.facts["made_by"] == "14"
    assert (home / "data" / "PG_VERSION").read_text() == "14\n"
    assert (home / "data" / "base").is_dir()


def test_a_data_folder_that_is_no_cluster_is_refused_and_left_alone(home):
    (home / "data").mkdir(parents=True)
    (home / "data" / "precious").write_text("x")
    with pytest.raises(ClusterIncomplete):
        embedded.Cluster(home).start()
    assert (home / "data" / "precious").read_text() == "x"


def test_a_port_taken_meanwhile_is_no_obstacle(home):
    with given.cluster(home):
        first = (home / "port").read_text()
    with socket.socket() as thief:
        # the stopped server's last connections may still linger on its port
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", int(first)))
        thief.listen()
        with given.cluster(home) as cluster:
            assert (home / "port").read_text() != first
            assert given.run(cluster.url(), "SELECT 1") == [(1,)]


def test_too_little_disk_is_said_before_anything_is_written(home, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=9 * state.MEGABYTE))
    with pytest.raises(DiskFull) as refusal:
        embedded.Cluster(home).start()
    assert refusal.value.facts["free_mb"] == 9
    assert not (home / "data").exists()


def test_wrong_binaries_are_named(home, tmp_path, monkeypatch):
    monkeypatch.setenv("HUANXIN_PG_BIN", str(tmp_path))
    with pytest.raises(PostgresMissing, match="initdb"):
        binaries.find_binaries(home, None)
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.2'\n")
    with pytest.raises(PostgresUnusable):
        binaries.find_binaries(home, None)
    (tmp_path / "postgres").chmod(0o755)
    with pytest.raises(PostgresVersionUnsupported, match=r"14\.2"):
        binaries.find_binaries(home, None)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_fills_up_loses_no_answered_row(home):
    home.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=560m", "tmpfs", home], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not let us mount")
    try:
        cluster = embedded.Cluster(home)
        cluster.start()
        answered = fill(cluster.url())
        cluster.stop()
        with pytest.raises((DiskFull, DiskFilledUp)):
            cluster.start()
        subprocess.run(["mount", "-o", "remount,size=1200m", home], check=True)
        with given.cluster(home, durable=True) as again:
            assert given.run(again.url(), "SELECT count(*) FROM filled") == [(answered,)]
    finally:
        subprocess.run(["umount", home], check=False)


def fill(url):
    """Insert until the disk is full; how many rows were answered for."""
    answered, batch = 0, 20_000
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE filled (n int, t text)")
        while True:
            try:
                connection.execute(
                    "INSERT INTO filled SELECT g, repeat(md5(g::text), 30)"
                    " FROM generate_series(1, %s::int) g",
                    [batch],
                )
            except psycopg.Error:
                return answered
            answered += batch
