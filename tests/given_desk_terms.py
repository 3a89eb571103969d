"""Published numbers of the review desk, as a test wants them."""

from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

from huanxin.claims import _desk_rules
from huanxin.claims.services import watching
from huanxin.identity.types import Role
from huanxin.kernel.actor import Actor
from tests import given

NO_SAMPLE = dict.fromkeys(["watched", "noted", "new_shop", "large", "plain"], 0)
ALL_SAMPLED = dict.fromkeys(NO_SAMPLE, 10_000)
NO_CAP = {"*": {"count": 100_000, "share_bps": 10_000, "least": 100_000}}


def operator() -> Actor:
    """An officer of the city."""
    return given.staff(Role.OPERATOR, region_path=given.CITY_PATH)


def content(**changes: Any) -> dict[str, Any]:
    """Terms that draw nobody, ask for one reviewer and cap nothing, with changes."""
    quiet = {"sample_bps": NO_SAMPLE, "second_from_fen": None, "breaker": NO_CAP}
    return {**deepcopy(dict(_desk_rules.shipped())), **quiet, **changes}


def published(**changes: Any) -> UUID:
    """Those terms, proposed by one officer and approved by another."""
    terms_id = watching.propose_terms(
        actor=operator(), content=content(**changes), reason="测试用参数", request_id=uuid4()
    )
    watching.approve_terms(actor=operator(), terms_id=terms_id)
    return terms_id
