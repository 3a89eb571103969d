"""Starting states of claims: a fridge ready to be sold, sold, and with its papers in."""

import hashlib
import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from huanxin.catalogue import services as catalogue_services
from huanxin.catalogue.types import NewModel
from huanxin.claims import models, selectors
from huanxin.claims.services import deciding, selling, submitting
from huanxin.claims.types import (
    AuditStatus,
    ClaimDetail,
    EvidenceKind,
    NewEvidence,
    NewSale,
    SaleReceipt,
    VerifyStatus,
)
from huanxin.identity import selectors as identity
from huanxin.identity.services import registering
from huanxin.identity.types import NewPerson, PersonCard, Role
from huanxin.kernel import clock, crypto
from huanxin.kernel.actor import Actor, Scope
from huanxin.policy import services as policy_services
from huanxin.vouchers.services import trading_in
from tests import given, given_catalogue, given_vouchers

SOLD_AT = given_vouchers.OPENS + timedelta(hours=2)
BRAND = "测试牌"
LIST_FEN = 499_900

_serial = itertools.count(1)


def rules_in_force() -> None:
    """Regions, categories and the shipped policies; safe to repeat."""
    given.regions()
    given_catalogue.reference()
    with clock.standing_at(given_vouchers.OPENS - timedelta(days=200)):
        policy_services.load_reference(actor=given.system())


@dataclass(frozen=True)
class Till:
    """A shop ready to sell one product to one buyer who holds her right."""

    cashier: Actor
    manager: Actor
    buyer: PersonCard
    document_no: str
    sale: NewSale

    def sell(self, *, request_id: UUID | None = None, **changes: Any) -> SaleReceipt:
        """Sell, with changes to the sale; the clock stands at the moment of the sale."""
        sale = replace(self.sale, **changes)
        with clock.standing_at(sale.sold_at):
            return selling.sell(actor=self.cashier, sale=sale, request_id=request_id or uuid4())


def till(
    *,
    pool_id: UUID | None = None,
    org_id: UUID | None = None,
    gtin: str | None = None,
    trade_in_fen: int = 0,
    till_id: str = "1号台",
    **sale: Any,
) -> Till:
    """A shop in the county, a verified buyer with a right for a fridge, a grade-1 model."""
    rules_in_force()
    org_id = org_id or given.organisation()
    buyer, document_no = person()
    right = given_vouchers.right(pool_id, buyer)
    new = NewSale(
        merchant_id=org_id,
        till_id=till_id,
        qualification_id=right.id,
        trade_in_voucher_id=trade_in(buyer, trade_in_fen) if trade_in_fen else None,
        gtin=gtin or model(),
        serial=f"SN2026{next(_serial):06d}",
        list_price_fen=LIST_FEN,
        sold_at=SOLD_AT,
    )
    return Till(
        cashier=given.staff(Role.CASHIER, org_id=org_id),
        manager=given.staff(Role.MERCHANT_MANAGER, org_id=org_id),
        buyer=buyer,
        document_no=document_no,
        sale=replace(new, **sale),
    )


def person() -> tuple[PersonCard, str]:
    """A verified resident and the document number only the test knows."""
    given.regions()
    number = given.document_no()
    person_id = registering.register_person(
        actor=given.system(),
        person=NewPerson("王测试", number, f"1{next(_serial):010d}", given.COUNTY),
    )
    registering.verify_real_name(actor=given.system(), person_ids=[person_id])
    return identity.get_person(person_id, Scope()), number


def model(*, category_code: str = "refrigerator", energy_grade: int | None = 1) -> str:
    """A filed model; returns its barcode."""
    given_catalogue.reference()
    gtin = given_catalogue.gtin()
    new = NewModel(gtin, BRAND, f"型号{next(_serial)}", category_code, energy_grade)
    catalogue_services.file_models(actor=given.system(), models=[new])
    return gtin


def trade_in(buyer: PersonCard, value_fen: int, funder: str = "funder:city") -> UUID:
    """An active 焕新券 of the buyer."""
    order_id = uuid4()
    with clock.standing_at(given_vouchers.OPENS):
        voucher_id = trading_in.issue_trade_in_voucher(
            actor=given.system(),
            person_id=buyer.id,
            order_id=order_id,
            value_fen=value_fen * 3 // 4,
            topup_fen=value_fen - value_fen * 3 // 4,
            funder_code=funder,
            request_id=uuid4(),
        )
        trading_in.activate_trade_in_voucher(actor=given.system(), order_id=order_id)
    return voucher_id


def papers(at: Till, receipt: SaleReceipt, **changes: Any) -> list[NewEvidence]:
    """The full and honest set for a sale; `changes` are kind__fact=value, None leaves it out."""
    facts: dict[EvidenceKind, dict[str, Any]] = {
        EvidenceKind.INVOICE: {
            "invoice_number": f"2637{next(_serial):016d}",
            "invoice_total_fen": receipt.price_fen,
            "invoiced_on": clock.business_day(at.sale.sold_at),
            "buyer_document_no": at.document_no,
        },
        EvidenceKind.LABEL: {
            "serial_read": at.sale.serial,
            "grade_read": 1,
            "photo_hash": a_photo(),
            "lat_e6": 36_450_000,
            "lon_e6": 115_980_000,
        },
        EvidenceKind.DELIVERY: {
            "shipped_at": at.sale.sold_at,
            "signed_at": at.sale.sold_at + timedelta(hours=5),
            "receiver_document_no": at.document_no,
            "photo_hash": a_photo(),
            "lat_e6": 36_450_000,
            "lon_e6": 115_980_000,
        },
    }
    for key, value in changes.items():
        kind, _, fact = key.partition("__")
        known = facts.setdefault(EvidenceKind(kind), {})
        if value is None:
            known.pop(fact, None)
        else:
            known[fact] = value
    return [
        NewEvidence(kind, hashlib.sha256(f"{next(_serial)}".encode()).hexdigest(), of_kind)
        for kind, of_kind in facts.items()
    ]


def a_photo() -> str:
    """The fingerprint of a picture of its own."""
    return hashlib.sha256(f"photo {next(_serial)}".encode()).hexdigest()[:16]


def submit(at: Till, receipt: SaleReceipt, **changes: Any) -> None:
    """Hand in the papers six hours after the sale."""
    with clock.standing_at(at.sale.sold_at + timedelta(hours=6)):
        answer = submitting.submit_evidence(
            actor=at.manager,
            sale_id=receipt.sale_id,
            evidence=papers(at, receipt, **changes),
            request_id=uuid4(),
        )
    assert answer.is_due, answer


def decide() -> int:
    """Run the checks over what waits, a minute after the papers came in."""
    with clock.standing_at(SOLD_AT + timedelta(hours=6, minutes=1)):
        return deciding.decide_due(actor=given.system())


def decided(at: Till | None = None, **changes: Any) -> tuple[Till, ClaimDetail]:
    """A sale with its papers in, decided by the machine."""
    at = at or till()
    receipt = at.sell()
    submit(at, receipt, **changes)
    decide()
    return at, claim_of(receipt.sale_id)


def claim_of(sale_id: UUID) -> ClaimDetail:
    """The claim of a sale as it stands."""
    return selectors.get_claim_of_sale(sale_id, Scope())


def status(sale_id: UUID) -> tuple[VerifyStatus, AuditStatus]:
    """The two results."""
    card = claim_of(sale_id).card
    return card.verify_status, card.audit_status


def reasons(sale_id: UUID) -> list[str]:
    """The reason codes of the newest round."""
    found = selectors.list_findings(claim_of(sale_id).card.claim_id, Scope())
    return sorted(one.reason_code for one in found)


def found_by_check() -> dict[str, list[str]]:
    """The claims that each check found in the newest round, as text."""
    found: dict[str, list[str]] = {}
    for row in models.Finding.objects.select_related("claim").order_by("claim_id"):
        if row.round == row.claim.round:
            found.setdefault(row.check_id, []).append(str(row.claim_id))
    return found


def reviewer() -> Actor:
    """A reviewer of the county's commerce bureau."""
    return given.staff(Role.REVIEWER)


def pseudonym(document_no: str) -> str:
    """What a document number is compared by."""
    return crypto.blind_index("document", document_no, reach="province")


def count_sales() -> int:
    """How many sales are written."""
    return models.Sale.objects.count()
