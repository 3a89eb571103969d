"""What tests of the transparency log start from: one fact of each kind, sealed."""

import os
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

from huanxin.kernel import ids, merkle
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Leg, NewAccount
from tests import given, given_trace

_BEHIND = """
SELECT count(*) FROM {view} v
WHERE NOT EXISTS (SELECT FROM kernel_leaf l WHERE l.kind = %s AND l.row_id = v.row_id)
"""


def one_of_each() -> str:
    """A unit (with its event and audit line) and a transfer; returns the unit's code."""
    code = given_trace.unit(given_trace.recycler())
    ledger.open_accounts(
        accounts=[
            NewAccount("treasury:log", AccountKind.TREASURY),
            NewAccount("bank:log", AccountKind.BANK),
        ]
    )
    leg = Leg("test", ids.new_id(), "paid", "treasury:log", "bank:log", 74_085)
    ledger.post_transfers(legs=[leg])
    return code


def seal_all() -> None:
    """Seal until the log has every fact: any open transaction of the cluster delays the feed."""
    given.settled_feed()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        merkle.seal()
        if not any(_unsealed(kind) for kind in merkle.SOURCES):
            return
        time.sleep(0.05)
    raise AssertionError("the log did not catch up within a minute")


def _unsealed(kind: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND.format(view=merkle.SOURCES[kind]), [kind])
        return int(cursor.fetchone()[0])


def behind_everything(statement: str, *params: object) -> None:
    """As a superuser, with triggers and foreign keys off, past the platform."""
    with psycopg.connect(_superuser(), autocommit=True) as past:
        past.execute("SET session_replication_role = replica")
        past.execute(statement, params)


def _superuser() -> str:
    """Our own test cluster's superuser; another server's role if it is one; else skip."""
    info = connection.connection.info
    secret = Path(os.environ["HUANXIN_STATE"], "superuser")
    if secret.exists():
        password = quote(secret.read_text())
        return f"postgresql://postgres:{password}@{info.host}:{info.port}/{info.dbname}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("the server of DATABASE_URL gives no superuser")
    login = f"{quote(info.user)}:{quote(info.password)}"
    return f"postgresql://{login}@{info.host}:{info.port}/{info.dbname}"
