from datetime import date, timedelta

import pytest

from huanxin.identity import models, selectors
from huanxin.identity.errors import KeyInvalid, KeyNotLive, NotAllowed
from huanxin.identity.services import admitting, keying
from huanxin.identity.types import NewApiKey, OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry
from tests import given, given_accounts

pytestmark = pytest.mark.django_db
NINE = clock.moment(date(2026, 9, 1), 9)


@pytest.fixture(autouse=True)
def _nine_o_clock():
    with clock.standing_at(NINE):
        yield


def hours(count):
    return clock.standing_at(NINE + timedelta(hours=count))


def test_a_key_acts_for_its_organisation_with_no_more_than_it_was_given():
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper, "claims.read")
    actor = keying.use_key(secret=issued.secret).actor
    assert (actor.org_id, actor.scope.org_id) == (keeper.org_id, keeper.org_id)
    assert selectors.may(actor, "claims.read", org_id=keeper.org_id)
    assert not selectors.may(actor, "claims.sell", org_id=keeper.org_id)
    assert not selectors.may(actor, "claims.read", org_id=given.organisation(OrgKind.RETAILER))


@pytest.mark.parametrize(
    "change",
    [
        {"permissions": ("settlement.pay",)}, {"permissions": ("identity.open_account",)},
        {"permissions": ()}, {"name": " "}, {"days": 0}, {"days": 401}, {"per_minute": 0},
    ],
)  # fmt: skip
def test_a_key_beyond_its_maker_or_without_name_or_end_is_not_issued(change):
    keeper = given_accounts.keeper()
    new = {
        "name": "进销存",
        "role": Role.MERCHANT_MANAGER,
        "permissions": ("claims.read",),
        "days": 9,
    }
    with pytest.raises(KeyInvalid):
        keying.issue_key(actor=keeper, new=NewApiKey(**(new | change)))
    assert not models.ApiKey.objects.exists()


def test_who_does_not_keep_keys_issues_none():
    with pytest.raises(NotAllowed):
        given_accounts.key(given.staff(Role.CASHIER, org_id=given.organisation()))


def test_the_secret_is_stored_nowhere():
    issued = given_accounts.key(given_accounts.keeper())
    row = models.ApiKey.objects.get()
    assert issued.secret not in str(vars(row))
    assert issued.secret not in str(list(AuditEntry.objects.values_list("facts", flat=True)))
    assert issued.secret.split("_")[1] == row.prefix


def test_a_revoked_key_is_refused_at_once():
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper)
    assert keying.use_key(secret=issued.secret)  # the control: it works until then
    keying.revoke_key(actor=keeper, key_id=issued.card.id, reason="已泄露")
    assert keying.use_key(secret=issued.secret) is None


def test_a_key_ends_on_its_day():
    issued = given_accounts.key(given_accounts.keeper(), days=1)
    with hours(23):
        assert keying.use_key(secret=issued.secret)
    with hours(24):
        assert keying.use_key(secret=issued.secret) is None


def test_the_old_secret_works_in_the_overlap_and_not_after():
    keeper = given_accounts.keeper()
    old = given_accounts.key(keeper, "claims.read", "claims.sell")
    new = keying.rotate_key(actor=keeper, key_id=old.card.id, overlap_hours=24, days=90)
    assert new.card.permissions == old.card.permissions
    with hours(23):
        assert keying.use_key(secret=old.secret)
        assert keying.use_key(secret=new.secret)
    with hours(24):
        assert keying.use_key(secret=old.secret) is None
        assert keying.use_key(secret=new.secret)


def test_without_an_overlap_the_old_secret_ends_at_once_and_is_replaced_once():
    keeper = given_accounts.keeper()
    old = given_accounts.key(keeper)
    keying.rotate_key(actor=keeper, key_id=old.card.id, overlap_hours=0, days=90)
    assert keying.use_key(secret=old.secret) is None
    with pytest.raises(KeyNotLive):
        keying.rotate_key(actor=keeper, key_id=old.card.id, overlap_hours=0, days=90)


def test_another_organisations_key_can_neither_be_seen_nor_revoked():
    issued = given_accounts.key(given_accounts.keeper())
    stranger = given_accounts.keeper()
    assert selectors.list_keys(stranger) == []
    with pytest.raises(NotFound):
        keying.revoke_key(actor=stranger, key_id=issued.card.id, reason="不是我的")
    assert keying.use_key(secret=issued.secret)


def test_the_regions_administrator_sees_and_revokes_a_firms_key():
    issued = given_accounts.key(given_accounts.keeper())
    admin = given.staff(Role.ADMIN)
    assert [card.id for card in selectors.list_keys(admin)] == [issued.card.id]
    keying.revoke_key(actor=admin, key_id=issued.card.id, reason="异常调用")
    assert keying.use_key(secret=issued.secret) is None


def test_a_removed_organisations_keys_open_nothing():
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper)
    admitting.set_organisation_status(
        actor=given.system(), org_id=keeper.org_id, status="removed", reason="退出"
    )
    assert keying.use_key(secret=issued.secret) is None


def test_last_use_is_noted():
    keeper = given_accounts.keeper()
    issued = given_accounts.key(keeper)
    assert selectors.get_key(keeper, issued.card.id).last_used_at is None
    keying.use_key(secret=issued.secret)
    assert selectors.get_key(keeper, issued.card.id).last_used_at == NINE


def test_requests_are_counted_by_the_minute():
    left = [keying.count_request(subject="key:1", per_minute=2) for _ in range(3)]
    assert [(one.remaining, one.is_over) for one in left] == [(1, False), (0, False), (0, True)]
    assert left[0].reset_seconds == 60
    assert not keying.count_request(subject="key:2", per_minute=2).is_over
    with clock.standing_at(NINE + timedelta(minutes=1)):
        assert keying.count_request(subject="key:1", per_minute=2).remaining == 1
