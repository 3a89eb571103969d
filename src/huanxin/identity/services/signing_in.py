"""Coming in: by password, by phone code, by enrolling under a proved phone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.crypto import constant_time_compare

from huanxin.identity import models, ports, rules, selectors
from huanxin.identity.errors import (
    SignInCodeTooSoon,
    SignInCodeWrong,
    SignInRefused,
    SmsNotConnected,
)
from huanxin.identity.services import registering, staffing
from huanxin.identity.types import (
    AccountCard,
    NewPerson,
    PersonCard,
    Role,
    SentCode,
)
from huanxin.kernel import clock, crypto
from huanxin.kernel.actor import system_actor


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
    person_id = registering.register_person(actor=me, person=new)
    registering.verify_real_name(actor=me, person_ids=[person_id])
    return _open_for(selectors.cards([person_id])[person_id], "本人登记")


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
