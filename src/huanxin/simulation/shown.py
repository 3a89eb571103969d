"""The papers of a deal as the shop uploads them: what stands on them, then what is read. Pure."""

from datetime import datetime

from huanxin.claims.types import EvidenceKind, NewEvidence
from huanxin.kernel import clock
from huanxin.simulation import assumptions, readings, rules
from huanxin.simulation.deals import LABEL, Deal
from huanxin.simulation.types import OrgPlan


def papers(
    seed: int, deal: Deal, shop: OrgPlan, *, price_fen: int, to_pay_fen: int, at: datetime
) -> list[NewEvidence]:
    """Every paper of the sale, by kind; `deal.left_out` says which come later."""
    found = {
        EvidenceKind.INVOICE: _invoice(deal, shop, price_fen),
        EvidenceKind.LABEL: _label(deal),
        EvidenceKind.PAYMENT: _payment(deal, to_pay_fen, at),
    }
    if deal.second_photo == "activation":
        found[EvidenceKind.ACTIVATION] = _activation(deal)
    if deal.second_photo == "delivery" or deal.channel == "online":
        found[EvidenceKind.DELIVERY] = _delivery(deal)
    paper = f"{deal.key}/{deal.retake}" if deal.retake else deal.key
    return [
        NewEvidence(
            kind=kind,
            sha256=rules.token(seed, kind, paper),
            facts=readings.read(
                seed, paper, kind, known(facts),
                retaken_bps=assumptions.trade()["mended_at_upload_bps"],
            ),
        )
        for kind, facts in found.items()
    ]  # fmt: skip


def known(facts: dict[str, object | None]) -> dict[str, object]:
    """What a paper says; what it does not say is left out."""
    return {name: value for name, value in facts.items() if value is not None}


def _invoice(deal: Deal, shop: OrgPlan, price_fen: int) -> dict[str, object | None]:
    return {
        "invoice_number": deal.invoice,
        "invoice_total_fen": price_fen + deal.invoice_off_fen,
        "invoiced_on": clock.business_day(deal.invoiced_at),
        "invoiced_at": deal.invoiced_at,
        "buyer_document_no": deal.buyer.document_no,
        "seller_uscc": shop.uscc,
        "goods_name": deal.goods_name,
    }


def _label(deal: Deal) -> dict[str, object | None]:
    return {
        "serial_read": deal.label_serial,
        "gtin_read": deal.label_gtin or deal.gtin,
        "imei_read": deal.label_imei,
        "grade_read": deal.label_grade,
        "produced_on": clock.business_day(deal.made_on),
        **_photo(deal, LABEL),
    }


def _payment(deal: Deal, to_pay_fen: int, at: datetime) -> dict[str, object | None]:
    """What the payment channel says of it when the papers come in, refunds until then included."""
    is_back = deal.refunded_at is not None and deal.refunded_at <= at
    return {
        "paid_fen": max(0, to_pay_fen + deal.paid_off_fen),
        "paid_at": deal.sold_at,
        "payer_document_no": deal.payer.document_no,
        "payer_relation": deal.payer_relation,
        "card_no": deal.account,
        "ip": deal.ip,
        "ip_region_code": deal.ip_region,
        "refunded_fen": min(deal.refund_fen, to_pay_fen) if is_back else None,
    }


def _activation(deal: Deal) -> dict[str, object | None]:
    return {
        "activated_at": deal.activated_at,
        "imei_read": deal.imei,
        **(_photo(deal, "activation") if "activation" in deal.photos else {}),
    }


def _delivery(deal: Deal) -> dict[str, object | None]:
    return {
        "waybill": deal.waybill,
        "shipped_at": deal.shipped_at,
        "signed_at": deal.signed_at,
        "receiver_document_no": deal.receiver.document_no,
        "receiver_relation": deal.receiver_relation,
        "receiver_phone": deal.receiver_phone,
        "address": deal.address,
        "address_region_code": deal.address_region or None,
        "address_lat_e6": deal.address_at[0],
        "address_lon_e6": deal.address_at[1],
        "route_scans": deal.route_scans,
        **(_photo(deal, "delivery") if "delivery" in deal.photos else {}),
    }


def _photo(deal: Deal, kind: str) -> dict[str, object | None]:
    place = deal.places.get(kind)
    return {
        "photo_hash": deal.photos[kind],
        "lat_e6": place[0] if place else None,
        "lon_e6": place[1] if place else None,
        "taken_at": deal.taken[kind],
    }
