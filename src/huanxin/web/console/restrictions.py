"""The violation library: found, added to with a decision, confirmed, appealed against, lifted."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors
from huanxin.identity.services import restricting
from huanxin.identity.types import (
    NewRestriction,
    Penalty,
    RestrictionCard,
    RestrictionKind,
    RestrictionState,
)
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.web import kept_files, restriction_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.restriction_parts import KIND_WORDS, PENALTY_WORDS
from huanxin.web.session import actor_of, audience, permitted

LIST, NEW, ONE = (
    "console/restrictions.html", "console/restriction_new.html", "console/restriction.html",
)  # fmt: skip
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_MOST_BYTES = 10 * 1024 * 1024


class RestrictionForm(RequestForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("对象类型"), choices=[(k.value, w) for k, w in KIND_WORDS.items()]
    )
    subject = forms.CharField(
        label=gettext_lazy("对象"), max_length=120,
        help_text=gettext_lazy(
            "企业填统一社会信用代码，个人填证件号码，商品填“品牌|序列号”或 IMEI，地址填“纬度,经度”"
        ),
    )  # fmt: skip
    penalty = forms.ChoiceField(
        label=gettext_lazy("处理"), choices=[(k.value, w) for k, w in PENALTY_WORDS.items()]
    )
    reason = forms.CharField(label=gettext_lazy("原因"), min_length=4, max_length=200)
    document = forms.CharField(label=gettext_lazy("处理决定或文号"), min_length=4, max_length=120)
    file = forms.FileField(label=gettext_lazy("决定书扫描件"), required=False)
    from_on = forms.DateField(label=gettext_lazy("自"), widget=_DAY)
    until_on = forms.DateField(
        label=gettext_lazy("至（不含当日，不填为长期）"), widget=_DAY, required=False
    )

    def clean_file(self) -> bytes:
        sent = self.cleaned_data["file"]
        if sent is None:
            return b""
        if sent.size > _MOST_BYTES:
            raise forms.ValidationError(_("文件不能超过 10 MB。"))
        return bytes(sent.read())

    def as_new(self, *, sha256: str) -> NewRestriction:
        typed = self.cleaned_data
        kind = RestrictionKind(typed["kind"])
        return NewRestriction(
            kind=kind, key=selectors.restriction_key(kind, typed["subject"]),
            penalty=Penalty(typed["penalty"]), reason=typed["reason"],
            document=typed["document"], from_on=typed["from_on"], until_on=typed["until_on"],
            evidence_sha256=sha256,
        )  # fmt: skip


class WordsForm(RequestForm):
    words = forms.CharField(
        label=gettext_lazy("理由"), min_length=4, max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


@require_safe
@audience("console")
@permitted("identity.restrict")
def restriction_list(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    kind = RestrictionKind(asked["kind"]) if asked.get("kind") in set(RestrictionKind) else None
    live = {"live": True, "over": False}.get(asked.get("state", "live"))
    found = selectors.list_restrictions(
        actor_of(request).scope, kind=kind, words=asked.get("q", ""), is_live=live,
        page=page_asked(asked.get("page", "1")),
    )  # fmt: skip
    kinds = [("", _("全部类型")), *((k.value, str(word)) for k, word in KIND_WORDS.items())]
    states = [("live", _("生效中")), ("over", _("已结束")), ("all", _("全部"))]
    filters = [
        Filter("q", _("名称、信用代码、证件号、文号"), asked.get("q", ""), "search"),
        Filter("kind", _("类型"), asked.get("kind", ""), options=kinds),
        Filter("state", _("状态"), asked.get("state", "live"), options=states),
    ]
    rows = [_row(one) for one in found.items]
    return render(request, LIST, {"filters": filters, "table": _table(rows, found)})


def _table(rows: list[Row], found: Any) -> Table:
    columns = (
        Column("number", _("编号"), "number"),
        Column("kind", _("类型")),
        Column("label", _("对象")),
        Column("penalty", _("处理")),
        Column("state", _("状态"), "pill:restriction"),
        Column("from_on", _("自"), "day"),
        Column("to", _("至")),
        Column("reason", _("原因")),
    )
    empty = Empty(_("没有符合条件的限制"), _("有处理决定时，从“登记限制”开始。"))
    return Table("restrictions", _("违规名单"), columns, rows, empty=empty, page=found.number,
                 pages=found.pages, total_count=found.total)  # fmt: skip


def _row(one: RestrictionCard) -> Row:
    return Row(
        {
            "number": one.number, "kind": str(KIND_WORDS[one.kind]), "label": one.label,
            "penalty": str(PENALTY_WORDS[one.penalty]), "state": one.state.value,
            "from_on": one.from_on, "to": restriction_parts.ends(one), "reason": one.reason,
        },
        href=reverse("console:restriction", args=[one.restriction_id]),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("identity.restrict")
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if request.method != "POST":
        form = RestrictionForm(initial={**request.GET.dict(), "from_on": clock.today()})
        return render(request, NEW, {"form": form})
    form = RestrictionForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, NEW, {"form": form}, status=422)
    try:
        content = form.cleaned_data["file"]
        sha256 = restricting.keep_evidence(actor=actor, content=content) if content else ""
        restriction_id = restricting.impose(
            actor=actor, new=form.as_new(sha256=sha256),
            request_id=form.cleaned_data["request_id"],
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, NEW, {"form": form}, refusal)
    return redirect("console:restriction", restriction_id)


@require_safe
@audience("console")
@permitted("identity.restrict")
def restriction(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    return render(request, ONE, _context(actor_of(request), restriction_id, WordsForm()))


@require_POST
@audience("console")
@permitted("identity.restrict")
def step(request: HttpRequest, restriction_id: UUID, verb: str) -> HttpResponse:
    """Confirm, ask to lift, lift, grant or refuse the appeal."""
    actor, form = actor_of(request), WordsForm(request.POST)
    form.is_valid()
    words = form.cleaned_data.get("words", "")
    acts: dict[str, Any] = {
        "confirm": lambda: restricting.confirm(actor=actor, restriction_id=restriction_id),
        "ask": lambda: restricting.ask_to_lift(
            actor=actor, restriction_id=restriction_id, reason=words
        ),
        "lift": lambda: restricting.lift(actor=actor, restriction_id=restriction_id),
        "grant": lambda: _answer(actor, restriction_id, words, is_granted=True),
        "refuse": lambda: _answer(actor, restriction_id, words, is_granted=False),
    }
    try:
        acts[verb]()
    except DomainError as refusal:
        return refused(request, ONE, _context(actor, restriction_id, form), refusal)
    return redirect("console:restriction", restriction_id)


@require_safe
@audience("console")
@permitted("identity.restrict")
def evidence(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    content = restricting.open_evidence(actor=actor, restriction_id=restriction_id)
    card = selectors.get_restriction(restriction_id, actor)
    return kept_files.answer(content, card.evidence_sha256)


def _answer(actor: Actor, restriction_id: UUID, words: str, *, is_granted: bool) -> None:
    restricting.answer_appeal(
        actor=actor, restriction_id=restriction_id, is_granted=is_granted, answer=words
    )


def _context(actor: Actor, restriction_id: UUID, form: WordsForm) -> dict[str, Any]:
    card = selectors.get_restriction(restriction_id, actor)
    mine = {card.imposed_by, card.confirmed_by}
    may_confirm = selectors.may(actor, "identity.confirm_restriction")
    is_live = card.state not in {RestrictionState.ENDED, RestrictionState.LIFTED}
    has_appeal = any(one.answered_at is None for one in card.appeals)
    return {
        "card": card,
        "facts": restriction_parts.facts(card),
        "story": restriction_parts.story(card),
        "form": form,
        "may_confirm": may_confirm
        and card.state is RestrictionState.PROVISIONAL
        and actor.account_id != card.imposed_by,
        "may_ask": is_live and card.state is not RestrictionState.LIFT_ASKED,
        "may_lift": may_confirm
        and card.state is RestrictionState.LIFT_ASKED
        and actor.account_id != card.lift_asked_by,
        "may_answer": may_confirm and is_live and has_appeal and actor.account_id not in mine,
    }
