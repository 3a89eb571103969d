"""After a right code: which of the household, or somebody new."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huanxin.identity.types import AccountCard
from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.web.public.forms import RegisterForm


def who(
    request: HttpRequest, proof: str, cards: Sequence[AccountCard], wanted: str
) -> HttpResponse:
    """Several people share the phone: which of them is it?"""
    context = {"cards": cards, "proof": proof, "next": wanted}
    return render(request, "public/choose.html", context)


def unknown(request: HttpRequest, proof: str, wanted: str) -> HttpResponse:
    """Nobody is registered under the phone: register now."""
    form = RegisterForm(initial={"proof": proof})
    context = {"form": form, "next": wanted, "refusal": None}
    return render(request, "public/not_registered.html", context, status=404)


def page(
    request: HttpRequest, form: RegisterForm, wanted: str, refusal: DomainError | None = None
) -> HttpResponse:
    """The same form with what was typed and what is wrong with it."""
    context = {"form": form, "next": wanted, "refusal": refusal}
    status = HTTP_STATUS[refusal.kind] if refusal else 422
    return render(request, "public/not_registered.html", context, status=status)
