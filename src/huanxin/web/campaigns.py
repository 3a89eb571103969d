"""Desks of consumption vouchers: the list, one campaign, opening and ending one, for two audiences.

The console opens them with public money, a shop or maker with its own; what they see is the same.
"""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import DomainError
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, funder_code, pool_code
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import campaigning
from huanxin.vouchers.types import NewPool, PoolCard
from huanxin.web import campaign_parts, pools
from huanxin.web.campaign_forms import CampaignForm
from huanxin.web.console.forms import WhyForm
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Confirmation, Empty, Fact, Row, Table, Tile
from huanxin.web.session import actor_of

_CITY = "funder:city"
_LISTS = ("categories", "residence", "tags", "merchant_ids")


@dataclass(frozen=True, slots=True)
class Side:
    """Whose desk: the namespace of its addresses, and the frame its pages stand in."""

    name: str

    @property
    def frame(self) -> str:
        return f"{self.name}/base.html"

    def url(self, page: str, *args: object) -> str:
        """An address of this desk."""
        return reverse(f"{self.name}:{page}", args=args)

    def funder(self, actor: Actor) -> str:
        """Whose money is spent here."""
        own = self.name == "merchant" and actor.org_id is not None
        return funder_code(str(actor.org_id)) if own else _CITY

    def scope(self, actor: Actor) -> Scope:
        """A shop or maker sees what it pays for, an officer her region."""
        return Scope(org_id=actor.org_id) if self.name == "merchant" else actor.scope


def show_list(request: HttpRequest, side: Side) -> HttpResponse:
    """Every campaign of this desk with what became of its money."""
    actor = actor_of(request)
    free_fen = _free_fen(side.funder(actor))
    table = _table(side, vouchers.list_campaigns(side.scope(actor)))
    return render(request, "campaigns/list.html", _frame(side) | {
        "table": table, "free_fen": free_fen,
        "funder": campaign_parts.funder_name(side.funder(actor)),
    })  # fmt: skip


def show_one(request: HttpRequest, side: Side, pool_id: UUID) -> HttpResponse:
    """One campaign: claimed, used, returned; its terms; its money."""
    return render(request, "campaigns/one.html", _one(side, actor_of(request), pool_id))


def show_new(request: HttpRequest, side: Side) -> HttpResponse:
    """The form; once it can be read, the page that says what moves."""
    actor = actor_of(request)
    form = _form(side, actor, request.POST if request.method == "POST" else None, request.GET)
    if not form.is_bound or not form.is_valid():
        context = _frame(side) | {"form": form, "free_fen": _free_fen(side.funder(actor))}
        return render(request, "campaigns/new.html", context, status=422 if form.is_bound else 200)
    context = _frame(side) | {
        "confirmation": _confirmation(side, actor, form),
        "title": _("开办消费券活动"),
    }
    return render(request, "campaigns/confirm.html", context)


def open_one(request: HttpRequest, side: Side) -> HttpResponse:
    """Open what was confirmed; a refusal comes back to the form with everything typed."""
    actor = actor_of(request)
    form = _form(side, actor, request.POST, {})
    context = _frame(side) | {"form": form, "free_fen": _free_fen(side.funder(actor))}
    if not form.is_valid():
        return render(request, "campaigns/new.html", context, status=422)
    try:
        pool_id = campaigning.open_campaign(
            actor=actor, pool=_pool(side, actor, form), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, "campaigns/new.html", context, refusal)
    return redirect(f"{side.name}:campaign", pool_id=pool_id)


def close_one(request: HttpRequest, side: Side, pool_id: UUID) -> HttpResponse:
    """Say what goes back to the funder, ask why, then end it."""
    actor, form = actor_of(request), WhyForm(request.POST or None)
    context = _one(side, actor, pool_id) | {"form": form}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "campaigns/close.html", context, status=status)
    try:
        campaigning.close_campaign(actor=actor, pool_id=pool_id, reason=form.cleaned_data["reason"])
    except DomainError as refusal:
        return refused(request, "campaigns/close.html", context, refusal)
    return redirect(f"{side.name}:campaign", pool_id=pool_id)


def _frame(side: Side) -> dict[str, Any]:
    return {
        "frame": side.frame, "side_name": side.name, "side_page": f"{side.name}:campaigns",
        "list_url": side.url("campaigns"), "new_url": side.url("new_campaign"),
    }  # fmt: skip


def _free_fen(code: str) -> int:
    return max((ledger.find_balance(code) or Balance()).available_fen, 0)


def _one(side: Side, actor: Actor, pool_id: UUID) -> dict[str, Any]:
    card = vouchers.get_campaign(pool_id, side.scope(actor))
    use, balance = vouchers.campaign_use(pool_id), ledger.get_balance(pool_code(pool_id))
    leverage = f"{use.sales_fen / use.used_fen:.1f}" if use.used_fen else ""
    return _frame(side) | {
        "card": card,
        "state": pools.state_of(card, clock.now()),
        "terms": campaign_parts.terms(card),
        "balance": balance,
        "claimed": use.claimed_count,
        "close_url": side.url("close_campaign", pool_id),
        "page_url": side.url("campaign", pool_id),
        "tiles": [
            Tile(_("已领"), use.claimed_count, target=_("共 %s") % f"{card.quantity:,}"),
            Tile(_("已使用"), use.used_count, target=_("%s 家门店") % use.org_count),
            Tile(_("过期未用"), use.lapsed_count),
            Tile(_("退货退回"), use.returned_count),
            Tile(_("已抵扣"), use.used_fen, "money"),
            Tile(_("带动消费"), use.sales_fen, "money",
                 target=_("每 1 元券带动 %s 元") % leverage if leverage else ""),
            Tile(_("冻结在券上"), balance.debits_pending_fen, "money"),
            Tile(_("未领取可用"), balance.available_fen, "money"),
        ],
    }  # fmt: skip


def _form(side: Side, actor: Actor, typed: Any, before: Any) -> CampaignForm:
    initial: dict[str, Any] = {name: before[name] for name in before if name not in _LISTS}
    for name in _LISTS:
        if name in before:
            initial[name] = before[name].split(",")
    if typed is not None and any(name in typed for name in _LISTS):
        typed = typed.copy()
        for name in _LISTS:
            typed.setlist(name, [x for one in typed.getlist(name) for x in one.split(",") if x])
    return CampaignForm(
        typed,
        initial=initial,
        regions=_regions(side, actor),
        categories=[(one.code, one.name) for one in catalogue.list_categories()],
        merchants=_merchants(side, actor),
        funders=_funders(side),
    )


def _funders(side: Side) -> list[tuple[str, str]]:
    """Public money an officer may choose, the city's first; an enterprise has its own alone."""
    if side.name == "merchant":
        return []
    cards = [one for one in vouchers.list_funders(Scope()) if vouchers.is_public_funder(one.code)]
    names = {_CITY: campaign_parts.funder_name(_CITY)} | {one.code: one.name for one in cards}
    return list(names.items())


def _funder(side: Side, actor: Actor, form: CampaignForm) -> str:
    """Whose money was chosen, once that can be read; else the desk's own."""
    chosen = getattr(form, "cleaned_data", {}).get("funder", "")
    return chosen or side.funder(actor)


def _regions(side: Side, actor: Actor) -> list[tuple[str, str]]:
    if side.name == "merchant" and actor.org_id is not None:
        path = identity.get_organisation(actor.org_id).region_path.split("/")
        return [(code, identity.get_region(code).name) for code in reversed(path[1:])]
    path_text = actor.scope.region_path
    own = [identity.get_region(path_text.rpartition("/")[2])] if path_text else []
    return [(one.code, one.name) for one in [*own, *identity.list_regions(under=path_text)]]


def _is_shop(actor: Actor) -> bool:
    own = identity.get_organisation(actor.org_id) if actor.org_id is not None else None
    return own is not None and own.kind is OrgKind.RETAILER


def _merchants(side: Side, actor: Actor) -> list[tuple[str, str]]:
    """Shops to choose from; a shop's own campaign is for itself."""
    if side.name == "merchant" and _is_shop(actor):
        return []
    scope = Scope() if side.name == "merchant" else actor.scope
    found = identity.list_organisations(scope, kind=OrgKind.RETAILER)
    return [(str(one.id), one.name) for one in found]


def _pool(side: Side, actor: Actor, form: CampaignForm) -> NewPool:
    if side.name == "merchant" and actor.org_id is not None and _is_shop(actor):
        return form.as_pool(side.funder(actor), (actor.org_id,))
    return form.as_pool(_funder(side, actor, form))


def _confirmation(side: Side, actor: Actor, form: CampaignForm) -> Confirmation:
    new = _pool(side, actor, form)
    assert new.consumption is not None, "a campaign has terms"
    box = campaign_parts.in_words(new.consumption, new.region_code)
    data = cast(QueryDict, form.data)
    typed = {name: data.getlist(name) for name in form.fields}
    raw = {name: ",".join(values) for name, values in typed.items() if values}
    again = {name: value for name, value in raw.items() if name != "request_id"}
    free_fen = _free_fen(_funder(side, actor, form))
    return Confirmation(
        title=_("从出资账户划入活动"),
        amount_fen=new.budget_fen,
        sentence=_("%(count)s 份，%(first)s。")
        % {"count": f"{new.quantity:,}", "first": box.first},
        facts=[
            Fact(_("名称"), new.title),
            Fact(_("规则"), "；".join(box.rest)),
            Fact(_("出资方"), box.funder),
            Fact(_("开放"), new.opens_at, "time"),
            Fact(_("结束"), new.closes_at, "time"),
            Fact(_("出资账户现可用"), free_fen, "money"),
            Fact(_("划出后剩余"), free_fen - new.budget_fen, "money"),
        ],
        action=side.url("open_campaign"),
        button=_("确认开办"),
        back=side.url("new_campaign") + "?" + urlencode(again),
        fields=raw,
        warning=_("资金随即按面值足额划入；没有领取、过期和退回的部分，结束后退回出资账户。"),
    )


def _table(side: Side, cards: list[PoolCard]) -> Table:
    balances = ledger.balances(pool_code(card.id) for card in cards)
    now = clock.now()
    columns = (
        Column("title", _("名称")),
        Column("state", _("状态"), "pill:pool"),
        Column("tiers", _("规则")),
        Column("funder", _("出资方")),
        Column("opens_at", _("开放时间"), "time"),
        Column("quantity", _("份数"), "count"),
        Column("claimed", _("已领"), "count"),
        Column("put_in_fen", _("投入"), "money"),
        Column("left_fen", _("未领可用"), "money"),
    )
    rows = []
    for card in cards:
        box, balance = campaign_parts.terms(card), balances[pool_code(card.id)]
        assert box is not None, "a campaign has terms"
        rows.append(
            Row(
                {
                    "title": card.title, "state": pools.state_of(card, now), "tiers": box.first,
                    "funder": box.funder, "opens_at": card.opens_at, "quantity": card.quantity,
                    "claimed": card.quantity - card.ungiven,
                    "put_in_fen": balance.credits_posted_fen, "left_fen": balance.available_fen,
                },
                href=side.url("campaign", card.id),
            )
        )  # fmt: skip
    return Table(
        "campaigns", _("消费券活动"), columns, rows,
        empty=Empty(
            _("还没有消费券活动"), _("出资方先存入资金，再开办第一期。"),
            side.url("new_campaign"), _("开办一期"), "voucher",
        ),
        total_count=len(rows),
    )  # fmt: skip
