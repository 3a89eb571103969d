"""A policy before it counts: two versions side by side, a what-if, and the two people it takes."""

import difflib
import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, speech
from huanxin.kernel.errors import DomainError
from huanxin.policy import selectors, services
from huanxin.policy.types import ProposalCard, Slice, VersionCard, WhatIf
from huanxin.web import values
from huanxin.web.console import choices
from huanxin.web.forms import PlainForm, RequestForm, refused
from huanxin.web.parts import Chart, Column, Empty, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

PROPOSE = "console/policy_propose.html"
LONGEST = 200_000
_ID = re.compile(r"^id:\s*([\w-]+)", re.MULTILINE)
_AROUND = 3  # equal lines that stay beside a difference
_DAY = timedelta(days=1)


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _text_field(label: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 18, "class": "code", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=LONGEST, strip=False, widget=area)


class SimulateForm(PlainForm):
    from_on = forms.DateField(label=gettext_lazy("起"), widget=_day_input())
    last_on = forms.DateField(label=gettext_lazy("止（含）"), widget=_day_input())
    text = _text_field(gettext_lazy("修改后的政策文件"))


class ProposeForm(RequestForm):
    text = _text_field(gettext_lazy("政策文件"))
    test_rows = _text_field(gettext_lazy("测试行"))
    reason = forms.CharField(
        label=gettext_lazy("为什么改"),
        min_length=4,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    effective_on = forms.DateField(
        label=gettext_lazy("自哪天起施行（不填为最早的一天）"), required=False, widget=_day_input()
    )


class DecideForm(RequestForm):
    reason = forms.CharField(min_length=4, max_length=300, label=gettext_lazy("退回的原因"))


@require_safe
@audience("console")
@permitted("policy.read")
def compare(request: HttpRequest) -> HttpResponse:
    """Two versions, of one policy or of two, line by line."""
    titles = {card.policy_id: card.title for card in selectors.list_policies()}
    versions = {card.version_hash: card for card in _all_versions()}
    names = {key: _name(card, titles) for key, card in versions.items()}
    asked = [request.GET.get(name, "") for name in ("left", "right")]
    left, right = (versions.get(key) for key in asked)
    rows = side_by_side(left.text, right.text) if left and right else []
    context = {
        "options": [(key, names[key]) for key in list(versions)[::-1]],
        "left": left, "right": right,
        "left_name": names.get(asked[0], ""), "right_name": names.get(asked[1], ""),
        "rows": folded(rows), "changed": _changed(rows),
    }  # fmt: skip
    return render(request, "console/policy_compare.html", context)


def _all_versions() -> list[VersionCard]:
    keys = [card.policy_id for card in selectors.list_policies()]
    return [version for key in keys for version in selectors.list_versions(key)]


def _name(version: VersionCard, titles: dict[str, str]) -> str:
    title = titles.get(version.policy_id, version.policy_id)
    return _("%(key)s 第 %(n)d 版") % {"key": speech.said(title), "n": version.number}


def side_by_side(left: str, right: str) -> list[dict[str, str]]:
    """Rows of both texts; `tone` says which lines are only on one side or differ."""
    one, other = left.splitlines(), right.splitlines()
    rows: list[dict[str, str]] = []
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        tone = "" if tag == "equal" else "warn"
        lines = zip_longest(one[a:b], other[c:d], fillvalue="")
        rows += [{"left": x, "right": y, "tone": tone} for x, y in lines]
    return rows


def folded(rows: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """The same rows without those far from any difference; how many were left out is said."""
    near = {
        place + step
        for place, row in enumerate(rows) if row["tone"] for step in range(-_AROUND, _AROUND + 1)
    }  # fmt: skip
    found: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        if place in near:
            found.append(row)
        elif found and "skipped" in found[-1]:
            found[-1]["skipped"] += 1
        else:
            found.append({"skipped": 1})
    return found


def _changed(rows: Sequence[dict[str, str]]) -> int:
    return sum(1 for row in rows if row["tone"])


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("policy.read")
def simulate(request: HttpRequest) -> HttpResponse:
    """What a changed text would have given over past sales within the officer's region."""
    form = SimulateForm(request.POST or None, initial=_start(request) | {
        "from_on": _since(), "last_on": clock.today(),
    })  # fmt: skip
    context: dict[str, Any] = {"form": form, "found": None, **_startable(request)}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "console/policy_simulate.html", context, status=status)
    typed = form.cleaned_data
    try:
        found = selectors.simulate_change(
            text=typed["text"], scope=actor_of(request).scope,
            from_on=typed["from_on"], to_on=typed["last_on"] + _DAY,
        )  # fmt: skip
    except DomainError as refusal:
        return refused(request, "console/policy_simulate.html", context, refusal)
    context |= _effect(request, found, dict(context["policies"]), form)
    return render(request, "console/policy_simulate.html", context)


def _effect(
    request: HttpRequest, found: WhatIf, titles: dict[str, str], form: SimulateForm
) -> dict[str, Any]:
    first, last = form.cleaned_data["from_on"], form.cleaned_data["last_on"]
    return {
        "found": found, "sums": _sums(found.whole), "charts": _charts(found),
        "over_title": titles.get(found.policy_id, found.policy_id),
        "period": _("%(a)s 至 %(b)s") % {"a": values.day(first), "b": values.day(last)},
        "may_propose": identity.may(actor_of(request), "policy.propose"),
    }  # fmt: skip


def _since() -> date:
    return clock.today() - 90 * _DAY


def _startable(request: HttpRequest) -> dict[str, Any]:
    """The policies whose text a change may start from, the newest first."""
    found = [(card.policy_id, card.title) for card in reversed(selectors.list_policies())]
    return {"policies": found, "chosen": request.GET.get("policy", "")}


def _start(request: HttpRequest) -> dict[str, str]:
    """The published text of the policy that the address names, to be changed."""
    versions = selectors.list_versions(request.GET.get("policy", ""))
    if not versions:
        return {}
    return {"text": versions[-1].text, "test_rows": versions[-1].test_rows}


def _charts(found: WhatIf) -> list[Chart]:
    regions = {one.code: one.name for one in identity.list_regions()}
    categories = choices.names(choices.categories())
    return [
        _chart("county", _("按县（市、区）"), found.by_county, regions),
        _chart("category", _("按品类"), found.by_category, categories),
        _chart("price", _("按价格"), found.by_price, {}),
    ]


def _chart(key: str, title: str, slices: Sequence[Slice], names: dict[str, str]) -> Chart:
    columns = (
        Column("name", title), Column("cases", _("笔数"), "count"),
        Column("before", _("原补贴"), "money"), Column("after", _("新补贴"), "money"),
        Column("winners", _("多得的笔数"), "count"), Column("gained", _("多得"), "money"),
        Column("losers", _("少得的笔数"), "count"), Column("lost", _("少得"), "money"),
    )  # fmt: skip
    rows = [
        Row({
            "name": names.get(one.key, one.key), "cases": one.cases, "before": one.before_fen,
            "after": one.after_fen, "winners": one.winners, "gained": one.gained_fen,
            "losers": one.losers, "lost": one.lost_fen,
        })
        for one in slices
    ]  # fmt: skip
    table = Table(f"simulate-{key}", title, columns, rows, total_count=len(rows))
    return Chart(
        f"simulate-{key}", title, table, name_key="name", figure_key="after",
        note=_("图中为修改后的补贴；原补贴、多得与少得的笔数和金额在“表”里。"),
    )  # fmt: skip


def _sums(whole: Slice) -> list[Fact]:
    return [
        Fact(_("原补贴"), whole.before_fen, "money"),
        Fact(_("修改后的补贴"), whole.after_fen, "money"),
        Fact(_("多得"), whole.gained_fen, "money", _("%(n)s 笔") % {"n": whole.winners}),
        Fact(_("少得"), whole.lost_fen, "money", _("%(n)s 笔") % {"n": whole.losers}),
    ]


@require_safe
@audience("console")
@permitted("policy.read")
def proposals(request: HttpRequest) -> HttpResponse:
    is_all = request.GET.get("state") == "all"
    context = {
        "table": _proposals(selectors.list_proposals(waiting=not is_all)),
        "is_all": is_all,
        "may_propose": identity.may(actor_of(request), "policy.propose"),
    }
    return render(request, "console/policy_proposals.html", context)


def _proposals(cards: Sequence[ProposalCard]) -> Table:
    names = identity.account_names({card.proposed_by for card in cards})
    columns = (
        Column("title", _("政策")), Column("state", _("状态"), "pill:proposal"),
        Column("reason", _("为什么改")), Column("by", _("起草人")),
        Column("at", _("提交时间"), "time"), Column("effective_on", _("要求施行日"), "day"),
    )  # fmt: skip
    rows = [
        Row(
            {
                "title": card.title, "state": _state(card), "reason": card.reason,
                "by": names.get(card.proposed_by, ""), "at": card.proposed_at,
                "effective_on": card.effective_on,
            },
            reverse("console:policy_proposal", args=[card.id]),
        )
        for card in cards
    ]  # fmt: skip
    empty = Empty(
        _("没有待批的政策"), _("同事起草并提交后出现在这里，由另一位同事批准。"), icon="check"
    )
    return Table("proposals", _("待批的政策"), columns, rows, empty, total_count=len(rows))


def _state(card: ProposalCard) -> str:
    return {None: "waiting", True: "approved", False: "declined"}[card.is_approved]


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("policy.propose")
def propose(request: HttpRequest) -> HttpResponse:
    if request.GET.get("from") == "simulate":  # a text that was tried first; nothing is sent yet
        form = ProposeForm(initial=_tried(request.POST.get("text", "")))
        return render(request, PROPOSE, {"form": form, **_startable(request)})
    form = ProposeForm(request.POST or None, initial=_start(request))
    context = {"form": form, **_startable(request)}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, PROPOSE, context, status=status)
    try:
        proposal_id = services.propose_policy(actor=actor_of(request), **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, PROPOSE, context, refusal)
    return redirect("console:policy_proposal", proposal_id=proposal_id)


def _tried(text: str) -> dict[str, str]:
    """A text from the what-if, with the test rows of the policy it changes."""
    named = _ID.search(text)
    versions = selectors.list_versions(named[1]) if named else []
    return {"text": text, "test_rows": versions[-1].test_rows if versions else ""}


@require_safe
@audience("console")
@permitted("policy.read")
def proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    return render(request, "console/policy_proposal.html", _proposal(request, proposal_id))


@require_POST
@audience("console")
def decide(request: HttpRequest, proposal_id: UUID, verdict: str) -> HttpResponse:
    """The second person's yes or no."""
    form, actor = DecideForm(request.POST), actor_of(request)
    form.fields["reason"].required = verdict != "approve"
    if not form.is_valid():
        context = _proposal(request, proposal_id) | {"form": form}
        return render(request, "console/policy_proposal.html", context, status=422)
    asked = {"proposal_id": proposal_id, "request_id": form.cleaned_data["request_id"]}
    try:
        if verdict == "approve":
            services.approve_policy(actor=actor, **asked)
        else:
            services.decline_policy(actor=actor, reason=form.cleaned_data["reason"], **asked)
    except DomainError as refusal:
        context = _proposal(request, proposal_id)
        return refused(request, "console/policy_proposal.html", context, refusal)
    return redirect("console:policy_proposal", proposal_id=proposal_id)


def _proposal(request: HttpRequest, proposal_id: UUID) -> dict[str, Any]:
    actor, card = actor_of(request), selectors.get_proposal(proposal_id)
    current = selectors.list_versions(card.policy_id)
    waits, mine = card.is_approved is None, card.proposed_by == actor.account_id
    may = identity.may(actor, "policy.approve")
    rows = side_by_side(current[-1].text if current else "", card.text)
    return {
        "card": card,
        "form": DecideForm(),
        "state": _state(card),
        "facts": _proposal_facts(card),
        "is_mine": mine,
        "may_approve": waits and may and not mine,
        "may_decline": waits and may,
        "may_simulate": waits,
        "has_current": bool(current),
        "rows": folded(rows),
        "changed": _changed(rows),
        "since": _since(),
        "today": clock.today(),
    }


def _proposal_facts(card: ProposalCard) -> list[Fact]:
    tried = selectors.try_text(f"{card.policy_id}.yaml", card.text, card.test_rows)
    names = identity.account_names({card.proposed_by})
    return [
        Fact(_("起草人"), names.get(card.proposed_by, "")),
        Fact(_("提交时间"), card.proposed_at, "time"),
        Fact(_("施行日"), values.day(card.effective_on) if card.effective_on
             else _("批准后最早的一天")),
        Fact(_("测试行"), _("%(n)d 行，全部通过") % {"n": len(tried.rows)} if tried.is_sound
             else _("没有全部通过，不能发布")),
    ]  # fmt: skip
