"""A unit's life and a certificate: open to whoever holds the code, provable, nobody named."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.kernel import merkle
from huanxin.kernel.actor import Scope
from huanxin.kernel.crypto import TokenInvalid
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import floor_book
from huanxin.recycling.types.floor import CertificateCard
from huanxin.trace import selectors as trace
from huanxin.trace.errors import UnitUnknown
from huanxin.trace.types import Passport, Stop
from huanxin.web import unit_parts, values
from huanxin.web.parts import Fact

OPEN = Scope()  # passports and certificates name organisations, never people


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """One input that takes what a scanner read: Digital Link, unit code or certificate number."""
    asked = request.GET.get("code", "").strip()
    context: dict[str, Any] = {"asked": asked, "refusal": None}
    if not asked:
        return render(request, "public/find.html", context)
    try:
        if asked.upper().startswith("ZM"):
            card = floor_book.get_certificate(asked)
            return HttpResponseRedirect(reverse("public:certificate", args=[card.number]))
        code = trace.read_scanned(asked)
        return HttpResponseRedirect(reverse("public:trace", args=[code]))
    except DomainError as refusal:
        context["refusal"] = refusal
    return render(request, "public/find.html", context, status=422)


@require_safe
def unit(request: HttpRequest, unit_code: str) -> HttpResponse:
    passport = trace.find_passport(unit_code)
    if passport is None:
        raise UnitUnknown(unit_code=unit_code)
    stops = trace.story(passport.unit_code, OPEN)
    here = reverse("public:trace", args=[passport.unit_code])
    context = {
        "passport": passport, "facts": _facts(passport), "here": request.build_absolute_uri(here),
        "stops": [_stop(stop, passport) for stop in stops],
        "is_open": passport.closed_at is None, "name": unit_parts.class_name(passport.class_code),
    }  # fmt: skip
    return render(request, "public/trace.html", context)


@require_safe
def proof(request: HttpRequest, unit_code: str, row_id: int) -> HttpResponse:
    """The inclusion proof of one stop, with its event: everything an offline check needs."""
    stop = next((one for one in trace.story(unit_code, OPEN) if one.row_id == row_id), None)
    if stop is None or not stop.is_sealed:
        raise UnitUnknown(unit_code=unit_code)
    text, event = trace.leaf_of(row_id)
    says = f"{unit_code} {stop.title} {stop.org_name}"
    body = merkle.proof_of("event", row_id).as_json(text, event=event, says=says)
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"{unit_code}-{stop.seq or row_id}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """A certificate and, for whoever came by its QR, whether the seal in it is ours."""
    card = floor_book.get_certificate(number)
    seal = request.GET.get("seal", "")
    context = {
        "card": card,
        "facts": unit_parts.certificate_facts(card),
        "outputs": unit_parts.outputs_table(card),
        "seal_state": _seal_state(seal, card),
        "sealed_url": request.build_absolute_uri(
            f"{reverse('public:certificate', args=[card.number])}?seal={card.token}"
        ),
        "name": unit_parts.class_name(card.waste_class_code),
    }  # fmt: skip
    return render(request, "public/certificate.html", context)


def _seal_state(seal: str, card: CertificateCard) -> str:
    """'' without a seal, else whether it is ours and names this certificate."""
    if not seal:
        return ""
    try:
        return "right" if floor_book.verify_certificate(seal).number == card.number else "wrong"
    except (TokenInvalid, DomainError):
        return "wrong"


def _stop(stop: Stop, passport: Passport) -> dict[str, Any]:
    proof_url = reverse("public:proof", args=[passport.unit_code, stop.row_id])
    mass = values.kilograms(stop.mass_g) if stop.mass_g else ""
    return {"stop": stop, "mass": mass, "proof_url": proof_url}


def _facts(passport: Passport) -> list[Fact]:
    rows = [
        Fact(_("机身码"), passport.unit_code, "number"),
        Fact(_("状态"), passport.state.value, "pill:unit"),
        Fact(_("建档时间"), passport.born_at, "time"),
        Fact(_("重量"), passport.mass_g, "mass"),
    ]
    if passport.certificate_no:
        href = reverse("public:certificate", args=[passport.certificate_no])
        rows.append(Fact(_("拆解证明"), passport.certificate_no, "number", href=href))
    return rows
