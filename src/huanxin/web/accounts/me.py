"""My account: password, second factor, and where I am signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.services import proving
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.web import session
from huanxin.web.accounts.forms import PasswordForm, ProveForm
from huanxin.web.accounts.frames import show
from huanxin.web.citizen.words import id_of
from huanxin.web.parts import Column, Fact, Row, Table
from huanxin.web.public.forms import DigitsForm
from huanxin.web.session import actor_of, signed_in

ME, FACTOR = "accounts/me.html", "accounts/factor.html"


@never_cache
@require_safe
@signed_in
def me(request: HttpRequest) -> HttpResponse:
    return _me(request)


@require_POST
@signed_in
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _me(request, form=form, status=422)
    try:
        proving.change_password(
            actor=actor_of(request), old=form.cleaned_data["old"],
            new=form.cleaned_data["password"], session_id=session.session_id_of(request),
            address=session.address_of(request),
        )  # fmt: skip
    except DomainError as refusal:
        return _me(request, form=form, refusal=refusal)
    return redirect("accounts:me")


@never_cache
@require_POST
@signed_in
def factor(request: HttpRequest) -> HttpResponse:
    """Show a new secret, after the password once more."""
    form = ProveForm(request.POST)
    if not form.is_valid():
        return _me(request, status=422)
    try:
        found = proving.begin_second_factor(actor=actor_of(request), **form.cleaned_data)
    except DomainError as refusal:
        return _me(request, refusal=refusal)
    return show(request, FACTOR, {"factor": found, "form": DigitsForm()})


@never_cache
@require_POST
@signed_in
def confirm_factor(request: HttpRequest) -> HttpResponse:
    try:
        codes = proving.confirm_second_factor(
            actor=actor_of(request), code=request.POST.get("code", "")
        )
    except DomainError as refusal:
        return _me(request, refusal=refusal)
    return show(request, "accounts/codes.html", {"codes": codes})


@never_cache
@require_POST
@signed_in
def new_codes(request: HttpRequest) -> HttpResponse:
    try:
        codes = proving.renew_recovery_codes(
            actor=actor_of(request), code=request.POST.get("code", "")
        )
    except DomainError as refusal:
        return _me(request, refusal=refusal)
    return show(request, "accounts/codes.html", {"codes": codes})


@require_POST
@signed_in
def remove_factor(request: HttpRequest) -> HttpResponse:
    try:
        proving.remove_second_factor(actor=actor_of(request), code=request.POST.get("code", ""))
    except DomainError as refusal:
        return _me(request, refusal=refusal)
    return redirect("accounts:me")


@require_POST
@signed_in
def end_sessions(request: HttpRequest) -> HttpResponse:
    """One session, or every other one."""
    actor = actor_of(request)
    if request.POST.get("session"):
        proving.end_session(actor=actor, session_id=id_of(request, "session"))
    else:
        proving.end_other_sessions(actor=actor, session_id=session.session_id_of(request))
    return redirect("accounts:me")


def _me(
    request: HttpRequest, *, form: PasswordForm | None = None, refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor = actor_of(request)
    role = Role(actor.role)
    has_factor = identity.has_second_factor(actor.account_id)
    facts = [Fact(_("姓名"), actor.name), Fact(_("角色"), identity.role_title(role))]
    if actor.org_id is not None:
        facts.append(Fact(_("单位"), identity.get_organisation(actor.org_id).name))
    context: dict[str, Any] = {
        "facts": facts, "password_form": form or PasswordForm(), "prove": ProveForm(),
        "digits": DigitsForm(), "has_factor": has_factor, "refusal": refusal,
        "must_have_factor": identity.needs_second_factor(role),
        "codes_left": identity.count_recovery_codes(actor.account_id),
        "sessions": _sessions(request), "is_resident": role == Role.CONSUMER,
    }  # fmt: skip
    return show(request, ME, context, status=HTTP_STATUS[refusal.kind] if refusal else status)


def _sessions(request: HttpRequest) -> Table:
    mine = session.session_id_of(request)
    columns = (
        Column("device", _("设备")), Column("address", _("网络地址"), "number"),
        Column("started_at", _("登录时间"), "time"), Column("seen_at", _("最近使用"), "time"),
    )  # fmt: skip
    rows = [
        Row({
            "device": (one.device or _("未知设备")) + (_("（当前）") if one.id == mine else ""),
            "address": one.address, "started_at": one.started_at,
            "seen_at": clock.now() if one.id == mine else one.seen_at,
        })
        for one in identity.list_sessions(actor_of(request).account_id)
    ]  # fmt: skip
    return Table("sessions", _("登录中的设备"), columns, rows, total_count=len(rows))
