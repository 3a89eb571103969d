"""Money ahead: terms with shops, payments under them, and what shops pay back themselves."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.settlement.errors import TermsNotFound
from huanxin.settlement.selectors import money_book
from huanxin.settlement.services import prepaying
from huanxin.settlement.types import PrepaymentBasis, PrepaymentCard, PrepaymentState, TermsCard
from huanxin.web.console.settlement_forms import AheadForm, BackForm, TermsForm
from huanxin.web.exports import table_file
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Confirmation, Empty, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

LIST, NEW, ONE = (
    "console/prepayments.html", "console/prepayment_terms.html", "console/prepayment.html",
)  # fmt: skip


@require_safe
@audience("console")
@permitted("settlement.read")
def prepayment_list(request: HttpRequest) -> HttpResponse:
    context = _list_context(actor_of(request))
    if wanted := request.GET.get("export"):
        return table_file(context["paid"], wanted)
    return render(request, LIST, context)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("settlement.prepay")
def new_terms(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = TermsForm(request.POST or None, orgs=_shops(actor))
    if not form.is_valid():
        return render(request, NEW, {"form": form}, status=422 if form.is_bound else 200)
    try:
        prepaying.propose_terms(
            actor=actor, terms=form.as_terms(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, NEW, {"form": form}, refusal)
    return redirect("console:prepayments")


@require_safe
@audience("console")
@permitted("settlement.prepay")
def shop(request: HttpRequest, org_id: UUID) -> HttpResponse:
    return render(request, ONE, _shop_context(org_id))


@require_POST
@audience("console")
def propose(request: HttpRequest, org_id: UUID) -> HttpResponse:
    form = AheadForm(request.POST)
    if not form.is_valid():
        return render(request, ONE, _shop_context(org_id, ahead=form), status=422)
    try:
        prepaying.propose_prepayment(actor=actor_of(request), org_id=org_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, ONE, _shop_context(org_id, ahead=form), refusal)
    return redirect("console:prepayments")


@require_POST
@audience("console")
def receive_back(request: HttpRequest, org_id: UUID) -> HttpResponse:
    form = BackForm(request.POST)
    if not form.is_valid():
        return render(request, ONE, _shop_context(org_id, back=form), status=422)
    try:
        prepaying.receive_prepaid_back(actor=actor_of(request), org_id=org_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, ONE, _shop_context(org_id, back=form), refusal)
    return redirect("console:prepay_shop", org_id=org_id)


@require_POST
@audience("console")
def approve_terms(request: HttpRequest, terms_id: UUID) -> HttpResponse:
    return _act(request, prepaying.approve_terms, terms_id=terms_id)


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("settlement.prepay")
def pay_ahead(request: HttpRequest, prepayment_id: UUID) -> HttpResponse:
    """The last look, then the payment."""
    if request.method == "POST":
        return _act(request, prepaying.pay_prepayment, prepayment_id=prepayment_id)
    card = money_book.find_prepayment(prepayment_id, actor_of(request).scope)
    if card is None or card.state is not PrepaymentState.PROPOSED:
        return redirect("console:prepayments")
    context = {"title": _("支付预付款"), "confirmation": _confirmation(card)}
    return render(request, "console/confirm.html", context)


def _confirmation(card: PrepaymentCard) -> Confirmation:
    return Confirmation(
        title=_("预付给%s") % card.org_name,
        amount_fen=card.amount_fen,
        sentence=_("以后每次结算付款时，从应付款中抵扣，直到扣完。"),
        facts=[
            Fact(_("预付单"), card.number, "number"),
            Fact(_("提出时间"), card.proposed_at, "time"),
        ],
        action=reverse("console:pay_ahead", args=[card.id]),
        button=_("确认支付"),
        back=reverse("console:prepayments"),
        fields={"request_id": str(ids.new_id())},
        warning=_("确认后付款文件随即送往银行，不能撤回。"),
    )


@require_POST
@audience("console")
def withdraw(request: HttpRequest, prepayment_id: UUID) -> HttpResponse:
    return _act(request, prepaying.withdraw_prepayment, prepayment_id=prepayment_id)


def _act(request: HttpRequest, verb: Callable[..., object], **what: UUID) -> HttpResponse:
    actor, form = actor_of(request), RequestForm(request.POST)
    if not form.is_valid():
        return render(request, LIST, _list_context(actor), status=422)
    try:
        verb(actor=actor, **what, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, LIST, _list_context(actor), refusal)
    return redirect("console:prepayments")


def _shops(actor: Actor) -> list[tuple[str, str]]:
    found = identity.list_organisations(actor.scope)
    return [(str(one.id), one.name) for one in found if one.kind == OrgKind.RETAILER]


def _list_context(actor: Actor) -> dict[str, Any]:
    terms = money_book.list_terms(actor.scope).items
    ahead = money_book.list_prepayments(actor.scope).items
    may = identity.may(actor, "settlement.prepay")
    return {
        "may_prepay": may,
        "mine": actor.account_id,
        "to_approve": [one for one in terms if not one.is_live] if may else [],
        "to_pay": [one for one in ahead if one.state is PrepaymentState.PROPOSED] if may else [],
        "terms": _terms_table([one for one in terms if one.is_live], may=may),
        "paid": paid_table(ahead),
    }


def _shop_context(
    org_id: UUID, *, ahead: AheadForm | None = None, back: BackForm | None = None
) -> dict[str, Any]:
    terms = money_book.find_terms(org_id)
    if terms is None:
        raise TermsNotFound
    facts = [
        Fact(_("协议"), terms.title),
        Fact(basis_word(terms), terms.base_fen, "money"),
        Fact(_("按 %d%% 且不超过约定上限") % (terms.share_bps // 100), terms.limit_fen, "money"),
        Fact(_("已预付未抵扣"), terms.outstanding_fen, "money"),
        Fact(_("现在还可预付"), terms.free_fen, "money", is_sum=True),
    ]
    return {
        "terms": terms, "facts": facts, "ahead": ahead or AheadForm(), "back": back or BackForm(),
    }  # fmt: skip


def basis_word(terms: TermsCard) -> str:
    """What the share is taken of."""
    by_claims = terms.basis is PrepaymentBasis.CLAIMS
    return _("核验通过、尚未结算") if by_claims else _("约定额度")


def _terms_table(found: Sequence[TermsCard], *, may: bool) -> Table:
    columns = (
        Column("org", _("商户")),
        Column("title", _("协议")),
        Column("basis", _("依据")),
        Column("share", _("比例"), "number"),
        Column("most_fen", _("上限"), "money"),
        Column("outstanding_fen", _("未抵扣"), "money"),
        Column("free_fen", _("还可预付"), "money"),
    )
    rows = [
        Row(
            {
                "org": one.org_name, "title": one.title, "basis": basis_word(one),
                "share": f"{one.share_bps // 100}%", "most_fen": one.most_fen,
                "outstanding_fen": one.outstanding_fen, "free_fen": one.free_fen,
            },
            href=reverse("console:prepay_shop", args=[one.org_id]) if may else "",
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(_("还没有生效的预付约定"), _("拟定后由另一名财政人员核准即生效。"), icon="money")
    return Table("terms", _("生效的预付约定"), columns, rows, empty)


def paid_table(found: Sequence[PrepaymentCard]) -> Table:
    """Payments ahead, newest first."""
    columns = (
        Column("number", _("预付单"), "number"),
        Column("state", _("状态"), "pill:prepayment"),
        Column("org", _("商户")),
        Column("amount_fen", _("金额"), "money"),
        Column("paid_at", _("付款时间"), "time"),
        Column("reference", _("回单号"), "number"),
    )
    rows = [
        Row(
            {
                "number": one.number, "state": one.state, "org": one.org_name,
                "amount_fen": one.amount_fen, "paid_at": one.paid_at,
                "reference": one.bank_reference,
            }
        )
        for one in found
    ]  # fmt: skip
    empty = Empty(_("还没有预付"), _("按约定预付的款项会在结算付款时抵扣。"), icon="money")
    return Table("paid", _("预付记录"), columns, rows, empty, can_export=bool(rows))
