"""Parameters that many verbs share."""

from typing import Annotated
from uuid import UUID

from ninja import Header, Query

IdempotencyKey = Annotated[
    UUID,
    Header(
        alias="Idempotency-Key",
        description="调用方生成的 UUID。同一编号、同样内容只生效一次，重复请求返回首次结果。",
    ),
]
PageNumber = Annotated[int, Query(ge=1, description="页码，从 1 起，每页 50 条")]
