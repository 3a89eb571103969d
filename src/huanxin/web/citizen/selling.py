"""卖旧: three taps to a price, cash or 焕新券, a door and a slot, one look before it is booked."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import clock, ids
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import order_book, quote_book
from huanxin.recycling.services import booking, quoting
from huanxin.recycling.types import Choice, Slot
from huanxin.recycling.types.orders import SlotOffer
from huanxin.recycling.types.valuation import ValuationQuote
from huanxin.web import pages, values
from huanxin.web.citizen.forms import AGES, AnswersForm, VisitForm
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.words import request_id_of
from huanxin.web.forms import refused
from huanxin.web.parts import Fact

STEPS = (
    gettext_lazy("旧机"), gettext_lazy("换什么"), gettext_lazy("时间地点"), gettext_lazy("确认"),
)  # fmt: skip
DAYS_SHOWN = 7
QUESTIONS = (
    ("working", gettext_lazy("还能正常使用吗")),
    ("complete", gettext_lazy("主要部件齐全吗")),
)


def answers(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The three taps; the price follows each of them. A POST makes the numbered proof."""
    form = AnswersForm(request.POST or request.GET)
    context = {**_frame(seat), "form": form, **_choices(form)}
    template, part = "citizen/sell.html", "citizen/_price.html"
    if not form.is_valid():
        return pages.page(request, template, {**context, "value": None}, part=part)
    try:
        if request.method == "POST":
            quote = quoting.quote_old_unit(
                actor=seat.actor, person_id=seat.person.id, answers=form.as_answers()
            )
            return HttpResponseRedirect(seat.url("offer", quote.quote_id))
        context["value"] = quote_book.value_old_unit(form.as_answers())
    except DomainError as refusal:
        return refused(request, template, {**context, "value": None}, refusal)
    return pages.page(request, template, context, part=part)


def offer(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    """Cash or 焕新券: both amounts, and what each means."""
    quote = quote_book.get_quote(quote_id, seat.scope)
    more_fen = quote.voucher_fen - quote.cash_fen
    context = {**_frame(seat, quote), "what": unit_words(quote), "more_fen": more_fen}
    return pages.page(request, "citizen/offer.html", context)


def visit(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    """The door and the slot; a complete answer leads to the last look."""
    quote = quote_book.get_quote(quote_id, seat.scope)
    if request.method != "POST" or "edit" in request.POST:
        return _visit_page(request, seat, quote, _first_form(request, seat))
    form = VisitForm(request.POST, regions=_regions())
    if not form.is_valid():
        return _visit_page(request, seat, quote, form)
    context = {**_frame(seat, quote), "form": form, "request_id": ids.new_id(),
               **_last_look(form, quote)}  # fmt: skip
    return pages.page(request, "citizen/confirm.html", context)


def book(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    """Book what was confirmed; a refusal shows the slots as they are now, and keeps the rest."""
    quote = quote_book.get_quote(quote_id, seat.scope)
    form = VisitForm(request.POST, regions=_regions())
    if not form.is_valid():
        return _visit_page(request, seat, quote, form)
    try:
        order = booking.book_order(
            actor=seat.actor,
            order=form.as_order(seat.person.id, quote_id),
            request_id=request_id_of(request),
        )
    except DomainError as refusal:
        return _visit_page(request, seat, quote, form, refusal)
    return HttpResponseRedirect(seat.url("order", order.id) + "?booked=1")


def unit_words(quote: ValuationQuote) -> str:
    """An old unit as its owner described it: 冰箱 · 满 3 年不满 8 年 · 能用 · 部件齐全."""
    said = quote.answers
    return " · ".join(
        (
            catalogue.get_category(said.category_code).name,
            str(dict(AGES)[said.age_band.value]),
            _("能用") if said.is_working else _("不能用"),
            _("部件齐全") if said.is_complete else _("缺部件"),
        )
    )


def day_words(on: date) -> str:
    """9月2日 周三."""
    week = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return f"{values.day(on)} {week[on.weekday()]}"


def slot_words(on: date, slot: Slot) -> str:
    """9月2日 周三 9–11 点."""
    return f"{day_words(on)} {hours_words(slot)}"


def hours_words(slot: Slot) -> str:
    return _("%(start)s–%(end)s 点") % dict(zip(("start", "end"), slot.hours, strict=True))


def _frame(seat: Seat, quote: ValuationQuote | None = None) -> dict[str, Any]:
    """What every page of the four steps needs: whose business, and where its forms go."""
    urls = {"sell": seat.url("sell")}
    if quote is not None:
        urls |= {name: seat.url(name, quote.quote_id) for name in ("offer", "visit", "book")}
    return {"seat": seat, "tab": "sell", "steps": STEPS, "quote": quote, "urls": urls}


def _choices(form: AnswersForm) -> dict[str, Any]:
    given = form.data
    missing = [
        words
        for name, words in (
            ("category", _("哪一类")), ("age", _("用了多久")),
            ("working", _("能不能用")), ("complete", _("部件全不全")),
        )
        if not given.get(name)
    ]  # fmt: skip
    return {
        "categories": catalogue.list_categories(takes_old_units=True),
        "ages": AGES,
        "questions": [(name, words, given.get(name, "")) for name, words in QUESTIONS],
        "chosen": {"category": given.get("category", ""), "age": given.get("age", "")},
        "missing": "、".join(missing),
        "is_begun": len(missing) < 4,
    }


def _regions() -> list[tuple[str, str]]:
    city = identity.get_region(settings.HUANXIN_CITY)
    counties = identity.list_regions(level="county", under=city.path)
    return [(region.code, region.name) for region in counties]


def _first_form(request: HttpRequest, seat: Seat) -> VisitForm:
    if request.method == "POST":
        return VisitForm(initial=request.POST.dict(), regions=_regions())
    asked = {"region": seat.person.region_code, "choice": Choice.VOUCHER.value}
    asked |= {name: request.GET[name] for name in ("region", "choice") if name in request.GET}
    return VisitForm(initial=asked, regions=_regions())


def _visit_page(
    request: HttpRequest,
    seat: Seat,
    quote: ValuationQuote,
    form: VisitForm,
    refusal: DomainError | None = None,
) -> HttpResponse:
    shown = str(form["region"].value() or seat.person.region_code)
    region = shown if shown in dict(_regions()) else seat.person.region_code
    today = clock.today()
    offers = order_book.list_free_slots(
        region, from_on=today, to_on=today + timedelta(days=DAYS_SHOWN)
    )
    context = {**_frame(seat, quote), "form": form,
               "days": _days(offers, str(form["slot"].value() or "")),
               "is_full": not any(offer.remaining > 0 for offer in offers)}  # fmt: skip
    template, part = "citizen/visit.html", "citizen/_slots.html"
    if refusal is not None:
        return refused(request, template, context, refusal)
    status = 422 if form.errors else 200
    return pages.page(request, template, context, part=part, status=status)


def _days(offers: Sequence[SlotOffer], chosen: str) -> list[dict[str, Any]]:
    """Slots a day, the first day with room unfolded."""
    days: list[dict[str, Any]] = []
    for on, group in groupby(offers, key=lambda one: one.slot_on):
        slots = [(f"{on}|{one.slot}", hours_words(one.slot), one.remaining) for one in group]
        left = sum(remaining for _key, _words, remaining in slots)
        days.append({"word": day_words(on), "slots": slots, "left": left, "is_open": False})
    wanted = next((day for day in days if any(key == chosen for key, *_x in day["slots"])), None)
    if first := wanted or next((day for day in days if day["left"]), None):
        first["is_open"] = True
    return days


def _last_look(form: VisitForm, quote: ValuationQuote) -> dict[str, Any]:
    said = form.cleaned_data
    on, slot = said["slot"]
    choice = Choice(said["choice"])
    is_cash = choice is Choice.CASH
    region = dict(_regions())[said["region"]]
    return {
        "is_cash": is_cash,
        "amount_fen": quote.cash_fen if is_cash else quote.voucher_fen,
        "facts": [
            Fact(_("旧机"), unit_words(quote)),
            Fact(_("换取"), choice.label),
            Fact(_("上门时间"), slot_words(on, slot)),
            Fact(_("地址"), f"{region} {said['address']}"),
            Fact(_("评估凭证"), quote.number, "number"),
            Fact(_("报价有效至"), quote.valid_until, "time"),
        ],
    }
