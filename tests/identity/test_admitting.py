"""Who may take part: admitted, licensed, suspended and let in again, by officers of the region."""

from datetime import date

import pytest

from huanxin.identity import models, selectors
from huanxin.identity.errors import LicenceInvalid, StandingReasonMissing
from huanxin.identity.services import admitting
from huanxin.identity.types import Licence, OrgKind, OrgStatus, Role
from huanxin.kernel.errors import NotAllowed
from huanxin.kernel.models import AuditEntry
from tests import given

pytestmark = pytest.mark.django_db
PAPER = Licence("再生资源回收经营者备案", "聊备-7", date(2026, 1, 1), date(2027, 1, 1))


def lines(action: str) -> list[dict[str, object]]:
    return list(
        AuditEntry.objects.filter(action=action).order_by("id").values_list("facts", flat=True)
    )


def test_a_firm_is_suspended_and_let_in_again_with_the_reasons_kept():
    shop, officer = given.organisation(), given.staff(Role.OPERATOR)
    for status, reason in (("suspended", "资质到期未续"), ("admitted", "已补办新证")):
        admitting.set_organisation_status(actor=officer, org_id=shop, status=status, reason=reason)
        assert selectors.get_organisation(shop).status == OrgStatus(status)
    assert [one["reason"] for one in lines("identity.organisation_status_set")] == [
        "资质到期未续", "已补办新证",
    ]  # fmt: skip


def test_pressing_twice_changes_a_standing_once():
    shop, officer = given.organisation(), given.staff(Role.ADMIN)
    for _ in range(2):
        admitting.set_organisation_status(
            actor=officer, org_id=shop, status="suspended", reason="企业申请歇业"
        )
    assert len(lines("identity.organisation_status_set")) == 1


def test_nothing_changes_without_a_reason_or_outside_the_region():
    shop, far = given.organisation(), given.organisation(region_code="371521")
    officer = given.staff(Role.OPERATOR)
    with pytest.raises(StandingReasonMissing):
        admitting.set_organisation_status(actor=officer, org_id=shop, status="removed", reason="  ")
    with pytest.raises(NotAllowed):
        admitting.set_organisation_status(
            actor=officer, org_id=far, status="removed", reason="企业申请退出"
        )
    with pytest.raises(NotAllowed):
        admitting.record_licence(actor=officer, org_id=far, licence=PAPER)
    assert {selectors.get_organisation(one).status for one in (shop, far)} == {OrgStatus.ADMITTED}
    assert lines("identity.organisation_status_set") == []
    assert selectors.get_organisation(far).licences == ()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.FINANCE_OFFICER, Role.OBSERVER])
def test_one_reviewer_alone_shuts_nobody_out(role):
    shop = given.organisation()
    with pytest.raises(NotAllowed):
        admitting.set_organisation_status(
            actor=given.staff(role), org_id=shop, status="suspended", reason="有人举报"
        )
    assert selectors.get_organisation(shop).status == OrgStatus.ADMITTED


def test_a_renewed_paper_gets_its_new_days_and_the_old_end_stays_in_the_trail():
    depot, officer = given.organisation(OrgKind.MAKER), given.staff(Role.OPERATOR)
    renewed = Licence(PAPER.kind, PAPER.number, date(2027, 1, 1), date(2030, 1, 1))
    for paper in (PAPER, PAPER, renewed, renewed):
        admitting.record_licence(actor=officer, org_id=depot, licence=paper)
    assert selectors.get_organisation(depot).licences == (renewed,)
    assert [(one["to_on"], one["until_before"]) for one in lines("identity.licence_recorded")] == [
        ("2027-01-01", None), ("2030-01-01", "2027-01-01"),
    ]  # fmt: skip


def test_a_paper_that_ends_before_it_begins_is_refused():
    depot = given.organisation(OrgKind.MAKER)
    wrong = Licence("备案", "X", date(2026, 2, 1), date(2026, 2, 1))
    with pytest.raises(LicenceInvalid):
        admitting.record_licence(actor=given.system(), org_id=depot, licence=wrong)
    assert not models.Licence.objects.filter(organisation_id=depot).exists()
