"""A policy before it counts: two versions side by side, a what-if, and the two people it takes."""

import difflib
from collections.abc import Sequence
from datetime import timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.errors import DomainError
from huanxin.policy import selectors, services
from huanxin.policy.types import Slice, VersionCard, WhatIf
from huanxin.web.console import choices
from huanxin.web.forms import PlainForm, RequestForm, refused
from huanxin.web.parts import Chart, Column, Fact, Row, Table
from huanxin.web.session import actor_of, audience, permitted

LONGEST = 200_000
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
        label=gettext_lazy("为什么改"), min_length=4, max_length=300, widget=forms.Textarea
    )
    effective_on = forms.DateField(
        label=gettext_lazy("自哪天起施行（不填为最早的一天）"), required=False, widget=_day_input()
    )


class DecideForm(RequestForm):
    reason = forms.CharField(required=False, max_length=300, label=gettext_lazy("退回的原因"))


@require_safe
@audience("console")
@permitted("policy.read")
def compare(request: HttpRequest) -> HttpResponse:
    """Two versions, of one policy or of two, line by line."""
    versions = {card.version_hash: card for card in _all_versions()}
    newest = list(versions)[::-1]
    asked = [request.GET.get(name, "") for name in ("left", "right")]
    left, right = (versions.get(key) for key in asked)
    context = {
        "options": [(key, _name(versions[key])) for key in newest],
        "left": left, "right": right,
        "rows": side_by_side(left.text, right.text) if left and right else [],
    }  # fmt: skip
    return render(request, "console/policy_compare.html", context)


def _all_versions() -> list[VersionCard]:
    keys = [card.policy_id for card in selectors.list_policies()]
    return [version for key in keys for version in selectors.list_versions(key)]


def _name(version: VersionCard) -> str:
    return _("%(key)s 第 %(n)d 版") % {"key": version.policy_id, "n": version.number}


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


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("policy.read")
def simulate(request: HttpRequest) -> HttpResponse:
    """What a changed text would have given over past sales within the officer's region."""
    first = clock.today() - 90 * _DAY
    form = SimulateForm(request.POST or None, initial=_start(request) | {
        "from_on": first, "last_on": clock.today(),
    })  # fmt: skip
    context: dict[str, Any] = {"form": form, "found": None}
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
    context |= {"found": found, "sums": _sums(found.whole), "charts": _charts(found)}
    return render(request, "console/policy_simulate.html", context)


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
    return render(
        request, "console/policy_proposals.html", {"proposals": selectors.list_proposals()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("policy.propose")
def propose(request: HttpRequest) -> HttpResponse:
    form = ProposeForm(request.POST or None, initial=_start(request))
    context = {"form": form}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "console/policy_propose.html", context, status=status)
    try:
        proposal_id = services.propose_policy(actor=actor_of(request), **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, "console/policy_propose.html", context, refusal)
    return redirect("console:policy_proposal", proposal_id=proposal_id)


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
    if not form.is_valid():
        context = _proposal(request, proposal_id)
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
    return {
        "card": card,
        "is_mine": mine,
        "may_approve": waits and may and not mine,
        "may_decline": waits and may,
        "rows": side_by_side(current[-1].text if current else "", card.text),
    }
