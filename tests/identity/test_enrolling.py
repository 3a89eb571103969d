"""Whoever has proved a phone may register herself; a station registers residents at its counter."""

from datetime import date, timedelta

import pytest

from huanxin.identity import models, selectors
from huanxin.identity.errors import (
    NotAllowed,
    PersonAlreadyRegistered,
    PhoneProofInvalid,
    RealNameMismatch,
)
from huanxin.identity.services import registering, signing_in
from huanxin.identity.types import NewPerson, OrgKind, Role
from huanxin.kernel import clock, crypto
from tests import given

pytestmark = pytest.mark.django_db
PHONE = "10087654321"
NOON = clock.moment(date(2026, 9, 1), 12)


def enrol(proof: str, **changes: str):
    given.regions()
    facts = {"name": "王测试", "document_no": given.document_no(), "region_code": given.COUNTY}
    return signing_in.enrol_by_phone(proof=proof, **(facts | changes))


def test_a_proved_phone_registers_verifies_and_opens_an_account():
    card = enrol(selectors.phone_proof(PHONE))
    [who] = selectors.find_people_by_phone(PHONE)
    assert (card.role, card.person_id) == (Role.CONSUMER, who.id)
    assert who.is_verified
    assert selectors.accounts_of_phone(selectors.phone_proof(PHONE)) == [card]


def test_a_name_that_does_not_fit_registers_nobody():
    with pytest.raises(RealNameMismatch):
        enrol(selectors.phone_proof(PHONE), name="王不符")
    assert not models.Person.objects.exists()
    assert not models.Account.objects.exists()


def test_a_document_is_registered_once():
    number = given.document_no()
    enrol(selectors.phone_proof(PHONE), document_no=number)
    with pytest.raises(PersonAlreadyRegistered):
        enrol(selectors.phone_proof("10000000001"), document_no=number)
    assert models.Person.objects.count() == 1


def test_a_proof_ends_after_a_quarter_of_an_hour_and_cannot_be_made_up():
    with clock.standing_at(NOON):
        proof = selectors.phone_proof(PHONE)
    with clock.standing_at(NOON + timedelta(minutes=14)):
        assert selectors.proved_phone(proof) == PHONE
    with clock.standing_at(NOON + timedelta(minutes=15)), pytest.raises(PhoneProofInvalid):
        selectors.proved_phone(proof)
    with pytest.raises(crypto.TokenInvalid):
        selectors.proved_phone(proof[:-2] + "xx")
    with pytest.raises(PhoneProofInvalid):
        selectors.proved_phone(crypto.sign_token({"certificate": "1"}))


def test_a_household_under_one_phone_is_listed_with_every_account():
    first, second = (enrol(selectors.phone_proof(PHONE)) for _ in range(2))
    assert selectors.accounts_of_phone(selectors.phone_proof(PHONE)) == [first, second]


def test_a_station_registers_and_verifies_in_one_step_and_a_till_may_not():
    given.regions()
    new = NewPerson("王测试", given.document_no(), PHONE, given.COUNTY)
    with pytest.raises(NotAllowed):
        registering.enrol_resident(
            actor=given.staff(Role.CASHIER, org_id=given.organisation()), person=new
        )
    assert not models.Person.objects.exists()
    clerk = given.staff(Role.STATION_CLERK, org_id=given.organisation(OrgKind.STATION))
    person_id = registering.enrol_resident(actor=clerk, person=new)
    assert selectors.cards([person_id])[person_id].is_verified
