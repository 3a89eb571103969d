from datetime import date, timedelta

import pytest

from huanxin.identity import models, rules, selectors
from huanxin.identity.errors import (
    NotAllowed,
    OwnAccount,
    PasswordWrong,
    RoleNotGivable,
    SignInLocked,
    SignInRefused,
)
from huanxin.identity.services import proving, signing_in, staffing
from huanxin.identity.types import NewStaff, OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry
from tests import given, given_accounts
from tests.given_accounts import PASSWORD

pytestmark = pytest.mark.django_db
NINE = clock.moment(date(2026, 9, 1), 9)


@pytest.fixture(autouse=True)
def _nine_o_clock():
    with clock.standing_at(NINE):
        yield


def new(login="li", role=Role.CASHIER, **more):
    return NewStaff(login=login, display_name="小李", role=role, **more)


def test_an_organisation_keeps_its_own_accounts_and_gives_only_its_own_roles():
    keeper = given_accounts.keeper()
    opened = staffing.hire(actor=keeper, new=new(org_id=keeper.org_id))
    assert (opened.card.role, opened.card.org_id) == (Role.CASHIER, keeper.org_id)
    for role in (Role.COLLECTOR, Role.ADMIN, Role.FINANCE_OFFICER, Role.CONSUMER):
        with pytest.raises(RoleNotGivable):
            staffing.hire(actor=keeper, new=new("other", role, org_id=keeper.org_id))
    elsewhere = given.organisation(OrgKind.RETAILER)
    with pytest.raises(RoleNotGivable):
        staffing.hire(actor=keeper, new=new("other", org_id=elsewhere))
    assert not selectors.find_account("other")


def test_a_colleague_without_the_duty_opens_nothing():
    shop = given.organisation(OrgKind.RETAILER)
    with pytest.raises(NotAllowed):
        staffing.hire(actor=given.staff(Role.CASHIER, org_id=shop), new=new(org_id=shop))


def test_the_first_leading_account_of_an_organisation_keeps_its_accounts():
    shop = given.organisation(OrgKind.RETAILER)
    given_accounts.account("till", org_id=shop)
    first = given_accounts.account("boss", Role.MERCHANT_MANAGER, org_id=shop)
    second = given_accounts.account("deputy", Role.MERCHANT_MANAGER, org_id=shop)
    assert selectors.may(first, "identity.open_account")
    assert not selectors.may(second, "identity.open_account")


def test_a_citys_administrator_keeps_counties_and_makes_no_peer():
    given.regions()
    city = given.staff(Role.ADMIN, region_path=given.CITY_PATH)
    county = new("county", Role.ADMIN, region_path=given.COUNTY_PATH)
    assert staffing.hire(actor=city, new=county).card.region_path == given.COUNTY_PATH
    officer = new("finance", Role.FINANCE_OFFICER, region_path=given.CITY_PATH)
    assert staffing.hire(actor=city, new=officer).card.role == Role.FINANCE_OFFICER
    with pytest.raises(RoleNotGivable):
        staffing.hire(actor=city, new=new("peer", Role.ADMIN, region_path=given.CITY_PATH))


def test_a_countys_administrator_neither_sees_nor_touches_another_county():
    shop = given.organisation(OrgKind.RETAILER, region_code="371525")
    theirs = given_accounts.account("boss", Role.MERCHANT_MANAGER, org_id=shop)
    admin = given.staff(Role.ADMIN)
    assert selectors.list_accounts(admin).total == 0
    with pytest.raises(NotFound):
        staffing.set_active(
            actor=admin, account_id=theirs.account_id, is_active=False, reason="测试停用"
        )
    city = given.staff(Role.ADMIN, region_path=given.CITY_PATH)
    assert selectors.list_accounts(city).total == 1  # the control: in reach it is there


def test_a_disabled_account_is_out_at_once_and_may_come_back():
    keeper = given_accounts.keeper()
    clerk = given_accounts.account("till", org_id=keeper.org_id)
    session_id = signing_in.begin_session(account_id=clerk.account_id)
    assert signing_in.see_session(session_id=session_id) == clerk
    staffing.set_active(
        actor=keeper, account_id=clerk.account_id, is_active=False, reason="本人已离职"
    )
    assert signing_in.see_session(session_id=session_id) is None
    with pytest.raises(SignInRefused):
        signing_in.sign_in(login="till", password=PASSWORD)
    staffing.set_active(
        actor=keeper, account_id=clerk.account_id, is_active=True, reason="本人已返岗"
    )
    assert signing_in.sign_in(login="till", password=PASSWORD)
    assert signing_in.see_session(session_id=session_id) is None, "the old session stays ended"


def test_nobody_disables_or_resets_herself():
    boss = given_accounts.account(
        "boss", Role.MERCHANT_MANAGER, org_id=given.organisation(OrgKind.RETAILER)
    )
    with pytest.raises(OwnAccount):
        staffing.set_active(
            actor=boss, account_id=boss.account_id, is_active=False, reason="误操作测试"
        )
    with pytest.raises(OwnAccount):
        staffing.reset_password(actor=boss, account_id=boss.account_id)


def test_a_reset_ends_every_session_and_the_old_password():
    keeper = given_accounts.keeper()
    clerk = given_accounts.account("till", org_id=keeper.org_id)
    session_id = signing_in.begin_session(account_id=clerk.account_id)
    opened = staffing.reset_password(actor=keeper, account_id=clerk.account_id)
    assert signing_in.see_session(session_id=session_id) is None
    with pytest.raises(SignInRefused):
        signing_in.sign_in(login="till", password=PASSWORD)
    assert signing_in.present_password(login="till", password=opened.one_time_password)


def test_each_change_of_an_account_leaves_a_line_without_a_secret():
    keeper = given_accounts.keeper()
    opened = staffing.hire(actor=keeper, new=new(org_id=keeper.org_id))
    again = staffing.reset_password(actor=keeper, account_id=opened.card.id)
    staffing.end_sessions(actor=keeper, account_id=opened.card.id)
    lines = AuditEntry.objects.filter(subject_id=str(opened.card.id)).order_by("id")
    assert [line.action for line in lines] == [
        "identity.account_opened", "identity.password_reset", "identity.sessions_ended",
    ]  # fmt: skip
    said = str([line.facts for line in lines])
    assert opened.one_time_password not in said
    assert again.one_time_password not in said


def test_fifty_failures_from_one_address_lock_it_whatever_names_were_tried():
    given_accounts.account("till", org_id=given.organisation(OrgKind.RETAILER))
    for number in range(rules.ADDRESS_FAILURES):
        with pytest.raises(SignInRefused):
            signing_in.sign_in(login=f"guess{number}", password="x", address="203.0.113.9")
    with pytest.raises(SignInLocked) as locked:
        signing_in.sign_in(login="till", password=PASSWORD, address="203.0.113.9")
    assert locked.value.facts["minutes"] == 15
    assert signing_in.sign_in(login="till", password=PASSWORD, address="203.0.113.10")


def test_an_unknown_login_locks_like_a_known_one():
    for _ in range(5):
        with pytest.raises(SignInRefused):
            signing_in.sign_in(login="nobody", password="x")
    with pytest.raises(SignInLocked):
        signing_in.sign_in(login="nobody", password="x")


def test_the_wait_that_is_told_is_the_wait_that_is_left():
    given_accounts.account("till", org_id=given.organisation(OrgKind.RETAILER))
    for _ in range(5):
        with pytest.raises(SignInRefused):
            signing_in.sign_in(login="till", password="x")
    with clock.standing_at(NINE + timedelta(minutes=11, seconds=30)):
        with pytest.raises(SignInLocked) as locked:
            signing_in.sign_in(login="till", password=PASSWORD)
        assert locked.value.facts == {"minutes": 4, "seconds": 210}
    with clock.standing_at(NINE + timedelta(minutes=15)):
        assert signing_in.sign_in(login="till", password=PASSWORD)


def test_failures_a_quarter_of_an_hour_apart_do_not_add_up():
    given_accounts.account("till", org_id=given.organisation(OrgKind.RETAILER))
    for quarter in range(6):
        at = NINE + timedelta(minutes=16 * quarter)
        with clock.standing_at(at), pytest.raises(SignInRefused):
            signing_in.sign_in(login="till", password="x")


@pytest.mark.parametrize(
    ("role", "used_every", "lasts"),
    [(Role.CASHIER, timedelta(hours=1), timedelta(hours=12)),
     (Role.CONSUMER, timedelta(days=20), timedelta(days=90))],
)  # fmt: skip
def test_a_session_ends_unused_and_ends_in_any_case(role, used_every, lasts):
    limits = rules.session_limits(role)
    assert limits[1] == lasts
    assert not rules.is_session_over(role, started_at=NINE, seen_at=NINE, now=NINE + used_every)
    assert rules.is_session_over(role, started_at=NINE, seen_at=NINE, now=NINE + limits[0])
    assert rules.is_session_over(
        role, started_at=NINE, seen_at=NINE + lasts - used_every, now=NINE + lasts
    )


def test_signing_out_everywhere_keeps_the_browser_at_hand():
    clerk = given_accounts.account("till", org_id=given.organisation(OrgKind.RETAILER))
    mine, other = (signing_in.begin_session(account_id=clerk.account_id) for _ in range(2))
    assert proving.end_other_sessions(actor=clerk, session_id=mine) == 1
    assert [one.id for one in selectors.list_sessions(clerk.account_id)] == [mine]
    assert signing_in.see_session(session_id=other) is None


def test_nobody_ends_anothers_session():
    shop = given.organisation(OrgKind.RETAILER)
    mine, theirs = (given_accounts.account(name, org_id=shop) for name in ("a1", "a2"))
    session_id = signing_in.begin_session(account_id=theirs.account_id)
    with pytest.raises(NotFound):
        proving.end_session(actor=mine, session_id=session_id)
    assert signing_in.see_session(session_id=session_id) == theirs


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions():
    clerk = given_accounts.account("till", org_id=given.organisation(OrgKind.RETAILER))
    mine, other = (signing_in.begin_session(account_id=clerk.account_id) for _ in range(2))
    with pytest.raises(PasswordWrong):
        proving.change_password(actor=clerk, old="wrong", new="a longer secret 1")
    proving.change_password(actor=clerk, old=PASSWORD, new="a longer secret 1", session_id=mine)
    assert signing_in.sign_in(login="till", password="a longer secret 1")
    assert signing_in.see_session(session_id=mine) == clerk
    assert signing_in.see_session(session_id=other) is None


def test_every_permission_and_role_has_its_words():
    held = set().union(*rules.ROLE_PERMISSIONS.values())
    assert not held - set(selectors.permission_titles()), "name it in identity/data/permissions.csv"
    assert all(card.title for card in selectors.list_roles())
    assert models.RoleSetting.objects.count() == 0
