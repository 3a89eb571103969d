"""API keys: issued and shown once, rotated with an overlap, revoked at once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.services import keying
from huanxin.identity.types import ApiKeyCard
from huanxin.kernel import clock
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.web.accounts.forms import KeyForm, ReasonForm, RotateForm
from huanxin.web.accounts.frames import show
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.session import actor_of, permitted, signed_in

NEW, ROTATE, REVOKE = (
    "accounts/key_new.html",
    "accounts/key_rotate.html",
    "accounts/key_revoke.html",
)


@require_safe
@signed_in
@permitted("identity.manage_keys")
def key_list(request: HttpRequest) -> HttpResponse:
    context = {"table": _table(identity.list_keys(actor_of(request)))}
    return show(request, "accounts/keys.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@permitted("identity.manage_keys")
def issue(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = KeyForm(request.POST or None, actor=actor)
    if not form.is_valid():
        return show(request, NEW, {"form": form}, status=422 if form.is_bound else 200)
    try:
        issued = keying.issue_key(actor=actor, new=form.as_key(actor))
    except DomainError as refusal:
        status = HTTP_STATUS[refusal.kind]
        return show(request, NEW, {"form": form, "refusal": refusal}, status=status)
    return show(request, "accounts/key_told.html", {"issued": issued})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@permitted("identity.manage_keys")
def rotate(request: HttpRequest, key_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    form, context = RotateForm(request.POST or None), {"key": identity.get_key(actor, key_id)}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return show(request, ROTATE, {**context, "form": form}, status=status)
    try:
        issued = keying.rotate_key(actor=actor, key_id=key_id, **form.cleaned_data)
    except DomainError as refusal:
        refused = {**context, "form": form, "refusal": refusal}
        return show(request, ROTATE, refused, status=HTTP_STATUS[refusal.kind])
    return show(request, "accounts/key_told.html", {"issued": issued})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@permitted("identity.manage_keys")
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    form, context = ReasonForm(request.POST or None), {"key": identity.get_key(actor, key_id)}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return show(request, REVOKE, {**context, "form": form}, status=status)
    keying.revoke_key(actor=actor, key_id=key_id, reason=form.cleaned_data["reason"])
    return redirect("accounts:keys")


def _table(found: list[ApiKeyCard]) -> Table:
    now, titles = clock.now(), identity.permission_titles()
    columns = (
        Column("name", _("用途")), Column("prefix", _("编号"), "number"),
        Column("state", _("状态"), "pill:key"), Column("permissions", _("权限")),
        Column("expires_at", _("有效至"), "time"), Column("last_used_at", _("最近使用"), "time"),
    )  # fmt: skip
    rows = [
        Row(
            {
                "name": one.name, "prefix": f"hxk_{one.prefix}_…", "state": one.state(now),
                "permissions": "、".join(titles.get(code, code) for code in one.permissions),
                "expires_at": one.revoked_at or one.expires_at, "last_used_at": one.last_used_at,
            },
            reverse("accounts:rotate_key", args=[one.id]) if one.state(now) == "live" else "",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(
        _("还没有密钥"), _("让进销存、ERP 等系统直接对接时，签发一个只有必要权限的密钥。"),
        reverse("accounts:issue_key"), _("签发密钥"), "lock",
    )  # fmt: skip
    return Table("keys", _("接口密钥"), columns, rows, empty, total_count=len(rows))
