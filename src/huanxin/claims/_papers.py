"""From handed-in papers to columns the checks can read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from huanxin.claims import rules
from huanxin.claims.models import Evidence, Reading
from huanxin.claims.types import EvidenceKind, NewEvidence
from huanxin.kernel import crypto, ids

# Which Reading column each fact of each kind fills. What is not handed in again becomes unknown.
COLUMNS: dict[EvidenceKind, dict[str, str]] = {
    EvidenceKind.INVOICE: {
        "invoice_key": "invoice_key", "invoice_code": "invoice_code",
        "invoice_number": "invoice_number", "invoice_total_fen": "invoice_total_fen",
        "invoiced_on": "invoiced_on", "buyer_pseudonym": "buyer_pseudonym",
        "seller_uscc": "seller_uscc",
    },
    EvidenceKind.LABEL: {
        "serial_read": "serial_read", "imei_read": "imei_read", "grade_read": "grade_read",
        "lat_e6": "label_lat_e6", "lon_e6": "label_lon_e6",
    },
    EvidenceKind.DELIVERY: {
        "waybill": "waybill", "shipped_at": "shipped_at", "signed_at": "signed_at",
        "receiver_pseudonym": "receiver_pseudonym", "address_lat_e6": "address_lat_e6",
        "address_lon_e6": "address_lon_e6", "lat_e6": "delivery_lat_e6",
        "lon_e6": "delivery_lon_e6",
    },
    EvidenceKind.ACTIVATION: {"activated_at": "activated_at"},
    EvidenceKind.PAYMENT: {
        "paid_fen": "paid_fen", "paid_at": "paid_at", "payer_pseudonym": "payer_pseudonym",
    },
    EvidenceKind.OLD_UNIT: {},
}  # fmt: skip


def facts_of(evidence: NewEvidence) -> dict[str, Any]:
    """The facts to keep: checked, comparable, and without document numbers."""
    facts: dict[str, Any] = {}
    for name, value in evidence.facts.items():
        rules.check_fact(evidence.kind, name, value)
        if name.endswith("_document_no"):
            facts[name.removesuffix("_document_no") + "_pseudonym"] = pseudonym(value)
        elif name == "serial_read":
            facts[name] = rules.normal_serial(value)
        else:
            facts[name] = value
    if evidence.kind is EvidenceKind.INVOICE and "invoice_number" in facts:
        facts["invoice_key"] = rules.invoice_key(
            facts.get("invoice_code", ""), facts["invoice_number"]
        )
    return facts


def pseudonym(document_no: str) -> str:
    """The province-wide pseudonym of whoever holds a document: comparable, not readable."""
    return crypto.blind_index("document", document_no.strip().upper(), reach="province")


def evidence_row(
    sale_id: UUID, evidence: NewEvidence, facts: Mapping[str, Any], *, at: datetime, by: UUID
) -> Evidence:
    """The append-only row of one paper."""
    return Evidence(
        id=ids.new_id(),
        sale_id=sale_id,
        kind=evidence.kind,
        sha256=evidence.sha256,
        photo_hash=facts.get("photo_hash"),
        lat_e6=facts.get("lat_e6"),
        lon_e6=facts.get("lon_e6"),
        taken_at=facts.get("taken_at"),
        facts={name: _plain(value) for name, value in facts.items()},
        submitted_at=at,
        account_id=by,
    )


def save_readings(papers: Iterable[tuple[UUID, EvidenceKind, Mapping[str, Any]]]) -> None:
    """Write the newest facts of each sale's papers, one statement per shape of submission."""
    values: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for sale_id, kind, facts in papers:
        for fact, column in COLUMNS[kind].items():
            values[sale_id][column] = facts.get(fact)
        if kind is EvidenceKind.ACTIVATION and "imei_read" in facts:
            values[sale_id]["imei_read"] = facts["imei_read"]
    shapes: dict[frozenset[str], list[Reading]] = defaultdict(list)
    for sale_id, columns in values.items():
        shapes[frozenset(columns)].append(Reading(sale_id=sale_id, **columns))
    for shape, rows in shapes.items():
        if shape:
            Reading.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["sale"],
                update_fields=sorted(shape),
            )
        else:
            Reading.objects.bulk_create(rows, ignore_conflicts=True)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
