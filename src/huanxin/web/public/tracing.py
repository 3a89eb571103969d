"""A unit's life and a certificate: open to whoever holds the code, provable, nobody named."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.kernel import ids, merkle
from huanxin.kernel.actor import Scope
from huanxin.kernel.crypto import TokenInvalid
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import floor_book, order_book, renewal_book
from huanxin.recycling.types.floor import CertificateCard
from huanxin.trace import selectors as trace
from huanxin.trace.errors import UnitCodeInvalid, UnitUnknown
from huanxin.trace.types import Passport, Sighting, Stop
from huanxin.vouchers import selectors as vouchers
from huanxin.web import unit_parts, values
from huanxin.web.parts import Fact
from huanxin.web.session import actor_of, find_actor

OPEN = Scope()  # passports and certificates name organisations, never people


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """One input that takes what people hold: a QR code, a unit code, a certificate; and, for whom
    they concern, an order's or a voucher's number."""
    asked = request.GET.get("code", "").strip()
    context: dict[str, Any] = {"asked": asked, "refusal": None, "units": []}
    if not asked:
        return render(request, "public/find.html", context)
    if _is_number(asked) and find_actor(request) is None:
        return redirect_to_login(request.get_full_path())
    try:
        found = _found(request, asked)
        if len(found) == 1:
            return HttpResponseRedirect(found[0])
        context["units"] = [(url.rpartition("/")[2], url) for url in found]
        return render(request, "public/find.html", context)
    except DomainError as refusal:
        context["refusal"] = refusal
    return render(request, "public/find.html", context, status=422)


def _found(request: HttpRequest, asked: str) -> list[str]:
    """The pages that a number leads to, for whoever asks."""
    if asked.upper().startswith("ZM"):
        number = floor_book.get_certificate(asked).number
        return [reverse("public:certificate", args=[number])]
    if _is_number(asked):
        codes = _units_of_order(request, asked)
        return [reverse("public:trace", args=[code]) for code in codes]
    try:
        return [reverse("public:trace", args=[trace.read_scanned(asked)])]
    except UnitCodeInvalid:
        codes = order_book.units_by_serial(asked)
        if not codes:
            raise
    return [reverse("public:trace", args=[code]) for code in codes]


def _is_number(asked: str) -> bool:
    """Whether it is the number of an order or a voucher: those say whose they are."""
    return "-" in asked and not asked.upper().startswith("ZM") and ids.is_number(asked)


def _units_of_order(request: HttpRequest, number: str) -> list[str]:
    """By the order's or the trade-in voucher's number: the owner's own, or the region's office."""
    scope = actor_of(request).scope
    order = order_book.find_order_by_number(number, scope)
    order_id = order.id if order else vouchers.find_order_of_voucher(number, scope)
    codes = trace.units_of_order(order_id) if order_id else []
    if not codes:
        raise UnitUnknown(unit_code=number)
    return codes


@require_safe
def unit(request: HttpRequest, unit_code: str) -> HttpResponse:
    """A unit's life as one line: who held it, what others reported, and the seal of each stop."""
    known = unit_code if trace.find_passport(unit_code) else _former_code(unit_code)
    passport, stops, seen = trace.life(known, OPEN)
    lines = _lines(passport, stops, seen)
    here = reverse("public:trace", args=[passport.unit_code])
    context = {
        "passport": passport, "facts": _facts(passport), "here": request.build_absolute_uri(here),
        "stops": lines, "is_open": passport.closed_at is None,
        "sealed_count": sum(line["is_sealed"] for line in lines),
        "proofs_url": reverse("public:proofs", args=[passport.unit_code]),
        "name": unit_parts.class_name(passport.class_code),
    }  # fmt: skip
    return render(request, "public/trace.html", context)


@require_safe
def proofs_of_all(request: HttpRequest, unit_code: str) -> HttpResponse:
    """The proofs of every sealed stop in one file, to be checked offline together."""
    stops = [stop for stop in trace.story(unit_code, OPEN) if stop.is_sealed]
    if not stops:
        raise UnitUnknown(unit_code=unit_code)
    answer = JsonResponse(
        {"unit_code": unit_code, "proofs": [_proof(unit_code, stop) for stop in stops]},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{unit_code}.json"'
    return answer


@require_safe
def proof(request: HttpRequest, unit_code: str, row_id: int) -> HttpResponse:
    """The inclusion proof of one stop, with its event: everything an offline check needs."""
    stop = next((one for one in trace.story(unit_code, OPEN) if one.row_id == row_id), None)
    if stop is None or not stop.is_sealed:
        raise UnitUnknown(unit_code=unit_code)
    body = _proof(unit_code, stop)
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"{unit_code}-{stop.seq}.json"
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


def _proof(unit_code: str, stop: Stop) -> dict[str, Any]:
    text, event = trace.leaf_of(stop.row_id)
    says = f"{unit_code} {stop.title} {stop.org_name}"
    return merkle.proof_of("event", stop.row_id).as_json(text, event=event, says=says)


def _lines(passport: Passport, stops: list[Stop], seen: list[Sighting]) -> list[dict[str, Any]]:
    """Stops of custody and what others reported between them, oldest first."""
    lines: list[tuple[Any, dict[str, Any]]] = [
        ((stop.at, stop.row_id), _line(passport.unit_code, stop)) for stop in stops
    ]
    lines += [((one.at, one.row_id), _seen(one)) for one in seen]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def _line(code: str, stop: Stop) -> dict[str, Any]:
    return {
        "title": stop.title, "at": stop.at, "by": stop.org_name, "is_sealed": stop.is_sealed,
        "mass": values.kilograms(stop.mass_g) if stop.mass_g else "", "note": "",
        "proof_url": reverse("public:proof", args=[code, stop.row_id]), "kind": "done",
    }  # fmt: skip


def _seen(one: Sighting) -> dict[str, Any]:
    note = _("随批次上报") if one.inside else _("该单位上报，不改变交接")
    if one.is_declared_wrong:
        note = _("上报单位已声明该事件有误")
    return {
        "title": one.title, "at": one.at, "by": one.org_name, "is_sealed": one.is_sealed,
        "mass": "", "note": note, "proof_url": "", "kind": "seen",
    }  # fmt: skip


def _former_code(unit_code: str) -> str:
    """Of a code that a refurbished unit was sold under and that nobody has handed over yet."""
    former = renewal_book.find_next_life(unit_code)
    return former.unit_code if former else unit_code


def _lives(passport: Passport) -> list[Fact]:
    """The life before this one and the one after it, where there are such."""
    rows = []
    if former := renewal_book.find_next_life(passport.unit_code):
        href = reverse("public:trace", args=[former.unit_code])
        rows.append(Fact(_("前一段身份码"), former.unit_code, "number", href=href))
    if passport.next_life:
        [card] = renewal_book.renewal_cards([passport.unit_code])
        done = "；".join(item.done for item in card.items)
        rows += [
            Fact(_("翻新内容"), done), Fact(_("翻新售出"), card.sold_at, "time", card.org_name),
            Fact(_("保修至"), card.warranty_until, "day"),
            Fact(_("再用身份码"), passport.next_life, "number"),
        ]  # fmt: skip
    return rows


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
    return rows + _lives(passport)
