"""How much public money one officer may send down alone, and what waits for a second one."""

from uuid import UUID

from django.conf import settings

from huanxin.identity.types import Region
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.ledger.types import budget_code
from huanxin.vouchers import _budget_rules, models
from huanxin.vouchers._claims import execute


def check_alone(
    actor: Actor, region: Region, programme: str, amount_fen: int, request_id: UUID
) -> None:
    """Refuse what passes the day's limit of one person; the platform's own actor has none.

    A move under the id of an approved request has its second officer. The caller holds the
    budget's account, or two moves at one moment would each see the other missing.
    """
    if "*" in actor.permissions or _is_approved(request_id):
        return
    code = budget_code(region.code, programme)
    [(before_fen,)] = execute("sent_down_alone", code=code, on=clock.today())
    limit_fen = settings.HUANXIN_BUDGET_ALONE_FEN
    _budget_rules.check_alone(region.name, before_fen, amount_fen, limit_fen)


def _is_approved(request_id: UUID) -> bool:
    return models.BudgetRequest.objects.filter(pk=request_id, is_approved=True).exists()
