"""A shop's or maker's own money for vouchers: what it paid in, what is held, every entry."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huanxin.identity.errors import NotAllowed
from huanxin.kernel.errors import NotFound
from huanxin.vouchers import selectors
from huanxin.web import ledger_parts
from huanxin.web.exports import table_file
from huanxin.web.parts import Tile
from huanxin.web.session import actor_of, audience, permitted


@require_safe
@audience("merchant")
@permitted("vouchers.open_campaign")
def funding(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if actor.org_id is None:
        raise NotAllowed(permission="vouchers.open_campaign", role=actor.role)
    card = selectors.get_funder(str(actor.org_id), actor.scope)
    context: dict[str, Any] = {
        "tiles": [
            Tile(_("可用"), card.free_fen, "money", target=_("发焕新券、消费券先用这里的钱")),
            Tile(_("券占用"), card.held_fen, "money", target=_("已发未用，到期自动释放")),
            Tile(_("累计出资"), card.paid_in_fen, "money"),
            Tile(_("垫付额度"), card.credit_limit_fen, "money", target=card.credit_title),
        ],
        "table": None,
        "filters": [],
    }
    try:
        found, context["filters"] = ledger_parts.statement_asked(request, card.code, actor.scope)
    except NotFound:  # no money came yet, so there is no account either
        return render(request, "merchant/funding.html", context)
    table = ledger_parts.statement_table(found, has_pages=False)
    if wanted := request.GET.get("export"):
        return table_file(table, wanted)
    return render(request, "merchant/funding.html", {**context, "table": table})
