"""Her returns and refunds in one place: what went back, to whom, and what became of her right."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import selectors as claims
from huanxin.claims.types import ClaimCard, ClaimFilter, ClaimStage, OrderState, ReductionCard
from huanxin.web import pages, session
from huanxin.web.citizen import online, seats
from huanxin.web.citizen.seats import Seat
from huanxin.web.parts import Empty


@dataclass(frozen=True, slots=True)
class Refund:
    """One line: what was bought, how much went back to her, and where it stands."""

    href: str
    title: str
    at: datetime
    to_her_fen: int
    subsidy_fen: int
    note: str


@session.audience("citizen")
@require_safe
def refunds(request: HttpRequest) -> HttpResponse:
    seat = seats.own(request)
    found = sorted([*_returned(seat), *_lowered(seat)], key=lambda one: one.at, reverse=True)
    closed = [
        one for one in online.lines(claims.list_orders(seat.scope).items)
        if one["order"].state not in {OrderState.OPEN, OrderState.SOLD}
    ]  # fmt: skip
    empty = Empty(
        _("没有退货或退款"), _("退货、降价退差和取消的订单会列在这里。"), reverse("citizen:buy"),
        _("看我买的"), "refresh",
    )  # fmt: skip
    context = {"seat": seat, "tab": "buy", "back": reverse("citizen:buy"), "lines": found,
               "orders": closed, "empty": empty}  # fmt: skip
    return pages.page(request, "citizen/refunds.html", context)


def _returned(seat: Seat) -> list[Refund]:
    cards = claims.list_claims(seat.scope, where=ClaimFilter(stage=ClaimStage.RETURNED)).items
    return [
        Refund(
            reverse("citizen:purchase", args=[one.claim_id]),
            _("退货：%s") % catalogue.get_category(one.category_code).name, one.sold_at,
            one.to_pay_fen, one.subsidy_fen,
            _("您付的钱由门店原路退回；补贴退回财政，资格按有效期恢复。"),
        )
        for one in cards
    ]  # fmt: skip


def _lowered(seat: Seat) -> list[Refund]:
    return [
        _less(card, one)
        for card in claims.list_claims(seat.scope).items
        for one in claims.list_reductions(card.sale_id, seat.scope)
    ]


def _less(card: ClaimCard, one: ReductionCard) -> Refund:
    return Refund(
        reverse("citizen:purchase", args=[card.claim_id]),
        _("降价退差：%s") % catalogue.get_category(card.category_code).name, one.reduced_at,
        one.refund_fen, one.less_fen, _("由门店退给您；补贴按新价重算。"),
    )  # fmt: skip
