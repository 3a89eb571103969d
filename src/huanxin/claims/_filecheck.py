"""Judges a merchant's claims file row by row, with no database: rules and words are shipped."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import files, rules
from huanxin.claims.types import ClaimRow, FileReport, Outcome, Reason, RowDecision, RowVerdict
from huanxin.policy import selectors as policy
from huanxin.policy.types import Case, Decision

_DECISIONS = {Outcome.REFUSE: RowDecision.REFUSE, Outcome.HOLD: RowDecision.HOLD}
_NOT_PAID = "该商品按原价结算，不能申报补贴。"


@dataclass(frozen=True, slots=True)
class Filed:
    """What the catalogue knows under a barcode."""

    category_code: str
    energy_grade: int | None
    price_fen: int | None


@dataclass(slots=True)
class _Seen:
    """What earlier rows of the file have used up: key -> the row that used it."""

    serials: dict[tuple[str, str], int] = field(default_factory=dict)
    imeis: dict[str, int] = field(default_factory=dict)
    invoices: dict[str, int] = field(default_factory=dict)
    rights: dict[str, int] = field(default_factory=dict)
    people: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def check_file(
    name: str, content: bytes, filed: Callable[[Sequence[ClaimRow]], Mapping[str, Filed] | None]
) -> FileReport:
    """Read and judge; unreadable rows stay in their place in the report."""
    read = files.read_file(name, content, _category_words())
    claims = [row.claim for row in read if row.claim]
    verdicts = {one.row: one for one in check_rows(claims, filed(claims))}
    for row in read:
        if row.claim is None:
            verdicts[row.row] = RowVerdict(
                row=row.row, order_no=row.order_no, decision=RowDecision.UNREADABLE,
                claimed_fen=0, amount_fen=0, reasons=(), problems=row.problems,
            )  # fmt: skip
    return FileReport(name, tuple(verdicts[row.row] for row in read))


def check_rows(rows: Iterable[ClaimRow], filed: Mapping[str, Filed] | None) -> list[RowVerdict]:
    """Judge rows in their order: of two that use the same thing, the later one is refused.

    `filed` is what the catalogue knows by barcode; None asks it nothing.
    """
    seen = _Seen()
    return [_verdict(row, seen, filed) for row in rows]


def _verdict(row: ClaimRow, seen: _Seen, filed: Mapping[str, Filed] | None) -> RowVerdict:
    decision = policy.quote_shipped(
        Case(row.sold_on, row.region_code, row.category_code, row.energy_grade, row.price_fen)
    )
    found = [
        *_by_rule(row, decision),
        *_used_before(row, seen, decision),
        *_inconsistent(row),
        *_against_filing(row, filed.get(row.gtin) if filed else None),
    ]
    if filed is not None and row.gtin and row.gtin not in filed:
        found.append(_found(Outcome.NOTE, "R913", gtin=row.gtin))
    if row.category_code == "phone" and not row.imei:
        found.append(_found(Outcome.HOLD, "R905", missing="IMEI"))
    outcomes = {outcome for outcome, _ in found}
    worst = next((o for o in (Outcome.REFUSE, Outcome.HOLD) if o in outcomes), None)
    return RowVerdict(
        row=row.row,
        order_no=row.order_no,
        decision=_DECISIONS[worst] if worst else RowDecision.PASS,
        claimed_fen=row.claimed_fen,
        amount_fen=decision.amount_fen,
        reasons=tuple(reason for _, reason in found),
        policy_id=decision.policy_id,
        clause=decision.clause,
        document=decision.document,
        version_hash=decision.version_hash,
    )


def _by_rule(row: ClaimRow, decision: Decision) -> list[tuple[Outcome, Reason]]:
    if not decision.is_eligible:
        return [(Outcome.REFUSE, Reason(decision.reason_code or "", decision.sentence, _NOT_PAID))]
    facts = {"claimed_fen": row.claimed_fen, "amount_fen": decision.amount_fen}
    if row.claimed_fen > decision.amount_fen:
        return [_found(Outcome.HOLD, "R907", **facts)]
    if row.claimed_fen < decision.amount_fen:
        return [_found(Outcome.NOTE, "R908", **facts)]
    return []


def _used_before(row: ClaimRow, seen: _Seen, decision: Decision) -> list[tuple[Outcome, Reason]]:
    serial = (rules.normal_serial(row.brand), rules.normal_serial(row.serial))
    found = []
    if other := _use(seen.serials, serial, row.row):
        found.append(_found(Outcome.REFUSE, "R901", serial=row.serial, other_row=other))
    elif other := _use(seen.imeis, row.imei, row.row):
        found.append(_found(Outcome.REFUSE, "R901", serial=row.imei, other_row=other))
    if other := _use(seen.invoices, row.invoice_number, row.row):
        facts = {"invoice_number": row.invoice_number, "other_row": other}
        found.append(_found(Outcome.REFUSE, "R902", **facts))
    if other := _use(seen.rights, row.right_number, row.row):
        facts = {"right_number": row.right_number, "other_row": other}
        found.append(_found(Outcome.REFUSE, "R903", **facts))
    if row.buyer_document and decision.is_eligible:
        person = (row.buyer_document.upper(), decision.policy_id, row.category_code)
        limit = policy.shipped_limit(decision.policy_id, row.category_code).count
        if seen.people[person] >= limit:
            facts = {"earlier_count": seen.people[person], "right_limit": limit}
            found.append(_found(Outcome.REFUSE, "R904", **facts))
        seen.people[person] += 1
    return found


def _use(used: dict[Any, int], key: Any, row: int) -> int | None:
    """The earlier row that used a key, or None after taking it for this row. '' is no key."""
    if not key:
        return None
    first = used.setdefault(key, row)
    return None if first == row else first


def _inconsistent(row: ClaimRow) -> list[tuple[Outcome, Reason]]:
    found = []
    if row.invoice_fen is None:
        found.append(_found(Outcome.HOLD, "R905", missing="发票金额"))
    elif row.invoice_fen != row.price_fen:
        facts = {"invoice_total_fen": row.invoice_fen, "price_fen": row.price_fen}
        found.append(_found(Outcome.HOLD, "R906", **facts))
    if any(name and name != row.buyer for name in (row.payer, row.receiver)):
        found.append(_found(Outcome.HOLD, "R910", buyer=row.buyer))
    if row.invoice_on is not None and row.invoice_on < row.sold_on:
        days = {"invoice_on": row.invoice_on, "sold_on": row.sold_on}
        found.append(_found(Outcome.HOLD, "R911", **days))
    return found


def _against_filing(row: ClaimRow, filed: Filed | None) -> list[tuple[Outcome, Reason]]:
    """Compare with the filed model, and with the filed price: the file's own column goes first."""
    found = []
    if filed and (filed.category_code, filed.energy_grade) != (row.category_code, row.energy_grade):
        found.append(_found(Outcome.REFUSE, "R912", gtin=row.gtin))
    price_fen = row.filed_price_fen
    if price_fen is None and filed:
        price_fen = filed.price_fen
    final_fen = row.list_price_fen - row.discount_fen
    if price_fen is not None and final_fen > price_fen:
        facts = {"final_price_fen": final_fen, "filed_price_fen": price_fen}
        found.append(_found(Outcome.HOLD, "R909", **facts))
    return found


def _found(outcome: Outcome, code: str, **facts: Any) -> tuple[Outcome, Reason]:
    return outcome, rules.reason(code, facts)


def _category_words() -> dict[str, str]:
    words: dict[str, str] = {}
    for category in catalogue.shipped_categories():
        for word in (category.code, category.name, *category.aliases):
            words.setdefault(word, category.code)
    return words
