"""Many sales' papers by file through the page: good rows kept, the others back with reasons."""

from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from huanxin.claims import models
from huanxin.identity.types import Role
from huanxin.kernel import clock
from tests import given
from tests.claims.test_upload import AT, book, line, sold
from tests.given_web import text_of, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    manager, sales = sold(2)
    with clock.standing_at(AT):
        yield visitor(Role.MERCHANT_MANAGER, org_id=manager.org_id)[0], sales


def send(client, content, keep="good", name="材料.xlsx"):
    file = SimpleUploadedFile(name, content, content_type="application/octet-stream")
    return client.post(reverse("merchant:uploads"), {"file": file, "keep": keep}, follow=True)


def test_the_good_row_is_kept_and_the_other_comes_back_in_a_workbook(shop):
    client, sales = shop
    bad = line(*sales[1], 2, 价税合计="=1+1")

    page = send(client, book(line(*sales[0], 1), bad))
    again = send(client, book(line(*sales[0], 1), bad))

    assert "合格的行已收下" in text_of(page)
    assert models.Evidence.objects.count() == 3
    upload = models.Upload.objects.order_by("uploaded_at").first()
    back = client.get(reverse("merchant:marked", args=[upload.pk]))
    sheet = load_workbook(BytesIO(back.content)).worksheets[0]
    last = [cell.value for cell in sheet[2]]
    assert last[0] == sales[1][1].number
    assert "是公式" in last[-1]
    assert again.status_code == 200


def test_all_or_none_says_that_nothing_was_kept(shop):
    client, sales = shop

    page = send(client, book(line(*sales[0], 1), line(*sales[1], 2, 单号="XS0")), "all")

    assert "一行也没有收下" in text_of(page)
    assert models.Evidence.objects.count() == 0


def test_a_torn_file_is_refused_on_the_page_and_the_template_downloads(shop):
    client, _ = shop

    page = send(client, b"PK\x03\x04 torn")
    template = client.get(reverse("merchant:evidence_template"))

    assert b'data-code="claims.file_unreadable"' in page.content
    heads = [cell.value for cell in load_workbook(BytesIO(template.content)).worksheets[0][1]]
    assert heads[:3] == ["单号", "发票号码", "发票代码"]


def test_another_shop_sees_nothing_of_it(shop):
    client, sales = shop
    send(client, book(line(*sales[0], 1)))
    upload = models.Upload.objects.get()
    other = visitor(Role.MERCHANT_MANAGER, org_id=given.organisation())[0]

    assert other.get(reverse("merchant:upload", args=[upload.pk])).status_code == 404
    assert other.get(reverse("merchant:marked", args=[upload.pk])).status_code == 404
    assert other.get(reverse("merchant:upload", args=[uuid4()])).status_code == 404
