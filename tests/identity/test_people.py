import pytest

from huanxin.identity import models, rules, selectors
from huanxin.identity.errors import (
    DocumentInvalid,
    NotAllowed,
    PersonAlreadyRegistered,
    RealNameMismatch,
)
from huanxin.identity.services import registering
from huanxin.identity.types import NewPerson, Role
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry
from tests import given

pytestmark = pytest.mark.django_db


def test_personal_data_is_not_readable_in_the_table():
    card = given.person(name="王小英")
    row = models.Person.objects.get(pk=card.id)
    stored = b"".join(bytes(x) for x in (row.name_sealed, row.document_sealed, row.phone_sealed))
    assert "小".encode() not in stored
    assert card.name_masked == "王*英"


def test_the_same_document_registers_once():
    given.regions()
    document = given.document_no()
    new = NewPerson(name="李测试", document_no=document, phone="10000000001", region_code="371502")
    registering.register_person(actor=given.system(), person=new)
    with pytest.raises(PersonAlreadyRegistered):
        registering.register_person(actor=given.system(), person=new)
    assert models.Person.objects.count() == 1


def test_a_wrong_check_digit_is_refused_and_nothing_written():
    given.regions()
    good = given.document_no()
    bad = good[:-1] + ("1" if good[-1] != "1" else "2")
    with pytest.raises(DocumentInvalid):
        registering.register_person(
            actor=given.system(),
            person=NewPerson(name="李", document_no=bad, phone="10000000001", region_code="371502"),
        )
    assert not models.Person.objects.exists()


def test_a_name_that_does_not_match_verifies_nobody():
    first = given.person(is_verified=False)
    second = given.person(is_verified=False, name="不符者")
    with pytest.raises(RealNameMismatch):
        registering.verify_real_name(actor=given.system(), person_ids=[first.id, second.id])
    assert not models.Person.objects.filter(is_verified=True).exists()


def test_every_look_at_a_full_name_is_recorded_with_its_reason():
    card = given.person(name="王小英")
    reviewer = given.staff(Role.REVIEWER)
    facts = registering.reveal_person(actor=reviewer, person_id=card.id, reason="核对发票抬头")
    assert facts.name == "王小英"
    line = AuditEntry.objects.get(action="identity.revealed")
    assert (line.actor_id, line.facts) == (reviewer.account_id, {"reason": "核对发票抬头"})


def test_a_reviewer_of_another_county_sees_nobody_here():
    card = given.person()
    elsewhere = given.staff(Role.REVIEWER, region_path="370000/371500/371521")
    with pytest.raises(NotAllowed):
        registering.reveal_person(actor=elsewhere, person_id=card.id, reason="核对发票抬头")
    with pytest.raises(NotFound):
        selectors.get_person(card.id, elsewhere.scope)
    assert selectors.get_person(card.id, Scope()).id == card.id
    assert not AuditEntry.objects.filter(action="identity.revealed").exists()


def test_a_consumer_may_act_for_herself_only_and_a_station_for_others():
    mine, other = given.person(), given.person()
    me = given.consumer(mine)
    clerk = given.staff(Role.STATION_CLERK)
    assert selectors.may(me, "recycling.book", person_id=mine.id)
    assert not selectors.may(me, "recycling.book", person_id=other.id)
    assert selectors.may(clerk, "recycling.book", person_id=other.id)


def test_masks_keep_the_last_four_and_nothing_between():
    assert rules.mask_document("371502195003070029") == "371502********0029"
    assert rules.mask_phone("13812345678") == "138****5678"
