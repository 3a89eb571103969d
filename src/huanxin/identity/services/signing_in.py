"""Coming in: by password, by phone code, by enrolling under a proved phone."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.crypto import constant_time_compare

from huanxin.identity import _factors, _passwords, _tries, models, ports, rules, selectors
from huanxin.identity.errors import (
    SecondFactorMissing,
    SecondFactorNeeded,
    SecondFactorWrong,
    SignInCodeTooSoon,
    SignInCodeWrong,
    SignInRefused,
    SmsNotConnected,
    TicketOver,
)
from huanxin.identity.services import registering, staffing
from huanxin.identity.types import (
    AccountCard,
    NewFactor,
    NewPerson,
    NextStep,
    Passed,
    PersonCard,
    Role,
    SentCode,
)
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel.actor import Actor, system_actor
from huanxin.kernel.locking import lock_row


def sign_in(*, login: str, password: str, code: str = "", address: str = "") -> AccountCard:
    """Check login, password and, where the account has one, the second factor, all at once.

    For callers without pages. Five failures under a login name, known or not, or fifty from one
    address, lock it for a quarter of an hour: SignInLocked says for how long. SignInRefused never
    says which of login and password was wrong. GB/T 22239-2019 8.1.4.1.
    """
    passed = present_password(login=login, password=password, address=address)
    if passed.next == NextStep.ENTER:
        return passed.card
    if passed.next != NextStep.SECOND_FACTOR:
        raise SecondFactorMissing
    if not code:
        raise SecondFactorNeeded
    return present_code(ticket=passed.ticket, code=code, address=address).card


def present_password(*, login: str, password: str, address: str = "") -> Passed:
    """The first step of signing in: says what the next one is, and hands out its ticket.

    Refuses as sign_in does. The ticket is good for five minutes and opens nothing by itself.
    """
    keys = _tries.keys(login, address)
    _tries.check_open(keys)
    row = models.Account.objects.filter(login=login, is_active=True).first()
    matches = check_password(password, row.password if row else make_password(None))
    if row is None or not matches:
        _tries.count_failure(keys)
        raise SignInRefused
    passed = _passed(row, proved="password")
    if passed.next != NextStep.SECOND_FACTOR:  # else a right password would clear wrong codes
        _tries.forget_name(keys)
    return passed


def present_code(*, ticket: str, code: str, address: str = "") -> Passed:
    """The second step: six digits of the authenticator, or a recovery code; each works once.

    Wrong ones count like wrong passwords.
    """
    account, _ = _at(ticket, NextStep.SECOND_FACTOR)
    keys = _tries.keys(account.login, address)
    _tries.check_open(keys)
    with transaction.atomic():
        row = lock_row(models.SecondFactor, account.pk)
        is_right = row.confirmed_at is not None and (
            _factors.takes(row, code) or _factors.takes_recovery(account.pk, code)
        )
    if not is_right:
        _tries.count_failure(keys)
        raise SecondFactorWrong
    _tries.forget_name(keys)
    return _passed(account, proved="factor")


@transaction.atomic
def choose_first_password(*, ticket: str, password: str) -> Passed:
    """Replace the one-time password that an administrator handed out."""
    account, proved = _at(ticket, NextStep.NEW_PASSWORD)
    _passwords.set_own(account, password)
    audit.record(
        selectors.actor_for(account.pk), "identity.password_changed", "account", account.pk,
        region_path=account.region_path, org_id=account.organisation_id,
    )  # fmt: skip
    return _passed(account, proved=proved)


@transaction.atomic
def begin_enrolment(*, ticket: str) -> NewFactor:
    """A secret for who must bind an authenticator before the first session."""
    account, _ = _at(ticket, NextStep.ENROL)
    return _factors.propose(account, anew=False)


@transaction.atomic
def finish_enrolment(*, ticket: str, code: str) -> tuple[Passed, list[str]]:
    """Confirm that authenticator by its first code; answers the recovery codes, this once."""
    account, _ = _at(ticket, NextStep.ENROL)
    row = lock_row(models.SecondFactor, account.pk)
    if not _factors.confirm(row, code):
        raise SecondFactorWrong
    audit.record(
        selectors.actor_for(account.pk), "identity.factor_bound", "account", account.pk,
        region_path=account.region_path, org_id=account.organisation_id,
    )  # fmt: skip
    return _passed(account, proved="factor"), _factors.new_recovery_codes(account.pk)


@transaction.atomic
def begin_session(*, account_id: UUID, address: str = "", device: str = "") -> UUID:
    """Open a session for an account that has proved itself; its id goes into the browser."""
    now = clock.now()
    row = models.Session.objects.create(
        id=ids.new_id(), account_id=account_id, address=address[:45], device=device[:80],
        started_at=now, seen_at=now,
    )  # fmt: skip
    models.Account.objects.filter(pk=account_id).update(last_login=now)
    return row.id


def see_session(*, session_id: UUID) -> Actor | None:
    """Who sits in the session, if it still runs; notes once a minute that it is in use."""
    row = models.Session.objects.select_related("account").filter(pk=session_id).first()
    if row is None or row.ended_at is not None or not row.account.is_active:
        return None
    now, role = clock.now(), Role(row.account.role)
    if rules.is_session_over(role, started_at=row.started_at, seen_at=row.seen_at, now=now):
        models.Session.objects.filter(pk=row.pk, ended_at=None).update(
            ended_at=now, end_reason="timed_out"
        )
        return None
    if now - row.seen_at >= timedelta(minutes=1):
        models.Session.objects.filter(pk=row.pk).update(seen_at=now)
    return selectors.actor_of(row.account.as_card())


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
    person_id = registering.register_person(actor=me, person=new)
    registering.verify_real_name(actor=me, person_ids=[person_id])
    return _open_for(selectors.cards([person_id])[person_id], "本人登记")


def _passed(account: models.Account, *, proved: str) -> Passed:
    """What remains to be shown by an account of which `proved` has been."""
    until = int((clock.now() + timedelta(minutes=rules.TICKET_MINUTES)).timestamp())
    facts = {"use": "sign-in", "account": str(account.pk), "proved": proved, "until": until}
    return Passed(account.as_card(), _next(account, proved), crypto.sign_token(facts))


def _next(account: models.Account, proved: str) -> NextStep:
    has_factor = selectors.has_second_factor(account.pk)
    if has_factor and proved == "password":
        return NextStep.SECOND_FACTOR
    if account.must_change_password:
        return NextStep.NEW_PASSWORD
    if not has_factor and selectors.needs_second_factor(Role(account.role)):
        return NextStep.ENROL
    return NextStep.ENTER


def _at(ticket: str, step: NextStep) -> tuple[models.Account, str]:
    """The account of a ticket that is still good and stands before that step, held; its proof."""
    facts = crypto.read_token(ticket)
    if facts.get("use") != "sign-in" or clock.now().timestamp() >= facts["until"]:
        raise TicketOver
    with transaction.atomic():
        account = lock_row(models.Account, UUID(facts["account"]))
    proved = str(facts["proved"])
    if not account.is_active or _next(account, proved) != step:
        raise TicketOver
    return account, proved


def _open_for(person: PersonCard, by: str) -> AccountCard:
    return staffing.open_account(
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
