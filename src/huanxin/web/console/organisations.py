"""Enterprises on the platform: found by name, kind, standing, and how their papers stand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.identity import selectors
from huanxin.identity.types import Licence, Organisation, OrgKind, OrgStatus
from huanxin.kernel import clock
from huanxin.recycling.errors import StandardMissing
from huanxin.recycling.selectors import plant_book
from huanxin.web import values
from huanxin.web.claim_lists import page_asked
from huanxin.web.console import choices
from huanxin.web.exports import table_file
from huanxin.web.parts import Column, Empty, Filter, Row, Table, Tone
from huanxin.web.session import actor_of, audience
from huanxin.web.states import FAMILIES

ROWS = 50
WARN_DAYS = 30
KIND_WORDS: dict[OrgKind, Promise] = {
    OrgKind.RETAILER: gettext_lazy("流通企业"),
    OrgKind.RECYCLER: gettext_lazy("回收企业"),
    OrgKind.DISMANTLER: gettext_lazy("拆解企业"),
    OrgKind.MAKER: gettext_lazy("生产企业"),
    OrgKind.STATION: gettext_lazy("社区服务站"),
    OrgKind.AGENCY: gettext_lazy("政府部门"),
}
_PAPER_TONES: dict[str, Tone] = {"missing": "danger", "expired": "danger", "expiring": "warn"}


@require_safe
@audience("console")
def organisation_list(request: HttpRequest) -> HttpResponse:
    actor, asked = actor_of(request), request.GET
    kind = OrgKind(asked["kind"]) if asked.get("kind") in set(OrgKind) else None
    found = selectors.list_organisations(actor.scope, kind=kind)
    today, needed = clock.today(), papers_needed()
    states = {one.id: paper_state(one, today, needed.get(one.kind)) for one in found}
    chosen = [one for one in found if _fits(one, states[one.id], request)]
    if wanted := asked.get("export"):
        return table_file(_table(chosen, states, 1, len(chosen) or 1), wanted)
    context = {
        "filters": _filters(request),
        "table": _table(chosen, states, page_asked(asked.get("page", "1")), ROWS),
        "may_admit": selectors.may(actor, "identity.open_organisation"),
    }
    return render(request, "console/organisations.html", context)


def papers_needed() -> dict[OrgKind, str]:
    """The paper that each kind of firm must hold; none are asked for before a standard does."""
    try:
        found = {kind: plant_book.licence_needed(kind.value)[0] for kind in OrgKind}
    except StandardMissing:
        return {}
    return {kind: paper for kind, paper in found.items() if paper}


def paper_state(one: Organisation, on: date, needed: str | None) -> str:
    """How its papers stand as a whole; '' where it needs none and has none.

    Of a kind's papers the one that lasts longest counts: whoever renewed is not in default.
    """
    kinds = {paper.kind for paper in one.licences}
    states = {licence_state(_lasting(one.licences, kind), on) for kind in kinds}
    if needed is not None and needed not in kinds:
        states.add("missing")
    ranked = ("missing", "expired", "expiring", "future", "valid")
    return next((state for state in ranked if state in states), "")


def licence_state(licence: Licence, on: date) -> str:
    """Valid, about to end, over, or not yet begun."""
    if on >= licence.to_on:
        return "expired"
    if on < licence.from_on:
        return "future"
    return "expiring" if licence.to_on - on <= timedelta(days=WARN_DAYS) else "valid"


def _lasting(licences: Sequence[Licence], kind: str) -> Licence:
    return max((one for one in licences if one.kind == kind), key=lambda one: one.to_on)


def _fits(one: Organisation, state: str, request: HttpRequest) -> bool:
    asked = request.GET
    words, region = asked.get("q", "").strip().casefold(), asked.get("region", "")
    is_named = words in one.name.casefold() or words in one.uscc.casefold()
    return (
        is_named
        and asked.get("status") in (None, "", one.status.value)
        and (not region or region in one.region_path.split("/"))
        and asked.get("papers") in (None, "", state)
    )


def _filters(request: HttpRequest) -> list[Filter]:
    asked, any_word = request.GET, ("", _("全部"))
    papers = [(key, str(mark.word)) for key, mark in FAMILIES["licence"].items()]
    statuses = [(one.value, str(FAMILIES["organisation"][one.value].word)) for one in OrgStatus]
    regions = choices.regions(actor_of(request))
    return [
        Filter("q", _("名称或信用代码"), asked.get("q", "").strip(), "search"),
        Filter("kind", _("类型"), asked.get("kind", ""),
               options=[any_word, *((k.value, str(word)) for k, word in KIND_WORDS.items())]),
        Filter("status", _("准入"), asked.get("status", ""), options=[any_word, *statuses]),
        Filter("papers", _("资质"), asked.get("papers", ""), options=[any_word, *papers]),
        Filter("region", _("地区"), asked.get("region", ""), options=[any_word, *regions]),
    ]  # fmt: skip


def _table(
    organisations: list[Organisation], states: Mapping[UUID, str], number: int, size: int
) -> Table:
    regions = {one.code: one.name for one in selectors.list_regions()}
    columns = (
        Column("name", _("名称")),
        Column("kind", _("类型")),
        Column("status", _("准入"), "pill:organisation"),
        Column("region", _("地区")),
        Column("uscc", _("统一社会信用代码"), "number"),
        Column("papers", _("资质"), "pill:licence"),
        Column("licences", _("资质与到期日")),
    )
    rows = [
        Row(
            {
                "name": one.name, "kind": str(KIND_WORDS[one.kind]), "status": one.status,
                "region": regions[one.region_code], "uscc": one.uscc, "papers": states[one.id],
                "licences": _licences(one),
            },
            href=reverse("console:organisation", args=[one.id]),
            tone=_PAPER_TONES.get(states[one.id], ""),
        )
        for one in organisations[(number - 1) * size : number * size]
    ]  # fmt: skip
    return Table(
        "organisations", _("企业与资质"), columns, rows,
        empty=Empty(_("没有符合条件的企业"), _("换个条件再查；新企业从“准入一家企业”登记。")),
        page=number, pages=max(1, -(-len(organisations) // size)),
        total_count=len(organisations), can_export=True,
    )  # fmt: skip


def _licences(one: Organisation) -> str:
    """The paper of each kind that lasts longest."""
    kinds = dict.fromkeys(paper.kind for paper in one.licences)
    return "；".join(
        _("%(kind)s，%(day)s 到期") % {
            "kind": kind, "day": values.day(_lasting(one.licences, kind).to_on),
        }
        for kind in kinds
    )  # fmt: skip
