"""huanxin trace …: the story, the proof that holds offline, the audit that names a changed row."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from huanxin.project import platform
from huanxin.project.commands import trace as commands
from tests import given_log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(monkeypatch):
    """A command in this process, on this test's database."""
    from contextlib import nullcontext

    monkeypatch.setattr(platform, "opened", nullcontext)
    return lambda *words: CliRunner().invoke(commands.command, list(words))


def test_a_units_story_is_printed_and_spoken_to_machines(run):
    code = given_log.one_of_each()
    assert "赋予身份" in run("unit", code).output
    found = json.loads(run("unit", code, "--json").output)
    assert found["passport"]["unit_code"] == code
    assert [stop["biz_step"] for stop in found["story"]] == ["commissioning"]


def test_a_proof_is_checked_without_database_or_settings(run, tmp_path):
    code = given_log.one_of_each()
    given_log.seal_all()
    file = tmp_path / "proof.json"
    assert run("prove", code, "-o", str(file)).exit_code == 0

    done = _offline(file)
    assert (done.returncode, "成立" in done.stdout, "指纹" in done.stdout) == (0, True, True)
    file.write_text(file.read_text().replace(code, code[::-1]))
    refused = _offline(file)
    assert refused.returncode == 2
    assert "内容与其摘要不符" in refused.stderr


def _offline(file):
    """As a citizen's machine would run it: no database address, no settings."""
    kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "HUANXIN_STATE"}}
    environment = kept | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    return subprocess.run(
        [sys.executable, "-m", "huanxin.project.cli", "trace", "check-proof", str(file)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_audit_names_a_row_changed_behind_the_platform(run):
    given_log.one_of_each()
    given_log.seal_all()
    clean = run("audit")
    assert (clean.exit_code, "全部相符" in clean.output) == (0, True)
    given_log.behind_everything("UPDATE ledger_transfer SET amount_fen = 1")
    found = run("audit")
    assert found.exit_code == 1
    assert "转账" in found.output
    assert "内容与存证时不同" in found.output


def test_looking_back_needs_a_reason_and_is_recorded(run):
    from huanxin.kernel.models import AuditEntry

    assert run("back", "urn:x:copper", "--reason", " ").exit_code != 0
    assert run("back", "urn:x:copper", "--reason", "专项检查").exit_code == 0
    line = AuditEntry.objects.get(action="trace.traced_back")
    assert line.facts["reason"] == "专项检查"
