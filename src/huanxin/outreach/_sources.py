"""Which line of the feed, and which hour of the clock, becomes a message to whom."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.feed import FeedRow
from huanxin.kernel.sqlfiles import read_sql
from huanxin.outreach import rules
from huanxin.outreach.types import MessageKind, NewMessage
from huanxin.recycling.selectors import care_book, order_book
from huanxin.vouchers import selectors as vouchers

Source = Callable[[Sequence[FeedRow]], Iterable[NewMessage]]


def from_feed(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    """The messages that lines of the feed give rise to, each line read with the others of its kind.

    What is older than a week is history by now and nobody's news.
    """
    oldest = clock.now() - rules.MOST_AGE
    for action, source in _SOURCES.items():
        mine = [row for row in rows if row.action == action and row.at >= oldest]
        if mine:
            yield from source(mine)


def expiring_vouchers(limit: int) -> list[NewMessage]:
    """Usable vouchers that lapse within a day."""
    now = clock.now()
    return [
        NewMessage(
            MessageKind.VOUCHER_EXPIRING, f"expiring:{voucher_id}:{until}", now, person_id, None,
            voucher_id, {"number": number, "until": _minute(until)},
        )
        for voucher_id, person_id, number, until in _soon("expiring", now, limit)
    ]  # fmt: skip


def cases_due(limit: int) -> list[NewMessage]:
    """Open differences whose owner must answer within a day."""
    now = clock.now()
    return [
        NewMessage(
            MessageKind.CASE_DUE, f"case_due:{case_id}", now, None, org_id, case_id,
            {"number": number, "until": _minute(until)},
        )
        for case_id, org_id, number, until in _soon("cases_due", now, limit)
    ]  # fmt: skip


def licences_expiring() -> list[NewMessage]:
    """Papers whose end comes within sixty, thirty or seven days: one message a step."""
    now, today = clock.now(), clock.today()
    found = []
    for org in identity.list_organisations(Scope()):
        latest: dict[str, Any] = {}
        for paper in sorted(org.licences, key=lambda one: one.to_on):
            latest[paper.kind] = paper
        for kind, paper in latest.items():
            step = rules.licence_step((paper.to_on - today).days)
            if step is not None:
                found.append(
                    NewMessage(
                        MessageKind.LICENCE_EXPIRING,
                        f"licence:{org.id}:{paper.number}:{step}"[:120],
                        now, None, org.id, str(org.id),
                        {"kind": kind, "number": paper.number, "until": paper.to_on.isoformat()},
                    )
                )  # fmt: skip
    return found


def _orders(kind: MessageKind) -> Source:
    def read(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
        wanted = [UUID(one) for one in dict.fromkeys(row.subject_id for row in rows)]
        cards = {str(card.id): card for card in order_book.cards(wanted)}
        for row in rows:
            card = cards[row.subject_id]
            facts = {"number": card.number, "slot_on": _day(card.slot_on),
                     "slot": "{}:00-{}:00".format(*card.slot.hours)}  # fmt: skip
            yield NewMessage(kind, _key(row), row.at, card.person_id, None, row.subject_id, facts)

    return read


def _offers(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    """One an hour and recycler, however many orders were offered to it."""
    for row in rows:
        if row.org_id is not None:
            hour = row.at.strftime("%Y%m%d%H")
            yield NewMessage(
                MessageKind.OFFERS_WAITING, f"offers:{row.org_id}:{hour}", row.at, None,
                row.org_id, str(row.org_id), {},
            )  # fmt: skip


def _activated(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    held = {one[0]: one for one in _ask("vouchers_of", ids=[row.subject_id for row in rows])}
    for row in rows:
        _, person_id, number = held[row.subject_id]
        yield NewMessage(
            MessageKind.VOUCHER_ACTIVATED, _key(row), row.at, person_id, None, row.subject_id,
            {"number": number},
        )  # fmt: skip


def _drawn(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    for row in rows:
        pool_id = UUID(row.subject_id)
        title = vouchers.get_pool(pool_id).title
        for person_id, has_won in sorted(vouchers.lottery_results(pool_id).items()):
            kind = MessageKind.LOTTERY_WON if has_won else MessageKind.LOTTERY_NOT_WON
            yield NewMessage(
                kind, f"drawn:{pool_id}:{person_id}", row.at, person_id, None, row.subject_id,
                {"title": title},
            )  # fmt: skip


def _answered(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    for row in rows:
        card = care_book.get_complaint(UUID(row.subject_id), Scope())
        yield NewMessage(
            MessageKind.COMPLAINT_ANSWERED, _key(row), row.at, card.person_id, None,
            row.subject_id, {"number": card.number},
        )  # fmt: skip


def _returned(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    sold = {one[0]: one for one in _ask("returned", ids=[row.subject_id for row in rows])}
    for row in rows:
        if row.subject_id in sold:
            _, person_id, number, claim_id = sold[row.subject_id]
            yield NewMessage(
                MessageKind.PURCHASE_RETURNED, _key(row), row.at, person_id, None, claim_id,
                {"number": number},
            )  # fmt: skip


def _firms(kind: MessageKind, *kept: str, only: Mapping[str, str] | None = None) -> Source:
    """To the organisation that the line names, if its facts say what `only` asks for."""

    def read(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
        for row in rows:
            fits = all(row.facts.get(key) == value for key, value in (only or {}).items())
            if fits and row.org_id is not None:
                facts = {key: row.facts.get(key, "") for key in kept}
                yield NewMessage(kind, _key(row), row.at, None, row.org_id, row.subject_id, facts)

    return read


def _answers(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    yield from _firms(MessageKind.PAYMENT_ARRIVED, only={"answer": "accepted"})(rows)
    yield from _firms(MessageKind.PAYMENT_REFUSED, only={"answer": "refused"})(rows)


def _decisions(rows: Sequence[FeedRow]) -> Iterator[NewMessage]:
    yield from _firms(MessageKind.CLAIM_REFUSED, only={"verify_status": "refused"})(rows)
    to_mend = {"verify_status": "mending"}
    yield from _firms(MessageKind.CLAIM_TO_MEND, "number", "reasons", only=to_mend)(rows)


_SOURCES: Mapping[str, Source] = {
    "recycling.offered": _offers,
    "recycling.assigned": _orders(MessageKind.PICKUP_PROMISED),
    "recycling.moved": _orders(MessageKind.PICKUP_MOVED),
    "recycling.visit_missed": _orders(MessageKind.VISIT_MISSED),
    "recycling.requoted": _orders(MessageKind.REQUOTE_WAITING),
    "recycling.complaint_answered": _answered,
    "recycling.case_opened": _firms(MessageKind.CASE_OPENED, "number"),
    "vouchers.trade_in_activated": _activated,
    "vouchers.drawn": _drawn,
    "claims.decided": _decisions,
    "claims.reviewed": _firms(MessageKind.CLAIM_REFUSED, only={"verdict": "refuse"}),
    "claims.returned": _returned,
    "settlement.answered": _answers,
}


def _key(row: FeedRow) -> str:
    return f"line:{row.id}"


def _soon(name: str, now: datetime, limit: int) -> list[tuple[Any, ...]]:
    until = now + rules.EXPIRING
    return _ask(name, **{"from": int(now.timestamp()), "to": int(until.timestamp())}, limit=limit)


def _ask(name: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.outreach.sql", name).text, values)
        return list(cursor.fetchall())


def _minute(epoch: int) -> str:
    local = datetime.fromtimestamp(epoch, UTC).astimezone(clock.SHANGHAI)
    return f"{_day(local)} {local:%H:%M}"


def _day(on: date) -> str:
    return f"{on.month}月{on.day}日"
