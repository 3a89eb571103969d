"""Money paid ahead in the ledger: `prepaid:{org}` is what is out, `bank:advance` where it is from.

The account's credit line is the agreed maximum, so no concurrency takes it further.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Balance, HoldKey, NewAccount, prepaid_code
from huanxin.settlement.models import Prepayment, PrepaymentTerms
from huanxin.settlement.types import PrepaymentBasis, PrepaymentCard, PrepaymentState, TermsCard

ADVANCE = "bank:advance"
PREPAYMENT = "settlement.prepayment"
BACK = "settlement.prepaid_back"
LEG = "advance"


def open_account(org_id: UUID) -> None:
    ledger.open_accounts(
        accounts=[
            NewAccount(ADVANCE, AccountKind.BANK),
            NewAccount(prepaid_code(org_id), AccountKind.PREPAID, owner_key=str(org_id)),
        ]
    )


def outstanding_fen(balance: Balance) -> int:
    """What is out or on its way out, and has neither been offset nor paid back."""
    return (
        balance.debits_posted_fen + balance.debits_pending_fen - balance.credits_posted_fen
    )  # fmt: skip


def free_to_offset_fen(balance: Balance) -> int:
    """What has arrived at the shop and no order takes off yet."""
    return balance.debits_posted_fen - balance.credits_posted_fen - balance.credits_pending_fen


def standing(org_ids: Iterable[UUID]) -> dict[UUID, Balance]:
    """The balances of those organisations that were ever paid ahead."""
    codes = {prepaid_code(org_id): org_id for org_id in org_ids}
    return {codes[code]: one for code, one in ledger_reads.balances(codes).items()}


def lock_standing(org_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What an order may take off, by organisation; the accounts stay locked."""
    known = standing(org_ids)
    if not known:
        return {}
    locked = ledger.lock_accounts(codes=[ADVANCE, *map(prepaid_code, known)])
    return {org_id: free_to_offset_fen(locked[prepaid_code(org_id)]) for org_id in known}


def base_fen(terms: PrepaymentTerms) -> int:
    """What the share is taken of: an agreed line, or claims that passed and are not settled."""
    if terms.basis == PrepaymentBasis.LINE:
        return terms.line_fen
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.settlement.sql", "passed_unsettled").text,
            {"org_id": terms.org_id, "path": terms.region_path, "below": terms.region_path + "/%"},
        )
        return int(cursor.fetchone()[0])


def hold_key(prepayment: Prepayment) -> HoldKey:
    return HoldKey(PREPAYMENT, prepayment.pk, LEG)


def terms_card(row: PrepaymentTerms) -> TermsCard:
    is_live = row.approved_at is not None and row.ended_at is None
    held = standing([row.org_id]).get(row.org_id, Balance())
    return TermsCard(
        id=row.pk, org_id=row.org_id, org_name=row.org.name, basis=PrepaymentBasis(row.basis),
        share_bps=row.share_bps, line_fen=row.line_fen, most_fen=row.most_fen, title=row.title,
        proposed_by=row.proposed_by, proposed_at=row.proposed_at, approved_at=row.approved_at,
        is_live=is_live, base_fen=base_fen(row) if is_live else 0,
        outstanding_fen=outstanding_fen(held),
    )  # fmt: skip


def card(row: Prepayment) -> PrepaymentCard:
    return PrepaymentCard(
        id=row.pk, number=row.number, org_id=row.org_id, org_name=row.org.name,
        amount_fen=row.amount_fen, state=PrepaymentState(row.state), proposed_by=row.proposed_by,
        proposed_at=row.proposed_at, paid_at=row.paid_at, bank_reference=row.bank_reference,
        answered_at=row.answered_at,
    )  # fmt: skip
