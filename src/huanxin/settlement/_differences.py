"""Differences as rows: found once, kept until somebody or the facts settle them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from huanxin.kernel import clock, ids
from huanxin.kernel.actor import SYSTEM_ID
from huanxin.settlement.models import Difference
from huanxin.settlement.types import DifferenceCard, DifferenceKind

WORDS = {
    DifferenceKind.UNREADABLE: "回执文件中有一行读不懂",
    DifferenceKind.UNKNOWN_ORDER: "银行答复了一个平台没有开出的指令编号",
    DifferenceKind.WRONG_AMOUNT: "银行答复的金额与付款指令不符，没有入账",
    DifferenceKind.CONTRADICTS: "银行答复与此前的最终答复相反，没有改动",
    DifferenceKind.REPLACED: "已被重付替代的指令又被答复为成功，可能重复付款",
    DifferenceKind.NO_ANSWER: "付款指令发出多日，银行没有答复",
    DifferenceKind.NO_RESULT: "银行答复结果不明已多日，没有后续",
    DifferenceKind.LEDGER: "付款指令与总账入账的金额不一致",
    DifferenceKind.SUMS: "业务记录合计与总账不一致",
}
# What a new look at the records finds by itself, and finds gone again.
SEEN_DAILY = (
    DifferenceKind.NO_ANSWER, DifferenceKind.NO_RESULT, DifferenceKind.LEDGER, DifferenceKind.SUMS,
)  # fmt: skip
_GONE = "再次核对时已经一致，自动了结"


@dataclass(frozen=True, slots=True)
class Found:
    """A difference to be noted."""

    kind: DifferenceKind
    key: str
    number: str = ""
    org_id: UUID | None = None
    region_path: str = ""
    amount_fen: int = 0
    detail: str = ""


def note(found: Iterable[Found]) -> None:
    """Write the differences that are not open yet."""
    now = clock.now()
    Difference.objects.bulk_create(
        [
            Difference(
                id=ids.new_id(), kind=one.kind, key=one.key[:120], number=one.number,
                org_id=one.org_id, region_path=one.region_path, amount_fen=one.amount_fen,
                detail=(one.detail or WORDS[one.kind])[:300], found_at=now,
                found_on=clock.business_day(now),
            )
            for one in found
        ],
        ignore_conflicts=True,  # open already: difference_open_once
    )  # fmt: skip


def settle_gone(found: Sequence[Found]) -> None:
    """Settle the open differences of the daily kinds that this look did not find again."""
    still = {(one.kind, one.key) for one in found}
    open_rows = Difference.objects.filter(kind__in=SEEN_DAILY, settled_at=None)
    gone = [row.pk for row in open_rows if (row.kind, row.key) not in still]
    Difference.objects.filter(pk__in=gone).update(
        settled_at=clock.now(), settled_by=SYSTEM_ID, note=_GONE
    )


def open_until(on: date) -> tuple[DifferenceCard, ...]:
    """All that were found on a day or before and are open now."""
    rows = Difference.objects.filter(found_on__lte=on, settled_at=None).order_by("found_at", "pk")
    return tuple(card(row) for row in rows)


def card(row: Difference) -> DifferenceCard:
    return DifferenceCard(
        row.pk, DifferenceKind(row.kind), row.number, row.org_id, row.amount_fen, row.detail,
        row.found_at, row.owner_id, row.settled_at, row.note,
    )  # fmt: skip
