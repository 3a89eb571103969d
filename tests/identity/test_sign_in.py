from datetime import timedelta

import pytest

from huanxin.identity import selectors
from huanxin.identity.errors import (
    AccountTaken,
    SignInCodeTooSoon,
    SignInCodeWrong,
    SignInLocked,
    SignInRefused,
    SmsNotConnected,
)
from huanxin.identity.services import registering, signing_in, staffing
from huanxin.identity.types import NewPerson, OrgKind, Role
from huanxin.kernel import clock
from tests import given

pytestmark = pytest.mark.django_db


def _open(login: str = "till"):
    return staffing.open_account(
        actor=given.system(),
        login=login,
        display_name="收银员",
        role=Role.CASHIER,
        password="correct horse",
        org_id=given.organisation(OrgKind.RETAILER),
    )


def test_the_right_password_opens_the_accounts_own_scope():
    opened = _open()
    card = signing_in.sign_in(login="till", password="correct horse")
    actor = selectors.actor_for(card.id)
    assert card.id == opened.id
    assert actor.scope.org_id == opened.org_id
    assert selectors.may(actor, "claims.sell", org_id=opened.org_id)
    assert not selectors.may(actor, "settlement.pay")


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour():
    _open()
    start = clock.moment(clock.business_day(clock.now()), 9)
    with clock.standing_at(start):
        for _ in range(5):
            with pytest.raises(SignInRefused):
                signing_in.sign_in(login="till", password="wrong")
        with pytest.raises(SignInLocked) as locked:
            signing_in.sign_in(login="till", password="correct horse")
        assert locked.value.facts == {"minutes": 15, "seconds": 900}
    with clock.standing_at(clock.moment(clock.business_day(start), 9, 16)):
        assert signing_in.sign_in(login="till", password="correct horse").login == "till"


def test_an_unknown_login_and_a_wrong_password_are_told_alike():
    _open()
    refusals = []
    for login in ("till", "nobody"):
        with pytest.raises(SignInRefused) as refusal:
            signing_in.sign_in(login=login, password="wrong")
        refusals.append(refusal.value.message)
    assert refusals[0] == refusals[1]


def test_a_login_name_is_taken_once():
    _open()
    with pytest.raises(AccountTaken):
        _open()


PHONE = "10000000001"


def _resident_with(phone: str):
    given.regions()
    return registering.register_person(
        actor=given.system(),
        person=NewPerson(
            name="王测试", document_no=given.document_no(), phone=phone, region_code=given.COUNTY
        ),
    )


def test_a_code_opens_the_account_of_the_phones_owner_once():
    person_id = _resident_with(PHONE)
    sent = signing_in.send_sign_in_code(phone=PHONE)
    [card] = signing_in.sign_in_by_code(phone=PHONE, code=sent.simulated_code)
    assert (card.person_id, card.role, sent.phone_masked) == (
        person_id, Role.CONSUMER, "100****0001",
    )  # fmt: skip
    assert selectors.find_account_of_person(person_id) == card
    with pytest.raises(SignInCodeWrong):
        signing_in.sign_in_by_code(phone=PHONE, code=sent.simulated_code)


def test_five_wrong_codes_spend_the_right_one():
    sent = signing_in.send_sign_in_code(phone=PHONE)
    wrong = f"{(int(sent.simulated_code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(SignInCodeWrong):
            signing_in.sign_in_by_code(phone=PHONE, code=wrong)
    with pytest.raises(SignInCodeWrong):
        signing_in.sign_in_by_code(phone=PHONE, code=sent.simulated_code)


def test_a_code_lapses_after_five_minutes_and_is_not_sent_twice_within_one():
    nine = clock.moment(clock.business_day(clock.now()), 9)
    with clock.standing_at(nine):
        sent = signing_in.send_sign_in_code(phone=PHONE)
        with pytest.raises(SignInCodeTooSoon, match="60 秒"):
            signing_in.send_sign_in_code(phone=PHONE)
    with clock.standing_at(nine + timedelta(minutes=5)), pytest.raises(SignInCodeWrong):
        signing_in.sign_in_by_code(phone=PHONE, code=sent.simulated_code)
    with clock.standing_at(nine + timedelta(minutes=5)):
        again = signing_in.send_sign_in_code(phone=PHONE)
        assert signing_in.sign_in_by_code(phone=PHONE, code=again.simulated_code) == []


def test_production_never_shows_a_code(settings):
    settings.PRODUCTION = True
    with pytest.raises(SmsNotConnected):
        signing_in.send_sign_in_code(phone=PHONE)
