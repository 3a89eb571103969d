"""People: registered, verified, revealed, tagged; and a resident's word that a clerk may act."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from huanxin.identity import models, ports, rules, selectors
from huanxin.identity.errors import (
    PersonAlreadyRegistered,
    RealNameMismatch,
    RegionUnknown,
)
from huanxin.identity.types import (
    Consent,
    ConsentMeans,
    NewPerson,
    NewPersonTag,
    PersonFacts,
)
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.audit import Entry
from huanxin.kernel.errors import Invalid, NotFound, RequestReused
from huanxin.kernel.locking import lock_row


def register_person(*, actor: Actor, person: NewPerson) -> UUID:
    """Register one person; see register_people."""
    return register_people(actor=actor, people=[person])[0]


@transaction.atomic
def register_people(*, actor: Actor, people: Sequence[NewPerson]) -> list[UUID]:
    """Register people, their fields sealed under keys of their own. All or none.

    A document already registered raises PersonAlreadyRegistered; a malformed document, phone or
    region refuses. Real-name status starts unverified. Anyone may register herself.
    """
    region_paths = {region.code: region.path for region in selectors.list_regions()}
    rows = [_person_row(person, region_paths) for person in people]
    try:
        with transaction.atomic():
            models.Person.objects.bulk_create(rows, batch_size=1000)
    except IntegrityError as error:
        raise PersonAlreadyRegistered from error
    audit.record_many(
        actor,
        "identity.registered",
        [Entry("person", row.id, row.region_path) for row in rows],
    )
    return [row.id for row in rows]


@transaction.atomic
def verify_real_name(*, actor: Actor, person_ids: Sequence[UUID]) -> int:
    """Check names against documents through the real-name port; returns how many are now verified.

    One mismatch raises RealNameMismatch and verifies nobody. Repeating it changes nothing.
    """
    port = ports.real_name_check()
    rows = models.Person.objects.filter(pk__in=list(person_ids), is_verified=False)
    verified = []
    for row in rows.select_for_update(no_key=True).order_by("pk"):
        facts = _facts(row)
        if not port.matches(name=facts.name, document_no=facts.document_no):
            raise RealNameMismatch(person_id=row.id)
        verified.append(row)
    models.Person.objects.filter(pk__in=[row.pk for row in verified]).update(
        is_verified=True, verified_at=clock.now()
    )
    audit.record_many(
        actor,
        "identity.verified",
        [
            Entry("person", row.id, row.region_path, None, {"is_simulated": port.is_simulated})
            for row in verified
        ],
    )
    return len(verified)


@transaction.atomic
def record_household(*, actor: Actor, person_id: UUID, household_no: str) -> None:
    """Record which household register (户口簿户号) a person belongs to, as a blind index only.

    Limits per household count under it. Safe to repeat. Refuses a number of other than 6 to 20
    digits or letters.
    """
    selectors.require(actor, "identity.register", person_id=None)
    number = rules.check_household(household_no)
    person = lock_row(models.Person, person_id)
    person.household_index = crypto.blind_index("household", number, reach="province")
    person.save(update_fields=["household_index"])
    audit.record(
        actor, "identity.household_recorded", "person", person_id, region_path=person.region_path
    )


@transaction.atomic
def reveal_person(*, actor: Actor, person_id: UUID, reason: str) -> PersonFacts:
    """A person's full values, for a stated purpose; the look is recorded (promise 7).

    A person may always see herself. Others need identity.reveal, her region and a reason.
    """
    row = models.Person.objects.filter(pk=person_id).first()
    if row is None:
        raise NotFound(model="Person", id=person_id)
    if actor.person_id != person_id:
        selectors.require(actor, "identity.reveal", region_path=row.region_path)
        if len(reason.strip()) < 4:
            raise Invalid(reason="查看完整个人信息须写明用途，至少四个字")
    audit.record(
        actor, "identity.revealed", "person", person_id, region_path=row.region_path, reason=reason
    )
    return _facts(row)


@transaction.atomic
def enrol_resident(*, actor: Actor, person: NewPerson) -> UUID:
    """Register and verify a resident at the counter of a station. All or none.

    Refuses a name that does not fit the document (RealNameMismatch) and a document already known.
    """
    selectors.require(actor, "identity.register")
    return _enrol(actor, person)


@transaction.atomic
def record_consent(
    *, actor: Actor, person_id: UUID, means: ConsentMeans, statement: str
) -> Consent:
    """Record a resident's word that this clerk may act for her; it is good for two hours.

    The line is append-only and sealed with every other. `statement` is the text that was read to
    her. A repeat records another word and prolongs it.
    """
    selectors.require(actor, "identity.assist")
    if len(statement.strip()) < 10:
        raise Invalid(reason="须写明征得同意的内容")
    person = selectors.cards([person_id]).get(person_id)
    if person is None:
        raise NotFound(model="Person", id=person_id)
    audit.record(
        actor, "identity.consented", "person", person_id, region_path=person.region_path,
        org_id=actor.org_id, means=means.value, statement=statement,
    )  # fmt: skip
    consent = selectors.find_consent(actor, person_id)
    assert consent is not None, "just recorded"
    return consent


@transaction.atomic
def record_person_tag(*, actor: Actor, new: NewPersonTag, request_id: UUID) -> UUID:
    """Record what an authority established about a person; a newer finding ends the older one.

    Safe to retry by request id. Refuses a fact without proof or end. The level of ability is that
    of GB/T 42195-2022.
    """
    selectors.require(actor, "identity.tag")
    person = lock_row(models.Person, new.person_id)
    selectors.require(actor, "identity.tag", region_path=person.region_path)
    if earlier := models.PersonTag.objects.filter(request_id=request_id).first():
        first = (earlier.person_id, earlier.tag, earlier.level, earlier.source, earlier.from_on)
        if first != (person.id, new.tag, new.level, new.source.strip(), new.from_on):
            raise RequestReused(operation="identity.tag", request_id=request_id)
        return earlier.id
    rules.check_tag(new)
    older = models.PersonTag.objects.filter(person=person, tag=new.tag, to_on__gt=new.from_on)
    older.filter(from_on__lte=new.from_on).update(to_on=new.from_on)
    row = models.PersonTag.objects.create(
        id=ids.new_id(),
        person=person,
        tag=new.tag,
        level=new.level,
        source=new.source.strip(),
        from_on=new.from_on,
        to_on=new.to_on,
        request_id=request_id,
        by_account_id=actor.account_id,
        recorded_at=clock.now(),
    )
    audit.record(
        actor, "identity.tagged", "person", person.id, region_path=person.region_path,
        tag=new.tag, to_on=new.to_on,
    )  # fmt: skip
    return row.id


def _person_row(person: NewPerson, region_paths: dict[str, str]) -> models.Person:
    born = rules.check_document(person.document_no)
    phone = rules.check_phone(person.phone)
    if person.region_code not in region_paths:
        raise RegionUnknown(region_code=person.region_code)
    document_no = person.document_no.upper()
    key = crypto.new_person_key()
    return models.Person(
        id=person.person_id or ids.new_id(),
        region_id=person.region_code,
        region_path=region_paths[person.region_code],
        birth_year=born.year,
        wrapped_key=key,
        document_type=person.document_type,
        name_sealed=crypto.seal(key, person.name),
        document_sealed=crypto.seal(key, document_no),
        phone_sealed=crypto.seal(key, phone),
        name_masked=rules.mask_name(person.name),
        document_masked=rules.mask_document(document_no),
        phone_masked=rules.mask_phone(phone),
        document_index=crypto.blind_index("document", document_no),
        document_index_province=crypto.blind_index("document", document_no, reach="province"),
        phone_index=crypto.blind_index("phone", phone),
        created_at=clock.now(),
    )


def _facts(row: models.Person) -> PersonFacts:
    if row.wrapped_key is None:
        raise NotFound(model="Person", id=row.id)
    key = bytes(row.wrapped_key)
    return PersonFacts(
        id=row.id,
        name=crypto.unseal(key, bytes(row.name_sealed)),
        document_no=crypto.unseal(key, bytes(row.document_sealed)),
        phone=crypto.unseal(key, bytes(row.phone_sealed)),
    )


def _enrol(actor: Actor, person: NewPerson) -> UUID:
    person_id = register_person(actor=actor, person=person)
    verify_real_name(actor=actor, person_ids=[person_id])
    return person_id
