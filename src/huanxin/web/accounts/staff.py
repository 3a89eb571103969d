"""Colleagues' accounts: those of one's own organisation, or at and below one's region."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.services import staffing
from huanxin.identity.types import OpenedAccount, Role, StaffAccount
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.kernel.paging import Page
from huanxin.web.accounts.forms import HireForm
from huanxin.web.accounts.frames import show
from huanxin.web.claim_lists import page_asked
from huanxin.web.parts import Column, Empty, Fact, Filter, Row, Table
from huanxin.web.session import actor_of, permitted, signed_in

ONE, NEW = "accounts/account.html", "accounts/hire.html"


@require_safe
@signed_in
@permitted("identity.open_account")
def staff_list(request: HttpRequest) -> HttpResponse:
    words, asked = request.GET.get("q", "").strip(), request.GET.get("role", "")
    role = Role(asked) if asked in set(Role) else None
    found = identity.list_accounts(
        actor_of(request), words=words, role=role, page=page_asked(request.GET.get("page", "1"))
    )
    roles = [(one.value, identity.role_title(one)) for one in Role if one != Role.CONSUMER]
    filters = [
        Filter("q", _("登录名或姓名"), words, "search"),
        Filter("role", _("角色"), asked if role else "", options=[("", _("全部角色")), *roles]),
    ]
    return show(request, "accounts/staff.html", {"filters": filters, "table": _table(found)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@permitted("identity.open_account")
def hire(request: HttpRequest) -> HttpResponse:
    """The form; then the one-time password, which this page alone shows."""
    actor = actor_of(request)
    form = HireForm(request.POST or None, actor=actor)
    if not form.is_valid():
        return show(request, NEW, {"form": form}, status=422 if form.is_bound else 200)
    try:
        opened = staffing.hire(actor=actor, new=form.as_staff())
    except DomainError as refusal:
        status = HTTP_STATUS[refusal.kind]
        return show(request, NEW, {"form": form, "refusal": refusal}, status=status)
    return _told(request, opened)


@require_safe
@signed_in
@permitted("identity.open_account")
def account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    return _one(request, account_id)


@never_cache
@require_POST
@signed_in
@permitted("identity.open_account")
def change(request: HttpRequest, account_id: UUID, verb: str) -> HttpResponse:
    if verb not in _VERBS:
        raise Http404
    try:
        done = _VERBS[verb](actor_of(request), account_id, request.POST.get("reason", ""))
    except DomainError as refusal:
        return _one(request, account_id, refusal)
    if isinstance(done, OpenedAccount):
        return _told(request, done)
    return redirect("accounts:account", account_id)


_VERBS: dict[str, Callable[[Actor, UUID, str], object]] = {
    "disable": lambda actor, one, reason: staffing.set_active(
        actor=actor, account_id=one, is_active=False, reason=reason
    ),
    "enable": lambda actor, one, reason: staffing.set_active(
        actor=actor, account_id=one, is_active=True, reason=reason
    ),
    "reset": lambda actor, one, _: staffing.reset_password(actor=actor, account_id=one),
    "unbind": lambda actor, one, reason: staffing.clear_second_factor(
        actor=actor, account_id=one, reason=reason
    ),
    "sign-out": lambda actor, one, _: staffing.end_sessions(actor=actor, account_id=one),
    "promote": lambda actor, one, _: staffing.set_administrator(
        actor=actor, account_id=one, is_administrator=True
    ),
    "demote": lambda actor, one, _: staffing.set_administrator(
        actor=actor, account_id=one, is_administrator=False
    ),
}


def _one(
    request: HttpRequest, account_id: UUID, refusal: DomainError | None = None
) -> HttpResponse:
    one = identity.get_account(actor_of(request), account_id)
    card = one.card
    facts = [
        Fact(_("登录名"), card.login, "number"), Fact(_("姓名"), card.display_name),
        Fact(_("角色"), identity.role_title(card.role)), Fact(_("单位"), one.org_name),
        Fact(_("状态"), _state(one), "pill:account"),
        Fact(_("本单位管理员"), _("是") if card.is_administrator else _("否")),
        Fact(_("动态码"), _("已绑定") if one.has_second_factor else _("未绑定")),
        Fact(_("登录中的设备"), one.open_sessions, "count"),
        Fact(_("最近登录"), card.last_seen_at, "time"),
    ]  # fmt: skip
    context = {
        "one": one, "facts": facts, "refusal": refusal,
        "is_self": card.id == actor_of(request).account_id,
        "may_audit": identity.may(actor_of(request), "audit.read"),
    }  # fmt: skip
    return show(request, ONE, context, status=HTTP_STATUS[refusal.kind] if refusal else 200)


def _told(request: HttpRequest, opened: OpenedAccount) -> HttpResponse:
    return show(request, "accounts/one_time.html", {"opened": opened})


def _state(one: StaffAccount) -> str:
    if not one.card.is_active:
        return "disabled"
    return "first" if one.card.must_change_password else "active"


def _table(found: Page[StaffAccount]) -> Table:
    columns = (
        Column("login", _("登录名"), "number"), Column("name", _("姓名")),
        Column("role", _("角色")), Column("org", _("单位")),
        Column("state", _("状态"), "pill:account"), Column("factor", _("动态码")),
        Column("seen_at", _("最近登录"), "time"),
    )  # fmt: skip
    rows = [
        Row(
            {
                "login": one.card.login, "name": one.card.display_name, "org": one.org_name,
                "role": identity.role_title(one.card.role)
                + (_("（管理员）") if one.card.is_administrator else ""),
                "state": _state(one), "factor": _("已绑定") if one.has_second_factor else "",
                "seen_at": one.card.last_seen_at,
            },
            reverse("accounts:account", args=[one.card.id]),
        )
        for one in found.items
    ]  # fmt: skip
    empty = Empty(_("没有符合条件的账号"), _("点“开立账号”为同事开通。"), icon="user")
    return Table(
        "staff", _("工作人员账号"), columns, rows, empty,
        page=found.number, pages=found.pages, total_count=found.total,
    )  # fmt: skip
