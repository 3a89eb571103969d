from datetime import date, timedelta

import pyotp
import pytest

from huanxin.identity import models, selectors
from huanxin.identity.errors import (
    PasswordWeak,
    PasswordWrong,
    SecondFactorMissing,
    SecondFactorNeeded,
    SecondFactorRequired,
    SecondFactorWrong,
    SignInLocked,
    TicketOver,
)
from huanxin.identity.services import proving, signing_in, staffing
from huanxin.identity.types import NewStaff, NextStep, OrgKind, Role
from huanxin.kernel import clock
from tests import given, given_accounts

pytestmark = pytest.mark.django_db
NINE = clock.moment(date(2026, 9, 1), 9)
WORD = "correct horse"


@pytest.fixture(autouse=True)
def _nine_o_clock():
    with clock.standing_at(NINE):
        yield


def later(seconds):
    return clock.standing_at(NINE + timedelta(seconds=seconds))


def cashier():
    card = staffing.open_account(
        actor=given.system(), login="till", display_name="收银员", role=Role.CASHIER,
        password=WORD, org_id=given.organisation(OrgKind.RETAILER),
    )  # fmt: skip
    return selectors.actor_for(card.id)


def bound(actor):
    """An authenticator bound to the account, and the recovery codes."""
    factor = proving.begin_second_factor(actor=actor, password=WORD)
    totp = pyotp.TOTP(factor.secret)
    return totp, proving.confirm_second_factor(actor=actor, code=totp.at(clock.now()))


def test_a_bound_account_asks_for_the_code_and_takes_it_once():
    totp, _ = bound(cashier())
    with later(60):
        code = totp.at(clock.now())
        with pytest.raises(SecondFactorNeeded):
            signing_in.sign_in(login="till", password=WORD)
        assert signing_in.sign_in(login="till", password=WORD, code=code).login == "till"
        with pytest.raises(SecondFactorWrong):  # replayed within its own half minute
            signing_in.sign_in(login="till", password=WORD, code=code)


def test_without_the_counter_a_replayed_code_would_be_taken():
    actor = cashier()
    totp, _ = bound(actor)
    with later(60):
        code = totp.at(clock.now())
        assert signing_in.sign_in(login="till", password=WORD, code=code)
        models.SecondFactor.objects.update(last_counter=0)  # the protection, taken off
        assert signing_in.sign_in(login="till", password=WORD, code=code)


def test_the_code_that_bound_the_authenticator_does_not_sign_in():
    totp, _ = bound(cashier())
    with pytest.raises(SecondFactorWrong):
        signing_in.sign_in(login="till", password=WORD, code=totp.at(clock.now()))


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(-60, False), (-30, True), (30, True), (60, False)]
)
def test_a_phone_may_be_half_a_minute_off(seconds, is_taken):
    totp, _ = bound(cashier())
    with later(300):
        code = totp.at(clock.now() + timedelta(seconds=seconds))
        if is_taken:
            assert signing_in.sign_in(login="till", password=WORD, code=code)
        else:
            with pytest.raises(SecondFactorWrong):
                signing_in.sign_in(login="till", password=WORD, code=code)


def test_a_recovery_code_works_once_and_only_for_its_owner():
    _, codes = bound(cashier())
    assert len(set(codes)) == 8
    assert signing_in.sign_in(login="till", password=WORD, code=codes[0].lower())
    with pytest.raises(SecondFactorWrong):
        signing_in.sign_in(login="till", password=WORD, code=codes[0])
    assert not models.RecoveryCode.objects.filter(digest__in=codes).exists()  # digests only


def test_five_wrong_codes_lock_like_five_wrong_passwords():
    totp, _ = bound(cashier())
    with later(60):
        for _ in range(5):
            with pytest.raises(SecondFactorWrong):
                signing_in.sign_in(login="till", password=WORD, code="000000")
        with pytest.raises(SignInLocked):
            signing_in.sign_in(login="till", password=WORD, code=totp.at(clock.now()))


def test_a_secret_is_never_stored_in_the_clear():
    actor = cashier()
    factor = proving.begin_second_factor(actor=actor, password=WORD)
    row = models.SecondFactor.objects.get(pk=actor.account_id)
    assert factor.secret.encode() not in bytes(row.proposed_sealed)
    assert row.secret_sealed is None


def test_the_old_authenticator_stands_until_the_new_one_is_confirmed():
    actor = cashier()
    old, _ = bound(actor)
    with later(60):
        with pytest.raises(PasswordWrong):
            proving.begin_second_factor(actor=actor, password="wrong")
        new = pyotp.TOTP(proving.begin_second_factor(actor=actor, password=WORD).secret)
        assert signing_in.sign_in(login="till", password=WORD, code=old.at(clock.now()))
    with later(120):
        proving.confirm_second_factor(actor=actor, code=new.at(clock.now()))
    with later(180), pytest.raises(SecondFactorWrong):
        signing_in.sign_in(login="till", password=WORD, code=old.at(clock.now()))


def test_a_role_that_must_has_to_bind_before_its_first_session():
    admin = given.staff(Role.ADMIN)
    cashier()
    staffing.set_role(actor=admin, role=Role.CASHIER, needs_second_factor=True)
    with pytest.raises(SecondFactorMissing):
        signing_in.sign_in(login="till", password=WORD)
    passed = signing_in.present_password(login="till", password=WORD)
    assert passed.next == NextStep.ENROL
    factor = signing_in.begin_enrolment(ticket=passed.ticket)
    assert signing_in.begin_enrolment(ticket=passed.ticket) == factor, "the same picture again"
    totp = pyotp.TOTP(factor.secret)
    done, codes = signing_in.finish_enrolment(ticket=passed.ticket, code=totp.at(clock.now()))
    assert (done.next, len(codes)) == (NextStep.ENTER, 8)
    actor = selectors.actor_for(done.card.id)
    with later(60), pytest.raises(SecondFactorRequired):
        proving.remove_second_factor(actor=actor, code=totp.at(clock.now()))


def test_production_asks_government_and_managers_and_a_demonstration_nobody(settings):
    assert not any(selectors.needs_second_factor(role) for role in Role)
    settings.PRODUCTION = True
    asked = {role for role in Role if selectors.needs_second_factor(role)}
    assert {Role.ADMIN, Role.FINANCE_OFFICER, Role.MERCHANT_MANAGER} <= asked
    assert not {Role.CONSUMER, Role.CASHIER, Role.COLLECTOR} & asked


def test_a_ticket_ends_after_five_minutes_and_opens_no_other_step():
    bound(cashier())
    passed = signing_in.present_password(login="till", password=WORD)
    with pytest.raises(TicketOver):  # the code comes first, not a new password
        signing_in.choose_first_password(ticket=passed.ticket, password="a longer secret 1")
    with later(301), pytest.raises(TicketOver):
        signing_in.present_code(ticket=passed.ticket, code="123456")


def test_a_one_time_password_must_be_replaced_by_a_good_one():
    manager = given_accounts.keeper()
    opened = staffing.hire(
        actor=manager, new=NewStaff("new-till", "小李", Role.CASHIER, manager.org_id)
    )
    passed = signing_in.present_password(login="new-till", password=opened.one_time_password)
    assert passed.next == NextStep.NEW_PASSWORD
    for weak in ("short1", "1234567890", "password123", "new-till-2"):
        with pytest.raises(PasswordWeak):
            signing_in.choose_first_password(ticket=passed.ticket, password=weak)
    done = signing_in.choose_first_password(ticket=passed.ticket, password="a longer secret 1")
    assert done.next == NextStep.ENTER
    with pytest.raises(TicketOver):
        signing_in.choose_first_password(ticket=passed.ticket, password="another secret 2")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_show_one_code_at_once_one_gets_in(race):
    totp, _ = bound(cashier())
    with later(60):
        code, at = totp.at(clock.now()), clock.now()

    def show(_):
        with clock.standing_at(at):
            passed = signing_in.present_password(login="till", password=WORD)
            return signing_in.present_code(ticket=passed.ticket, code=code)

    answers = race(show, 4)
    assert sum(isinstance(one, SecondFactorWrong) for one in answers) == 3
