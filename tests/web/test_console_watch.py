"""The desk watched: stops end by two, checks are muted with a name, numbers change by two."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huanxin.claims import models
from huanxin.identity.types import Role
from huanxin.kernel import clock
from tests import given, given_claims, given_desk_terms
from tests.claims.test_breaker import tripped
from tests.claims.test_sampling import failed_sample
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db
WATCH = "/console/watch"


@pytest.fixture(autouse=True)
def _eight_hours_later():
    with clock.standing_at(given_claims.SOLD_AT + timedelta(hours=8)):
        yield


def officer(role: Role = Role.OPERATOR):
    return visitor(role, region_path=given.CITY_PATH)[0]


def settle(client, stop, outcome):
    sent = {"outcome": outcome, "note": "已核对检查的写法", "request_id": str(uuid4())}
    return client.post(reverse("console:settle_stop", args=[stop.pk]), sent)


def test_a_stopped_check_is_put_right_by_two_officers():
    tripped()
    one, two = officer(), officer()
    stop = models.Stop.objects.get()
    page = text_of(one.get(WATCH))
    assert "金额不一致" in page
    assert "已停用，待核实" in page

    assert settle(one, stop, "check_wrong").status_code == 302
    assert "等另一名工作人员" in text_of(one.get(WATCH))
    again = settle(one, stop, "check_wrong")
    assert (again.status_code, 'data-code="claims.same_person"' in text_of(again)) == (403, True)
    assert settle(two, stop, "check_wrong").status_code == 302
    after = text_of(two.get(WATCH))
    assert "没有被暂停的商户或检查" in after
    assert models.Waiver.objects.get().check_id == "amount_differs"


def test_a_stopped_shop_reads_it_on_its_own_page():
    org_id, _claims, drawn = failed_sample()
    client, _ = visitor(Role.MERCHANT_MANAGER, org_id=org_id)

    page = text_of(client.get(reverse("merchant:restrictions")))

    assert drawn.card.number in page
    assert "付款暂停" in page
    stop = models.Stop.objects.get()
    wrong = settle(officer(Role.REVIEWER), stop, "free")
    assert 'data-code="claims.stop_not_ready"' in text_of(wrong)


def test_a_waiver_is_entered_used_and_ended():
    client = officer()
    until = clock.now() + timedelta(days=3)
    sent = {
        "check_id": "serial_differs", "subject": "all", "key": "", "reason": "识别程序升级中",
        "until_at": f"{until:%Y-%m-%dT%H:%M}", "request_id": str(uuid4()),
    }  # fmt: skip
    assert client.post(reverse("console:waive_check"), sent).status_code == 302
    row = models.Waiver.objects.get()
    assert "识别程序升级中" in text_of(client.get(WATCH))
    far = client.post(
        reverse("console:waive_check"),
        sent | {"until_at": "2099-01-01T00:00", "request_id": str(uuid4())},
    )
    assert 'data-code="claims.waiver_invalid"' in text_of(far)
    ended = client.post(reverse("console:end_waiver", args=[row.pk]), {"reason": "识别程序已修好"})
    assert ended.status_code == 302
    assert officer(Role.REVIEWER).post(reverse("console:waive_check"), sent).status_code == 403
    assert models.Waiver.objects.count() == 1


def test_numbers_change_by_two_officers_and_bad_ones_stay_on_the_page():
    one, two = officer(), officer()
    address = reverse("console:desk_terms")
    content = json.dumps(given_desk_terms.content())
    sent = {"content": content, "reason": "提高抽查率", "request_id": str(uuid4())}

    bad = one.post(address, sent | {"content": "{", "request_id": str(uuid4())})
    assert 'data-code="claims.terms_invalid"' in text_of(bad)
    assert one.post(address, sent).status_code == 302
    row = models.DeskTerms.objects.get()
    approve = reverse("console:approve_desk_terms", args=[row.pk])
    assert one.post(approve).status_code == 403
    assert two.post(approve).status_code == 302
    assert "现行第 1 版" in text_of(two.get(address))
    assert officer(Role.REVIEWER).get(address).status_code == 403


def test_a_days_draw_is_listed_with_its_commitment_and_told_the_day_after():
    given_desk_terms.published(sample_bps=given_desk_terms.ALL_SAMPLED)
    _, claim = given_claims.decided()
    on = clock.today().isoformat()
    client = officer(Role.REVIEWER)

    page = text_of(client.get(reverse("console:samples"), {"on": on}))
    assert claim.card.number in page
    assert "次日公开" in page
    with clock.standing_at(given_claims.SOLD_AT + timedelta(days=1)):
        assert "次日公开</dd>" not in text_of(client.get(reverse("console:samples"), {"on": on}))
    for role in (Role.FINANCE_OFFICER, Role.POLICY_OFFICER):
        assert officer(role).get(WATCH).status_code == 403
