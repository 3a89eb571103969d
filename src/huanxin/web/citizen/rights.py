"""Two things a holder does with an unused right, each confirmed: another channel, or giving up."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huanxin.kernel.errors import HTTP_STATUS, DomainError
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import moving
from huanxin.vouchers.types import RightChannel
from huanxin.web import pages, session
from huanxin.web.citizen import seats, wallet

_BOUND = [RightChannel.APP, RightChannel.UNIONPAY, RightChannel.ONLINE]


@session.audience("citizen")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    """Choose where the right is used, or unbind it; one channel at a time."""
    seat = seats.own(request)
    chosen, refusal = request.POST.get("channel"), None
    if request.method == "POST" and chosen in list(RightChannel):
        try:
            _move(seat, voucher_id, RightChannel(chosen))
            return redirect("citizen:voucher", voucher_id=voucher_id)
        except DomainError as error:
            refusal = error
    card = vouchers.get_voucher(voucher_id, seat.scope)
    choices = [(one.value, one.label, one is card.channel) for one in [*_BOUND, RightChannel.NONE]]
    labels = {RightChannel.NONE: _("先解绑，暂不绑定")}
    choices = [(key, labels.get(RightChannel(key), label), on) for key, label, on in choices]
    return _page(request, "citizen/right_move.html", seat, card.id, refusal, choices=choices)


@session.audience("citizen")
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    """Say what is lost, ask once, then place and money are somebody else's chance."""
    seat, refusal = seats.own(request), None
    if request.method == "POST":
        try:
            moving.give_up_right(actor=seat.actor, voucher_id=voucher_id, reason=_("消费者放弃"))
            return redirect("citizen:voucher", voucher_id=voucher_id)
        except DomainError as error:
            refusal = error
    return _page(request, "citizen/give_up.html", seat, voucher_id, refusal)


def _move(seat: seats.Seat, voucher_id: UUID, channel: RightChannel) -> None:
    if channel is RightChannel.NONE:
        moving.unbind_right(actor=seat.actor, voucher_id=voucher_id)
    else:
        moving.move_right(actor=seat.actor, voucher_id=voucher_id, channel=channel)


def _page(
    request: HttpRequest,
    template: str,
    seat: seats.Seat,
    voucher_id: UUID,
    refusal: DomainError | None,
    **more: object,
) -> HttpResponse:
    card = vouchers.get_voucher(voucher_id, seat.scope)
    context = {
        "seat": seat, "tab": "wallet", "back": reverse("citizen:voucher", args=[voucher_id]),
        "refusal": refusal, **wallet.as_line(card), **more,
    }  # fmt: skip
    status = HTTP_STATUS[refusal.kind] if refusal else 200
    return pages.page(request, template, context, status=status)
