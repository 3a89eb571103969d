"""Pages of difference cases, alike for both sides: a list by urgency, one with its words."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.kernel import ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.kernel.paging import Page
from huanxin.recycling.selectors import case_book
from huanxin.recycling.services import clearing
from huanxin.recycling.types.cases import CaseCard, CaseKind, CaseState, Outcome
from huanxin.web import pages, unit_parts
from huanxin.web.claim_lists import page_asked
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Column, Empty, Fact, Filter, Row, Table
from huanxin.web.session import actor_of
from huanxin.web.states import FAMILIES


class CaseForm(RequestForm):
    said = forms.CharField(
        label=gettext_lazy("原因和经过"), min_length=4, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"min_length": gettext_lazy("请写清楚原因，至少四个字。")},
    )  # fmt: skip
    outcome = forms.ChoiceField(
        label=gettext_lazy("结果"),
        choices=[(one.value, one.label) for one in Outcome if one is not Outcome.FOUND],
        required=False,
    )


def _word(audience: str) -> str:
    """What a case is called in addresses; the console's own "case" is a claim under review."""
    return "difference" if audience == "console" else "case"


def case_list(request: HttpRequest, audience: str) -> HttpResponse:
    """Cases of the own organisation or region, the most urgent first."""
    asked = {name: request.GET.get(name, "") for name in ("state", "kind", "due")}
    found = case_book.list_cases(
        actor_of(request).scope,
        state=CaseState(asked["state"]) if asked["state"] in set(CaseState) else None,
        kind=CaseKind(asked["kind"]) if asked["kind"] in set(CaseKind) else None,
        is_overdue=asked["due"] == "over",
        page=page_asked(request.GET.get("page", "1")),
    )
    context = {"table": _table(found, audience), "filters": _filters(asked)}
    return pages.page(request, f"{audience}/{_word(audience)}s.html", context)


def _filters(asked: dict[str, str]) -> list[Filter]:
    def words(family: str, every: str) -> list[tuple[str, str]]:
        return [("", every), *((key, str(mark.word)) for key, mark in FAMILIES[family].items())]

    due = [("", _("全部时限")), ("over", _("已超期"))]
    return [
        Filter("state", _("状态"), asked["state"], "choice", words("case", _("全部状态"))),
        Filter("kind", _("差异"), asked["kind"], "choice", words("difference", _("全部差异"))),
        Filter("due", _("时限"), asked["due"], "choice", due),
    ]


def _table(found: Page[CaseCard], audience: str) -> Table:
    one_case = f"{audience}:{_word(audience)}"
    columns = (
        Column("number", _("案件号"), "number"),
        Column("kind", _("差异"), "pill:difference"),
        Column("state", _("状态"), "pill:case"),
        Column("unit", _("机身码"), "number"),
        Column("owner", _("须说明的单位")),
        Column("deadline", _("期限"), "time"),
        Column("standing", _("时限")),
    )
    rows = [
        Row(
            {
                "number": one.number, "kind": one.kind, "state": one.state,
                "unit": one.unit_code or "", "owner": one.owner_name,
                "deadline": one.deadline_at, "standing": _("已超期") if one.is_overdue else "",
            },
            href=reverse(one_case, args=[one.id]),
            tone="danger" if one.is_overdue else "",
        )
        for one in found.items
    ]  # fmt: skip
    return Table(
        "cases", _("差异案件"), columns, rows, page=found.number, pages=found.pages,
        total_count=found.total, empty=Empty(_("没有差异案件"), icon="check"),
    )  # fmt: skip


def case(request: HttpRequest, audience: str, case_id: UUID) -> HttpResponse:
    """One case: its facts, both sides' words, and what this side may do."""
    actor, form = actor_of(request), CaseForm(request.POST or None)
    card = case_book.get_case(case_id, actor.scope)
    template, context = f"{audience}/{_word(audience)}.html", _context(actor, audience, card, form)
    if not form.is_bound or not form.is_valid():
        return pages.page(request, template, context, status=422 if form.is_bound else 200)
    said = form.cleaned_data
    try:
        if request.POST.get("do") == "resolve":
            clearing.resolve_case(
                actor=actor, case_id=case_id, said=said["said"],
                outcome=Outcome(said["outcome"] or Outcome.EXPLAINED),
                request_id=said["request_id"],
            )  # fmt: skip
        else:
            clearing.speak_in_case(
                actor=actor, case_id=case_id, said=said["said"], request_id=said["request_id"]
            )
    except DomainError as refusal:
        return refused(request, template, context, refusal)
    return redirect(f"{audience}:{_word(audience)}", case_id)


def _context(actor: Actor, audience: str, card: CaseCard, form: CaseForm) -> dict[str, Any]:
    is_owner = actor.org_id == card.owner_org_id
    return {
        "side": f"{audience}:{_word(audience)}s",
        "case": card,
        "form": form,
        "facts": _facts(card),
        "sentence": _sentence(card),
        "is_open": card.state is not CaseState.RESOLVED,
        "may_resolve": not is_owner,
        "waits": _("由发现差异的一方或主管部门办结。"),
        "outcome": card.outcome.label if card.outcome else "",
        "request_id": form["request_id"].value() if form.is_bound else ids.new_id(),
        "refusal": None,
    }


def _facts(card: CaseCard) -> list[Fact]:
    kind = "mass" if card.is_mass else "count"
    rows = [
        Fact(_("须说明的单位"), card.owner_name),
        Fact(_("发现的单位"), card.finder_name),
        Fact(_("应有"), card.expected, kind),
        Fact(_("实有"), card.found, kind),
        Fact(_("立案"), card.opened_at, "time"),
        Fact(_("期限"), card.deadline_at, "time", _("已超期") if card.is_overdue else ""),
    ]
    if card.unit_code:
        rows.insert(0, Fact(_("机身码"), card.unit_code, "number"))
    if card.class_code:
        rows.insert(1, Fact(_("类别"), unit_parts.class_name(card.class_code)))
    return rows


def _sentence(card: CaseCard) -> str:
    sentences = {
        "missing": _("装批清单上有，验收时没有扫到。"),
        "extra": _("验收时扫到，装批清单上没有。"),
        "swapped": _("标签与实物不是同一类，办结前不能拆解。"),
        "weight_off": _("出库与验收的重量相差太多。"),
        "parts": _("关键部件比旧机台数少得太多。"),
        "stock": _("盘点与账面不符。"),
    }
    return sentences[card.kind.value]
