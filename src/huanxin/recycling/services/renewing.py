"""Re-use: a unit is repaired and tested, priced, sold; its passport closes and names its next."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit, clock, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.recycling import _cases, _chain, _renewal, models, work_rules
from huanxin.recycling.errors import UnitNotHere, WorkNotFit
from huanxin.recycling.selectors import renewal_book
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.renewal import NewSale, NewWork, RenewalCard
from huanxin.trace import services as trace


@transaction.atomic
def record_work(
    *, actor: Actor, depot_org_id: UUID, work: NewWork, request_id: UUID
) -> RenewalCard:
    """What was done to a unit that grading sends to be used again, and its safety test.

    Safe to retry; a second record stands beside the first, the newest test counts. Refuses a unit
    that grading does not send there.
    """
    identity.require(actor, "recycling.renew", org_id=depot_org_id)
    content = [depot_org_id, repr(work)]
    if kernel_requests.first_answer(actor, "recycling.work", request_id, content) is not None:
        return renewal_book.renewal_cards([work.unit_code])[0]
    unit = _renewal.lock_for_reuse(work.unit_code, depot_org_id, "翻新")
    if not work.items:
        raise WorkNotFit(unit_code=work.unit_code, wanted="翻新", reason="没有登记做了什么")
    now = clock.now()
    _renewal.store_work(unit, depot_org_id, work, now)
    gln = trace.party_glns(org_ids=[depot_org_id])[depot_org_id]
    trace.capture_events(events=[_chain.repairing(unit, work, gln, now)])
    audit.record(
        actor, "recycling.unit_repaired", "unit", work.unit_code,
        region_path=unit.order.region_path, org_id=depot_org_id, is_safe=work.is_safe,
        item_count=len(work.items),
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.work", request_id, {"unit_code": work.unit_code})
    return renewal_book.renewal_cards([work.unit_code])[0]


@transaction.atomic
def offer_unit(
    *,
    actor: Actor,
    depot_org_id: UUID,
    unit_code: str,
    price_fen: int,
    warranty_months: int,
    request_id: UUID,
) -> RenewalCard:
    """Set the price and warranty of a refurbished unit; the newest counts. Safe to retry.

    Refuses one whose newest safety test was not passed (GB 4706.1).
    """
    identity.require(actor, "recycling.renew", org_id=depot_org_id)
    content = [depot_org_id, unit_code, price_fen, warranty_months]
    if kernel_requests.first_answer(actor, "recycling.offer", request_id, content) is not None:
        return renewal_book.renewal_cards([unit_code])[0]
    unit = _renewal.lock_for_reuse(unit_code, depot_org_id, "定价")
    _renewal.check_safe(unit, "定价")
    if price_fen <= 0:
        raise WorkNotFit(unit_code=unit_code, wanted="定价", reason="价格须大于零")
    models.RenewalOffer.objects.create(
        id=ids.new_id(), unit=unit, price_fen=price_fen, warranty_months=warranty_months,
        offered_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "recycling.unit_offered", "unit", unit_code, region_path=unit.order.region_path,
        org_id=depot_org_id, price_fen=price_fen,
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.offer", request_id, {"unit_code": unit_code})
    return renewal_book.renewal_cards([unit_code])[0]


@transaction.atomic
def sell_unit(*, actor: Actor, depot_org_id: UUID, sale: NewSale, request_id: UUID) -> RenewalCard:
    """A refurbished unit goes to its next owner: second-hand invoice, warranty, a new code.

    Its passport closes as re-used and names the code under which it goes on. Safe to retry.
    Refuses a unit that is not safe or not priced, sold before, held by a case, and an invoice that
    is not a 20-digit number or stands for another unit.
    """
    identity.require(actor, "recycling.renew", org_id=depot_org_id)
    content = [depot_org_id, repr(sale)]
    if kernel_requests.first_answer(actor, "recycling.resell", request_id, content) is not None:
        return renewal_book.renewal_cards([sale.unit_code])[0]
    unit = _renewal.lock_for_reuse(sale.unit_code, depot_org_id, "出售")
    _renewal.check_safe(unit, "出售")
    _renewal.check_sale(unit, sale)
    _cases.check_free([unit])
    now = clock.now()
    org = identity.get_organisation(depot_org_id)
    [next_code] = trace.issue_unit_codes(
        count=1, on=clock.business_day(now), region_code=org.region_code
    )
    row = models.RenewalSale(
        id=ids.new_id(),
        number=ids.new_number("ES", on=clock.business_day(now), region_code=org.region_code),
        unit=unit,
        organisation_id=depot_org_id,
        next_code=next_code,
        price_fen=sale.price_fen,
        invoice_no=sale.invoice_no,
        warranty_months=sale.warranty_months,
        warranty_until=work_rules.months_after(clock.business_day(now), sale.warranty_months),
        sold_at=now,
        sold_on=clock.business_day(now),
    )
    row.save(force_insert=True)
    gln = trace.party_glns(org_ids=[depot_org_id])[depot_org_id]
    trace.capture_events(events=[_chain.reselling(unit, row, gln)])
    models.Unit.objects.filter(pk=unit.pk).update(state=UnitState.REFURBISHED)
    done = _chain.complete_orders({unit.order_id}, now)
    audit.record(
        actor, "recycling.unit_resold", "unit", sale.unit_code,
        region_path=unit.order.region_path, org_id=depot_org_id, number=row.number,
        price_fen=sale.price_fen, next_code=next_code, is_order_complete=bool(done),
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.resell", request_id, {"number": row.number})
    return renewal_book.renewal_cards([sale.unit_code])[0]


@transaction.atomic
def give_up_renewal(
    *, actor: Actor, depot_org_id: UUID, unit_code: str, reason: str, request_id: UUID
) -> None:
    """A unit that cannot be made safe goes to be dismantled after all. Safe to retry."""
    identity.require(actor, "recycling.renew", org_id=depot_org_id)
    content = [depot_org_id, unit_code, reason]
    if kernel_requests.first_answer(actor, "recycling.give_up", request_id, content) is not None:
        return
    unit = _renewal.lock_for_reuse(unit_code, depot_org_id, "改送拆解")
    if not reason.strip():
        raise UnitNotHere(unit_code=unit_code, reason="没有写明改送拆解的原因")
    _renewal.to_dismantling(unit)
    audit.record(
        actor, "recycling.renewal_given_up", "unit", unit_code,
        region_path=unit.order.region_path, org_id=depot_org_id, reason=reason[:200],
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.give_up", request_id, {"unit_code": unit_code})
