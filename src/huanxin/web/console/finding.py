"""One place for any number an officer holds: it leads to the page of what the number names."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huanxin.claims import selectors as claims
from huanxin.claims.types import ClaimFilter
from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.settlement import selectors as settlement
from huanxin.settlement.selectors import public_book
from huanxin.web.session import actor_of, audience

FIND = "console/find.html"
_PERSONAL = re.compile(r"\d{17}[\dXx]|1\d{10}")  # a resident's document or a mobile phone
_UNIT_NUMBERS = ("HS", "HX", "ZM")  # what the page of units takes: orders, 焕新券, certificates


@require_safe
@never_cache
@audience("console")
def find(request: HttpRequest) -> HttpResponse:
    """Only what the officer's own role and region let through is found."""
    actor, asked = actor_of(request), request.GET.get("q", "").strip()
    if _PERSONAL.fullmatch(asked):
        return redirect(_list("console:find", why="personal"))  # out of the address
    href = next(filter(None, (look(actor, asked) for look in _LOOKS)), "") if asked else ""
    if href:
        return redirect(href)
    context = {"asked": asked, "is_personal": request.GET.get("why") == "personal"}
    return render(request, FIND, context, status=404 if asked else 200)


def _claim(actor: Actor, number: str) -> str:
    if not number.upper().startswith("XS") or not identity.may(actor, "claims.read"):
        return ""
    where = ClaimFilter(number=number.upper())
    found = claims.list_claims(actor.scope, where=where, size=2, most_counted=0).items
    if len(found) == 1:
        return reverse("console:claim", args=[found[0].claim_id])
    return _list("console:claims", number=number.upper()) if found else ""


def _batch(actor: Actor, number: str) -> str:
    if not identity.may(actor, "settlement.read"):
        return ""
    batch_id = settlement.find_batch_by_number(number, actor.scope)
    if batch_id is None:
        return ""
    stage = "?stage=payment" if number.upper().startswith("FK") else ""
    return reverse("console:batch", args=[batch_id]) + stage


def _objection(actor: Actor, number: str) -> str:
    if not identity.may(actor, "settlement.object"):
        return ""
    objection_id = public_book.find_objection_by_number(number, actor.scope)
    return reverse("console:objection", args=[objection_id]) if objection_id else ""


def _organisation(actor: Actor, words: str) -> str:
    """By credit code, or by a part of the name."""
    org = identity.find_organisation(words)
    if org is not None and actor.scope.covers(org.region_path):
        return reverse("console:organisation", args=[org.id])
    is_named = any(words in one.name for one in identity.list_organisations(actor.scope))
    return _list("console:organisations", q=words) if is_named else ""


def _restriction(actor: Actor, number: str) -> str:
    if not identity.may(actor, "identity.restrict"):
        return ""
    found = identity.list_restrictions(actor.scope, words=number).items
    return _list("console:restrictions", q=number, state="all") if found else ""


def _unit(_actor: Actor, code: str) -> str:
    """A unit by its code or the QR code's address, and what belongs to units."""
    is_unit = "://" in code or code.upper().startswith(_UNIT_NUMBERS)
    return _list("public:find", code=code) if is_unit else ""


def _list(page: str, **asked: str) -> str:
    return reverse(page) + "?" + urlencode(asked)


_LOOKS: tuple[Callable[[Actor, str], str], ...] = (
    _claim, _batch, _objection, _organisation, _restriction, _unit,
)  # fmt: skip
