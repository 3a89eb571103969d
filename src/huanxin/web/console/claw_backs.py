"""Money that must come back: what shops owe, and booking what they paid back themselves."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel.errors import DomainError
from huanxin.settlement.errors import ClawBackClosed
from huanxin.settlement.selectors import money_book
from huanxin.settlement.services import recovering
from huanxin.web.claim_lists import page_asked
from huanxin.web.console.settlement_forms import ReceiveForm
from huanxin.web.exports import table_file
from huanxin.web.forms import refused
from huanxin.web.parts import Fact
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.settlement_parts import claw_backs_table

LIST, RECEIVE = "console/claw_backs.html", "console/claw_back.html"


@require_safe
@audience("console")
@permitted("settlement.read")
def claw_back_list(request: HttpRequest) -> HttpResponse:
    actor, done = actor_of(request), request.GET.get("state") == "received"
    found = money_book.list_claw_backs(
        actor.scope, is_received=done, page=page_asked(request.GET.get("page", "1"))
    )
    may = identity.may(actor, "settlement.pay") and not done
    table = claw_backs_table(found.items, found.number, found.pages, found.total, may_receive=may)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    return render(request, LIST, {"table": table, "done": done})


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("settlement.pay")
def receive(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """The last look at what is owed, then the bank's receipt."""
    actor, form = actor_of(request), ReceiveForm(request.POST or None)
    context = {"form": form, **_owed(request, sale_id)}
    if not form.is_valid():
        return render(request, RECEIVE, context, status=422 if form.is_bound else 200)
    try:
        recovering.receive_claw_back(actor=actor, sale_id=sale_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, RECEIVE, context, refusal)
    return redirect(reverse("console:claw_backs") + "?state=received")


def _owed(request: HttpRequest, sale_id: UUID) -> dict[str, object]:
    rows = money_book.list_claw_backs(actor_of(request).scope, size=100_000).items
    card = next((one for one in rows if one.sale_id == sale_id), None)
    if card is None:
        raise ClawBackClosed(sale_id=sale_id)
    facts = [
        Fact(_("销售单号"), card.sale_number, "number"),
        Fact(_("商户"), card.org_name),
        Fact(_("结算批次"), card.batch_number, "number"),
        Fact(_("应退"), card.amount_fen, "money", is_sum=True),
    ]
    return {"card": card, "facts": facts}
