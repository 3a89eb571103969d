"""卖旧: three taps to a price, cash or 焕新券, a door and a slot, one look before it is booked."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import clock, ids
from huanxin.kernel.errors import DomainError, NotFound
from huanxin.recycling.selectors import care_book, order_book, quote_book
from huanxin.recycling.services import booking, keeping, quoting
from huanxin.recycling.types import Choice, Slot
from huanxin.recycling.types.orders import SlotOffer
from huanxin.recycling.types.valuation import CategoryGuide, ValuationQuote
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
MOST_UNITS = 6
QUESTIONS = (
    ("working", gettext_lazy("还能正常使用吗")),
    ("complete", gettext_lazy("主要部件齐全吗")),
)


def answers(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The three taps; the price follows each of them. A POST makes the numbered proof."""
    data = request.POST or request.GET
    guide = quote_book.find_guide(data.get("category", ""))
    form = AnswersForm(data, guide=guide)
    before = others_of(request, seat)
    context = {**_frame(seat, others=before), "form": form, **_choices(form, guide)}
    is_asked = request.headers.get("HX-Target") == "asked"  # the questions of a category
    part = "citizen/_asked.html" if is_asked else "citizen/_price.html"
    template = "citizen/sell.html"
    if not form.is_valid():
        return pages.page(request, template, {**context, "value": None}, part=part)
    try:
        if request.method == "POST":
            quote = quoting.quote_old_unit(
                actor=seat.actor, person_id=seat.person.id, answers=form.as_answers()
            )
            return HttpResponseRedirect(_with(seat.url("offer", quote.quote_id), before))
        context["value"] = quote_book.value_old_unit(form.as_answers())
    except DomainError as refusal:
        return refused(request, template, {**context, "value": None}, refusal)
    return pages.page(request, template, context, part=part)


def others_of(request: HttpRequest, seat: Seat) -> list[ValuationQuote]:
    """The units quoted before that go into the same order: `with` names their proofs."""
    asked = (request.POST.get("with") or request.GET.get("with", "")).split(",")
    found = []
    for text in asked[: MOST_UNITS - 1]:
        try:
            found.append(quote_book.get_quote(UUID(text), seat.scope))
        except (ValueError, NotFound):
            continue
    return found


def offer(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    """Cash or 焕新券 for everything in the order: both amounts, and what each means."""
    quote = quote_book.get_quote(quote_id, seat.scope)
    units = [*others_of(request, seat), quote]
    context = {
        **_frame(seat, quote, units[:-1]), "units": [(unit_words(one), one) for one in units],
        "cash_fen": sum(one.cash_fen for one in units),
        "voucher_fen": sum(one.voucher_fen for one in units),
        "more_fen": sum(one.voucher_fen - one.cash_fen for one in units),
        "may_add": len(units) < MOST_UNITS,
    }  # fmt: skip
    return pages.page(request, "citizen/offer.html", context)


def visit(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    """The door and the slot; a complete answer leads to the last look."""
    quote = quote_book.get_quote(quote_id, seat.scope)
    if request.method != "POST" or "edit" in request.POST:
        return _visit_page(request, seat, quote, _first_form(request, seat))
    form = VisitForm(request.POST, regions=regions())
    if not form.is_valid():
        return _visit_page(request, seat, quote, form)
    others = others_of(request, seat)
    context = {**_frame(seat, quote, others), "form": form, "request_id": ids.new_id(),
               **_last_look(form, [*others, quote])}  # fmt: skip
    return pages.page(request, "citizen/confirm.html", context)


def book(request: HttpRequest, seat: Seat, quote_id: UUID) -> HttpResponse:
    """Book what was confirmed; a refusal shows the slots as they are now, and keeps the rest."""
    quote = quote_book.get_quote(quote_id, seat.scope)
    form = VisitForm(request.POST, regions=regions())
    if not form.is_valid():
        return _visit_page(request, seat, quote, form)
    mine = (*(one.quote_id for one in others_of(request, seat)), quote_id)
    try:
        order = booking.book_order(
            actor=seat.actor,
            order=form.as_order(seat.person.id, mine),
            request_id=request_id_of(request),
        )
        if form.cleaned_data["keep"]:
            keeping.keep_address(
                actor=seat.actor, person_id=seat.person.id, address=form.as_address()
            )
    except DomainError as refusal:
        return _visit_page(request, seat, quote, form, refusal)
    return HttpResponseRedirect(seat.url("order", order.id) + "?booked=1")


def unit_words(quote: ValuationQuote) -> str:
    """An old unit as its owner described it: 冰箱 · 满 3 年不满 8 年 · 能用 · 部件齐全."""
    said = quote.answers
    guide = quote_book.find_guide(said.category_code)
    kind = dict(guide.variants).get(said.variant, "") if guide else ""
    return " · ".join(
        word
        for word in (
            catalogue.get_category(said.category_code).name, kind, said.model_name,
            str(dict(AGES)[said.age_band.value]),
            _("能用") if said.is_working else _("不能用"),
            _("部件齐全") if said.is_complete else _("缺部件"),
        )
        if word
    )  # fmt: skip


def day_words(on: date) -> str:
    """9月2日 周三."""
    week = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return f"{values.day(on)} {week[on.weekday()]}"


def slot_words(on: date, slot: Slot) -> str:
    """9月2日 周三 9–11 点."""
    return f"{day_words(on)} {hours_words(slot)}"


def hours_words(slot: Slot) -> str:
    return _("%(start)s–%(end)s 点") % dict(zip(("start", "end"), slot.hours, strict=True))


def _frame(
    seat: Seat, quote: ValuationQuote | None = None, others: Sequence[ValuationQuote] = ()
) -> dict[str, Any]:
    """What every page of the four steps needs: whose business, and where its forms go."""
    urls = {"sell": _with(seat.url("sell"), others)}
    if quote is not None:
        for name in ("offer", "visit", "book"):
            urls[name] = _with(seat.url(name, quote.quote_id), others)
        urls["add"] = _with(seat.url("sell"), [*others, quote])
        urls["proof"] = reverse("citizen:proof", args=[quote.quote_id]) if seat.is_own else ""
    return {"seat": seat, "tab": "sell", "steps": STEPS, "quote": quote, "urls": urls,
            "others": ",".join(str(one.quote_id) for one in others),
            "unit_count": len(others) + 1}  # fmt: skip


def _with(url: str, others: Sequence[ValuationQuote]) -> str:
    named = ",".join(str(one.quote_id) for one in others)
    return f"{url}?with={named}" if named else url


def _choices(form: AnswersForm, guide: CategoryGuide | None) -> dict[str, Any]:
    given = form.data
    valued = {one.category_code for one in quote_book.list_guides()}
    missing = [
        words
        for name, words in (
            ("category", _("哪一类")), ("age", _("用了多久")),
            ("working", _("能不能用")), ("complete", _("部件全不全")),
        )
        if not given.get(name)
    ]  # fmt: skip
    return {
        "categories": [c for c in catalogue.list_categories() if c.code in valued],
        "guide": guide,
        "asked": [
            (one, given.get(f"q_{one.id}", "")) for one in (guide.questions if guide else ())
        ],
        "said_variant": given.get("variant", ""),
        "ages": AGES,
        "questions": [(name, words, given.get(name, "")) for name, words in QUESTIONS],
        "chosen": {"category": given.get("category", ""), "age": given.get("age", "")},
        "missing": "、".join(missing),
        "is_begun": len(missing) < 4,
    }


def regions() -> list[tuple[str, str]]:
    city = identity.get_region(settings.HUANXIN_CITY)
    counties = identity.list_regions(level="county", under=city.path)
    return [(region.code, region.name) for region in counties]


def _first_form(request: HttpRequest, seat: Seat) -> VisitForm:
    """Her default door from the address book, else her county; what the address says wins."""
    if request.method == "POST":
        return VisitForm(initial=request.POST.dict(), regions=regions())
    asked = {"region": seat.person.region_code, "choice": Choice.VOUCHER.value}
    book = care_book.list_addresses(seat.person.id, seat.scope)
    named = request.GET.get("door", "")
    door = next((one for one in book if str(one.id) == named), book[0] if book else None)
    if door is not None:
        asked |= {"region": door.region_code, "address": door.address,
                  "lat_e6": str(door.lat_e6), "lon_e6": str(door.lon_e6)}  # fmt: skip
    asked |= {name: request.GET[name] for name in ("region", "choice") if name in request.GET}
    return VisitForm(initial=asked, regions=regions())


def _visit_page(
    request: HttpRequest,
    seat: Seat,
    quote: ValuationQuote,
    form: VisitForm,
    refusal: DomainError | None = None,
) -> HttpResponse:
    book = care_book.list_addresses(seat.person.id, seat.scope)
    village = care_book.list_village_days(region_code=seat.person.region_code)
    context = {**_frame(seat, quote, others_of(request, seat)), "form": form, "book": book,
               **slots_of(form, seat), "has_village": bool(village)}  # fmt: skip
    template, part = "citizen/visit.html", "citizen/_slots.html"
    if refusal is not None:
        return refused(request, template, context, refusal)
    status = 422 if form.errors else 200
    return pages.page(request, template, context, part=part, status=status)


def slots_of(form: VisitForm, seat: Seat) -> dict[str, Any]:
    """The slots of the county that the form names, by day."""
    shown = str(form["region"].value() or seat.person.region_code)
    region = shown if shown in dict(regions()) else seat.person.region_code
    today = clock.today()
    offers = order_book.list_free_slots(
        region, from_on=today, to_on=today + timedelta(days=DAYS_SHOWN)
    )
    return {"days": _days(offers, str(form["slot"].value() or "")),
            "is_full": not any(offer.remaining > 0 for offer in offers)}  # fmt: skip


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


def _last_look(form: VisitForm, quotes: Sequence[ValuationQuote]) -> dict[str, Any]:
    said = form.cleaned_data
    on, slot = said["slot"]
    choice = Choice(said["choice"])
    is_cash = choice is Choice.CASH
    region = dict(regions())[said["region"]]
    several = len(quotes) > 1
    units = [
        Fact(_("第 %d 台") % n if several else _("旧机"), unit_words(one))
        for n, one in enumerate(quotes, start=1)
    ]
    return {
        "is_cash": is_cash,
        "amount_fen": sum(one.cash_fen if is_cash else one.voucher_fen for one in quotes),
        "facts": [
            *units,
            Fact(_("换取"), choice.label),
            Fact(_("上门时间"), slot_words(on, slot)),
            Fact(_("地址"), f"{region} {said['address']}"),
            Fact(_("评估凭证"), "、".join(one.number for one in quotes), "number"),
            Fact(_("报价有效至"), min(one.valid_until for one in quotes), "time"),
        ],
    }
