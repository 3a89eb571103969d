"""Claims that go back to the merchant for papers: how often, and when a person looks instead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from huanxin.claims import _checking, rules
from huanxin.claims.models import Claim
from huanxin.claims.types import Outcome
from huanxin.kernel.sqlfiles import read_sql

Found = _checking.Found


def bounded(claims: Mapping[UUID, Claim], found: Sequence[Found], at: datetime) -> list[Found]:
    """Findings that would give a claim back hold it where that was done often enough already.

    The evidence keeps that it was so, and why: this claim's papers, or the shop's.
    """
    mending = {one.claim_id for one in found if one.outcome is Outcome.MEND}
    shops = _shops({claims[one].sale.merchant_id for one in mending}, at)
    over = {}
    for claim in sorted((claims[one] for one in mending), key=lambda c: (c.submitted_at, c.pk)):
        claim_id, shop_id = claim.pk, claim.sale.merchant_id
        shop_mends, shop_decided = shops.get(shop_id, (0, 0))
        shops[shop_id] = (shop_mends + 1, shop_decided + 1)  # the batch counts, too
        if rules.is_mended_no_more(
            claim.mend_count, shop_mends=shop_mends, shop_decided=shop_decided
        ):
            over[claim_id] = {"mend_count": claim.mend_count, "shop_mends": shop_mends}
    return [_held(one, over[one.claim_id]) if one.claim_id in over else one for one in found]


def reasons(claims: Sequence[Claim], found: Sequence[Found]) -> dict[UUID, str]:
    """The numbered reasons that stop each claim, for the line of the trail and the message."""
    codes: dict[UUID, set[str]] = {claim.pk: set() for claim in claims}
    for one in found:
        if one.outcome is not Outcome.NOTE:
            codes[one.claim_id].add(one.reason_code)
    return {claim_id: "、".join(sorted(mine)) for claim_id, mine in codes.items()}


def _held(found: Found, why: Mapping[str, int]) -> Found:
    if found.outcome is not Outcome.MEND:
        return found
    mark = {"outcome_was": Outcome.MEND.value, **why}
    return replace(found, outcome=Outcome.HOLD, evidence={**found.evidence, **mark})


def _shops(merchant_ids: set[UUID], at: datetime) -> dict[UUID, tuple[int, int]]:
    """How many claims of each shop went back within the window, of how many decided."""
    if not merchant_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.claims.sql", "mended_lately").text,
            {"ids": list(merchant_ids), "since": at - rules.MEND_WINDOW, "until": at},
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
