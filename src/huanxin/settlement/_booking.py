"""How answers are judged against orders and booked: payments of batches and payments ahead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.money import yuan
from huanxin.ledger import services as ledger
from huanxin.settlement import _offsets, _orders, _prepaid, rules
from huanxin.settlement._answers import ReadLine
from huanxin.settlement._differences import WORDS, Found
from huanxin.settlement.models import PaymentOrder, Prepayment
from huanxin.settlement.types import (
    DifferenceKind,
    LineOutcome,
    OrderState,
    PrepaymentState,
)

Answered = tuple[PaymentOrder, OrderState, str]


@dataclass(slots=True)
class Known:
    """What a number in a file stands for: an order of a batch or a payment ahead, locked."""

    row: PaymentOrder | Prepayment
    state: OrderState  # as it will be after the lines read so far
    cash_fen: int
    org_id: UUID
    region_path: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A line and what becomes of it."""

    read: ReadLine
    outcome: LineOutcome
    known: Known | None = None


def lock_known(numbers: Iterable[str]) -> dict[str, Known]:
    """The orders and payments ahead that bear these numbers, locked in key order."""
    wanted = list(numbers)
    orders = PaymentOrder.objects.select_for_update(of=("self",), no_key=True).filter(
        number__in=wanted
    )
    found = {
        row.number: Known(
            row, OrderState(row.state), row.cash_fen, row.org_id, row.batch.region_path
        )
        for row in orders.select_related("batch").order_by("pk")
    }
    ahead = Prepayment.objects.select_for_update(of=("self",), no_key=True).filter(
        number__in=wanted
    )
    sent = ahead.exclude(state__in=[PrepaymentState.PROPOSED, PrepaymentState.WITHDRAWN])
    for one in sent.select_related("terms").order_by("pk"):
        found[one.number] = Known(
            one, OrderState(one.state), one.amount_fen, one.org_id, one.terms.region_path
        )
    return found


def judge(lines: Sequence[ReadLine], known: Mapping[str, Known]) -> list[Judged]:
    """What becomes of each line, in the file's order: a line counts as said for those after it."""
    return [_judge(line, known.get(line.number)) for line in lines]


def _judge(line: ReadLine, known: Known | None) -> Judged:
    if line.fault or line.answer is None:
        return Judged(line, LineOutcome.UNREADABLE, known)
    if known is None:
        return Judged(line, LineOutcome.UNKNOWN_ORDER)
    outcome = rules.judge_answer(
        state=known.state, cash_fen=known.cash_fen, said=line.answer, amount_fen=line.amount_fen
    )
    if outcome is LineOutcome.BOOKED:
        known.state = rules.ANSWERS[line.answer]
    return Judged(line, outcome, known)


def book(actor: Actor, judged: Sequence[Judged]) -> None:
    """Book the lines that may be; of two lines about one order the last counts."""
    last = {
        one.read.number: one
        for one in judged
        if one.outcome is LineOutcome.BOOKED and one.known is not None
    }
    answers = [(one.known, one.read.reference) for one in last.values() if one.known]
    answer_orders(
        actor,
        [(k.row, k.state, said) for k, said in answers if isinstance(k.row, PaymentOrder)],
    )
    for k, said in answers:
        if isinstance(k.row, Prepayment):
            answer_prepayment(actor, k.row, PrepaymentState(k.state), said)


def answer_orders(actor: Actor, answers: Sequence[Answered]) -> None:
    """Give orders their answers; those accepted leave the payable and are offset, in one go."""
    paid = [order for order, state, _ in answers if state is OrderState.ACCEPTED]
    if paid:
        _orders.open_banks({})
        ledger.lock_accounts(codes=_orders.codes_of(paid) | _offsets.codes_of(paid))
        _orders.book_payments(paid)
        _offsets.book(actor, paid)
    now = clock.now()
    for order, state, reference in answers:
        order.state, order.bank_reference = state, reference
        order.answered_at, order.answered_on = now, clock.business_day(now)
    PaymentOrder.objects.bulk_update(
        [order for order, _, _ in answers],
        ["state", "bank_reference", "answered_at", "answered_on"],
    )
    audit.record_many(
        actor,
        "settlement.answered",
        [
            audit.Entry(
                "payment_order", order.pk, order.batch.region_path, order.org_id,
                {"answer": state, "amount_fen": order.amount_fen, "cash_fen": order.cash_fen},
            )
            for order, state, _ in answers
        ],
    )  # fmt: skip


def answer_prepayment(
    actor: Actor, row: Prepayment, state: PrepaymentState, reference: str
) -> None:
    """Accepted money ahead is out; refused money never left."""
    key = _prepaid.hold_key(row)
    if state is PrepaymentState.ACCEPTED:
        ledger.post_held(posts=[(key, None)])
    elif state is PrepaymentState.REFUSED:
        ledger.void_held(keys=[key], reason="银行退回预付款")
    now = clock.now()
    row.state, row.bank_reference = state, reference
    row.answered_at, row.answered_on = now, clock.business_day(now)
    row.save(update_fields=["state", "bank_reference", "answered_at", "answered_on"])
    audit.record(
        actor, "settlement.prepayment_answered", "prepayment", row.pk,
        region_path=row.terms.region_path, org_id=row.org_id, answer=state,
        amount_fen=row.amount_fen,
    )  # fmt: skip


def differences(judged: Sequence[Judged], sha256: str, region_path: str) -> list[Found]:
    """What of a file somebody must explain."""
    return [
        _difference(one, sha256, region_path)
        for one in judged
        if one.outcome not in {LineOutcome.BOOKED, LineOutcome.REPEATED}
    ]


def _difference(one: Judged, sha256: str, region_path: str) -> Found:
    kind, read = DifferenceKind(one.outcome.value), one.read
    is_lost = kind is DifferenceKind.UNREADABLE
    said = f"第 {read.line} 行：{read.fault or WORDS[kind]}"
    if kind is DifferenceKind.WRONG_AMOUNT and one.known and read.amount_fen is not None:
        said += f"（指令 {yuan(one.known.cash_fen)}，银行 {yuan(read.amount_fen)}）"
    return Found(
        kind=kind,
        key=f"{sha256[:16]}:{read.line}" if is_lost else read.number,
        number=read.number,
        org_id=one.known.org_id if one.known else None,
        region_path=one.known.region_path if one.known else region_path,
        amount_fen=read.amount_fen or 0,
        detail=said,
    )
