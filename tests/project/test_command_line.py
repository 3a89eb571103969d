"""The command line as a newcomer meets it: help that teaches, sentences instead of tracebacks."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import click
import psycopg
import pytest
from click.testing import CliRunner

from huanxin.project import faults, ports, state
from huanxin.project.cli import main
from huanxin.project.errors import DatabaseUnreachable, DiskFilledUp, PortTaken

SHOWN = [name for name in main.list_commands(click.Context(main)) if name not in {"web", "twin"}]


def huanxin(*arguments, **variables):
    """The real program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "huanxin.project.cli", *arguments],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src"), **variables},
    )  # fmt: skip


def test_help_names_every_command():
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    for name in SHOWN:
        assert f"\n  {name} " in shown.output
    assert "\n  web" not in shown.output


@pytest.mark.parametrize("name", SHOWN)
def test_every_command_teaches_by_an_example(name):
    command = main.get_command(click.Context(main), name)
    commands = command.commands.values() if isinstance(command, click.Group) else [command]
    for each in commands:
        assert "示例：" in (each.help or ""), f"{each.name} needs an example"
        undocumented = [p.name for p in each.params if isinstance(p, click.Option) and not p.help]
        assert not undocumented, f"{each.name}: say what these do: {undocumented}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nonsense", "没有“nonsense”这个命令"),
        ("trace", "示例：huanxin trace unit"),
        ("settlement", "结算：导入银行回执"),
        ("serve --nonsense", "没有选项 --nonsense"),
        ("serve --prot 80", "您要的也许是 --port"),
        ("serve --port abc", "--port 的值不对：应为 1 至 65535 之间的整数"),
        ("serve --port", "选项 --port 后面要有值"),
        ("serve --tls=yes", "选项 --tls 后面不带值"),
        ("replay --scale 3", "应为 10 至 100000 之间的整数"),
        ("migrate extra", "多出了“extra”"),
        ("policy list --on tomorrow", "应为 2026-09-15 这样的日期"),
        ("policy nonsense", "没有“nonsense”这个命令"),
        ("verify --engine oracle x", "可选 duckdb、spark"),
        ("verify", "缺少 PATH，应为一个已有的"),
        ("claims export", "缺少 FOLDER，应为目录的路径"),
        ("ledger check --on", "没有选项 --on"),
        ("settlement import", "缺少 PATH，应为一个已有的、可以读取的文件"),
        ("settlement import /nowhere.csv", "PATH 的值不对：应为一个已有的"),
        ("settlement import /tmp", "PATH 的值不对：应为一个已有的"),
        ("settlement reconcile --on 2026-13-01", "--on 的值不对：应为 2026-09-15 这样的日期"),
        ("settlement check-month", "缺少 MONTH"),
        ("settlement check-month 九月", "MONTH 的值不对：月份应如 2026-09"),
        ("settlement check-month 2026-13", "MONTH 的值不对：月份应如 2026-09"),
        ("vouchers audit-draw", "缺少 FILE_OR_URL"),
        ("trace prove", "缺少 CODE"),
        ("indicators import a b", "应为一个已有的"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence_and_two(words, said):
    shown = CliRunner().invoke(main, words.split())
    assert shown.exit_code == 2
    assert said in shown.output
    for english in ("Usage:", "Error", "Traceback", "Options:", "Missing"):
        assert english not in shown.output


def test_the_whole_help_is_chinese():
    for name in main.list_commands(click.Context(main)):
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0
        assert "用法：" in shown.output
        for english in ("Usage:", "Options:", "Commands:", "Show this message", "[default:"):
            assert english not in shown.output


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://huanxin:secret@127.0.0.1:1/huanxin", "project.database_unreachable"),
        ("mysql://127.0.0.1/huanxin", "project.database_url_invalid"),
        ("postgresql://127.0.0.1:port/huanxin", "project.database_url_invalid"),
    ],
)
def test_a_wrong_database_url_is_a_sentence(url, code):
    shown = huanxin("migrate", DATABASE_URL=url)
    assert shown.returncode == 2
    assert f"（{code}）" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert "secret" not in shown.stderr + shown.stdout


def test_production_without_keys_is_a_sentence():
    shown = huanxin("migrate", HUANXIN_MODE="production")
    assert shown.returncode == 2
    assert "HUANXIN_SECRET_KEY" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_state_folder_that_cannot_be_made_is_a_sentence():
    shown = huanxin("migrate", DATABASE_URL="", HUANXIN_STATE="/proc/huanxin")
    assert shown.returncode == 2
    assert "（project.state_unwritable）" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_full_disk_is_a_sentence_and_a_mistake_is_not_hidden():
    full = psycopg.errors.DiskFull("could not extend file")
    assert isinstance(faults.refusal_of(full), DiskFilledUp)
    assert isinstance(faults.refusal_of(OSError(28, "No space left on device")), DiskFilledUp)
    assert faults.refusal_of(psycopg.errors.UniqueViolation("twice")) is None
    assert faults.refusal_of(FileNotFoundError(2, "No such file", "x")) is None


def test_no_password_reaches_the_screen():
    broken = psycopg.OperationalError("cannot reach postgresql://huanxin:hunter2@db:5432/huanxin")
    refusal = faults.refusal_of(broken)
    assert isinstance(refusal, DatabaseUnreachable)
    assert "hunter2" not in refusal.message
    assert "huanxin:***@db" in refusal.message


def test_a_taken_port_gives_the_next_one_and_a_named_one_refuses():
    said = []
    choice = {"title": "网站", "host": "127.0.0.1", "option": "--port", "say": said.append}
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        chosen = ports.choose_port(asked=None, usual=taken, avoid={taken + 1}, **choice)
        with pytest.raises(PortTaken, match=str(taken)):
            ports.choose_port(asked=taken, usual=8000, **choice)
    assert chosen > taken + 1
    assert said == [f"端口 {taken} 已被占用，网站改用 {chosen}（可用 --port 指定）。"]


@pytest.mark.parametrize("host", ["999.1.1.1", "no such host", "::1", "203.0.113.7"])
@pytest.mark.parametrize("started", ["serve", "demo"])
def test_an_address_that_is_not_this_machines_is_a_sentence(started, host, tmp_path, monkeypatch):
    monkeypatch.setenv("HUANXIN_STATE", str(tmp_path))
    done = CliRunner().invoke(main, [started, "--host", host])
    assert done.exit_code == 2
    assert f"本机没有 {host} 这个地址" in done.output
    assert "Traceback" not in done.output
    ports.check_host("127.0.0.1")  # the control: one that is ours


def test_clean_demo_removes_what_is_ours_and_nothing_else(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18")
    (tmp_path / "password").write_text("x")
    (tmp_path / "thesis.txt").write_text("mine")
    assert state.wipe(tmp_path) == ["data", "owner.lock", "password", "serve.lock"]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_clean_demo_leaves_a_foreign_database_alone():
    shown = huanxin("demo", "--clean", DATABASE_URL="postgresql://db/huanxin")
    assert shown.returncode == 2
    assert "（project.foreign_database）" in shown.stderr
