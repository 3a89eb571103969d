"""Money paid ahead of settlement, to spare shops the wait: agreed, paid, offset, paid back."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import audit, clock, ids, requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row
from huanxin.kernel.money import yuan
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, prepaid_code
from huanxin.settlement import _orders, _prepaid, rules
from huanxin.settlement.errors import (
    MerchantRestricted,
    PrepaidLess,
    PrepaymentAboveLimit,
    PrepaymentClosed,
    PrepaymentNotFound,
    SameOfficerTwice,
    TermsDecided,
    TermsNotFound,
)
from huanxin.settlement.models import PrepaidBack, Prepayment, PrepaymentTerms
from huanxin.settlement.types import NewTerms, PrepaymentCard, PrepaymentState, TermsCard


@transaction.atomic
def propose_terms(*, actor: Actor, terms: NewTerms, request_id: UUID) -> TermsCard:
    """Draw up how much an organisation may be paid ahead; another officer's word makes it count.

    At most 80 % of the base (constraint prepayment_terms_amounts), at most `most_fen` ever
    outstanding. Safe to retry. Refuses impossible shares and amounts. 商办流通函〔2025〕469号:
    prepay part or roll payments to relieve merchants.
    """
    identity.require(actor, "settlement.prepay")
    org = identity.get_organisation(terms.org_id)
    identity.require(actor, "settlement.prepay", region_path=org.region_path)
    if earlier := requests.first_answer(actor, "settlement.terms", request_id, terms):
        return _terms(UUID(str(earlier["terms_id"])))
    rules.check_terms(terms)
    row = PrepaymentTerms.objects.create(
        id=ids.new_id(),
        org_id=terms.org_id,
        region_path=org.region_path,
        basis=terms.basis,
        share_bps=terms.share_bps,
        line_fen=terms.line_fen,
        most_fen=terms.most_fen,
        title=terms.title.strip(),
        proposed_by=actor.account_id,
        proposed_at=clock.now(),
    )
    requests.remember(actor, "settlement.terms", request_id, {"terms_id": row.pk})
    _record(actor, "settlement.terms_proposed", row, most_fen=row.most_fen)
    return _terms(row.pk)


@transaction.atomic
def approve_terms(*, actor: Actor, terms_id: UUID, request_id: UUID) -> TermsCard:
    """Let terms count from now on; the ledger holds their maximum, earlier terms of the shop end.

    Safe to retry. Refuses who drew them up (constraint prepayment_terms_by_two), and a maximum
    below what is outstanding.
    """
    identity.require(actor, "settlement.prepay")
    row = _lock_terms(terms_id)
    identity.require(actor, "settlement.prepay", region_path=row.region_path)
    earlier = requests.first_answer(actor, "settlement.approve_terms", request_id, [terms_id])
    if earlier is not None:
        return _terms(terms_id)
    if row.approved_at is not None or row.ended_at is not None:
        raise TermsDecided
    if row.proposed_by == actor.account_id:
        raise SameOfficerTwice(permission="settlement.prepay")
    now = clock.now()
    live = PrepaymentTerms.objects.filter(org=row.org, approved_at__isnull=False, ended_at=None)
    live.update(ended_at=now)
    row.approved_by, row.approved_at = actor.account_id, now
    row.save(update_fields=["approved_by", "approved_at"])
    _prepaid.open_account(row.org_id)
    ledger.agree_credit(
        code=prepaid_code(row.org_id), limit_fen=row.most_fen, title=row.title, cause_id=row.pk
    )
    requests.remember(actor, "settlement.approve_terms", request_id, {})
    _record(actor, "settlement.terms_approved", row, most_fen=row.most_fen)
    return _terms(terms_id)


@transaction.atomic
def propose_prepayment(
    *, actor: Actor, org_id: UUID, amount_fen: int, request_id: UUID
) -> PrepaymentCard:
    """Propose a payment ahead under the terms in force; no money moves before another officer pays.

    Safe to retry. Refuses without terms, for a restricted shop, and more than may be paid now.
    """
    identity.require(actor, "settlement.prepay")
    terms = _lock_live_terms(org_id)
    identity.require(actor, "settlement.prepay", region_path=terms.region_path)
    content = [org_id, amount_fen]
    if earlier := requests.first_answer(actor, "settlement.prepayment", request_id, content):
        return _card(UUID(str(earlier["prepayment_id"])))
    _check_room(terms, amount_fen)
    now = clock.now()
    on, region = clock.business_day(now), terms.region_path.rpartition("/")[2]
    row = Prepayment.objects.create(
        id=ids.new_id(),
        number=ids.new_number("YF", on=on, region_code=region),
        terms=terms,
        org_id=org_id,
        amount_fen=amount_fen,
        proposed_by=actor.account_id,
        proposed_at=now,
    )
    requests.remember(actor, "settlement.prepayment", request_id, {"prepayment_id": row.pk})
    _record(actor, "settlement.prepayment_proposed", terms, amount_fen=amount_fen)
    return _card(row.pk)


@transaction.atomic
def pay_prepayment(*, actor: Actor, prepayment_id: UUID, request_id: UUID) -> PrepaymentCard:
    """Pay a proposed amount ahead: the ledger holds it, the bank gets its file.

    What is outstanding never exceeds the limit of the moment (constraint prepayment_within_limit)
    nor the agreed maximum (ledger constraint balance_never_overspent). Safe to retry. Refuses who
    proposed it, and a limit that shrank meanwhile.
    """
    identity.require(actor, "settlement.prepay")
    row = _find(prepayment_id)
    identity.require(actor, "settlement.prepay", region_path=row.terms.region_path)
    terms = _lock_live_terms(row.org_id)
    row = lock_row(Prepayment, prepayment_id)
    earlier = requests.first_answer(actor, "settlement.pay_ahead", request_id, [prepayment_id])
    if earlier is not None:
        return _card(prepayment_id)
    _check_proposed(row)
    if row.proposed_by == actor.account_id:
        raise SameOfficerTwice(permission="settlement.prepay")
    limit_fen, base_fen, outstanding_fen = _check_room(terms, row.amount_fen)
    _prepaid.open_account(row.org_id)
    key = _prepaid.hold_key(row)
    ledger.hold_transfers(
        legs=[
            Leg(
                key.cause, key.cause_id, key.leg, debit=prepaid_code(row.org_id),
                credit=_prepaid.ADVANCE, amount_fen=row.amount_fen,
            )
        ]
    )  # fmt: skip
    now = clock.now()
    Prepayment.objects.filter(pk=row.pk).update(
        state=PrepaymentState.SENT, terms=terms, paid_by=actor.account_id, paid_at=now,
        paid_on=clock.business_day(now), limit_fen=limit_fen, base_fen=base_fen,
        outstanding_fen=outstanding_fen,
    )  # fmt: skip
    _orders.make_advance_file(_card(prepayment_id))
    requests.remember(actor, "settlement.pay_ahead", request_id, {})
    _record(actor, "settlement.prepaid", terms, number=row.number, amount_fen=row.amount_fen)
    return _card(prepayment_id)


@transaction.atomic
def withdraw_prepayment(*, actor: Actor, prepayment_id: UUID, request_id: UUID) -> PrepaymentCard:
    """Take a proposal back before anybody paid it. Safe to retry."""
    identity.require(actor, "settlement.prepay")
    row = lock_row(Prepayment, _find(prepayment_id).pk)
    identity.require(actor, "settlement.prepay", region_path=row.terms.region_path)
    content = [prepayment_id]
    if requests.first_answer(actor, "settlement.withdraw_ahead", request_id, content) is not None:
        return _card(prepayment_id)
    _check_proposed(row)
    Prepayment.objects.filter(pk=row.pk).update(state=PrepaymentState.WITHDRAWN)
    requests.remember(actor, "settlement.withdraw_ahead", request_id, {})
    _record(actor, "settlement.prepayment_withdrawn", row.terms, number=row.number)
    return _card(prepayment_id)


@transaction.atomic
def receive_prepaid_back(
    *, actor: Actor, org_id: UUID, amount_fen: int, reference: str, request_id: UUID
) -> None:
    """Book money paid ahead that the shop paid back itself. Safe to retry.

    Refuses more than is out and taken off by no order.
    """
    identity.require(actor, "settlement.prepay")
    org = identity.get_organisation(org_id)
    identity.require(actor, "settlement.prepay", region_path=org.region_path)
    content = [org_id, amount_fen, reference]
    if requests.first_answer(actor, "settlement.prepaid_back", request_id, content) is not None:
        return
    free_fen = _prepaid.lock_standing([org_id]).get(org_id, 0)
    if not 0 < amount_fen <= free_fen:
        raise PrepaidLess(amount=yuan(amount_fen), outstanding=yuan(free_fen))
    now = clock.now()
    row = PrepaidBack.objects.create(
        id=ids.new_id(),
        org_id=org_id,
        amount_fen=amount_fen,
        bank_reference=reference,
        received_at=now,
        received_on=clock.business_day(now),
    )
    ledger.post_transfers(
        legs=[
            Leg(
                _prepaid.BACK, row.pk, "back", debit=_prepaid.ADVANCE, credit=prepaid_code(org_id),
                amount_fen=amount_fen,
            )
        ]
    )  # fmt: skip
    requests.remember(actor, "settlement.prepaid_back", request_id, {})
    audit.record(
        actor, "settlement.prepaid_returned", "organisation", org_id, region_path=org.region_path,
        org_id=org_id, amount_fen=amount_fen,
    )  # fmt: skip


def _check_room(terms: PrepaymentTerms, amount_fen: int) -> tuple[int, int, int]:
    """(limit, base, outstanding) if the amount fits; the terms' row is locked."""
    held = identity.restricted_keys(
        RestrictionKind.ORGANISATION, [str(terms.org_id)], clock.today()
    )
    if held:
        raise MerchantRestricted(permission="settlement.prepay")
    card = _prepaid.terms_card(terms)
    if not 0 < amount_fen <= card.free_fen:
        raise PrepaymentAboveLimit(
            amount=yuan(amount_fen),
            free=yuan(card.free_fen),
            outstanding=yuan(card.outstanding_fen),
        )
    return card.limit_fen, card.base_fen, card.outstanding_fen


def _check_proposed(row: Prepayment) -> None:
    if row.state != PrepaymentState.PROPOSED:
        raise PrepaymentClosed(state=rules.STATE_WORDS[row.state])


def _lock_live_terms(org_id: UUID) -> PrepaymentTerms:
    """The terms in force: the row that serialises everything paid ahead to one shop."""
    rows = PrepaymentTerms.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(org_id=org_id, approved_at__isnull=False, ended_at=None).first()
    if row is None:
        raise TermsNotFound
    return row


def _lock_terms(terms_id: UUID) -> PrepaymentTerms:
    rows = PrepaymentTerms.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=terms_id).first()
    if row is None:
        raise TermsNotFound
    return row


def _find(prepayment_id: UUID) -> Prepayment:
    rows = Prepayment.objects.select_related("terms", "org")
    row = rows.filter(pk=prepayment_id).first()
    if row is None:
        raise PrepaymentNotFound
    return row


def _terms(terms_id: UUID) -> TermsCard:
    return _prepaid.terms_card(PrepaymentTerms.objects.select_related("org").get(pk=terms_id))


def _card(prepayment_id: UUID) -> PrepaymentCard:
    return _prepaid.card(_find(prepayment_id))


def _record(actor: Actor, action: str, terms: PrepaymentTerms, **facts: object) -> None:
    audit.record(
        actor, action, "prepayment_terms", terms.pk, region_path=terms.region_path,
        org_id=terms.org_id, **facts,
    )  # fmt: skip
