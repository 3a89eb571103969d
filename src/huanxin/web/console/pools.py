"""Releases of qualifications: what each has left, opening one, ending one."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, money
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, budget_code, pool_code
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import releasing
from huanxin.vouchers.types import NewPool, PoolCard, PoolFilter, ReleaseMode
from huanxin.web import pools
from huanxin.web.claim_lists import page_asked
from huanxin.web.console import burn, choices
from huanxin.web.console.forms import WhyForm
from huanxin.web.console.release_forms import ReleaseForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Column, Confirmation, Empty, Fact, Filter, Row, Table, Tile
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.states import FAMILIES

NEW = "console/pool_new.html"
_ROWS, _MOST = 50, 20_000
_STATES = ("open", "soon", "sold_out", "closed")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)")


@require_safe
@audience("console")
@permitted("vouchers.open_pool")
def pool_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    asked = _wanted(request)
    if wanted := request.GET.get("export"):
        return table_file(
            _table(vouchers.list_pools(actor.scope, wanted=asked, limit=_MOST)), wanted
        )
    total = vouchers.count_pools(actor.scope, wanted=asked)
    page = page_asked(request.GET.get("page", "1"))
    found = vouchers.list_pools(actor.scope, wanted=asked, limit=_ROWS, page=page)
    table = _table(found, page=page, total=total)
    return render(request, "console/pools.html", {"table": table, "filters": _filters(request)})


@require_safe
@audience("console")
@permitted("vouchers.open_pool")
def pool(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """What it has left, how it burns down, and how long it lasts."""
    context = _context(actor_of(request), pool_id)
    if context["card"].consumption:
        return redirect("console:campaign", pool_id=pool_id)
    context["burn"] = burn.burn_of(context["card"], clock.now())
    if wanted := request.GET.get("export"):
        return table_file(context["burn"].table, wanted)
    return render(request, "console/pool.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.open_pool")
def new_pool(request: HttpRequest) -> HttpResponse:
    """The form; once it can be read, the page that says what moves."""
    if request.method != "POST":
        form = _form(actor_of(request), initial=_typed_before(request))
        return render(request, NEW, _new(form))
    form = _form(actor_of(request), request.POST)
    if not form.is_valid():
        return render(request, NEW, _new(form), status=422)
    context = {"confirmation": _confirmation(form), "title": _("开放一期发放")}
    return render(request, "console/confirm.html", context)


@require_POST
@audience("console")
def open_pool(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), _form(actor_of(request), request.POST)
    if not form.is_valid():
        return render(request, NEW, _new(form), status=422)
    try:
        pool_id = releasing.open_pool(
            actor=actor, pool=form.as_pool(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, NEW, _new(form), refusal)
    return redirect("console:pool", pool_id=pool_id)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.open_pool")
def close_pool(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """Says what goes back to the budget, asks why, then ends the release."""
    actor, form = actor_of(request), WhyForm(request.POST or None)
    context = _context(actor, pool_id) | {"form": form}
    if not form.is_valid():
        return render(
            request, "console/pool_close.html", context, status=422 if form.is_bound else 200
        )
    try:
        releasing.close_pool(actor=actor, pool_id=pool_id, reason=form.cleaned_data["reason"])
    except DomainError as refusal:
        return refused(request, "console/pool_close.html", context, refusal)
    return redirect("console:pool", pool_id=pool_id)


def _wanted(request: HttpRequest) -> PoolFilter:
    """What the address asks for; what it cannot mean does not filter."""
    asked = request.GET
    on = parse_date(asked.get("day", "") if _DAY.fullmatch(asked.get("day", "")) else "")
    state, mode = asked.get("state", ""), asked.get("mode", "")
    return PoolFilter(
        region_code=asked.get("region", ""),
        mode=mode if mode in set(ReleaseMode) else "",
        state=state if state in _STATES else "",
        words=asked.get("q", "").strip(),
        plan_id=_plan_id(asked.get("plan", "")),
        opens_from=clock.moment(on) if on else None,
        opens_to=clock.moment(on + timedelta(days=1)) if on else None,
        now=clock.now(),
    )


def _plan_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _filters(request: HttpRequest) -> list[Filter]:
    asked, any_word = request.GET, ("", _("全部"))
    states = [(key, str(FAMILIES["pool"][key].word)) for key in _STATES]
    modes = [("timed", _("先到先得")), ("lottery", _("摇号"))]
    regions = choices.regions(actor_of(request))
    return [
        Filter("q", _("名称"), asked.get("q", ""), "search"),
        Filter("state", _("状态"), asked.get("state", ""), options=[any_word, *states]),
        Filter("mode", _("方式"), asked.get("mode", ""), options=[any_word, *modes]),
        Filter("region", _("地区"), asked.get("region", ""), options=[any_word, *regions]),
        Filter("day", _("开放日"), asked.get("day", ""), "day"),
    ]


def _form(actor: Actor, typed: Any = None, *, initial: dict[str, Any] | None = None) -> ReleaseForm:
    """The form of one programme: the address names it, else it is the newest in force."""
    programmes = choices.programmes(in_force=True)
    asked = (typed or initial or {}).get("programme", "")
    chosen = asked if asked in dict(programmes) else choices.first_funded(actor, programmes)
    return ReleaseForm(
        typed,
        initial={**(initial or {}), "programme": chosen},
        programmes=programmes,
        regions=choices.regions(actor),
        categories=choices.categories_of(chosen) if chosen else [],
    )


def _new(form: ReleaseForm) -> dict[str, Any]:
    return {"form": form, "chosen": form["programme"].value()}


def _typed_before(request: HttpRequest) -> dict[str, Any]:
    """What the confirm page hands back when one goes back to change something."""
    typed = {name: value for name, value in request.GET.items() if name != "categories"}
    return typed | {"categories": request.GET.get("categories", "").split(",")}


def _confirmation(form: ReleaseForm) -> Confirmation:
    typed, new = form.cleaned_data, form.as_pool()
    raw = {name: form.data[name] for name in form.fields if name in form.data}
    raw |= {"categories": ",".join(new.categories), "request_id": str(typed["request_id"])}
    budget = ledger.find_balance(budget_code(new.region_code, new.programme)) or Balance()
    region = identity.get_region(new.region_code).name
    names = choices.names(choices.categories())
    again = {name: value for name, value in raw.items() if name != "request_id"}
    return Confirmation(
        title=_("从预算划入本期"),
        amount_fen=new.budget_fen,
        sentence=_("%(region)s，名额 %(count)s 份，用完即止。")
        % {"region": region, "count": f"{new.quantity:,}"},
        facts=[
            Fact(_("名称"), new.title),
            Fact(_("政策"), choices.names(choices.programmes())[new.programme]),
            Fact(_("品类"), "、".join(names[code] for code in new.categories)),
            *_release_facts(new),
            Fact(_("开放"), new.opens_at, "time"),
            Fact(_("结束"), new.closes_at, "time"),
            Fact(_("该预算现可用"), budget.available_fen, "money"),
            Fact(_("划出后剩余"), budget.available_fen - new.budget_fen, "money"),
        ],
        action=reverse("console:open_pool"),
        button=_("确认开放"),
        back=reverse("console:new_pool") + "?" + urlencode(again),
        fields=raw,
        warning=_("资金随即从预算划入；到开放时间居民即可申领。未用完的在结束后退回预算。"),
    )


def _release_facts(new: NewPool) -> list[Fact]:
    """How the places are given out, where it is not all at once."""
    if new.lottery:
        return [
            Fact(_("方式"), _("摇号：开放时间起登记，到时开奖")),
            Fact(_("登记截止"), new.lottery.registers_until, "time"),
            Fact(_("开奖时间"), new.lottery.draws_at, "time"),
            Fact(_("公开数来源"), new.lottery.entropy_source),
        ]
    if new.stages:
        shown = "、".join(
            _("%(m)s 分 %(p)s%%") % {"m": one.after_seconds // 60, "p": one.share_bps // 100}
            for one in new.stages
        )
        return [Fact(_("场内分批"), shown)]
    return []


def _context(actor: Actor, pool_id: UUID) -> dict[str, Any]:
    card = vouchers.get_pool(pool_id)
    identity.require(actor, "vouchers.open_pool", region_path=card.region_path)
    balance = ledger.get_balance(pool_code(pool_id))
    issued = card.quantity - card.remaining
    return {
        "card": card,
        "state": state_of(card),
        "is_lottery": card.mode is ReleaseMode.LOTTERY,
        "is_running": card.closes_at > clock.now(),
        "issued": issued,
        "balance": balance,
        "tiles": [
            Tile(_("剩余名额"), card.remaining, target=_("共 %s") % f"{card.quantity:,}"),
            Tile(_("可用资金"), balance.available_fen, "money"),
            Tile(_("已领未结（冻结）"), balance.debits_pending_fen, "money"),
            Tile(_("已支付或退回"), balance.debits_posted_fen, "money",
                 target=_("投入 %s") % money.yuan(balance.credits_posted_fen)),
        ],
        "lines": _lines(card),
    }  # fmt: skip


def _lines(card: PoolCard) -> Table:
    names = choices.names(choices.categories())
    columns = (
        Column("category", _("品类")),
        Column("cap_fen", _("最高补贴"), "money"),
        Column("reserve_fen", _("每份预留"), "money"),
        Column("limit", _("每人限"), "count"),
    )
    rows = [
        Row(
            {
                "category": names.get(line.category_code, card.title),
                "cap_fen": line.cap_fen,
                "reserve_fen": line.reserve_fen,
                "limit": line.limit_count,
            }
        )
        for line in card.lines
    ]
    return Table("lines", _("本期品类"), columns, rows)


def _table(cards: list[PoolCard], *, page: int = 1, total: int | None = None) -> Table:
    """Pools with their money; added up where all of them stand on one page."""
    regions = {one.code: one.name for one in identity.list_regions()}
    balances = ledger.balances(pool_code(card.id) for card in cards)
    now, lotteries = clock.now(), vouchers.lotteries_of(card.id for card in cards)
    columns = (
        Column("title", _("名称")),
        Column("state", _("状态"), "pill:pool"),
        Column("region", _("地区")),
        Column("opens_at", _("开放时间"), "time"),
        Column("quantity", _("名额"), "count"),
        Column("remaining", _("剩余"), "count"),
        Column("put_in_fen", _("投入"), "money"),
        Column("held_fen", _("冻结"), "money"),
        Column("left_fen", _("可用"), "money"),
    )
    rows = []
    for card in cards:
        balance = balances[pool_code(card.id)]
        rows.append(
            Row(
                {
                    "title": card.title,
                    "state": pools.state_of(card, now, lotteries.get(card.id)),
                    "region": regions[card.region_code],
                    "opens_at": card.opens_at, "quantity": card.quantity,
                    "remaining": card.remaining, "put_in_fen": balance.credits_posted_fen,
                    "held_fen": balance.debits_pending_fen, "left_fen": balance.available_fen,
                },
                href=reverse("console:pool", args=[card.id]),
            )
        )  # fmt: skip
    sums = ("quantity", "remaining", "put_in_fen", "held_fen", "left_fen")
    count = len(rows) if total is None else total
    totals = {key: sum(int(str(row.values[key])) for row in rows) for key in sums}
    return Table(
        "pools", _("资格发放"), columns, rows,
        empty=Empty(
            _("还没有发放"), _("从预算中划出一笔资金，开放第一期。"),
            reverse("console:new_pool"), _("开放一期"), "voucher",
        ),
        totals=totals if count == len(rows) else {}, page=page, pages=max(1, -(-count // _ROWS)),
        total_count=count, can_export=True,
    )  # fmt: skip


def state_of(card: PoolCard) -> str:
    """The state a pill shows."""
    return pools.state_of(card, clock.now(), pools.lottery_of(card))
