"""Facts derived from facts, kept by the worker: ties between sales, rings, serial forms."""

from django.db import transaction

from huanxin.claims import _deriving
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor

_WINDOW = 20_000  # how far back among the newest sales the frequent look goes
_ALL = 2_000_000_000


@transaction.atomic
def keep_ties(*, actor: Actor, limit: int = 500, is_thorough: bool = False) -> int:
    """Take the ties of new sales and join the rings they touch; returns how many sales.

    So that a sale counts in its ring before its papers are in; the decision takes them again with
    what the papers say. Safe to run at any moment; `is_thorough` looks at all sales there are.
    """
    identity.require(actor, "claims.decide")
    sales = _deriving.untied(limit=limit, window=_ALL if is_thorough else _WINDOW)
    if sales:
        _deriving.keep_rings(sales)
    return len(sales)


@transaction.atomic
def keep_serial_forms(*, actor: Actor) -> int:
    """Count anew how many units of each brand carry serial numbers of each form.

    Safe to run at any moment; returns how many counts changed.
    """
    identity.require(actor, "claims.decide")
    return _deriving.count_serial_forms()
