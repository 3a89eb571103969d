"""Cases of difference: each side says its word, the side that found it ends it."""

from uuid import UUID

from django.db import transaction

from huanxin.identity import selectors as identity
from huanxin.kernel import audit
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotAllowed
from huanxin.recycling import _cases, models
from huanxin.recycling.errors import CaseClosed, CaseNotFound
from huanxin.recycling.selectors import case_book
from huanxin.recycling.types.cases import CaseCard, CaseState, Outcome


@transaction.atomic
def speak_in_case(*, actor: Actor, case_id: UUID, said: str, request_id: UUID) -> CaseCard:
    """One side's word on a difference; the owner's word answers it. Safe to retry.

    Refuses strangers to the case and one that has ended.
    """
    row = _lock(actor, case_id)
    content = [case_id, said]
    if kernel_requests.first_answer(actor, "recycling.speak", request_id, content) is not None:
        return case_book.case_cards([row.id])[0]
    _check_open(row, "说明")
    _cases.add_note(row, actor.org_id, said)
    if actor.org_id == row.owner_id:
        models.Case.objects.filter(pk=row.pk).update(state=CaseState.ANSWERED)
    audit.record(
        actor, "recycling.case_answered", "case", row.id, region_path=row.region_path,
        org_id=row.owner_id, number=row.number,
    )  # fmt: skip
    kernel_requests.remember(actor, "recycling.speak", request_id, {"case_id": row.id})
    return case_book.case_cards([row.id])[0]


@transaction.atomic
def resolve_case(
    *, actor: Actor, case_id: UUID, outcome: Outcome, said: str, request_id: UUID
) -> CaseCard:
    """End a difference with its outcome and a word. Safe to retry.

    Who must answer for it does not end it: the other side does, or, where a party found it in its
    own books, the government. Refuses a case that has ended.
    """
    row = _lock(actor, case_id)
    content = [case_id, outcome, said]
    if kernel_requests.first_answer(actor, "recycling.resolve", request_id, content) is not None:
        return case_book.case_cards([row.id])[0]
    if actor.org_id is not None and (actor.org_id == row.owner_id or actor.org_id != row.finder_id):
        raise NotAllowed(permission="recycling.resolve_case", role=actor.role)
    _check_open(row, "办结")
    _cases.add_note(row, actor.org_id, said)
    _cases.resolve(actor, row, outcome)
    kernel_requests.remember(actor, "recycling.resolve", request_id, {"case_id": row.id})
    return case_book.case_cards([row.id])[0]


def _lock(actor: Actor, case_id: UUID) -> models.Case:
    rows = models.Case.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=case_id).first()
    if row is None or actor.org_id not in (None, row.owner_id, row.finder_id):
        raise CaseNotFound(case_id=case_id)
    if actor.org_id is None:
        identity.require(actor, "recycling.settle_case", region_path=row.region_path)
    else:
        identity.require(actor, "recycling.settle_case", org_id=actor.org_id)
    return row


def _check_open(row: models.Case, wanted: str) -> None:
    if row.state == CaseState.RESOLVED:
        raise CaseClosed(number=row.number, wanted=wanted)
