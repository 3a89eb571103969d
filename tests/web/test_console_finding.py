"""Any number an officer holds leads to its page, within her role and region and no further."""

import pytest
from django.urls import reverse

from huanxin.identity import selectors as identity
from huanxin.identity.types import Role
from huanxin.kernel.actor import Scope
from huanxin.settlement import selectors as settlement
from tests import given, given_settlement
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db


def where(number, role=Role.OPERATOR, region_path=given.CITY_PATH):
    """The page that a number leads to; '' if to none."""
    client, _ = visitor(role, region_path=region_path)
    answer = client.get(reverse("console:find"), {"q": number})
    assert answer.status_code in {302, 404}
    return answer.get("Location", "")


def test_each_kind_of_number_leads_to_its_page():
    _till, _claim, order = given_settlement.paid()
    [batch] = settlement.list_batches(Scope()).items
    batch_id = batch.batch_id
    [item] = settlement.list_items(batch_id, Scope()).items
    shop = identity.get_organisation(order.org_id)

    page = reverse("console:batch", args=[batch_id])
    assert where(item.sale_number) == reverse("console:claim", args=[item.claim_id])
    assert where(batch.number.lower()) == page
    assert where(order.number) == page + "?stage=payment"
    assert where(shop.uscc) == reverse("console:organisation", args=[shop.id])
    assert where(shop.name[2:]).startswith(reverse("console:organisations") + "?q=")
    assert where("HX26152600008180").startswith(reverse("public:find"))
    assert where("XS000000-0000-0000000-0") == ""


def test_nothing_beyond_role_or_region_is_found():
    _till, claim, order = given_settlement.paid()
    shop = identity.get_organisation(order.org_id)
    elsewhere = {"region_path": given.CITY_PATH + "/371521"}
    for number in (claim.card.number, order.number, shop.uscc):
        assert where(number, **elsewhere) == ""
    assert where(order.number, Role.REVIEWER) == ""
    assert where(claim.card.number, Role.POLICY_OFFICER) == ""


@pytest.mark.parametrize("personal", ["37150219800101123X", "13800138000"])
def test_a_persons_number_is_not_searched_and_not_said_back(personal):
    client, _ = visitor(Role.OPERATOR)
    answer = client.get(reverse("console:find"), {"q": personal}, follow=True)
    assert answer.redirect_chain == [(reverse("console:find") + "?why=personal", 302)]
    assert personal not in text_of(answer)
    assert "人群身份信息" in text_of(answer)


def test_every_desk_page_has_the_box():
    client, _ = visitor(Role.FINANCE_OFFICER)
    page = text_of(client.get(reverse("console:batches")))
    assert f'action="{reverse("console:find")}"' in page
