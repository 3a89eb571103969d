"""The black-box checker of the standard's test data, if its folder lies beside the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.epcis import given_epcis

_BESIDE = Path(__file__).parents[3] / ".." / "shared" / "epcis" / "data"
_DATA = Path(os.environ.get("EPCIS_TEST_DATA", _BESIDE))
_CHECKER = _DATA.parent / "check_epcis.py"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not _CHECKER.exists(), reason="EPCIS_TEST_DATA names no folder with check_epcis.py beside it"
)
def test_every_check_of_the_black_box_checker_passes(live_server, settings):
    settings.HUANXIN_WEBHOOK_NETWORKS = "127.0.0.0/8"  # the checker listens on this machine
    party = given_epcis.recycler()
    token = party.headers["authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        [
            sys.executable, str(_CHECKER), f"{live_server.url}{given_epcis.BASE}", "--token", token,
            "--data", str(_DATA), "--extended",
        ],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    passed, _, total = done.stdout.strip().splitlines()[-1].removeprefix("passed ").split()
    assert passed == total
    assert int(total) > 500
