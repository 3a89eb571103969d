"""The catalogue of roles: what each may do, read from the table that every service asks."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.web.accounts.frames import show
from huanxin.web.session import actor_of, permitted, signed_in


@require_safe
@signed_in
def role_list(request: HttpRequest) -> HttpResponse:
    actor, titles = actor_of(request), identity.permission_titles()
    seen = set(Role) if identity.may(actor, "identity.set_role") else {Role(actor.role)}
    if identity.may(actor, "identity.open_account"):
        seen |= set(identity.givable_roles(actor, actor.org_id, actor.scope.region_path))
    roles = [
        {"card": card, "words": [titles.get(one, one) for one in card.permissions]}
        for card in identity.list_roles()
        if card.role in seen
    ]
    context = {"roles": roles, "may_set": identity.may(actor, "identity.set_role")}
    return show(request, "accounts/roles.html", context)


@require_POST
@signed_in
@permitted("identity.set_role")
def set_role(request: HttpRequest, role: str) -> HttpResponse:
    if role not in set(Role):
        raise Http404
    needs = request.POST.get("needs_second_factor") == "1"
    staffing.set_role(actor=actor_of(request), role=Role(role), needs_second_factor=needs)
    return redirect("accounts:roles")
