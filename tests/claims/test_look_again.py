"""What passed and is not paid is checked once more: a ring shows when its later members come."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.claims import models, selectors
from huanxin.claims.services import deciding, releasing, reviewing
from huanxin.claims.types import AuditStatus, ReviewVerdict, VerifyStatus
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotAllowed
from tests import given, given_claims

pytestmark = pytest.mark.django_db
PICTURE = {"label__photo_hash": "00ff00ff00ff00ff"}
LATER = given_claims.SOLD_AT + timedelta(days=2)


def look_again():
    with clock.standing_at(LATER):
        return deciding.look_again(actor=given.system())


def status_of(claim):
    card = selectors.get_claim(claim.card.claim_id, Scope()).card
    return card.verify_status, card.audit_status


def a_pair():
    """The first passes; two later ones show the same picture and are held."""
    _, first = given_claims.decided(**PICTURE)
    _, second = given_claims.decided(**PICTURE)
    _, third = given_claims.decided(**PICTURE)
    assert status_of(third) == (VerifyStatus.HELD, AuditStatus.WAITING)
    assert status_of(first) == (VerifyStatus.PASSED, AuditStatus.NONE)
    assert status_of(second) == (VerifyStatus.HELD, AuditStatus.WAITING)
    return first, second


def test_a_claim_that_passed_is_held_when_two_later_ones_show_its_picture():
    first, _ = a_pair()

    assert look_again() == 1

    assert status_of(first) == (VerifyStatus.HELD, AuditStatus.WAITING)
    found = models.Finding.objects.filter(claim_id=first.card.claim_id)
    assert list(found.values_list("check_id", "round")) == [("photo_reused", 2)]
    claim = models.Claim.objects.get(pk=first.card.claim_id)
    assert claim.invoice_key is None
    assert claim.due_at is not None


def test_looking_twice_changes_nothing_more():
    a_pair()
    assert (look_again(), look_again()) == (1, 0)


def test_what_stands_alone_is_left_as_it_was():
    _, alone = given_claims.decided()
    before = models.Claim.objects.values().get(pk=alone.card.claim_id)

    assert look_again() == 0

    assert models.Claim.objects.values().get(pk=alone.card.claim_id) == before
    assert not models.Finding.objects.filter(claim_id=alone.card.claim_id).exists()


def test_what_was_handed_over_for_payment_is_not_taken_back():
    first, _ = a_pair()
    releasing.release_claims(actor=given.system(), claim_ids=[first.card.claim_id])
    assert look_again() == 0
    assert status_of(first) == (VerifyStatus.PASSED, AuditStatus.NONE)


def test_what_a_person_passed_stays_passed():
    first, _ = a_pair()
    look_again()
    with clock.standing_at(LATER):
        reviewing.review_claim(
            actor=given.staff(Role.REVIEWER), claim_id=first.card.claim_id,
            verdict=ReviewVerdict.PASS, reason_code="R402", note="同一展厅拍摄，已核实",
            request_id=uuid4(),
        )  # fmt: skip
    assert look_again() == 0
    assert status_of(first) == (VerifyStatus.HELD, AuditStatus.PASSED)


def test_only_the_machine_looks():
    with pytest.raises(NotAllowed):
        deciding.look_again(actor=given.staff(Role.CASHIER, org_id=given.organisation()))
