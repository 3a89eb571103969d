"""After the season: the truth from its own file against what the platform found."""

from collections.abc import Mapping

from django.db import connection

from huanxin.kernel.sqlfiles import read_sql
from huanxin.simulation import papers, rules
from huanxin.simulation._stage import Stage
from huanxin.simulation.types import Pattern, PatternScore

# The check that a pattern's documented signal belongs to; precision is measured on it alone.
OWN_CHECK = {
    Pattern.SERIAL_REUSE: "serial_reused",
    Pattern.PRICE_RAISED: "price_above_filed",
    Pattern.BOUGHT_VOUCHERS: "burst_at_till",
    Pattern.CLAIMANT_NOT_BUYER: "claimant_not_buyer",
    Pattern.INVOICE_REUSE: "invoice_reused",
    Pattern.PHOTO_REUSE: "photo_reused",
}


def scores(stage: Stage, truth: Mapping[str, Pattern]) -> tuple[PatternScore, ...]:
    """Recall and precision of every pattern."""
    by_sale = {state.sale_id: key for key, state in stage.journal.wishes.items() if state.sale_id}
    flags: dict[str, set[str]] = {}
    for sale_id, check_id in _rows("flagged"):
        if key := by_sale.get(str(sale_id)):
            flags.setdefault(str(check_id), set()).add(key)
    cleared = {by_sale.get(str(row[0]), "") for row in _rows("cleared")}
    committed = committed_frauds(stage, truth)
    tried = set(truth) & stage.journal.wishes.keys()
    at_till = {k for k in tried if refused_at_till(stage.journal.wishes[k].refusals)}
    stopped = set().union(at_till, *flags.values())
    return tuple(
        rules.score(
            pattern,
            committed.get(pattern, set()),
            stopped,
            tried - cleared,
            flags.get(check, set()),
        )
        for pattern, check in OWN_CHECK.items()
    )


def committed_frauds(stage: Stage, truth: Mapping[str, Pattern]) -> dict[Pattern, set[str]]:
    """Planned frauds that got as far as a till.

    Where a ring lives off one real sale, its first sale is that one and no fraud.
    """
    found: dict[Pattern, set[str]] = {}
    first: dict[str, tuple[str, str]] = {}
    for key, pattern in truth.items():
        state = stage.journal.wishes.get(key)
        visited = state is not None and (state.sale_id or refused_at_till(state.refusals))
        if state is None or not visited:
            continue
        found.setdefault(pattern, set()).add(key)
        if pattern in papers.SHARING and state.sold_at:
            ring = stage.purchase(stage.wishes[key]).ring
            first[ring] = min(first.get(ring, ("9", "")), (state.sold_at, key))
    real = {key for _, key in first.values()}
    return {pattern: keys - real for pattern, keys in found.items()}


def refused_at_till(refusals: list[str]) -> bool:
    """Whether a till said no; not winning a right is no refusal of a fraud."""
    return any(not code.startswith("claim:") for code in refusals)


def _rows(name: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.simulation.sql", name).text)
        return list(cursor.fetchall())
