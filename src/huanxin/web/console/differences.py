"""Difference cases of the region: the office hears both sides and ends what nobody else may."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.web import case_pages
from huanxin.web.session import audience, permitted


@require_safe
@audience("console")
@permitted("recycling.settle_case")
def difference_list(request: HttpRequest) -> HttpResponse:
    return case_pages.case_list(request, "console")


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("recycling.settle_case")
def difference(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return case_pages.case(request, "console", case_id)
