"""Difference cases as the recycler sees them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.web import case_pages
from huanxin.web.session import audience, permitted


@require_safe
@audience("recycler")
@permitted("recycling.settle_case")
def case_list(request: HttpRequest) -> HttpResponse:
    return case_pages.case_list(request, "recycler")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("recycler")
@permitted("recycling.settle_case")
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return case_pages.case(request, "recycler", case_id)
