"""Notices of an authority: written, published, taken down with a reason."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.outreach import selectors
from huanxin.outreach.services import publishing
from huanxin.outreach.types import NewNotice, Notice
from huanxin.web import pages
from huanxin.web.claim_lists import page_asked
from huanxin.web.console import choices
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Empty, Row, Table
from huanxin.web.session import actor_of, audience, permitted

PAGE = "console/notices.html"


class NoticeForm(RequestForm):
    title = forms.CharField(label=gettext_lazy("标题"), min_length=4, max_length=60)
    text = forms.CharField(
        label=gettext_lazy("正文"), min_length=4, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    issuer = forms.CharField(
        label=gettext_lazy("发布单位"), help_text=gettext_lazy("按落款填写，例如 聊城市商务局"),
        min_length=4, max_length=60,
    )  # fmt: skip
    region = forms.ChoiceField(label=gettext_lazy("地区"))
    until_on = forms.DateField(
        label=gettext_lazy("有效至"), help_text=gettext_lazy("最长一年；到期后不再出现在首页"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"] = forms.ChoiceField(
            label=gettext_lazy("地区"), choices=choices.regions(actor)
        )

    def as_notice(self) -> NewNotice:
        said = self.cleaned_data
        return NewNotice(
            said["title"], said["text"], said["issuer"], said["region"], said["until_on"]
        )


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("outreach.publish_notice")
def notices(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = NoticeForm(actor, request.POST or None)
    context = _context(request, actor, form)
    if not form.is_valid():
        return pages.page(request, PAGE, context, status=422 if form.errors else 200)
    try:
        one = publishing.publish_notice(
            actor=actor, notice=form.as_notice(), request_id=form.cleaned_data["request_id"]
        )
    except DomainError as refusal:
        return refused(request, PAGE, context, refusal)
    return redirect("public:notice", one.id)


@require_POST
@audience("console")
@permitted("outreach.publish_notice")
def withdraw(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        publishing.withdraw_notice(
            actor=actor, notice_id=notice_id, why=request.POST.get("why", "")
        )
    except DomainError as refusal:
        context = _context(request, actor, NoticeForm(actor))
        return refused(request, PAGE, context, refusal)
    return redirect("console:notices")


def _context(request: HttpRequest, actor: Actor, form: NoticeForm) -> dict[str, Any]:
    found = selectors.list_all_notices(actor.scope, page=page_asked(request.GET.get("page", "")))
    table = Table(
        "notices", _("已发布的公告"),
        (Column("title", _("标题")), Column("issuer", _("发布单位")),
         Column("on", _("发布"), "day"), Column("until", _("有效至"), "day"),
         Column("state", _("状态"), "pill:notice")),
        [_row(one) for one in found.items], Empty(_("还没有公告")), page=found.number,
        pages=found.pages, total_count=found.total,
    )  # fmt: skip
    live = [one for one in found.items if one.is_in_force]
    return {"form": form, "table": table, "live": live, "refusal": None}


def _row(one: Notice) -> Row:
    state = "withdrawn" if one.withdrawn_at else "in_force" if one.is_in_force else "over"
    values = {"title": one.title, "issuer": one.issuer, "on": one.published_on,
              "until": one.until_on, "state": state}  # fmt: skip
    return Row(values, href=f"/notices/{one.id}")
