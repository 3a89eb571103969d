"""Webhooks: opened, tested, paused, their secret renewed, and the log of what was told."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.exchange import selectors
from huanxin.exchange.services import hooking
from huanxin.exchange.types import DeliveryCard, DeliveryState, EndpointCard
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.kernel.paging import Page
from huanxin.web.accounts.forms import WebhookForm
from huanxin.web.accounts.frames import show
from huanxin.web.claim_lists import page_asked
from huanxin.web.parts import Column, Empty, Fact, Filter, Row, Table
from huanxin.web.session import actor_of, permitted, signed_in

NEW, ONE = "accounts/webhook_new.html", "accounts/webhook.html"
OVERLAP_HOURS = 24


@require_safe
@signed_in
@permitted("identity.manage_keys")
def webhook_list(request: HttpRequest) -> HttpResponse:
    context = {"table": _table(selectors.list_endpoints(actor_of(request)))}
    return show(request, "accounts/webhooks.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@permitted("identity.manage_keys")
def open_webhook(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if not form.is_valid():
        return show(request, NEW, {"form": form}, status=422 if form.is_bound else 200)
    try:
        issued = hooking.open_endpoint(actor=actor_of(request), new=form.as_endpoint())
    except DomainError as refusal:
        refused = {"form": form, "refusal": refusal}
        return show(request, NEW, refused, status=HTTP_STATUS[refusal.kind])
    return show(request, "accounts/webhook_told.html", {"issued": issued})


@require_safe
@signed_in
@permitted("identity.manage_keys")
def webhook(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    return _one(request, endpoint_id)


@never_cache
@require_POST
@signed_in
@permitted("identity.manage_keys")
def change(request: HttpRequest, endpoint_id: UUID, verb: str) -> HttpResponse:
    actor = actor_of(request)
    if verb == "rotate":
        issued = hooking.rotate_secret(
            actor=actor, endpoint_id=endpoint_id, overlap_hours=OVERLAP_HOURS
        )
        return show(request, "accounts/webhook_told.html", {"issued": issued})
    if verb == "test":
        hooking.send_test(actor=actor, endpoint_id=endpoint_id)
    elif verb in {"pause", "resume"}:
        hooking.set_active(actor=actor, endpoint_id=endpoint_id, is_active=verb == "resume")
    else:
        raise Http404
    return redirect("accounts:webhook", endpoint_id)


@require_POST
@signed_in
@permitted("identity.manage_keys")
def send_again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    card = hooking.send_again(actor=actor_of(request), delivery_id=delivery_id)
    return redirect("accounts:webhook", card.endpoint_id)


def _one(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    card = selectors.get_endpoint(actor, endpoint_id)
    asked = request.GET.get("state", "")
    state = DeliveryState(asked) if asked in set(DeliveryState) else None
    found = selectors.list_deliveries(
        actor, endpoint_id, state=state, page=page_asked(request.GET.get("page", "1"))
    )
    titles = {topic.code: topic.title for topic in selectors.list_topics()}
    states = [("", _("全部")), ("waiting", _("等待推送")), ("delivered", _("已送达")),
              ("dead", _("未送达"))]  # fmt: skip
    context = {
        "card": card,
        "facts": [
            Fact(_("接收网址"), card.url, "number"),
            Fact(_("状态"), "active" if card.is_active else "paused", "pill:hook"),
            Fact(_("推送的事件"), "、".join(titles[one] for one in card.topics)),
        ],
        "filters": [Filter("state", _("状态"), asked if state else "", options=states)],
        "table": _log(found, titles),
        "dead": [
            one for one in found.items if one.state == DeliveryState.DEAD and one.topic in titles
        ],
    }
    return show(request, ONE, context)


def _log(found: Page[DeliveryCard], titles: dict[str, str]) -> Table:
    columns = (
        Column("at", _("发生时间"), "time"), Column("topic", _("事件")),
        Column("state", _("状态"), "pill:delivery"), Column("tries", _("次数"), "count"),
        Column("last", _("最近一次")), Column("next", _("下次"), "time"),
    )  # fmt: skip
    rows = [
        Row({
            "at": one.created_at, "topic": titles.get(one.topic, _("测试")), "state": one.state,
            "tries": len(one.attempts), "last": _last(one),
            "next": one.due_at if one.state == DeliveryState.WAITING else None,
        })
        for one in found.items
    ]  # fmt: skip
    empty = Empty(_("还没有推送"), _("有订阅的事件发生后，每次推送和结果都列在这里。"))
    return Table(
        "deliveries", _("推送记录"), columns, rows, empty,
        page=found.number, pages=found.pages, total_count=found.total,
    )  # fmt: skip


def _last(one: DeliveryCard) -> str:
    if not one.attempts:
        return ""
    last = one.attempts[-1]
    return f"HTTP {last.status} {last.error}".strip() if last.status else last.error


def _table(found: list[EndpointCard]) -> Table:
    columns = (
        Column("name", _("用途")), Column("url", _("接收网址"), "number"),
        Column("state", _("状态"), "pill:hook"), Column("topics", _("事件"), "count"),
        Column("created_at", _("设置时间"), "time"),
    )  # fmt: skip
    rows = [
        Row(
            {
                "name": one.name, "url": one.url, "topics": len(one.topics),
                "state": "active" if one.is_active else "paused", "created_at": one.created_at,
            },
            reverse("accounts:webhook", args=[one.id]),
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(
        _("还没有推送"), _("设置一个接收网址，有事发生时平台主动告知，不必反复来问。"),
        reverse("accounts:open_webhook"), _("设置推送"), "refresh",
    )  # fmt: skip
    return Table("webhooks", _("事件推送"), columns, rows, empty, total_count=len(rows))
