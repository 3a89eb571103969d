"""Consumption vouchers of public money, on the officers' desk."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.web import campaigns
from huanxin.web.session import audience, permitted

SIDE = campaigns.Side("console")


@require_safe
@audience("console")
@permitted("vouchers.open_pool")
def campaign_list(request: HttpRequest) -> HttpResponse:
    return campaigns.show_list(request, SIDE)


@require_safe
@audience("console")
@permitted("vouchers.open_pool")
def campaign(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    return campaigns.show_one(request, SIDE, pool_id)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.open_pool")
def new(request: HttpRequest) -> HttpResponse:
    return campaigns.show_new(request, SIDE)


@require_POST
@audience("console")
def open_it(request: HttpRequest) -> HttpResponse:
    return campaigns.open_one(request, SIDE)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.open_pool")
def close(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    return campaigns.close_one(request, SIDE, pool_id)
