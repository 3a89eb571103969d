"""Row locks, taken one way everywhere: own row only, so joins never widen the lock.

Whoever needs several kinds of row takes them in this order, each by key, so that no two
transactions wait for each other in a ring: pool → voucher → device → account (DESIGN.md 12.8).
"""

from collections.abc import Iterable
from typing import TypeVar

from django.db import models

from huanxin.kernel.errors import NotFound

LOCK_ORDER = ("pool", "voucher", "device", "account")

M = TypeVar("M", bound=models.Model)


def lock_row(model: type[M], pk: object) -> M:
    """Fetch one row and hold it until the surrounding transaction ends. Absent: NotFound."""
    row = model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if row is None:
        raise NotFound(model=model.__name__, id=pk)
    return row


def lock_rows(model: type[M], pks: Iterable[object]) -> list[M]:
    """Fetch and hold several rows of one kind, ordered by key. Absent ones are left out."""
    rows = model._default_manager.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(pk__in=list(pks)).order_by("pk"))
