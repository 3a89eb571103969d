"""Judging and storing many rows of evidence as sets: each row has its own answer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from huanxin.claims import _papers, _rows, _scans, rules
from huanxin.claims.errors import EvidenceInvalid
from huanxin.claims.models import Claim, Evidence, Reading, Upload
from huanxin.claims.types import AuditStatus, EvidenceKind, NewEvidence, VerifyStatus
from huanxin.claims.types.uploads import (
    Keep,
    RowProblem,
    UploadCard,
    UploadChannel,
    UploadRow,
)
from huanxin.kernel import clock
from huanxin.kernel.money import yuan

_CHUNK = 2_000
_CLOSED = "该笔申报正在核验或已有结论，现在不接收材料；对结论有异议请在申诉期内申诉"


def lock_claims(org_id: UUID, numbers: Iterable[str]) -> dict[str, Claim]:
    """The shop's claims by sale number, locked in key order."""
    rows = (
        Claim.objects.select_for_update(of=("self",), no_key=True)
        .select_related("sale")
        .filter(sale__number__in=list(numbers), sale__merchant_id=org_id)
        .order_by("pk")
    )
    return {row.sale.number: row for row in rows}


def judge(
    rows: Sequence[UploadRow], claims: Mapping[str, Claim]
) -> tuple[dict[int, list[RowProblem]], dict[int, list[dict[str, Any]]]]:
    """Why rows cannot be taken, and the facts to keep of those that can, by row."""
    problems: dict[int, list[RowProblem]] = {}
    facts: dict[int, list[dict[str, Any]]] = {}
    first: dict[str, int] = {}
    invoices: dict[str, int] = {}
    for one in rows:
        found = _of_sale(one, claims.get(one.number), first)
        if not found:
            kept, found = _facts(one)
            found += _against_sale(one, kept, claims[one.number])
            found += _invoice_twice(one, kept, invoices)
            facts[one.row] = kept
        if found:
            problems[one.row] = found
            facts.pop(one.row, None)
    _taken_invoices(rows, claims, facts, problems)
    return problems, facts


def store(
    actor_id: UUID,
    rows: Sequence[tuple[UploadRow, Claim, Sequence[dict[str, Any]]]],
    upload: Upload,
) -> dict[str, tuple[EvidenceKind, ...]]:
    """Write the papers of good rows as sets; which kinds each sale still lacks, by number."""
    now = clock.now()
    papers, readings = [], []
    for row, claim, facts in rows:
        for paper, kept in zip(row.papers, facts, strict=True):
            new = NewEvidence(paper.kind, paper.sha256 or upload.sha256, {})
            made = _papers.evidence_row(claim.sale_id, new, kept, at=now, by=actor_id)
            made.upload_id = upload.pk
            papers.append(made)
            readings.append((claim.sale_id, paper.kind, kept))
    Evidence.objects.bulk_create(papers, batch_size=_CHUNK)
    _papers.save_readings(readings)
    have = _rows.kinds_of(claim.sale_id for _, claim, _ in rows)
    unread = _scans.unread_sales(claim.sale_id for _, claim, _ in rows)
    _rows.make_due([claim for _, claim, _ in rows if claim.sale_id not in unread], have)
    return {
        row.number: rules.missing_evidence(claim.wanted, have[claim.sale_id])
        for row, claim, _ in rows
    }


def card(row: Upload, *, is_repeat: bool = False, with_problems: bool = True) -> UploadCard:
    """A bulk submission as its shop sees it."""
    return UploadCard(
        id=row.pk, channel=UploadChannel(row.channel), name=row.name, keep=Keep(row.keep),
        row_count=row.row_count, stored_count=row.stored_count, refused_count=row.refused_count,
        uploaded_at=row.uploaded_at, is_repeat=is_repeat,
        problems=tuple(RowProblem(*one) for one in row.problems) if with_problems else (),
    )  # fmt: skip


def as_json(problems: Mapping[int, Sequence[RowProblem]]) -> list[list[Any]]:
    """Problems as the table keeps them, by row."""
    rows = [
        [one.row, one.column, one.say, one.code]
        for row in sorted(problems)
        for one in problems[row]
    ]
    loaded: list[list[Any]] = json.loads(json.dumps(rows, ensure_ascii=False))
    return loaded


def _of_sale(one: UploadRow, claim: Claim | None, first: dict[str, int]) -> list[RowProblem]:
    """What is wrong with naming this sale at all."""
    earlier = first.setdefault(one.number, one.row)
    if earlier != one.row:
        say = f"与第 {earlier} 行是同一个单号，请合并为一行"
    elif claim is None:
        say = f"没有单号为 {one.number} 的本店销售，请核对单号"
    elif claim.is_returned:
        say = "这笔销售已经退货，不再接收材料，请从表中删除"
    elif not rules.takes_evidence(
        VerifyStatus(claim.verify_status), AuditStatus(claim.audit_status),
        is_submitted=claim.submitted_at is not None,
    ):  # fmt: skip
        say = _CLOSED
    elif not one.papers:
        say = "没有任何材料内容"
    else:
        return []
    return [RowProblem(one.row, "单号", f"{say}。", "sale")]


def _facts(one: UploadRow) -> tuple[list[dict[str, Any]], list[RowProblem]]:
    kept, found = [], []
    for paper in one.papers:
        try:
            kept.append(_papers.facts_of(NewEvidence(paper.kind, paper.sha256, paper.facts)))
        except EvidenceInvalid as refusal:
            kept.append({})
            found.append(RowProblem(one.row, "", refusal.message, refusal.code))
    return kept, found


def _against_sale(
    one: UploadRow, kept: Sequence[Mapping[str, Any]], claim: Claim
) -> list[RowProblem]:
    """What does not fit the sale as the till wrote it: said now, not after days of checking."""
    facts: dict[str, Any] = {}
    for of_kind in kept:
        facts |= of_kind
    found = []
    total, paid = facts.get("invoice_total_fen"), facts.get("paid_fen")
    prices = {claim.price_fen, claim.sale.price_fen}
    if total is not None and total not in prices:
        found.append(("价税合计", _apart("价税合计", total, "成交价", claim.price_fen)))
    if paid is not None and paid not in {claim.to_pay_fen, claim.sale.to_pay_fen}:
        found.append(("实付金额", _apart("实付金额", paid, "顾客应付", claim.to_pay_fen)))
    serial = facts.get("serial_read")
    if serial is not None and serial != claim.sale.serial_norm:
        say = f"与成交时登记的序列号 {claim.sale.serial} 不一致，请对照机身铭牌核对"
        found.append(("机身序列号", say))
    return [RowProblem(one.row, column, f"{say}。", "differs") for column, say in found]


def _apart(name: str, fen: int, other: str, wanted_fen: int) -> str:
    return (
        f"{name} {yuan(fen)} 与{other} {yuan(wanted_fen)} 相差 {yuan(abs(fen - wanted_fen))}，"
        "请按原件更正；售后降过价的请先办理保价或部分退款"
    )


def _invoice_twice(
    one: UploadRow, kept: Sequence[Mapping[str, Any]], seen: dict[str, int]
) -> list[RowProblem]:
    for facts in kept:
        key = facts.get("invoice_key")
        if key and (earlier := seen.setdefault(key, one.row)) != one.row:
            say = f"与第 {earlier} 行是同一张发票，每台商品须单独开票。"
            return [RowProblem(one.row, "发票号码", say, "invoice")]
    return []


def _taken_invoices(
    rows: Sequence[UploadRow],
    claims: Mapping[str, Claim],
    facts: dict[int, list[dict[str, Any]]],
    problems: dict[int, list[RowProblem]],
) -> None:
    """Rows whose invoice stands for another sale already, found with one query."""
    keys = {
        one.row: key
        for one in rows
        if one.row in facts
        for of_kind in facts[one.row]
        if (key := of_kind.get("invoice_key"))
    }
    taken: dict[str, set[UUID]] = {}
    wanted = set(keys.values())
    known = Reading.objects.filter(invoice_key__in=wanted, sale__claim__is_returned=False)
    for key, sale_id in known.values_list("invoice_key", "sale_id"):
        taken.setdefault(str(key), set()).add(sale_id)
    for one in rows:
        others = taken.get(keys.get(one.row, ""), set())
        if one.row in facts and others - {claims[one.number].sale_id}:
            say = "这张发票已用于另一笔申报，每台商品须单独开票。"
            problems[one.row] = [RowProblem(one.row, "发票号码", say, "invoice")]
            facts.pop(one.row, None)
