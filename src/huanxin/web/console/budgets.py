"""Where the money stands: the tree from the treasuries to the pools, money down and up it."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, budget_code
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import budgeting
from huanxin.web.claim_parts import FUND_WORDS
from huanxin.web.console import budget_parts, choices
from huanxin.web.console.forms import BudgetForm, MoveForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Confirmation, Fact
from huanxin.web.session import actor_of, audience, permitted

NEW, MOVE = "console/budget_new.html", "console/budget_move.html"
VERBS = {"allocate": budgeting.allocate_budget, "reclaim": budgeting.reclaim_budget}


@require_safe
@audience("console")
@permitted("ledger.read")
def tree(request: HttpRequest) -> HttpResponse:
    """Province, city, counties, pools; programme, fund and what is open stand in the address."""
    actor = actor_of(request)
    asked = budget_parts.asked(request, actor.scope)
    nodes = vouchers.list_budgets(actor.scope, programme=asked.programme)
    if wanted := request.GET.get("export"):
        return table_file(budget_parts.table(nodes, asked), wanted)
    context = {
        "filters": budget_parts.filters(asked),
        "heads": budget_parts.heads(asked),
        "rows": budget_parts.rows(nodes, asked, actor),
        "funds": budget_parts.fund_tiles(),
        "proof": next(iter(ledger.list_proofs(limit=1)), None),
        "may_give": identity.may(actor, "vouchers.give_budget"),
        "waiting": vouchers.count_budget_requests(actor.scope),
        "asked": asked,
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
    context = {"confirmation": _confirmation(form), "title": _("财政下达")}
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
    return redirect(_back(typed))


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("vouchers.give_budget")
def move(request: HttpRequest, verb: str) -> HttpResponse:
    """Down to a region or up from it: the form, then the page that says which funds move."""
    if verb not in VERBS:
        raise Http404
    actor = actor_of(request)
    if request.method != "POST":
        context = _move_context(verb, _move_form(actor, verb, initial=request.GET.dict()))
        return render(request, MOVE, context)
    form = _move_form(actor, verb, request.POST)
    if not form.is_valid():
        return render(request, MOVE, _move_context(verb, form), status=422)
    try:
        confirmation = budget_parts.move_confirmation(verb, form)
    except DomainError as refusal:
        return refused(request, MOVE, _move_context(verb, form), refusal)
    context = {"confirmation": confirmation, "title": budget_parts.VERB_WORDS[verb]}
    return render(request, "console/confirm.html", context)


@require_POST
@audience("console")
def moved(request: HttpRequest, verb: str) -> HttpResponse:
    if verb not in VERBS:
        raise Http404
    form = _move_form(actor_of(request), verb, request.POST)
    if not form.is_valid():
        return render(request, MOVE, _move_context(verb, form), status=422)
    typed = form.cleaned_data
    try:
        VERBS[verb](
            actor=actor_of(request), programme=typed["programme"],
            region_code=typed["region_code"], amount_fen=typed["amount_fen"],
            fund=typed["fund"], request_id=typed["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, MOVE, _move_context(verb, form), refusal)
    return redirect(_back(typed))


def form_of(request: HttpRequest, verb: str) -> tuple[Any, str, dict[str, Any]]:
    """The form that a move was typed into, its template and that one's context."""
    actor = actor_of(request)
    if verb == "give":
        form = _form(actor, request.POST)
        return form, NEW, {"form": form}
    moving = _move_form(actor, verb, request.POST)
    return moving, MOVE, _move_context(verb, moving)


def _back(typed: dict[str, Any]) -> str:
    return reverse("console:budgets") + "?" + urlencode({"programme": typed["programme"]})


def _form(actor: Actor, typed: Any = None, *, initial: dict[str, Any] | None = None) -> BudgetForm:
    return BudgetForm(
        typed,
        initial=initial or {},
        programmes=choices.programmes(),
        regions=choices.regions(actor),
    )


def _move_form(
    actor: Actor, verb: str, typed: Any = None, *, initial: dict[str, Any] | None = None
) -> MoveForm:
    """Down goes to whoever lies below the officer; up may also come from the province itself."""
    path = actor.scope.region_path
    own = path.rpartition("/")[2]
    regions = [
        (code, name)
        for code, name in choices.regions(actor)
        if code != own or (verb == "reclaim" and "/" not in path)
    ]
    return MoveForm(typed, initial=initial or {}, programmes=choices.programmes(), regions=regions)


def _move_context(verb: str, form: MoveForm) -> dict[str, Any]:
    return {"form": form, "verb": verb, "title": budget_parts.VERB_WORDS[verb]}


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
        warning=_("登记后逐级入账：中央、省级资金经省、市到该地区，市级资金从市开始。"),
    )
