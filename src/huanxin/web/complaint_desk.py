"""Complaints as the recycler's and the city's desks answer them: one page, by the clock."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.identity import selectors as identity
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import care_book
from huanxin.recycling.services import complaining
from huanxin.recycling.types import ComplaintState
from huanxin.recycling.types.care import ComplaintCard
from huanxin.web import pages
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import PlainForm, refused
from huanxin.web.parts import Empty
from huanxin.web.session import actor_of

_RUNNING = (ComplaintState.OPEN, ComplaintState.ESCALATED)


class AnswerForm(PlainForm):
    text = forms.CharField(
        label=gettext_lazy("答复"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


def desk(request: HttpRequest, base: str, here: str) -> HttpResponse:
    """The list, those with the nearest promise first."""
    return pages.page(request, "components/complaint_desk.html", _context(request, base, here))


def answer(request: HttpRequest, complaint_id: UUID, base: str, here: str) -> HttpResponse:
    """One answer; a refusal shows the list again with what is wrong."""
    form = AnswerForm(request.POST)
    try:
        complaining.answer_complaint(
            actor=actor_of(request), complaint_id=complaint_id,
            text=form.cleaned_data["text"] if form.is_valid() else "",
        )  # fmt: skip
    except DomainError as refusal:
        template = "components/complaint_desk.html"
        return refused(request, template, _context(request, base, here), refusal)
    return redirect(here)


def _context(request: HttpRequest, base: str, here: str) -> dict[str, Any]:
    actor = actor_of(request)
    page = page_asked(request.GET.get("page", "1"))
    found = care_book.list_complaints(actor.scope, page=page)
    return {
        "base": base,
        "here": here,
        "lines": [_line(card, is_city=actor.org_id is None) for card in found.items],
        "total": found.total,
        "waiting": sum(card.state in _RUNNING for card in found.items),
        "empty": Empty(_("没有投诉"), _("消费者的投诉按承诺时间排在这里。"), icon="check"),
        "refusal": None,
    }


def _line(card: ComplaintCard, *, is_city: bool) -> dict[str, Any]:
    mine = card.state is ComplaintState.OPEN or (is_city and card.state in _RUNNING)
    org = identity.get_organisation(card.org_id).name if card.org_id else ""
    return {"card": card, "org": org, "may_answer": mine, "form": AnswerForm()}
