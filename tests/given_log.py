"""What tests of the transparency log start from: one fact of each kind, sealed."""

import time

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
