"""Everything that changes who is who. The only code that writes identity's tables."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from importlib import resources
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from huanxin.identity import models, ports, rules, selectors
from huanxin.identity.errors import (
    AccountTaken,
    PersonAlreadyRegistered,
    RealNameMismatch,
    RegionUnknown,
    SignInCodeTooSoon,
    SignInCodeWrong,
    SignInRefused,
    SmsNotConnected,
)
from huanxin.identity.types import (
    AccountCard,
    Consent,
    ConsentMeans,
    NewOrganisation,
    NewPerson,
    NewPersonTag,
    PersonCard,
    PersonFacts,
    RestrictionKind,
    Role,
    SentCode,
)
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import Actor, system_actor
from huanxin.kernel.audit import Entry
from huanxin.kernel.errors import Invalid, NotFound, RequestReused
from huanxin.kernel.locking import lock_row


@transaction.atomic
def load_regions(*, actor: Actor) -> int:
    """Lay down the regions shipped in data/regions.csv; safe to repeat. Returns how many exist.

    Sources: GB/T 2260 for statutory units. The three functional zones have no public code; theirs
    are this platform's own, with 371502 as statutory code.
    """
    selectors.require(actor, "identity.load_reference")
    text = resources.files("huanxin.identity").joinpath("data/regions.csv").read_text("utf-8")
    paths: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        parent = row["parent"] or None
        path = f"{paths[parent]}/{row['code']}" if parent else row["code"]
        paths[row["code"]] = path
        models.Region.objects.update_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "level": row["level"],
                "parent_id": parent,
                "path": path,
                "statutory_code": row["statutory_code"],
                "population": int(row["population"]) if row["population"] else None,
                "source": row["source"],
            },
        )
    return len(paths)


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
def open_organisation(*, actor: Actor, organisation: NewOrganisation) -> UUID:
    """Admit an organisation with its licences; repeating the same USCC returns the first id."""
    selectors.require(actor, "identity.open_organisation")
    code = rules.check_uscc(organisation.uscc)
    earlier = models.Organisation.objects.filter(uscc=code).first()
    if earlier is not None:
        return earlier.id
    region = selectors.get_region(organisation.region_code)
    row = models.Organisation.objects.create(
        id=organisation.org_id or ids.new_id(),
        kind=organisation.kind,
        name=organisation.name,
        short_name=organisation.short_name,
        uscc=code,
        region_id=region.code,
        region_path=region.path,
        address=organisation.address,
        phone=organisation.phone,
        lat_e6=organisation.lat_e6,
        lon_e6=organisation.lon_e6,
        created_at=clock.now(),
    )
    models.Licence.objects.bulk_create(
        models.Licence(
            organisation=row,
            kind=licence.kind,
            number=licence.number,
            from_on=licence.from_on,
            to_on=licence.to_on,
        )
        for licence in organisation.licences
    )
    audit.record(
        actor, "identity.organisation_opened", "organisation", row.id,
        region_path=row.region_path, org_id=row.id, kind=row.kind,
    )  # fmt: skip
    return row.id


@transaction.atomic
def open_account(
    *,
    actor: Actor,
    login: str,
    display_name: str,
    role: Role,
    password: str | None,
    org_id: UUID | None = None,
    person_id: UUID | None = None,
    region_path: str | None = None,
) -> AccountCard:
    """Open a login. Without a password it can only be entered by phone code.

    Scope comes from `region_path`, else from the organisation's or the person's region. A login
    name in use raises AccountTaken.
    """
    selectors.require(actor, "identity.open_account")
    if region_path is None and org_id is not None:
        region_path = selectors.get_organisation(org_id).region_path
    if region_path is None and person_id is not None:
        region_path = selectors.get_person(person_id, actor.scope).region_path
    if region_path is None:
        raise RegionUnknown(region_code="")
    row = models.Account(
        id=ids.new_id(),
        login=login,
        display_name=display_name,
        role=role,
        password=make_password(password),
        organisation_id=org_id,
        person_id=person_id,
        region_path=region_path,
        created_at=clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AccountTaken(login=login) from error
    audit.record(
        actor, "identity.account_opened", "account", row.id,
        region_path=region_path, org_id=org_id, role=role,
    )  # fmt: skip
    return row.as_card()


def sign_in(*, login: str, password: str) -> AccountCard:
    """Check a login and password; five failures lock the account for a quarter of an hour.

    The refusal never says which of the two was wrong. GB/T 22239-2019 8.1.4.1.
    """
    with transaction.atomic():
        row = (
            models.Account.objects.select_for_update(no_key=True)
            .filter(login=login, is_active=True)
            .first()
        )
        matches = check_password(password, row.password if row else make_password(None))
        now = clock.now()
        is_locked = row is not None and row.locked_until is not None and row.locked_until > now
        if row is not None and matches and not is_locked:
            models.Account.objects.filter(pk=row.pk).update(
                failures=0, locked_until=None, last_login=now
            )
            return row.as_card()
        if row is not None and not is_locked:
            failures = row.failures + 1
            locks = failures >= rules.LOCK_AFTER_FAILURES
            models.Account.objects.filter(pk=row.pk).update(
                failures=0 if locks else failures,
                locked_until=now + timedelta(minutes=rules.LOCK_MINUTES) if locks else None,
            )
    raise SignInRefused


def send_sign_in_code(*, phone: str) -> SentCode:
    """Send a six-digit code that opens the accounts of that phone for five minutes, once.

    A second one within a minute raises SignInCodeTooSoon. Whether anyone is registered under the
    phone is not told. In production a simulated sender raises SmsNotConnected: its code would be
    shown to whoever asks.
    """
    phone = rules.check_phone(phone)
    sender = ports.sms_sender()
    if sender.is_simulated and settings.PRODUCTION:
        raise SmsNotConnected
    index, now = crypto.blind_index("phone", phone), clock.now()
    with transaction.atomic():
        row, is_new = models.SignInCode.objects.select_for_update(no_key=True).get_or_create(
            phone_index=index, defaults={"sent_at": now}
        )
        waited = now - row.sent_at
        if not is_new and waited < timedelta(seconds=rules.CODE_PAUSE_SECONDS):
            raise SignInCodeTooSoon(wait_seconds=rules.CODE_PAUSE_SECONDS - waited.seconds)
        models.SignInCode.objects.filter(pk=index).update(sent_at=now, tries=0)
    code = _code_sent(index, now)
    sender.send(phone=phone, text=f"验证码 {code}，{rules.CODE_MINUTES} 分钟内有效，请勿告诉他人。")
    return SentCode(
        phone_masked=rules.mask_phone(phone),
        expires_at=now + timedelta(minutes=rules.CODE_MINUTES),
        simulated_code=code if sender.is_simulated else None,
    )


def sign_in_by_code(*, phone: str, code: str) -> list[AccountCard]:
    """The accounts of everyone registered under the phone, opened on first use; may be empty.

    The code is spent by it. A wrong or old code raises SignInCodeWrong and counts as a try; the
    fifth wrong one spends the code too.
    """
    index = crypto.blind_index("phone", rules.check_phone(phone))
    with transaction.atomic():
        row = models.SignInCode.objects.select_for_update(no_key=True).filter(pk=index).first()
        fits = row is not None and _code_fits(row, code)
        if row is not None:
            models.SignInCode.objects.filter(pk=index).update(
                tries=rules.CODE_TRIES if fits else min(row.tries + 1, rules.CODE_TRIES)
            )
    if not fits:
        raise SignInCodeWrong
    people = selectors.find_people_by_phone(phone)
    return [
        selectors.find_account_of_person(person.id) or _open_for(person, "本人登录")
        for person in people
    ]


@transaction.atomic
def enrol_by_phone(*, proof: str, name: str, document_no: str, region_code: str) -> AccountCard:
    """Register, verify and open an account for whoever has just proved a phone. All or none.

    `proof` is a ticket of selectors.phone_proof. A name that does not fit the document registers
    nobody (RealNameMismatch); a document already known raises PersonAlreadyRegistered.
    """
    me = system_actor("本人登记")
    phone = selectors.proved_phone(proof)
    new = NewPerson(name.strip(), document_no.strip().upper(), phone, region_code)
    return _open_for(selectors.cards([_enrol(me, new)]).popitem()[1], "本人登记")


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
def restrict(
    *,
    actor: Actor,
    kind: RestrictionKind,
    key: str,
    reason: str,
    from_on: date,
    to_on: date | None = None,
) -> UUID:
    """Keep a person, device, address or organisation out for a time, with a name behind it."""
    selectors.require(actor, "identity.restrict")
    if len(reason.strip()) < 4:
        raise Invalid(reason="限制须写明原因，至少四个字")
    row = models.Restriction.objects.create(
        id=ids.new_id(),
        kind=kind,
        key=key,
        reason=reason,
        from_on=from_on,
        to_on=to_on,
        by_account_id=actor.account_id,
        created_at=clock.now(),
    )
    audit.record(actor, "identity.restricted", "restriction", row.id, kind=kind, key=key)
    return row.id


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


@transaction.atomic
def set_organisation_status(*, actor: Actor, org_id: UUID, status: str, reason: str) -> None:
    """Suspend, remove or re-admit an organisation; the reason is recorded."""
    selectors.require(actor, "identity.restrict")
    row = lock_row(models.Organisation, org_id)
    models.Organisation.objects.filter(pk=row.pk).update(status=status)
    audit.record(
        actor, "identity.organisation_status_set", "organisation", org_id,
        region_path=row.region_path, org_id=org_id, status=status, reason=reason,
    )  # fmt: skip


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


def _enrol(actor: Actor, person: NewPerson) -> UUID:
    person_id = register_person(actor=actor, person=person)
    verify_real_name(actor=actor, person_ids=[person_id])
    return person_id


def _open_for(person: PersonCard, by: str) -> AccountCard:
    return open_account(
        actor=system_actor(by), login=f"person-{person.id}", display_name=person.name_masked,
        role=Role.CONSUMER, password=None, person_id=person.id,
    )  # fmt: skip


def _code_fits(row: models.SignInCode, code: str) -> bool:
    age = clock.now() - row.sent_at
    is_live = timedelta(0) <= age < timedelta(minutes=rules.CODE_MINUTES)
    is_right = constant_time_compare(_code_sent(row.phone_index, row.sent_at), code.strip())
    return is_live and is_right and row.tries < rules.CODE_TRIES


def _code_sent(phone_index: str, sent_at: datetime) -> str:
    """Six digits that only the holder of the master key can derive."""
    mac = crypto.blind_index("sign-in-code", f"{phone_index}@{sent_at.isoformat()}")
    return f"{int(mac[:12], 16) % 1_000_000:06d}"


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
