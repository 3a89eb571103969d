"""Lock files hold packages by hash, and nothing about the machine or the host they came from."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), *sorted(ROOT.glob("**/package-lock.json"))]
LOCKS = [path for path in LOCKS if "node_modules" not in path.parts]
# an absolute path in a comment or an option, a host, a file of this machine
TELLS = re.compile(r"(?:^|\s)-[cr] /|://|\bfile:|(?:^|[\s\"'])/[a-z]+/")


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_names_no_machine_and_no_host(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if TELLS.search(line) and '"url": "https://' not in line]
    assert told == []  # package-lock.json says where to give money: that is no registry


@pytest.mark.parametrize(
    "line",
    [
        "    #   -c /srv/base.txt", "-r /root/x.txt", '"resolved": "https://registry.npmjs.org/x"',
        "--index-url http://127.0.0.1/simple", "pkg @ file:///x.whl", "    # via /data/base.txt",
    ],
)  # fmt: skip
def test_the_measure_sees_each_way_of_telling(line):
    assert TELLS.search(line)
    assert not TELLS.search("    #   -c base.txt")
