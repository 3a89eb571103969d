"""Where the money stands: treasury, budgets, pools; and giving a region its budget."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, budget_code, pool_code, treasury_code
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import budgeting
from huanxin.web.claim_parts import FUND_WORDS
from huanxin.web.console import choices
from huanxin.web.console.forms import BudgetForm
from huanxin.web.forms import refused
from huanxin.web.parts import Confirmation, Fact
from huanxin.web.session import actor_of, audience, permitted

NEW = "console/budget_new.html"


@require_safe
@audience("console")
@permitted("ledger.read")
def tree(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "funds": _funds(),
        "programmes": _programmes(actor),
        "may_give": identity.may(actor, "vouchers.give_budget"),
        "may_open": identity.may(actor, "vouchers.open_pool"),
    }
    return render(request, "console/budgets.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.give_budget")
def new_budget(request: HttpRequest) -> HttpResponse:
    """The form; once it can be read, the page that says what moves."""
    if request.method != "POST":
        return render(request, NEW, {"form": _form(actor_of(request), initial=request.GET.dict())})
    form = _form(actor_of(request), request.POST)
    if not form.is_valid():
        return render(request, NEW, {"form": form}, status=422)
    context = {"confirmation": _confirmation(form), "title": _("下达预算")}
    return render(request, "console/confirm.html", context)


@require_POST
@audience("console")
def give_budget(request: HttpRequest) -> HttpResponse:
    actor, form = actor_of(request), _form(actor_of(request), request.POST)
    if not form.is_valid():
        return render(request, NEW, {"form": form}, status=422)
    typed = form.cleaned_data
    try:
        budgeting.give_budget(
            actor=actor, programme=typed["programme"], region_code=typed["region_code"],
            shares_fen=form.shares_fen(), request_id=typed["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, NEW, {"form": form}, refusal)
    return redirect("console:budgets")


def _form(actor: Actor, typed: Any = None, *, initial: dict[str, Any] | None = None) -> BudgetForm:
    return BudgetForm(
        typed,
        initial=initial or {},
        programmes=choices.programmes(),
        regions=choices.regions(actor),
    )


def _confirmation(form: BudgetForm) -> Confirmation:
    typed, shares = form.cleaned_data, form.shares_fen()
    raw = {name: form.data[name] for name in form.fields if name in form.data}
    region = identity.get_region(typed["region_code"]).name
    programme = choices.names(choices.programmes())[typed["programme"]]
    before = ledger.find_balance(budget_code(typed["region_code"], typed["programme"])) or Balance()
    total = sum(shares.values())
    again = {name: value for name, value in raw.items() if name != "request_id"}
    return Confirmation(
        title=_("下达给%s") % region,
        amount_fen=total,
        sentence=_("用于%s。") % programme,
        facts=[
            *(Fact(str(FUND_WORDS[fund]), fen, "money") for fund, fen in shares.items()),
            Fact(_("该预算现可用"), before.available_fen, "money"),
            Fact(_("下达后可用"), before.available_fen + total, "money", is_sum=True),
        ],
        action=reverse("console:give_budget"),
        button=_("确认下达"),
        back=reverse("console:new_budget") + "?" + urlencode(again),
        fields=raw,
        warning=_("下达后即可开放发放，不能在此撤回。"),
    )


def _funds() -> list[tuple[str, Balance]]:
    """What each fund has given, over the whole platform."""
    found = ledger.balances(treasury_code(fund) for fund in FUND_WORDS)
    return [
        (str(word), found.get(treasury_code(fund), Balance())) for fund, word in FUND_WORDS.items()
    ]


def _programmes(actor: Actor) -> list[dict[str, Any]]:
    """Each programme's budgets within reach, each with the pools it feeds."""
    pools = vouchers.list_pools(actor.scope)
    held = ledger.balances(pool_code(pool.id) for pool in pools)
    regions = choices.regions(actor)
    found = []
    for programme, title in choices.programmes():
        codes = {code: budget_code(code, programme) for code, _name in regions}
        balances = ledger.balances(codes.values())
        budgets = [
            {
                "region": name,
                "balance": balances[codes[code]],
                "pools": [
                    (pool, held[pool_code(pool.id)])
                    for pool in pools
                    if pool.programme == programme and pool.region_code == code
                ],
            }
            for code, name in regions
            if codes[code] in balances
        ]
        if budgets:
            found.append({"title": title, "budgets": budgets})
    return found
