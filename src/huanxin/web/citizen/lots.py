"""摇号: register or withdraw, her receipt and entry, what the draw made of it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import clock
from huanxin.kernel.errors import DomainError
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import drawing
from huanxin.vouchers.types import LotteryCard, PoolCard, RegistrationState
from huanxin.web import campaign_parts, pages, pools
from huanxin.web.citizen import waiting
from huanxin.web.citizen.seats import Seat
from huanxin.web.forms import refused
from huanxin.web.parts import Step

_LIVE = frozenset(RegistrationState) - {RegistrationState.WITHDRAWN}


def pool(
    request: HttpRequest, seat: Seat, card: PoolCard, refusal: DomainError | None = None
) -> HttpResponse:
    """One lottery: its steps, her registrations, and the boxes to register while that is open."""
    lottery = vouchers.find_lottery(card.id)
    assert lottery is not None, "a lottery's pool has its lottery"
    context = {**_context(seat, card, lottery), "refusal": refusal}
    if refusal is not None:
        return refused(request, "citizen/lottery.html", context, refusal)
    return pages.page(request, "citizen/lottery.html", context)


def register(request: HttpRequest, seat: Seat, pool_id: UUID) -> HttpResponse:
    """One registration for one category; a second one is refused with the first in view."""
    try:
        drawing.register_for_draw(
            actor=seat.actor,
            pool_id=pool_id,
            category_code=request.POST.get("category", ""),
            person_id=seat.person.id,
            position=campaign_parts.position_of(request),
        )
    except DomainError as refusal:
        return pool(request, seat, vouchers.get_pool(pool_id), refusal)
    return HttpResponseRedirect(seat.url("pool", pool_id))


def withdraw(request: HttpRequest, seat: Seat, pool_id: UUID, mine_id: UUID) -> HttpResponse:
    """Take one's registration back while the window is open."""
    try:
        drawing.withdraw_registration(actor=seat.actor, registration_id=mine_id)
    except DomainError as refusal:
        return pool(request, seat, vouchers.get_pool(pool_id), refusal)
    return HttpResponseRedirect(seat.url("pool", pool_id))


def _context(seat: Seat, card: PoolCard, lottery: LotteryCard) -> dict[str, object]:
    now = clock.now()
    line = pools.pool_line(card, now, lottery)
    names = {category.code: category.name for category in catalogue.list_categories()}
    mine = vouchers.list_registrations(card.id, seat.person.id, seat.scope)
    live = {one.category_code for one in mine if one.state in _LIVE}
    return {
        "seat": seat,
        "tab": "claim",
        "pool": card,
        "lottery": lottery,
        **waiting.status_context(seat, card, line, now),
        "mine": [
            (
                one,
                names.get(one.category_code, card.title),
                seat.url("draw_withdraw", card.id, one.id),
            )
            for one in mine
            if one.state in _LIVE
        ],
        "offers": [
            (each, names.get(each.category_code, card.title))
            for each in card.lines
            if line.state == "registering" and each.category_code not in live
        ],
        "steps": steps(card, lottery, line.state),
        "check_url": reverse("public:draw", args=[card.id]),
        "register_url": seat.url("draw_register", card.id),
    }


def steps(card: PoolCard, lottery: LotteryCard, state: str) -> list[Step]:
    """The lottery as a timeline: what is done, what is now, what comes and when."""
    order = ["soon", "registering", "registered", "listed", "drawn"]
    at = order.index(state) if state in order else (4 if lottery.drawn_at else 3)

    def mark(done_from: int) -> Step:
        what, when = said[done_from]
        is_done = at > done_from or (done_from == len(said) - 1 and at >= done_from)
        return Step(what, "done" if is_done else "now" if at == done_from else "next", when)

    said = [
        ("公布承诺值", card.opens_at),
        ("登记", lottery.registers_until),
        ("公布登记名单", lottery.listed_at or lottery.registers_until),
        ("录入公开数，复核开奖", lottery.drawn_at or lottery.draws_at),
        ("未用的名额按排位递补", card.closes_at),
    ]
    return [mark(n) for n in range(len(said))]
