"""Notices of the authorities and events of the stations, for everyone."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.errors import DomainError
from huanxin.outreach import selectors
from huanxin.outreach.services import inviting
from huanxin.web import session
from huanxin.web.forms import refused
from huanxin.web.parts import Empty


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    empty = Empty(_("现在没有公告"), _("政策、发放和停办安排会在这里公布。"), icon="list")
    context = {"notices": selectors.list_notices(), "empty": empty}
    return render(request, "public/notices.html", context)


@require_safe
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    return render(request, "public/notice.html", {"one": selectors.get_notice(notice_id)})


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    return render(request, "public/events.html", _events(request))


@require_POST
@session.audience("citizen")
def sign_up(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Take a place, or give it back."""
    actor = session.actor_of(request)
    verb = inviting.give_up_place if "give_up" in request.POST else inviting.sign_up
    try:
        verb(actor=actor, event_id=event_id, person_id=actor.person_id or actor.account_id)
    except DomainError as refusal:
        return refused(request, "public/events.html", _events(request), refusal)
    return redirect(reverse("public:events") + f"#event-{event_id}")


def _events(request: HttpRequest) -> dict[str, object]:
    actor = session.find_actor(request)
    names = {one.path: one.name for one in identity.list_regions()}
    mine = (
        selectors.events_of_person(actor.person_id, actor.scope)
        if actor and actor.person_id
        else set()
    )
    events = [(one, names.get(one.region_path, ""), one.id in mine) for one in
              selectors.list_events()]  # fmt: skip
    return {
        "events": events, "now": clock.now(), "refusal": None,
        "may_sign_up": actor is None or actor.person_id is not None,
        "empty": Empty(
            _("近期没有活动"), _("家电试用、讲座和便民维修会提前公布在这里。"), icon="people"
        ),
    }  # fmt: skip
