"""买新: how to use what she holds, where, and what became of every purchase."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import selectors as claims
from huanxin.claims.types import ClaimCard, ClaimDetail, ReductionCard, VerifyStatus
from huanxin.identity import selectors as identity
from huanxin.identity.types import Organisation, OrgKind, OrgStatus
from huanxin.kernel.actor import Scope
from huanxin.kernel.money import yuan
from huanxin.recycling.errors import OrderNotFound
from huanxin.recycling.selectors import order_book
from huanxin.recycling.types.orders import UnitCard
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherKind, VoucherState
from huanxin.web import pages, session
from huanxin.web.citizen import online, seats
from huanxin.web.citizen.seats import Seat
from huanxin.web.citizen.wallet import as_line
from huanxin.web.parts import Empty, Fact, Step

SHOPS_SHOWN = 30


@session.audience("citizen")
@require_safe
def buy(request: HttpRequest) -> HttpResponse:
    seat = seats.own(request)
    usable = [
        as_line(card)
        for card in vouchers.list_vouchers(seat.person.id, seat.scope)
        if card.state is VoucherState.USABLE
    ]
    shops = _shops(seat.person.region_path)
    context = {
        "seat": seat, "tab": "buy", "usable": usable, "shops": shops[:SHOPS_SHOWN],
        "shop_count": len(shops),
        "region": identity.get_region(seat.person.region_code),
        "purchases": _lines(claims.list_claims(seat.scope).items),
        "online": online.waiting(seat),
        "has_ordered": claims.list_orders(seat.scope, size=1).total > 0,
        "no_right": Empty(
            _("您还没有可用的补贴资格"), _("领到资格后，到参与门店结账时出示付款码立减。"),
            reverse("citizen:releases"), _("去领补贴资格"), "voucher",
        ),
    }  # fmt: skip
    return pages.page(request, "citizen/buy.html", context)


def _shops(region_path: str) -> list[Organisation]:
    found = identity.list_organisations(Scope(region_path), kind=OrgKind.RETAILER)
    return [shop for shop in found if shop.status is OrgStatus.ADMITTED]


@session.audience("citizen")
@require_safe
def purchase(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One purchase: the amount first, then why, then where the old unit is now."""
    seat = seats.own(request)
    detail = claims.get_claim(claim_id, seat.scope)
    name = catalogue.get_category(detail.card.category_code).name
    context = {
        "seat": seat, "tab": "buy", "back": reverse("citizen:buy"), "detail": detail,
        "card": detail.card, "name": name, "decision": detail.decision, "facts": _facts(detail),
        "steps": _steps(detail.card, claims.list_reductions(detail.card.sale_id, seat.scope)),
        "conditions": detail.decision.get("conditions", ()),
        "old_units": old_units(seat, detail.card.sale_id),
    }  # fmt: skip
    return pages.page(request, "citizen/purchase.html", context)


def old_units(seat: Seat, sale_id: UUID) -> list[tuple[str, UnitCard]]:
    """The old units whose 焕新券 was spent on a sale, with the names of their categories."""
    order_ids = [
        card.order_id
        for card in vouchers.list_vouchers(seat.person.id, seat.scope)
        if card.kind is VoucherKind.HUANXIN and card.used_sale_id == sale_id and card.order_id
    ]
    names = {category.code: category.name for category in catalogue.list_categories()}
    units = [unit for order_id in order_ids for unit in _units(seat, order_id)]
    return [(names.get(unit.category_code, ""), unit) for unit in units]


def _units(seat: Seat, order_id: UUID) -> tuple[UnitCard, ...]:
    try:
        return order_book.get_order(order_id, seat.scope).units
    except OrderNotFound:
        return ()  # a 焕新券 that came with no order of hers here


def _lines(cards: object) -> list[tuple[str, ClaimCard]]:
    return [
        (catalogue.get_category(card.category_code).name, card)
        for card in cards  # type: ignore[attr-defined]
    ]


def _facts(detail: ClaimDetail) -> list[Fact]:
    card = detail.card
    rows = [
        Fact(_("门店"), card.merchant_name),
        Fact(_("单号"), card.number, "number"),
        Fact(_("序列号"), detail.serial, "number", _("这台机器只能补贴这一次")),
        Fact(_("抵用前价格"), card.price_fen + card.trade_in_fen, "money"),
    ]
    if card.trade_in_fen:
        rows.append(Fact(_("焕新券"), -card.trade_in_fen, "money"))
    rows += [
        Fact(_("补贴"), -card.subsidy_fen, "money"),
        Fact(_("您实付"), card.to_pay_fen, "money", is_sum=True),
    ]
    return rows


def _steps(card: ClaimCard, reductions: Sequence[ReductionCard]) -> list[Step]:
    """Her money is settled at the till; the rest is between the shop and the treasury."""
    steps = [
        Step(_("购买，补贴已当场立减"), "done", card.sold_at, card.merchant_name),
        *(_lowered(one) for one in reductions),
    ]
    if card.is_returned:
        return [*steps, Step(_("已退货，补贴退回，资格恢复"), "stopped")]
    filed = _("门店报送发票和送货凭证")
    checked = _("核验")
    if card.submitted_at is None:
        return [*steps, Step(filed, "now"), Step(checked, "next", note=_("不影响您已享受的补贴"))]
    steps.append(Step(filed, "done", card.submitted_at))
    if card.is_payable:
        return [*steps, Step(_("核验通过"), "done", card.reviewed_at or card.decided_at)]
    if card.verify_status is VerifyStatus.REFUSED:
        note = _("由工作人员与门店处理，如需您配合会另行联系")
        return [*steps, Step(_("核验未通过"), "stopped", card.decided_at, note=note)]
    return [*steps, Step(checked, "now", note=_("通常一分钟内完成；存疑的由工作人员复核"))]


def _lowered(one: ReductionCard) -> Step:
    words = {"off": yuan(one.off_fen), "back": yuan(one.refund_fen)}
    note = _("补贴按新价重算为 %s；%s") % (yuan(one.subsidy_fen), one.reason)
    return Step(_("门店降价 %(off)s，退给您 %(back)s") % words, "done", one.reduced_at, note=note)
