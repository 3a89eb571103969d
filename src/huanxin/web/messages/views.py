"""The message centre: what happened, newest first, each leading to where it is dealt with."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor
from huanxin.outreach import selectors
from huanxin.outreach.services import telling
from huanxin.outreach.types import Message, MessageKind
from huanxin.web import pages, session
from huanxin.web.claim_lists import page_asked
from huanxin.web.parts import Empty

FRAMES = {
    "citizen": "citizen/frame.html",
    "merchant": "merchant/base.html",
    "recycler": "recycler/base.html",
    "dismantler": "dismantler/base.html",
    "station": "station/frame.html",
    "console": "console/base.html",
}
# Where each kind is dealt with; a page that takes the subject's id ends with '*'.
WAYS: dict[MessageKind, str] = {
    MessageKind.PICKUP_PROMISED: "citizen:order*",
    MessageKind.PICKUP_MOVED: "citizen:order*",
    MessageKind.VISIT_MISSED: "citizen:order*",
    MessageKind.REQUOTE_WAITING: "citizen:order*",
    MessageKind.VOUCHER_ACTIVATED: "citizen:voucher*",
    MessageKind.VOUCHER_EXPIRING: "citizen:voucher*",
    MessageKind.LOTTERY_WON: "citizen:wallet",
    MessageKind.LOTTERY_NOT_WON: "public:draw*",
    MessageKind.COMPLAINT_ANSWERED: "citizen:complaint*",
    MessageKind.PURCHASE_RETURNED: "citizen:purchase*",
    MessageKind.EVENT_CANCELLED: "public:events",
    MessageKind.OFFERS_WAITING: "recycler:offers",
    MessageKind.CLAIM_REFUSED: "merchant:claim*",
    MessageKind.CLAIM_TO_MEND: "merchant:claim*",
    MessageKind.PAYMENT_ARRIVED: "merchant:statement",
    MessageKind.PAYMENT_REFUSED: "merchant:statement",
    MessageKind.CASE_OPENED: "*:case*",
    MessageKind.CASE_DUE: "*:case*",
}


@never_cache
@session.signed_in
def message_list(request: HttpRequest) -> HttpResponse:
    actor = session.actor_of(request)
    identity.require(actor, "outreach.read")
    found = selectors.list_messages(
        actor,
        is_unread=request.GET.get("unread") == "1",
        page=page_asked(request.GET.get("page", "")),
    )
    return pages.page(request, _template(actor), _context(request, actor, found))


@require_POST
@session.signed_in
def read(request: HttpRequest) -> HttpResponse:
    """All of them."""
    telling.mark_read(actor=session.actor_of(request))
    return redirect("messages:list")


@session.signed_in
def follow(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Mark one read and go where it is dealt with."""
    actor = session.actor_of(request)
    one = selectors.get_message(actor, message_id)
    if request.method == "POST":
        telling.mark_read(actor=actor, message_ids=[message_id])
    return redirect(way_of(actor, one))


@require_POST
@session.signed_in
def texts(request: HttpRequest) -> HttpResponse:
    telling.set_texts(actor=session.actor_of(request), wanted=request.POST.get("wanted") == "1")
    return redirect("messages:list")


def way_of(actor: Actor, one: Message) -> str:
    """The page where a message is dealt with; the reader's own first page where there is none."""
    way = WAYS.get(one.kind, "")
    if not way:
        return session.home_url(actor.role)
    name = way.removesuffix("*").replace("*:", f"{session.audience_of(actor.role)}:")
    return reverse(name, args=[one.subject_id] if way.endswith("*") else [])


def _template(actor: Actor) -> str:
    return f"messages/{'phone' if actor.person_id else 'desk'}.html"


def _context(request: HttpRequest, actor: Actor, found: Any) -> dict[str, Any]:
    return {
        "frame": FRAMES.get(session.audience_of(actor.role), "console/base.html"),
        "tab": "messages", "back": reverse("citizen:mine") if actor.person_id else "",
        "messages": found, "is_unread": request.GET.get("unread") == "1",
        "unread_count": selectors.count_unread(actor),
        "has_texts": actor.person_id is not None,
        "wants_texts": actor.person_id is not None and selectors.wants_texts(actor.person_id),
        "empty": Empty(
            _("还没有消息"), _("上门、券、补贴和案件有进展时，会在这里告诉您。"), icon="bell"
        ),
    }  # fmt: skip
