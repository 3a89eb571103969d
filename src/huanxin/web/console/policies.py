"""Policies as officers read them: the lines, their limits and sources, and a case tried out."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import clock, money
from huanxin.policy import selectors as policy_reads
from huanxin.policy.types import Case, Decision, Limit, LimitOver, LimitPer, LineCard, PolicyCard
from huanxin.web import claim_parts, values
from huanxin.web.console import choices
from huanxin.web.console.forms import CaseForm
from huanxin.web.parts import Column, Empty, Fact, Filter, Row, Table
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.states import FAMILIES

_PER: dict[LimitPer, Promise] = {
    LimitPer.PERSON_AND_CATEGORY: gettext_lazy("每人每类"),
    LimitPer.PERSON: gettext_lazy("每人"),
    LimitPer.HOUSEHOLD_AND_CATEGORY: gettext_lazy("每户每类"),
    LimitPer.HOUSEHOLD: gettext_lazy("每户"),
    LimitPer.DWELLING_AND_CATEGORY: gettext_lazy("每套住宅每类"),
    LimitPer.VEHICLE: gettext_lazy("每辆旧车"),
    LimitPer.ORGANISATION: gettext_lazy("每个单位"),
}
_PARTS_ASSUMED: dict[str, Promise] = {
    "from": gettext_lazy("执行期起"),
    "to": gettext_lazy("执行期止"),
    "funds": gettext_lazy("资金分担"),
    "lines": gettext_lazy("补贴条款"),
    "requires": gettext_lazy("申领条件"),
    "voucher": gettext_lazy("资格的有效期"),
    "fallback": gettext_lazy("不予补贴的说法"),
    "price_basis": gettext_lazy("计算补贴的价格"),
}
_OVER: dict[LimitOver, Promise] = {
    LimitOver.PROGRAMME: gettext_lazy("活动期内"),
    LimitOver.YEAR: gettext_lazy("每年"),
    LimitOver.MONTH: gettext_lazy("每月"),
}


@require_safe
@audience("console")
@permitted("policy.read")
def policy_list(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("state", "")
    cards = [
        card for card in policy_reads.list_policies() if not asked or _state(card) == asked
    ]  # fmt: skip
    states = [(key, str(mark.word)) for key, mark in FAMILIES["policy"].items()]
    context = {
        "filters": [Filter("state", _("状态"), asked, options=[("", _("全部状态")), *states])],
        "table": _table(cards),
        "warnings": policy_reads.list_warnings(),
        "waiting": len(policy_reads.list_proposals()),
    }
    return render(request, "console/policies.html", context)


@require_safe
@audience("console")
@permitted("policy.read")
def policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    card = policy_reads.get_policy(policy_id)
    names = choices.names(choices.categories())
    context = {
        "card": card,
        "facts": _facts(card),
        "lines": [_line(line, names) for line in card.lines],
        "versions": policy_reads.list_versions(policy_id)[::-1],
        "assumptions": [(_assumed(one.key, card), one.why) for one in card.assumptions],
        "may_propose": identity.may(actor_of(request), "policy.propose"),
    }
    return render(request, "console/policy.html", context)


@require_safe
@audience("console")
@permitted("policy.read")
def try_case(request: HttpRequest) -> HttpResponse:
    """A dry run: nothing is written, so the case is in the address and can be passed on."""
    form = CaseForm(
        request.GET if "price_fen" in request.GET else None,
        initial={"on": clock.today()},
        regions=choices.regions(actor_of(request)),
        categories=choices.categories(),
    )
    if not form.is_valid():
        context: dict[str, Any] = {"form": form, "decision": None}
        return render(
            request, "console/try_case.html", context, status=422 if form.is_bound else 200
        )
    decision = policy_reads.quote_subsidy(Case(**form.cleaned_data))
    told = decision.as_json()
    context = {
        "form": form,
        "decision": decision,
        "why": claim_parts.decision_reason(told),
        "working": claim_parts.working(told),
        "nearest": _line_title(decision),
    }
    return render(request, "console/try_case.html", context)


def _line_title(decision: Decision) -> str:
    """The line that would have paid, by its title."""
    if not decision.nearest_line:
        return ""
    lines = policy_reads.get_policy(decision.policy_id).lines
    return next((one.title for one in lines if one.line_id == decision.nearest_line), "")


def _state(card: PolicyCard) -> str:
    """Where today stands to a policy's days."""
    today = clock.today()
    if today < card.from_on:
        return "coming"
    return "in_force" if today < card.to_on else "over"


def _assumed(key: str, card: PolicyCard) -> str:
    """What an assumption is about, in words: a part of the policy, or of one of its lines."""
    head, _dot, rest = key.partition(".")
    line = next((one for one in card.lines if one.line_id == rest.partition(".")[0]), None)
    words = str(_PARTS_ASSUMED.get(head, head))
    return f"{words} · {line.title}" if line else words


def _table(cards: list[PolicyCard]) -> Table:
    regions = {one.code: one.name for one in identity.list_regions()}
    columns = (
        Column("title", _("政策")),
        Column("state", _("状态"), "pill:policy"),
        Column("from_on", _("起"), "day"),
        Column("to_on", _("止（不含）"), "day"),
        Column("region", _("适用地区")),
        Column("lines", _("条款数"), "count"),
        Column("effective_on", _("现行版本自"), "day"),
    )
    rows = [
        Row(
            {
                "title": card.title, "from_on": card.from_on, "to_on": card.to_on,
                "state": _state(card), "effective_on": card.effective_on,
                "region": regions.get(card.region_code, card.region_code),
                "lines": len(card.lines),
            },
            href=reverse("console:policy", args=[card.policy_id]),
        )
        for card in reversed(cards)
    ]  # fmt: skip
    empty = Empty(
        _("没有符合条件的政策"), _("换一个状态再看；新政策从“起草一版”开始。"), icon="rules"
    )
    return Table("policies", _("补贴政策"), columns, rows, empty, total_count=len(rows))


def _facts(card: PolicyCard) -> list[Fact]:
    shares = "，".join(
        f"{claim_parts.FUND_WORDS.get(share.fund, share.fund)} {values.percent(share.share_bps)}"
        + (_("（假定）") if share.is_assumed else "")
        for share in card.shares
    )
    return [
        Fact(
            _("执行期"),
            _("%(a)s 至 %(b)s（不含）")
            % {
                "a": values.day(card.from_on),
                "b": values.day(card.to_on),
            },
        ),
        Fact(_("资金分担"), shares),
        Fact(_("本版本自"), card.effective_on, "day"),
        Fact(_("版本指纹"), card.version_hash[:16], "number"),
    ]


def _line(line: LineCard, names: Mapping[str, str]) -> dict[str, Any]:
    """A line in words; an admission names parties where others name categories."""
    amount = line.amount or _("成交价的 %(rate)s，最高 %(cap)s") % {
        "rate": values.percent(line.rate_bps), "cap": money.yuan(line.cap_fen),
    }  # fmt: skip
    kinds = {kind.value: word for kind, word in claim_parts.KIND_WORDS.items()}
    limits = dict.fromkeys(_limit(limit) for limit in line.limits.values())
    return {
        "title": line.title,
        "amount": amount,
        "categories": "、".join(names.get(code, code) for code in line.categories),
        "conditions": line.conditions,
        "limits": list(limits),
        "evidence": "、".join(str(kinds.get(kind.value, kind.value)) for kind in line.evidence),
        "source": f"{line.document} {line.clause}".strip(),
        "is_assumed": line.is_assumed,
    }


def _limit(limit: Limit) -> str:
    return _("%(over)s%(per)s %(count)d 件") % {
        "over": _OVER[limit.over], "per": _PER[limit.per], "count": limit.count,
    }  # fmt: skip
