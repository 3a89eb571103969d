"""An old unit's order as its owner follows it: timeline, a new price, an early end."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import clock
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import care_book, order_book
from huanxin.recycling.services import booking, visiting
from huanxin.recycling.types import Choice, OrderMode, OrderState
from huanxin.recycling.types.door import RequoteCard
from huanxin.recycling.types.orders import OrderCard
from huanxin.web import pages
from huanxin.web.citizen.forms import CancelForm
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.selling import slot_words
from huanxin.web.citizen.words import steps_of
from huanxin.web.forms import refused
from huanxin.web.parts import Fact, Step

_OVER = frozenset({OrderState.COMPLETED, OrderState.CANCELLED})
_MOVABLE = frozenset({OrderState.BOOKED, OrderState.ASSIGNED})


def order(
    request: HttpRequest, seat: Seat, order_id: UUID, refusal: DomainError | None = None
) -> HttpResponse:
    """One order: what she gets, how far it is, and a new price if one waits for her word."""
    card = order_book.get_order(order_id, seat.scope)
    context = {**_order_context(seat, card), "is_new": "booked" in request.GET}
    if refusal is not None:
        return refused(request, "citizen/order.html", context, refusal)
    return pages.page(request, "citizen/order.html", context)


def cancel(request: HttpRequest, seat: Seat, order_id: UUID) -> HttpResponse:
    """One look, one reason, then the slot is free and the 焕新券 void."""
    card = order_book.get_order(order_id, seat.scope)
    form = CancelForm(request.POST or None)
    if form.is_valid():
        try:
            booking.cancel_order(
                actor=seat.actor, order_id=order_id, reason=_words(seat) % form.as_reason()
            )
        except DomainError as refusal:
            return order(request, seat, order_id, refusal)
        return HttpResponseRedirect(seat.url("order", order_id))
    context = {"seat": seat, "tab": "sell", "back": seat.url("order", order_id), "order": card,
               "form": form,
               "terms": order_book.get_cancel_terms(order_id, seat.scope)}  # fmt: skip
    return pages.page(request, "citizen/cancel.html", context)


def _words(seat: Seat) -> str:
    return _("消费者取消：%s") if seat.is_own else _("消费者请服务站代为取消：%s")


def answer(request: HttpRequest, seat: Seat, order_id: UUID, requote_id: UUID) -> HttpResponse:
    """Her word on a new price: agreed, or refused at no cost."""
    order_book.get_requote(requote_id, seat.scope)
    try:
        visiting.answer_requote(
            actor=seat.actor,
            requote_id=requote_id,
            is_accepted=request.POST.get("answer") == "agree",
        )
    except DomainError as refusal:
        return order(request, seat, order_id, refusal)
    return HttpResponseRedirect(seat.url("order", order_id))


def running(seat: Seat) -> list[dict[str, Any]]:
    """Orders that are not over, those that wait for her word first, each where it stands."""
    cards = [one for one in order_book.list_orders(seat.scope).items if one.state not in _OVER]
    cards.sort(key=lambda one: one.state is not OrderState.REQUOTE_PENDING)
    return [as_line(card) | {"steps": nearest(_steps(seat, card))} for card in cards]


def nearest(steps: list[Step]) -> list[Step]:
    """What was just done, what is now and what comes next: enough for a glance."""
    now = next((n for n, step in enumerate(steps) if step.state != "done"), len(steps))
    return steps[max(0, now - 1) : now + 2]


def as_line(card: OrderCard) -> dict[str, Any]:
    """An order in one line: the units' names and what they are given for."""
    names = [catalogue.get_category(unit.category_code).name for unit in card.units]
    return {
        "order": card,
        "title": _("旧%s") % "、".join(names),
        "when": slot_words(card.slot_on, card.slot),
        "worth_fen": card.paid_fen if card.paid_fen is not None else card.quoted_fen,
    }


def status_context(seat: Seat, card: OrderCard) -> dict[str, Any]:
    """The part of an order that changes while she looks at it."""
    return {
        "seat": seat,
        **as_line(card),
        "steps": _steps(seat, card),
        "is_cash": card.choice is Choice.CASH,
        "is_running": card.state not in _OVER,
        "payout": order_book.find_payout(card.id, seat.scope),
    }


def _order_context(seat: Seat, card: OrderCard) -> dict[str, Any]:
    requote = order_book.find_pending_requote(card.id, seat.scope)
    return {
        **status_context(seat, card),
        "tab": "sell",
        "back": seat.home,
        "facts": _facts(card),
        "complaints": [
            (one, seat.url("complaint", one.id))
            for one in care_book.complaints_of_order(card.id, seat.scope)
        ],
        "ways": {
            name: seat.url(name, card.id) for name in ("move", "missed", "cancel", "complain")
        },
        "may_move": card.mode is OrderMode.DOOR and card.state in _MOVABLE,
        "may_cancel": (is_waiting := card.collected_at is None and card.state not in _OVER),
        "may_report": is_waiting and clock.now() > clock.moment(card.slot_on, card.slot.hours[1]),
        "requote": _requote_lines(requote, card.choice) if requote else None,
        "units": [
            (catalogue.get_category(unit.category_code).name, unit)
            for unit in card.units
            if unit.unit_code
        ],
    }


def _steps(seat: Seat, card: OrderCard) -> list[Step]:
    hrefs = {}
    number = next((unit.certificate_no for unit in card.units if unit.certificate_no), None)
    if number:
        hrefs["dismantled"] = reverse("public:certificate", args=[number])
    return steps_of(order_book.timeline(card.id, seat.scope), hrefs)


def _facts(card: OrderCard) -> list[Fact]:
    rows = [
        Fact(_("单号"), card.number, "number"),
        Fact(_("换取"), card.choice.label),
        Fact(_("方式"), card.mode.label),
        Fact(_("时间"), slot_words(card.slot_on, card.slot)),
        Fact(_("报价"), card.quoted_fen, "money"),
    ]
    if card.paid_fen is not None:
        rows.append(Fact(_("实得"), card.paid_fen, "money", is_sum=True))
    return rows


def _requote_lines(requote: RequoteCard, choice: Choice) -> dict[str, Any]:
    """Old and new price, and only the reasons that differ."""
    is_cash = choice is Choice.CASH
    before = {reason.sentence for reason in requote.old.reasons}
    return {
        "id": requote.id,
        "old_fen": requote.old.cash_fen if is_cash else requote.old.voucher_fen,
        "new_fen": requote.new.cash_fen if is_cash else requote.new.voucher_fen,
        "reasons": [
            reason
            for reason in requote.new.reasons
            if reason.sentence not in before and reason.code not in {"R606", "R607"}
        ],
        "code": requote.consent_code,
    }
