"""翻新再用: repaired, tested, priced, sold; the passport closes and names the next one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.kernel import ids
from huanxin.kernel.errors import DomainError
from huanxin.kernel.paging import Page
from huanxin.recycling.errors import UnitNotHere
from huanxin.recycling.selectors import renewal_book
from huanxin.recycling.services import renewing
from huanxin.recycling.types.renewal import RenewalCard
from huanxin.trace import selectors as trace
from huanxin.web import pages, unit_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Empty, Fact, Filter, Row, Table
from huanxin.web.recycler.forms import GiveUpForm, OfferForm, ResaleForm, WorkForm
from huanxin.web.recycler.jobs import own_id
from huanxin.web.session import actor_of, audience, permitted

PAGE = "recycler/renewal.html"


@require_safe
@audience("recycler")
@permitted("recycling.renew")
def renewal_list(request: HttpRequest) -> HttpResponse:
    """Units on the bench and on the shelf, or those sold."""
    is_sold = request.GET.get("of") == "sold"
    page = page_asked(request.GET.get("page", "1"))
    found = renewal_book.list_renewals(actor_of(request).scope, is_sold=is_sold, page=page)
    ways = [("", _("待修待售")), ("sold", _("已售出"))]
    filters = [Filter("of", _("范围"), "sold" if is_sold else "", "choice", ways)]
    context = {"table": _table(found), "filters": filters}
    return pages.page(request, "recycler/renewals.html", context)


def _table(found: Page[RenewalCard]) -> Table:
    names = unit_parts.category_names()
    columns = (
        Column("unit", _("机身码"), "number"), Column("what", _("旧机")),
        Column("grade", _("等级")), Column("standing", _("进度")),
        Column("cost", _("维修费用"), "money"), Column("price", _("价格"), "money"),
    )  # fmt: skip
    rows = [
        Row(
            {
                "unit": one.unit_code, "what": names[one.category_code], "grade": one.grade,
                "standing": _standing(one), "cost": one.cost_fen,
                "price": one.sold_fen or one.price_fen,
            },
            href=reverse("recycler:renewal", args=[one.unit_code]),
        )
        for one in found.items
    ]  # fmt: skip
    return Table(
        "renewals", _("翻新再用"), columns, rows, page=found.number, pages=found.pages,
        total_count=found.total,
        empty=Empty(_("没有翻新再用的旧机"), _("检测分级定为翻新再用的会列在这里。"), icon="box"),
    )  # fmt: skip


@require_safe
@audience("recycler")
@permitted("recycling.renew")
def renewal(request: HttpRequest, unit_code: str) -> HttpResponse:
    return pages.page(request, PAGE, _context(request, unit_code))


@require_POST
@audience("recycler")
def work(request: HttpRequest, unit_code: str) -> HttpResponse:
    form = WorkForm(request.POST)
    return _done(request, unit_code, "work_form", form, lambda said: renewing.record_work(
        actor=actor_of(request), depot_org_id=own_id(actor_of(request)),
        work=form.as_work(unit_code), request_id=said["request_id"],
    ))  # fmt: skip


@require_POST
@audience("recycler")
def offer(request: HttpRequest, unit_code: str) -> HttpResponse:
    form = OfferForm(request.POST)
    return _done(request, unit_code, "offer_form", form, lambda said: renewing.offer_unit(
        actor=actor_of(request), depot_org_id=own_id(actor_of(request)), unit_code=unit_code,
        price_fen=said["price"], warranty_months=said["warranty_months"],
        request_id=said["request_id"],
    ))  # fmt: skip


@require_POST
@audience("recycler")
def sell(request: HttpRequest, unit_code: str) -> HttpResponse:
    form = ResaleForm(request.POST)
    return _done(request, unit_code, "sale_form", form, lambda said: renewing.sell_unit(
        actor=actor_of(request), depot_org_id=own_id(actor_of(request)),
        sale=form.as_sale(unit_code), request_id=said["request_id"],
    ))  # fmt: skip


@require_POST
@audience("recycler")
def give_up(request: HttpRequest, unit_code: str) -> HttpResponse:
    form = GiveUpForm(request.POST)
    return _done(request, unit_code, "give_up_form", form, lambda said: renewing.give_up_renewal(
        actor=actor_of(request), depot_org_id=own_id(actor_of(request)), unit_code=unit_code,
        reason=said["reason"], request_id=said["request_id"],
    ), leads_to="recycler:renewals")  # fmt: skip


def _done(
    request: HttpRequest, unit_code: str, name: str, form: Any, act: Any, *, leads_to: str = ""
) -> HttpResponse:
    """The step if its form is whole; the page again with what was typed otherwise."""
    if not form.is_valid():
        context = _context(request, unit_code) | {name: form}
        return pages.page(request, PAGE, context, status=422)
    try:
        act(form.cleaned_data)
    except DomainError as refusal:
        context = _context(request, unit_code) | {name: form}
        return refused(request, PAGE, context, refusal)
    return redirect(leads_to) if leads_to else redirect("recycler:renewal", unit_code)


def _context(request: HttpRequest, unit_code: str) -> dict[str, Any]:
    card = renewal_book.find_renewal(unit_code, actor_of(request).scope)
    if card is None:
        raise UnitNotHere(unit_code=unit_code, reason="不在本单位翻新再用的旧机中")
    return {
        "side": "recycler:renewals",
        "card": card,
        "name": unit_parts.category_names()[card.category_code],
        "standing": _standing(card),
        "facts": _facts(card),
        "next_link": trace.digital_link(card.next_code) if card.next_code else "",
        "request_id": ids.new_id(),
        "work_form": WorkForm(),
        "offer_form": OfferForm(initial={"warranty_months": card.warranty_months or 6}),
        "sale_form": ResaleForm(initial={"warranty_months": card.warranty_months or 6}),
        "give_up_form": GiveUpForm(),
        "refusal": None,
    }


def _standing(card: RenewalCard) -> str:
    if card.sold_at is not None:
        return _("已售出")
    if card.price_fen is not None and card.is_safe:
        return _("待售")
    if card.is_safe is None:
        return _("待维修检测")
    return _("待定价") if card.is_safe else _("检测不合格")


def _facts(card: RenewalCard) -> list[Fact]:
    rows = [Fact(_("等级"), card.grade)]
    rows += [Fact(_("维修"), item.done, "text", item.part) for item in card.items]
    if card.worked_at is not None:
        rows.append(Fact(_("安全检测"), _("合格") if card.is_safe else _("不合格")))
        rows.append(Fact(_("维修费用"), card.cost_fen, "money"))
    if card.price_fen is not None:
        rows.append(Fact(_("标价"), card.price_fen, "money"))
        rows.append(Fact(_("保修"), _("%d 个月") % (card.warranty_months or 0)))
    if card.sold_at is not None:
        rows += [
            Fact(_("成交价"), card.sold_fen, "money"),
            Fact(_("发票号码"), card.invoice_no, "number"),
            Fact(_("售出"), card.sold_at, "time"),
            Fact(_("再用身份码"), card.next_code, "number"),
        ]  # fmt: skip
    return rows
