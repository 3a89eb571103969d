"""Enterprises at government's desk: found by how they stand, admitted, licensed, suspended."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from stdnum.cn import uscc

from huanxin.identity import models, selectors
from huanxin.identity.services import admitting
from huanxin.identity.types import Licence, OrgKind, OrgStatus, Role
from huanxin.kernel import clock
from huanxin.web.console.organisations import paper_state, papers_needed
from tests import given, given_claims, given_recycling
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
LIST = "/console/organisations"
CODE = "91371502MA3EXAMP1"
CODE += uscc.calc_check_digit(CODE)
RECYCLING = "再生资源回收经营者备案"


def page_of(org_id):
    return reverse("console:organisation", args=[org_id])


def officer(role=Role.OPERATOR, **kwargs):
    return visitor(role, **kwargs)[0]


def typed(**changes):
    return {
        "kind": "retailer", "name": "聊城新店电器有限公司", "short_name": "",
        "uscc": CODE, "region_code": given.COUNTY, "address": "", "phone": "",
        **changes,
    }  # fmt: skip


def licence_of(org_id, days, *, number="N-1", kind=RECYCLING):
    today = clock.today()
    paper = Licence(kind, number, today - timedelta(days=700), today + timedelta(days=days))
    admitting.record_licence(actor=given.system(), org_id=org_id, licence=paper)


def without_papers():
    given_recycling.preparing.load_reference(actor=given.system())
    org_id = given.organisation(OrgKind.RECYCLER)
    models.Licence.objects.filter(organisation_id=org_id).delete()
    return org_id


def state_of(org_id):
    one = selectors.get_organisation(org_id)
    return paper_state(one, clock.today(), papers_needed().get(one.kind))


def test_how_papers_stand_goes_by_the_paper_that_lasts_longest():
    depot = without_papers()
    assert state_of(depot) == "missing"
    licence_of(depot, -1)
    assert state_of(depot) == "expired"
    licence_of(depot, 20, number="N-2")
    assert state_of(depot) == "expiring"
    licence_of(depot, 900, number="N-3")
    assert state_of(depot) == "valid"
    assert state_of(given.organisation(OrgKind.RETAILER)) == ""


def test_firms_are_found_by_papers_standing_and_region():
    lacking, fine = without_papers(), given.organisation(OrgKind.RECYCLER)
    out = given.organisation()
    admitting.set_organisation_status(
        actor=given.system(), org_id=out, status="removed", reason="企业申请退出"
    )
    names = {one: selectors.get_organisation(one).name for one in (lacking, fine, out)}

    def found(**asked):
        page = text_of(officer(region_path=given.CITY_PATH).get(LIST, asked))
        return {one for one, name in names.items() if name in page}

    assert found(papers="missing") == {lacking}
    assert found(status="removed") == {out}
    assert found(region=given.COUNTY) == set(names)
    assert found(region="371521") == set()


def test_an_officer_admits_a_firm_and_is_told_what_comes_next():
    client = officer()
    made = client.post(reverse("console:admit"), typed())
    row = models.Organisation.objects.get(uscc=CODE)
    assert (row.name, row.short_name, row.status) == (
        "聊城新店电器有限公司", "聊城新店电器有限公司", "admitted",
    )  # fmt: skip
    assert "下一步" in text_of(client.get(made["Location"]))
    again = client.post(reverse("console:admit"), typed(name="另一个名字"))
    assert "已经登记过" in text_of(client.get(again["Location"]))
    assert models.Organisation.objects.filter(uscc=row.uscc).count() == 1


def test_a_wrong_credit_code_is_refused_and_what_was_typed_stays():
    answer = officer().post(
        reverse("console:admit"), typed(uscc=CODE[:-1] + ("0" if CODE[-1] != "0" else "1"))
    )
    assert answer.status_code == 422
    assert 'data-code="identity.uscc_invalid"' in text_of(answer)
    assert "聊城新店电器有限公司" in text_of(answer)
    assert not models.Organisation.objects.filter(name="聊城新店电器有限公司").exists()


def test_a_paper_entered_ends_the_warning_on_the_firms_page():
    client, depot = officer(), without_papers()
    assert "现在不能接收旧机" in text_of(client.get(page_of(depot)))
    today = clock.today()
    days = {"from_on": today.isoformat(), "to_on": (today + timedelta(days=900)).isoformat()}
    paper = {"kind": RECYCLING, "number": "聊备-9", **days}
    assert client.post(page_of(depot) + "/licences", paper).status_code == 302
    page = text_of(client.get(page_of(depot)))
    assert "聊备-9" in page
    assert "登记资质：" in page
    assert "现在不能接收旧机" not in page
    wrong = client.post(page_of(depot) + "/licences", paper | {"to_on": days["from_on"]})
    assert (wrong.status_code, 'data-code="identity.licence_invalid"' in text_of(wrong)) == (
        422, True,
    )  # fmt: skip


def test_a_suspended_shop_sells_no_more_and_its_page_says_why():
    client, shop = officer(), given.organisation()
    short = client.post(page_of(shop) + "/standing", {"status": "suspended", "reason": "无"})
    assert (short.status_code, selectors.get_organisation(shop).status) == (
        422, OrgStatus.ADMITTED,
    )  # fmt: skip
    client.post(page_of(shop) + "/standing", {"status": "suspended", "reason": "资质到期未续"})
    page = text_of(client.get(page_of(shop)))
    assert 'data-state="suspended"' in page
    assert "资质到期未续" in page
    assert "恢复准入" in page


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.FINANCE_OFFICER, Role.OBSERVER])
def test_others_read_the_page_but_have_no_buttons_and_no_verb(role):
    shop = given.organisation()
    client = officer(role)
    page = text_of(client.get(page_of(shop)))
    assert "变更准入状态" not in page
    assert client.post(
        page_of(shop) + "/standing", {"status": "removed", "reason": "不该能办"}
    ).status_code == 403  # fmt: skip
    assert selectors.get_organisation(shop).status == OrgStatus.ADMITTED


def test_a_firm_of_another_county_is_as_unknown_as_none():
    far = given.organisation(region_code="371521")
    client = officer()
    assert client.get(page_of(far)).status_code == 404
    assert client.get(page_of(uuid4())).status_code == 404


def test_claims_are_found_by_shop_serial_and_category():
    _till, sold = given_claims.decided()
    client = officer(Role.FINANCE_OFFICER, region_path=given.CITY_PATH)
    shop = selectors.get_organisation(sold.card.merchant_id)

    def found(**asked):
        return sold.card.number in text_of(client.get(reverse("console:claims"), asked))

    assert found(merchant=shop.name[2:])
    assert found(merchant=shop.uscc)
    assert not found(merchant="没有这家店")
    assert found(category=sold.card.category_code)
    assert not found(category="television")
    assert found(serial=sold.serial.lower())
    assert not found(serial="NOT-THIS-ONE")
