"""How paid money is demanded back: for goods that returned, and for prices that were lowered."""

from collections.abc import Sequence
from uuid import UUID

from huanxin.kernel import clock
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Leg, NewAccount, TransferCard, receivable_code
from huanxin.policy import selectors as policy
from huanxin.settlement import _payable, rules, selectors
from huanxin.settlement.models import ClawBack, Item, PartClawBack
from huanxin.settlement.types import FundSplit

CLAW_BACK = "settlement.claw_back"
SUBSIDY = "subsidy"


def start(items: Sequence[Item]) -> None:
    """Hold everything paid for returned goods against their merchants, less what parts demanded."""
    _open_receivables(items)
    legs = [
        Leg(
            CLAW_BACK, item.sale_id, one.key.leg, debit=receivable_code(item.merchant_id),
            credit=one.debit, amount_fen=left_fen,
        )
        for item in items
        for one in _payable.posted(item)
        if (left_fen := one.amount_fen - _demanded_fen(item, one))
    ]  # fmt: skip
    ledger.hold_transfers(legs=legs)
    now = clock.now()
    ClawBack.objects.bulk_create(
        [ClawBack(item=item, started_at=now, started_on=clock.business_day(now)) for item in items],
        ignore_conflicts=True,
    )


def start_parts(parts: Sequence[tuple[Item, int, int]]) -> None:
    """Hold the difference of each lowered price: (item, step of the sale, amount in fen)."""
    _open_receivables([item for item, _, _ in parts])
    now = clock.now()
    for item, step, amount_fen in parts:
        split = rules.split_part(amount_fen, remaining(item), _shares(item.sale_id))
        PartClawBack.objects.create(
            item=item, step=step, subsidy_fen=amount_fen, central_fen=split.central_fen,
            province_fen=split.province_fen, city_fen=split.city_fen, started_at=now,
            started_on=clock.business_day(now),
        )  # fmt: skip
        [paid] = [one for one in _payable.posted(item) if _is_subsidy(one)]
        ledger.hold_transfers(
            legs=[
                Leg(
                    CLAW_BACK, item.sale_id, part_leg(step),
                    debit=receivable_code(item.merchant_id), credit=paid.debit,
                    amount_fen=amount_fen,
                )
            ]
        )  # fmt: skip


def remaining(item: Item) -> FundSplit:
    """What of an item's subsidy no part has demanded yet, by fund."""
    parts = rules.total([part.split for part in item.part_claw_backs.all()])
    return FundSplit(
        item.central_fen - parts.central_fen,
        item.province_fen - parts.province_fen,
        item.city_fen - parts.city_fen,
    )


def part_leg(step: int) -> str:
    """The ledger leg of a part's demand."""
    return f"part.{step}"


def _is_subsidy(one: TransferCard) -> bool:
    return one.key.leg.partition(".")[0] == SUBSIDY


def _demanded_fen(item: Item, one: TransferCard) -> int:
    if not _is_subsidy(one):
        return 0
    return sum(part.subsidy_fen for part in item.part_claw_backs.all())


def _open_receivables(items: Sequence[Item]) -> None:
    ledger.open_accounts(
        accounts=[
            NewAccount(receivable_code(org), AccountKind.RECEIVABLE, owner_key=str(org))
            for org in sorted({item.merchant_id for item in items})
        ]
    )


def _shares(sale_id: UUID) -> dict[str, int]:
    version = selectors.version_of(sale_id)
    return {share.fund: share.share_bps for share in policy.shares_for(version)}
