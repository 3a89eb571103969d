"""我的券: what she holds, and the code that a till scans."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import selectors as claims
from huanxin.claims.errors import SaleNotFound
from huanxin.claims.types import ClaimDetail
from huanxin.identity import selectors as identity
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import till_codes
from huanxin.vouchers.types import (
    RightChannel,
    VoucherCard,
    VoucherKind,
    VoucherMoment,
    VoucherState,
)
from huanxin.web import campaign_parts, pages, session
from huanxin.web.citizen import live, seats
from huanxin.web.citizen.seats import Seat
from huanxin.web.parts import CodeCard, Empty, Fact, Filter, Step

_WORTH_SEARCHING = 8  # fewer are seen at a glance
_SHOWN_TOGETHER = 7  # a right, a 焕新券 and five consumption vouchers
READY = (VoucherState.USABLE, VoucherState.LOCKED)


@session.audience("citizen")
@require_safe
def wallet(request: HttpRequest) -> HttpResponse:
    seat = seats.own(request)
    held = vouchers.list_vouchers(seat.person.id, seat.scope)
    waiting = [card for card in held if card.state in {*READY, VoucherState.INACTIVE}]
    gone, asked = [card for card in held if card not in waiting], _search(request)
    past = [card for card in gone if asked[0] in card.number and card.kind.value in asked[1]]
    is_searched = bool(request.GET.get("number") or request.GET.get("kind"))
    context = {
        "is_searched": is_searched,
        "filters": _filters(request) if is_searched or len(gone) > _WORTH_SEARCHING else [],
        "seat": seat, "tab": "wallet", "live": [as_line(card) for card in waiting],
        "past": [as_line(card) for card in past],
        "empty": Empty(
            _("还没有券"), _("补贴资格在开放时间领取；卖旧家电时可以选焕新券。"),
            reverse("citizen:releases"), _("看看现在开放什么"), "voucher",
        ),
    }  # fmt: skip
    return live.answer(request, "citizen/wallet.html", context, [held], "citizen/_wallet.html")


def _search(request: HttpRequest) -> tuple[str, set[str]]:
    """Part of a number and the kinds that the address asks for: those used and gone, narrowed."""
    kind, kinds = request.GET.get("kind", ""), {one.value for one in VoucherKind}
    number = request.GET.get("number", "").strip().upper()
    return number, {kind} & kinds or kinds


def _filters(request: HttpRequest) -> list[Filter]:
    kinds = [
        ("", _("全部")), (VoucherKind.QUALIFICATION.value, _("补贴资格")),
        (VoucherKind.HUANXIN.value, _("焕新券")), (VoucherKind.CONSUMPTION.value, _("消费券")),
    ]  # fmt: skip
    return [
        Filter("number", _("券号"), request.GET.get("number", ""), "search"),
        Filter("kind", _("种类"), request.GET.get("kind", ""), "choice", kinds),
    ]


@session.audience("citizen")
@require_safe
def voucher(request: HttpRequest, voucher_id: UUID) -> HttpResponse:
    seat = seats.own(request)
    card = vouchers.get_voucher(voucher_id, seat.scope)
    mine = vouchers.list_vouchers(seat.person.id, seat.scope)
    moments = vouchers.list_moments(voucher_id, seat.scope)
    context = {
        "seat": seat, "tab": "wallet", "back": reverse("citizen:wallet"), **as_line(card),
        "facts": _facts(card), "steps": [*_history(moments), *_steps(card)],
        "is_ready": card.state in READY, "is_shown_here": card.channel is RightChannel.APP,
        "channel": card.channel.label,
        "with_it": [as_line(one) for one in mine if _goes_with(card, one)],
        "sale": find_sale(seat, card.used_sale_id),
        "order": claims.find_order_that_locks(card.id, seat.scope)
        if card.state is VoucherState.LOCKED else None,
    }  # fmt: skip
    return live.answer(request, "citizen/voucher.html", context, [card, moments])


@never_cache
@session.audience("citizen")
@require_safe
def code(request: HttpRequest) -> HttpResponse:
    """The till code of the chosen vouchers; each look makes a fresh one and ends the last."""
    seat = seats.own(request)
    cards = [vouchers.get_voucher(one, seat.scope) for one in _asked(request)]
    context = {"seat": seat, "tab": "wallet", "back": reverse("citizen:wallet"), "sale": None,
               "lines": [as_line(card) for card in cards], "card": None}  # fmt: skip
    spent = next((card for card in cards if card.state is VoucherState.USED), None)
    if spent is not None:
        context["sale"] = find_sale(seat, spent.used_sale_id)
    elif cards:
        shown = till_codes.till_code(actor=seat.actor, voucher_ids=[card.id for card in cards])
        again = f"{reverse('citizen:code')}?{urlencode([('v', str(card.id)) for card in cards])}"
        digits = " ".join(shown.code[i : i + 4] for i in range(0, len(shown.code), 4))
        title = _("请向收银员出示")
        context["card"] = CodeCard(title, shown.code, shown.expires_at, again, digits)
        context["watch"] = again.replace(reverse("citizen:code"), reverse("citizen:watch"))
    return pages.page(request, "citizen/code.html", context, part="citizen/_code.html")


@never_cache
@session.audience("citizen")
@require_safe
def watch(request: HttpRequest) -> HttpResponse:
    """Asked every few seconds while a code is shown: nothing until the till has taken it."""
    seat = seats.own(request)
    cards = [vouchers.get_voucher(one, seat.scope) for one in _asked(request)]
    spent = next((card for card in cards if card.state is VoucherState.USED), None)
    if spent is None:
        return HttpResponse(status=204)
    context = {"seat": seat, "sale": find_sale(seat, spent.used_sale_id), "card": None}
    return pages.page(request, "citizen/_code.html", context)


def as_line(card: VoucherCard) -> dict[str, object]:
    """A voucher with the words of its kind and category, and what it is worth at most."""
    is_right = card.kind is VoucherKind.QUALIFICATION
    if card.kind is VoucherKind.CONSUMPTION and card.pool_id:
        return campaign_parts.voucher_line(card, card.pool_id)
    name = catalogue.get_category(card.category_code).name if card.category_code else ""
    return {
        "card": card,
        "is_right": is_right,
        "title": _("%s补贴资格") % name if is_right else _("焕新券"),
        "worth_fen": card.cap_fen if is_right else card.value_fen,
        "terms": None,
        "is_suggested": True,
    }


def find_sale(seat: Seat, sale_id: UUID | None) -> ClaimDetail | None:
    """The sale a voucher was spent on, as far as she may see it."""
    if sale_id is None:
        return None
    try:
        return claims.get_claim_of_sale(sale_id, seat.scope)
    except SaleNotFound:
        return None


def _asked(request: HttpRequest) -> list[UUID]:
    found = []
    for text in request.GET.getlist("v")[:_SHOWN_TOGETHER]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _goes_with(card: VoucherCard, other: VoucherCard) -> bool:
    """What may be shown together: the till says what of it adds up."""
    is_other = other.kind is not card.kind or card.kind is VoucherKind.CONSUMPTION
    return is_other and other.id != card.id and other.state is VoucherState.USABLE


def _facts(card: VoucherCard) -> list[Fact]:
    region = identity.get_region(card.region_path.rsplit("/", 1)[-1])
    rows = [
        Fact(_("券号"), card.number, "number"),
        Fact(_("可用地区"), region.name),
        Fact(_("领取时间"), card.issued_at, "time"),
    ]  # fmt: skip
    if card.expires_at is not None:
        rows.append(Fact(_("有效至"), card.expires_at, "time"))
    if card.kind is VoucherKind.QUALIFICATION:
        rows.append(Fact(_("使用渠道"), card.channel.label))
    return rows


def _history(moments: list[VoucherMoment]) -> list[Step]:
    """What has happened to the voucher, from its own audit lines."""
    return [Step(_(one.title), "done", one.at, note=one.note) for one in moments]


def _steps(card: VoucherCard) -> list[Step]:
    """Where the voucher stands now and what comes next: what she does in each state."""
    use = _("到店出示付款码，结账立减")
    if card.state is VoucherState.USABLE and card.channel is RightChannel.NONE:
        return [Step(_("绑定一个使用渠道"), "now", note=_("未绑定时哪里都不能用"))]
    if card.state is VoucherState.USABLE and card.channel is not RightChannel.APP:
        return [Step(_("在%s使用") % card.channel.label, "now", note=_("要在门店用，请先改绑"))]
    paths: dict[VoucherState, list[Step]] = {
        VoucherState.INACTIVE: [Step(_("上门取走旧机后激活"), "now"), Step(use, "next")],
        VoucherState.USABLE: [Step(use, "now", note=_("过期未用自动失效，名额归还"))],
        VoucherState.LOCKED: [
            Step(_("完成线上订单的付款"), "now", card.locked_until, note=_("到时未付款自动恢复"))
        ],
        VoucherState.USED: [Step(_("退货后资格恢复"), "next", note=_("由原门店办理"))],
        VoucherState.LAPSED: [Step(_("关注下一轮发放，可重新领取"), "next")],
        VoucherState.VOID: [Step(_("需要时可重新领取"), "next")],
    }
    return paths[card.state]
