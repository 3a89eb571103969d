"""Between a right password and a session: the six digits, a first password, a new authenticator."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from huanxin.identity.services import signing_in
from huanxin.identity.types import NextStep, Passed
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.web import session
from huanxin.web.public.forms import DigitsForm, NewPasswordForm

_PAGES = {
    NextStep.SECOND_FACTOR: "public/second_factor.html",
    NextStep.NEW_PASSWORD: "public/new_password.html",
    NextStep.ENROL: "public/bind.html",
}
_FORMS: dict[NextStep, Callable[..., DigitsForm | NewPasswordForm]] = {
    NextStep.SECOND_FACTOR: DigitsForm,
    NextStep.NEW_PASSWORD: NewPasswordForm,
    NextStep.ENROL: DigitsForm,
}


def onward(request: HttpRequest, passed: Passed, wanted: str) -> HttpResponse:
    """The next step's page, or a session once nothing is left to show."""
    if passed.next == NextStep.ENTER:
        session.sign_in(request, passed.card.id)
        return HttpResponseRedirect(wanted or session.home_url(passed.card.role))
    return _page(request, passed.next, passed.ticket, wanted)


@never_cache
@require_POST
def second_factor(request: HttpRequest) -> HttpResponse:
    return _step(request, NextStep.SECOND_FACTOR, lambda form, ticket: signing_in.present_code(
        ticket=ticket, code=form["code"], address=session.address_of(request)
    ))  # fmt: skip


@never_cache
@require_POST
def new_password(request: HttpRequest) -> HttpResponse:
    return _step(request, NextStep.NEW_PASSWORD, lambda form, ticket: (
        signing_in.choose_first_password(ticket=ticket, password=form["password"])
    ))  # fmt: skip


@never_cache
@require_POST
def bind(request: HttpRequest) -> HttpResponse:
    """The first code of a new authenticator; then the recovery codes, shown this once."""
    form, ticket, wanted = DigitsForm(request.POST), _ticket(request), _wanted(request)
    if not form.is_valid():
        return _page(request, NextStep.ENROL, ticket, wanted, form=form, status=422)
    try:
        passed, codes = signing_in.finish_enrolment(ticket=ticket, code=form.cleaned_data["code"])
    except DomainError as refusal:
        return _page(request, NextStep.ENROL, ticket, wanted, form=form, refusal=refusal)
    session.sign_in(request, passed.card.id)
    context = {"codes": codes, "onward": wanted or session.home_url(passed.card.role)}
    return render(request, "public/recovery_codes.html", context)


def _step(
    request: HttpRequest, step: NextStep, act: Callable[[dict[str, Any], str], Passed]
) -> HttpResponse:
    form, ticket, wanted = _FORMS[step](request.POST), _ticket(request), _wanted(request)
    if not form.is_valid():
        return _page(request, step, ticket, wanted, form=form, status=422)
    try:
        passed = act(form.cleaned_data, ticket)
    except DomainError as refusal:
        return _page(request, step, ticket, wanted, form=form, refusal=refusal)
    return onward(request, passed, wanted)


def _page(
    request: HttpRequest, step: NextStep, ticket: str, wanted: str, *,
    form: DigitsForm | NewPasswordForm | None = None, refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "form": form or _FORMS[step](), "ticket": ticket, "next": wanted, "refusal": refusal,
    }  # fmt: skip
    if refusal is not None:
        status = HTTP_STATUS[refusal.kind]
    if step == NextStep.ENROL:
        factor = signing_in.begin_enrolment(ticket=ticket)
        context["factor"] = factor
    return render(request, _PAGES[step], context, status=status)


def _ticket(request: HttpRequest) -> str:
    return request.POST.get("ticket", "")


def _wanted(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours else ""
