"""A refusal is answered once, by kind: a page, or an alert for htmx; never a traceback."""

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path

from huanxin.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Unavailable
from huanxin.project import urls as project_urls
from huanxin.web.pages import page

pytestmark = pytest.mark.django_db


class SoldOut(Conflict):
    code = "demo.sold_out"
    say = "{pool}已领完。"
    do = "请关注下一轮发放。"


KINDS: dict[str, tuple[DomainError, int]] = {
    "invalid": (Invalid(reason="金额有误"), 422),
    "forbidden": (NotAllowed(), 403),
    "absent": (NotFound(), 404),
    "conflict": (SoldOut(pool="东昌府区家电券"), 409),
    "later": (Unavailable(), 503),
}


def refuse(request, kind):
    raise KINDS[kind][0]


def break_down(request):
    raise RuntimeError("secret detail")


def listing(request):
    return page(request, "error.html", {"error": NotFound(), "status": 404, "request_id": "x"},
                part="components/alert.html")  # fmt: skip


def quiet(request):
    return HttpResponse("ok", headers={"Content-Security-Policy": "default-src 'none'"})


urlpatterns = [
    path("refuse/<str:kind>", refuse),
    path("break", break_down),
    path("listing", listing),
    path("quiet", quiet),
    path("", include(project_urls)),
]
handler404 = project_urls.handler404
handler500 = project_urls.handler500
with_refusals = override_settings(ROOT_URLCONF="tests.web.test_problems")


@with_refusals
@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_a_page_with_its_code_and_what_to_do(client, kind):
    error, status = KINDS[kind]
    answer = client.get(f"/refuse/{kind}")
    body = answer.content.decode()
    assert answer.status_code == status
    assert f'data-code="{error.code}"' in body
    assert error.what in body
    assert error.next_step in body
    assert "<html" in body


@with_refusals
@pytest.mark.parametrize("kind", KINDS)
def test_for_htmx_a_refusal_is_an_alert_in_its_own_place(client, kind):
    error, status = KINDS[kind]
    answer = client.get(f"/refuse/{kind}", headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert answer.status_code == status
    assert answer.headers["HX-Retarget"] == "#alerts"
    assert "<html" not in body
    assert f'data-code="{error.code}"' in body


@with_refusals
def test_an_htmx_part_is_found_unchanged_in_the_full_page(client):
    whole = client.get("/listing").content.decode()
    part = client.get("/listing", headers={"HX-Request": "true"})
    assert part.content.decode().strip() in whole
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    again = client.get(
        "/listing", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    assert "<html" in again.content.decode()


@with_refusals
def test_a_fault_of_ours_shows_a_number_and_no_traceback(client, caplog):
    client.raise_request_exception = False
    answer = client.get("/break")
    body = answer.content.decode()
    assert answer.status_code == 500
    assert "secret detail" not in body
    assert "Traceback" not in body
    number = answer.headers["X-Request-ID"]
    assert number in body
    assert number in caplog.text


def test_an_unknown_address_says_where_to_go(client):
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert 'data-code="web.page_not_found"' in answer.content.decode()


def test_a_request_keeps_its_own_number_if_it_is_harmless(client):
    kept = client.get("/login", headers={"X-Request-ID": "0192f3a6-7c8b"})
    assert kept.headers["X-Request-ID"] == "0192f3a6-7c8b"
    odd = client.get("/login", headers={"X-Request-ID": "a\tb<script>"})
    assert "<" not in odd.headers["X-Request-ID"]


@pytest.mark.parametrize("address", ["/", "/login", "/gallery", "/no/such/page"])
def test_every_answer_forbids_foreign_and_inline_code(client, address):
    policy = client.get(address).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@with_refusals
def test_an_answer_may_be_stricter_than_the_rest(client):
    assert client.get("/quiet").headers["Content-Security-Policy"] == "default-src 'none'"
