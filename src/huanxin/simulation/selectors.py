"""What the twin can tell without a replay: the demo's accounts and its assumptions."""

import csv
from functools import cache
from importlib import resources

from huanxin.simulation.types import DemoAccount

DEMO_PASSWORD = "huanxin-demo"  # noqa: S105  printed on the sign-in page of every demonstration


@cache
def demo_accounts() -> tuple[DemoAccount, ...]:
    """One login a role, in the order a visitor may try them; all share DEMO_PASSWORD."""
    path = resources.files("huanxin.simulation").joinpath("data/demo_accounts.csv")
    return tuple(
        DemoAccount(
            login=row["login"],
            name=row["name"],
            role=row["role"],
            role_title=row["role_title"],
            try_first=row["try_first"],
            org_key=row["org_key"] or None,
        )
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
    )
