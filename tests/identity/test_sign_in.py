import pytest

from huanxin.identity import selectors, services
from huanxin.identity.errors import AccountTaken, SignInRefused
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from tests import given

pytestmark = pytest.mark.django_db


def _open(login: str = "till"):
    return services.open_account(
        actor=given.system(),
        login=login,
        display_name="收银员",
        role=Role.CASHIER,
        password="correct horse",
        org_id=given.organisation(OrgKind.RETAILER),
    )


def test_the_right_password_opens_the_accounts_own_scope():
    opened = _open()
    card = services.sign_in(login="till", password="correct horse")
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
                services.sign_in(login="till", password="wrong")
        with pytest.raises(SignInRefused):
            services.sign_in(login="till", password="correct horse")
    with clock.standing_at(clock.moment(clock.business_day(start), 9, 16)):
        assert services.sign_in(login="till", password="correct horse").login == "till"


def test_an_unknown_login_and_a_wrong_password_are_told_alike():
    _open()
    refusals = []
    for login in ("till", "nobody"):
        with pytest.raises(SignInRefused) as refusal:
            services.sign_in(login=login, password="wrong")
        refusals.append(refusal.value.message)
    assert refusals[0] == refusals[1]


def test_a_login_name_is_taken_once():
    _open()
    with pytest.raises(AccountTaken):
        _open()
