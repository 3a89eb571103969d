"""The violation library's pages: entered with a decision, confirmed, appealed against, lifted."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from huanxin.identity import models, selectors
from huanxin.identity.services import restricting
from huanxin.identity.types import NewRestriction, OrgKind, Penalty, RestrictionKind, Role
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from tests import given, given_citizen
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
LIST = "/console/restrictions"


def officer(role: Role = Role.OPERATOR, region_path: str = given.CITY_PATH):
    return visitor(role, region_path=region_path)


def typed(shop, **changes):
    return {
        "kind": "organisation", "subject": selectors.get_organisation(shop).uscc,
        "penalty": "suspension", "reason": "伪造送货单套取补贴", "document": "聊商务罚〔2026〕7号",
        "from_on": clock.today().isoformat(), "until_on": "", "request_id": str(uuid4()), **changes,
    }  # fmt: skip


def enter(client, shop, **changes):
    return client.post(reverse("console:new_restriction"), typed(shop, **changes))


def press(client, restriction_id, verb, words=""):
    address = reverse("console:restriction_step", args=[restriction_id, verb])
    return client.post(address, {"words": words, "request_id": str(uuid4())})


def test_a_restriction_goes_from_entered_to_lifted_by_three_officers():
    shop = given.organisation()
    (one, _), (two, _), (three, _) = officer(), officer(), officer()
    scan = SimpleUploadedFile("decision.pdf", b"%PDF-1.7 decision", "application/pdf")
    sent = {"request_id": str(uuid4()), "file": scan}

    made = enter(one, shop, **sent)
    row = models.Restriction.objects.get()
    page = text_of(one.get(made["Location"]))
    assert made["Location"] == reverse("console:restriction", args=[row.pk])
    assert 'data-state="provisional"' in page
    assert "确认限制" not in page  # whoever entered it is not offered to confirm
    assert "确认限制" in text_of(two.get(made["Location"]))
    refused = press(one, row.pk, "confirm")
    assert (refused.status_code, 'data-code="identity.same_officer"' in text_of(refused)) == (
        403, True,
    )  # fmt: skip
    assert press(two, row.pk, "confirm").status_code == 302
    assert press(one, row.pk, "ask", "处理决定已撤销").status_code == 302
    assert press(three, row.pk, "lift").status_code == 302
    assert 'data-state="lifted"' in text_of(one.get(made["Location"]))
    paper = one.get(reverse("console:restriction_evidence", args=[row.pk]))
    assert paper.content == b"%PDF-1.7 decision"
    assert AuditEntry.objects.filter(action="identity.restriction_evidence_seen").count() == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"document": "无"}, "document"),
        ({"subject": "91370000000000000X"}, "没有使用该信用代码的企业"),
        ({"kind": "person", "subject": "990000195001010000"}, "没有登记该证件号码的居民"),
        ({"kind": "address", "subject": "东昌府区柳园路"}, "纬度,经度"),
    ],
)
def test_a_refused_entry_keeps_what_was_typed_and_writes_nothing(changes, says):
    shop = given.organisation()
    client, _ = officer()

    answer = enter(client, shop, **changes)

    assert answer.status_code == 422
    assert says in text_of(answer)
    assert "伪造送货单套取补贴" in text_of(answer)
    assert models.Restriction.objects.count() == 0


def test_the_list_is_searched_and_ends_at_the_region():
    shop, far = given.organisation(), given.organisation(region_code="371521")
    client, _ = officer(region_path=given.COUNTY_PATH)
    city, _ = officer()
    enter(client, shop)
    enter(city, far)
    names = [selectors.get_organisation(one).name for one in (shop, far)]

    mine, whole = text_of(client.get(LIST)), text_of(city.get(LIST))
    found = text_of(city.get(LIST, {"q": names[1]}))

    assert [name in mine for name in names] == [True, False]
    assert [name in whole for name in names] == [True, True]
    assert [name in found.split("<table")[1] for name in names] == [False, True]
    over = text_of(city.get(LIST, {"state": "over"}))
    assert names[0] not in over


def test_only_officers_with_the_right_come_in():
    for role in (Role.FINANCE_OFFICER, Role.POLICY_OFFICER):
        client, _ = officer(role)
        assert client.get(LIST).status_code == 403
    client, _ = visitor(Role.CASHIER, org_id=given.organisation())
    assert client.get(LIST).status_code == 403
    reviewer, _ = officer(Role.REVIEWER)
    shop = given.organisation()
    made = enter(reviewer, shop)
    assert made.status_code == 302
    other, _ = officer(Role.REVIEWER)
    assert press(other, models.Restriction.objects.get().pk, "confirm").status_code == 403


def barred(kind, key):
    return restricting.impose(
        actor=given.staff(Role.OPERATOR, region_path=given.CITY_PATH),
        new=NewRestriction(
            kind, str(key), Penalty.SUSPENSION, "倒卖补贴资格", "聊商务罚〔2026〕9号", clock.today()
        ),
        request_id=uuid4(),
    )


FIRMS = {
    "merchant": (OrgKind.RETAILER, Role.MERCHANT_MANAGER, "不能办理补贴销售"),
    "recycler": (OrgKind.RECYCLER, Role.RECYCLER_MANAGER, "不再派给新订单"),
    "dismantler": (OrgKind.DISMANTLER, Role.DISMANTLER_CLERK, "不能接收新的批次"),
}


@pytest.mark.parametrize("side", [*FIRMS, "citizen"])
def test_the_party_reads_why_until_when_and_appeals_and_gets_its_answer(side):
    if side in FIRMS:
        kind, role, effect = FIRMS[side]
        key = given.organisation(kind)
        client, _ = visitor(role, org_id=key)
        restriction_id = barred(RestrictionKind.ORGANISATION, key)
    else:
        client = Client()
        key, effect = given_citizen.resident(client).id, "不能领取和使用补贴资格"
        restriction_id = barred(RestrictionKind.PERSON, key)
    address = reverse(f"{side}:restrictions")
    appeal = reverse(f"{side}:appeal_restriction", args=[restriction_id])

    page = text_of(client.get(address))
    assert "倒卖补贴资格" in page
    assert "聊商务罚〔2026〕9号" in page
    assert effect in page
    assert "我要申诉" in page
    short = client.post(appeal, {"note": "不", "request_id": str(uuid4())})
    assert (short.status_code, models.RestrictionAppeal.objects.count()) == (422, 0)
    sent = {"note": "当天本人在外地出差", "request_id": str(uuid4())}
    assert [client.post(appeal, sent).status_code for _ in range(2)] == [302, 302]
    assert models.RestrictionAppeal.objects.count() == 1
    waiting = text_of(client.get(address))
    assert "等待答复" in waiting
    assert "我要申诉" not in waiting
    desk, _ = officer()
    assert press(desk, restriction_id, "grant", "出差记录属实").status_code == 302
    assert "申诉成立" in text_of(client.get(address))


def test_a_strangers_restriction_is_not_found():
    restriction_id = barred(RestrictionKind.ORGANISATION, given.organisation())
    client, _ = visitor(Role.MERCHANT_MANAGER, org_id=given.organisation())

    assert "没有针对您的限制" in text_of(client.get(reverse("merchant:restrictions")))
    sent = {"note": "不是本店的事", "request_id": str(uuid4())}
    answer = client.post(reverse("merchant:appeal_restriction", args=[restriction_id]), sent)
    assert answer.status_code == 404
    assert models.RestrictionAppeal.objects.count() == 0
