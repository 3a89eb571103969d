"""领券: releases in their honest state, one press to claim, and what comes next either way."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from huanxin.catalogue import selectors as catalogue
from huanxin.kernel import clock, ids
from huanxin.kernel.crypto import TokenInvalid
from huanxin.kernel.errors import DomainError
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.errors import AudienceNotMet, NotEligible, OutsideCircle, PositionMissing
from huanxin.vouchers.services import claiming
from huanxin.vouchers.types import (
    ClaimOutcome,
    PoolCard,
    Position,
    ReleaseMode,
    VoucherCard,
    VoucherState,
)
from huanxin.web import campaign_parts, pages, pools
from huanxin.web.citizen import lots, waiting
from huanxin.web.citizen.seats import Seat
from huanxin.web.forms import refused
from huanxin.web.parts import Empty, Reason, Tone

DEVICE_COOKIE = "device"
DEVICE_SECONDS = 365 * 24 * 3600
_LIVE = frozenset(
    {VoucherState.INACTIVE, VoucherState.USABLE, VoucherState.LOCKED, VoucherState.USED}
)


def releases(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What is open or announced where she lives."""
    lines = pools.open_pools(region_path=seat.person.region_path)
    empty = Empty(_("现在没有开放的补贴资格"), _("开放时间会提前公布在这里。"), icon="clock")
    context = {"seat": seat, "tab": "claim", "empty": empty,
               "lines": [(line, seat.url("pool", line.id)) for line in lines]}  # fmt: skip
    return pages.page(request, "citizen/releases.html", context)


def pool(
    request: HttpRequest, seat: Seat, pool_id: UUID, refusal: DomainError | None = None
) -> HttpResponse:
    """One release: its state, what is left, and a ticket for each category she may still take."""
    card = vouchers.get_pool(pool_id)
    if card.mode is ReleaseMode.LOTTERY:
        return lots.pool(request, seat, card, refusal)
    device = request.COOKIES.get(DEVICE_COOKIE) or ids.new_id().hex
    where = campaign_parts.position_of(request)
    context = {**_pool_context(seat, pool_id, device, where), "refusal": refusal}
    template, part = "citizen/pool.html", "citizen/_pool.html"
    if refusal is not None:
        return refused(request, template, context, refusal)
    response = pages.page(request, template, context, part=part)
    if seat.is_own:
        response.set_cookie(
            DEVICE_COOKIE, device, max_age=DEVICE_SECONDS, httponly=True, samesite="Lax",
            secure=settings.PRODUCTION,
        )  # fmt: skip
    return response


def claim(request: HttpRequest, seat: Seat, pool_id: UUID) -> HttpResponse:
    """The way without script, or past a gateway that is away: a batch of one, same ticket."""
    token = request.POST.get("token", "")
    try:
        wanted = vouchers.get_claim_of_token(token, now=clock.now())
        if wanted.person_id != seat.person.id or wanted.pool_id != pool_id:
            raise TokenInvalid
        [answer] = claiming.claim_vouchers(actor=seat.actor, claims=[wanted])
    except DomainError as refusal:
        return pool(request, seat, pool_id, refusal)
    return HttpResponseRedirect(seat.url("outcome", pool_id, answer.outcome.value))


def outcome(request: HttpRequest, seat: Seat, pool_id: UUID, word: str) -> HttpResponse:
    """What came of it, and what to do next. A win shows the voucher as it is stored."""
    if word not in set(ClaimOutcome):
        raise Http404
    card = vouchers.get_pool(pool_id)
    mine = _mine(seat, card)
    came = ClaimOutcome(word)
    if came is ClaimOutcome.WON and not mine:
        came = ClaimOutcome.NOT_ELIGIBLE if card.remaining else ClaimOutcome.SOLD_OUT
    others = [
        (line, seat.url("pool", line.id))
        for line in pools.open_pools(region_path=seat.person.region_path)
        if line.id != pool_id and line.state in {"open", "soon"}
    ]
    title, tone = _OUTCOMES[came]
    stage = card.next_stage(clock.now())
    context = {"seat": seat, "tab": "claim", "pool": card, "came": came.value, "title": title(),
               "next_at": stage.opens_at if stage else None,
               "tone": tone, "voucher": mine[0] if mine else None, "others": others[:3],
               "back": seat.url("pool", pool_id)}  # fmt: skip
    return pages.page(request, "citizen/outcome.html", context)


def _pool_context(
    seat: Seat, pool_id: UUID, device: str, position: Position | None = None
) -> dict[str, Any]:
    card, now = vouchers.get_pool(pool_id), clock.now()
    line, mine = pools.pool_line(card, now), _mine(seat, card)
    tickets: dict[str, str] = {}
    ineligible: Reason | None = None
    if line.state == "open":
        try:
            tickets = _tickets(seat, pool_id, device, position)
        except (NotEligible, AudienceNotMet, PositionMissing, OutsideCircle) as refusal:
            ineligible = why_not(refusal)
    offers = _offers(card, mine, tickets)
    return {
        "seat": seat,
        "tab": "claim",
        "pool": card,
        **waiting.status_context(seat, card, line, now),
        "mine": mine,
        "offers": offers,
        "may_claim": any(offer["ticket"] for offer in offers),
        "ineligible": ineligible,
        "terms": campaign_parts.terms(card),
        "gateway": f"{settings.HUANXIN_GATEWAY_URL.rstrip('/')}/claim" if seat.is_own else "",
        "seat_pool_url": seat.url("pool", pool_id),
        "seat_claim_url": seat.url("claim", pool_id),
        "seat_result_url": seat.url("outcome", pool_id, ClaimOutcome.WON.value),
    }


def _tickets(seat: Seat, pool_id: UUID, device: str, position: Position | None) -> dict[str, str]:
    return claiming.issue_claim_tokens(
        actor=seat.actor,
        pool_id=pool_id,
        device_key=device if seat.is_own else "",  # a clerk's machine serves many residents
        person_id=seat.person.id,
        position=position,
    )


def _offers(
    card: PoolCard, mine: list[VoucherCard], tickets: dict[str, str]
) -> list[dict[str, Any]]:
    """A line a category: the most it can bring, what she has of it, her ticket if she may."""
    names = {category.code: category.name for category in catalogue.list_categories()}
    held = [voucher.category_code for voucher in mine]
    offers = []
    for line in card.lines:
        is_mine = held.count(line.category_code) >= line.limit_count
        ticket = "" if is_mine else tickets.get(line.category_code, "")
        offers.append(
            {"code": line.category_code if line.category_code in names else "voucher",
             "name": names.get(line.category_code, card.title),
             "cap_fen": line.cap_fen, "limit": line.limit_count, "is_mine": is_mine,
             "ticket": ticket}
        )  # fmt: skip
    return offers


def _mine(seat: Seat, card: PoolCard) -> list[VoucherCard]:
    """Her live rights under the pool's programme in its categories, newest first."""
    return [
        voucher
        for voucher in vouchers.list_vouchers(seat.person.id, seat.scope)
        if voucher.programme == card.programme
        and voucher.category_code in card.categories
        and voucher.state in _LIVE
        and voucher.kind is card.kind
    ]


def why_not(refusal: DomainError) -> Reason:
    """A refusal of eligibility in the shape of a reason box."""
    return Reason(refusal.what, todo=refusal.next_step, code=refusal.code, tone="warn")


_OUTCOMES: dict[ClaimOutcome, tuple[Any, Tone]] = {
    ClaimOutcome.WON: (lambda: _("领取成功"), "good"),
    ClaimOutcome.ALREADY_YOURS: (lambda: _("您已经领过了"), "good"),
    ClaimOutcome.SOLD_OUT: (lambda: _("本期已领完"), "warn"),
    ClaimOutcome.NOT_ELIGIBLE: (lambda: _("暂不能领取"), "warn"),
    ClaimOutcome.NOT_YET: (lambda: _("本批已领完，还有下一批"), "warn"),
    ClaimOutcome.NOT_OPEN: (lambda: _("还没有开始"), "warn"),
    ClaimOutcome.CLOSED: (lambda: _("本期已结束"), "warn"),
}
