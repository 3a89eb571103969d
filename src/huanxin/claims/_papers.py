"""From handed-in papers to columns the checks can read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from stdnum.cn import uscc

from huanxin.catalogue import selectors as catalogue
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
        "seller_uscc": "seller_uscc", "invoiced_at": "invoiced_at",
        "invoice_type": "invoice_type", "invoice_check_code": "invoice_check_code",
        "invoice_link": "invoice_link", "invoice_tax_fen": "invoice_tax_fen",
        "seller_name": "seller_name", "goods_name": "goods_name", "goods_count": "goods_count",
        "goods_category": "goods_category", "red_on": "red_on",
    },
    EvidenceKind.LABEL: {
        "serial_read": "serial_read", "imei_read": "imei_read", "grade_read": "grade_read",
        "produced_on": "produced_on", "gtin_read": "gtin_read", "model_read": "model_read",
        "lat_e6": "label_lat_e6", "lon_e6": "label_lon_e6",
    },
    EvidenceKind.DELIVERY: {
        "waybill": "waybill", "carrier": "carrier",
        "shipped_at": "shipped_at", "signed_at": "signed_at",
        "receiver_pseudonym": "receiver_pseudonym", "receiver_relation": "receiver_relation",
        "address_lat_e6": "address_lat_e6",
        "address_lon_e6": "address_lon_e6", "lat_e6": "delivery_lat_e6",
        "lon_e6": "delivery_lon_e6", "route_scans": "route_scans",
        "receiver_phone_key": "receiver_phone_key", "address_key": "address_key",
        "address_region_code": "address_region_code", "pickup_mode": "pickup_mode",
        "ship_from_region_code": "ship_from_region_code",
    },
    EvidenceKind.ACTIVATION: {"activated_at": "activated_at"},
    EvidenceKind.PAYMENT: {
        "paid_fen": "paid_fen", "paid_at": "paid_at", "payer_pseudonym": "payer_pseudonym",
        "payer_relation": "payer_relation",
        "card_key": "card_key", "ip_key": "ip_key", "ip_region_code": "ip_region_code",
        "lat_e6": "payer_lat_e6", "lon_e6": "payer_lon_e6", "refunded_fen": "refunded_fen",
    },
    EvidenceKind.OLD_UNIT: {},
}  # fmt: skip

# Facts that are kept as blind indexes only, and what they are called then.
_BLINDED = {
    "card_no": "card_key", "ip": "ip_key", "address": "address_key",
    "receiver_phone": "receiver_phone_key",
}  # fmt: skip


def facts_of(evidence: NewEvidence) -> dict[str, Any]:
    """The facts to keep: checked, comparable, and without document numbers."""
    facts: dict[str, Any] = {}
    for name, said in evidence.facts.items():
        value: Any = rules.fact_value(evidence.kind, name, said)
        rules.check_fact(evidence.kind, name, value)
        if name.endswith("_document_no"):
            facts[name.removesuffix("_document_no") + "_pseudonym"] = pseudonym(value)
        elif name in _BLINDED:
            facts[_BLINDED[name]] = _blind(name, value)
        elif name == "serial_read":
            facts[name] = rules.normal_serial(value)
        elif name == "goods_name":
            facts[name] = value[:200]
            facts["goods_category"] = rules.category_named(value, _category_words())
        else:
            facts[name] = value
    if evidence.kind is EvidenceKind.INVOICE and "invoice_number" in facts:
        facts["invoice_key"] = rules.invoice_key(
            facts.get("invoice_code", ""), facts["invoice_number"]
        )
    return facts


def _blind(name: str, value: str) -> str:
    """What is comparable of a card, an address, an IP or a phone, and not readable.

    A phone's is the index that identity keeps of registered ones, so that the two compare.
    """
    if name == "receiver_phone":
        return crypto.blind_index("phone", "".join(c for c in value if c.isdigit())[-11:])
    kind = _BLINDED[name].removesuffix("_key")
    return crypto.blind_index(kind, rules.normal_serial(value), reach="province")


@cache
def _category_words() -> tuple[tuple[str, str], ...]:
    """What goods are called on invoices, with their category; longer words first."""
    words = [
        (word, category.code)
        for category in catalogue.shipped_categories()
        for word in (category.name, *category.aliases)
    ]
    return tuple(sorted(words, key=lambda pair: -len(pair[0])))


def pseudonym(document_no: str) -> str:
    """The province-wide pseudonym of whoever holds a document: comparable, not readable."""
    return crypto.blind_index("document", document_no.strip().upper(), reach="province")


def evidence_row(
    sale_id: UUID,
    evidence: NewEvidence,
    facts: Mapping[str, Any],
    *,
    at: datetime,
    by: UUID,
    seen: Mapping[str, Any] | None = None,
) -> Evidence:
    """The append-only row of one paper: what was typed, and what the camera wrote if it was seen.

    A file's own fingerprint, place and time go before typed ones.
    """
    camera = {**facts, **(seen or {})}
    return Evidence(
        id=ids.new_id(),
        sale_id=sale_id,
        kind=evidence.kind,
        sha256=evidence.sha256,
        photo_hash=camera.get("photo_hash"),
        lat_e6=camera.get("lat_e6"),
        lon_e6=camera.get("lon_e6"),
        taken_at=camera.get("taken_at"),
        facts={name: plain(value) for name, value in facts.items()},
        submitted_at=at,
        account_id=by,
    )


def save_readings(papers: Iterable[tuple[UUID, EvidenceKind, Mapping[str, Any]]]) -> None:
    """Write the newest facts of each sale's papers, one statement per shape of submission."""
    values: dict[UUID, dict[str, Any]] = defaultdict(dict)
    for sale_id, kind, facts in papers:
        for fact, column in COLUMNS[kind].items():
            values[sale_id][column] = facts.get(fact)
        if "seller_uscc" in facts and not uscc.is_valid(facts["seller_uscc"]):
            values[sale_id]["seller_uscc"] = None  # a code whose check character fails is unread
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


def merged(kind: EvidenceKind, typed: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, Any]:
    """What the checks go by: what was read surely, else what was typed."""
    facts = {**typed, **read}
    if kind is EvidenceKind.INVOICE and "invoice_number" in facts:
        facts["invoice_key"] = rules.invoice_key(
            facts.get("invoice_code", ""), facts["invoice_number"]
        )
    return facts


def plain(value: object) -> object:
    """A fact as JSON holds it."""
    return value.isoformat() if isinstance(value, date | datetime) else value
