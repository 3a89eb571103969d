"""Enterprises on the platform, with their licences and when those end."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.identity import selectors
from huanxin.identity.types import Licence, Organisation, OrgKind
from huanxin.kernel import clock
from huanxin.web import values
from huanxin.web.claim_lists import page_asked
from huanxin.web.exports import table_file
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.session import actor_of, audience

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


@require_safe
@audience("console")
def organisation_list(request: HttpRequest) -> HttpResponse:
    asked, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    kind = OrgKind(asked) if asked in set(OrgKind) else None
    found = selectors.list_organisations(actor_of(request).scope, kind=kind)
    chosen = [one for one in found if words in one.name or words in one.uscc]
    if wanted := request.GET.get("export"):
        return table_file(_table(chosen, 1, len(chosen) or 1), wanted)
    kinds = [("", _("全部类型")), *((k.value, str(word)) for k, word in KIND_WORDS.items())]
    context = {
        "filters": [
            Filter("q", _("名称或信用代码"), words, "search"),
            Filter("kind", _("类型"), asked if kind else "", options=kinds),
        ],
        "table": _table(chosen, page_asked(request.GET.get("page", "1")), ROWS),
    }
    return render(request, "console/organisations.html", context)


def licence_state(licence: Licence, on: date) -> str:
    """Valid, about to end, over, or not yet begun."""
    if on >= licence.to_on:
        return "expired"
    if on < licence.from_on:
        return "future"
    return "expiring" if licence.to_on - on <= timedelta(days=WARN_DAYS) else "valid"


def _table(organisations: list[Organisation], number: int, size: int) -> Table:
    regions = {one.code: one.name for one in selectors.list_regions()}
    columns = (
        Column("name", _("名称")),
        Column("kind", _("类型")),
        Column("status", _("准入"), "pill:organisation"),
        Column("region", _("地区")),
        Column("uscc", _("统一社会信用代码"), "number"),
        Column("licences", _("资质与到期日")),
    )
    shown = organisations[(number - 1) * size : number * size]
    today = clock.today()
    rows = [
        Row(
            {
                "name": one.name,
                "kind": str(KIND_WORDS[one.kind]),
                "status": one.status,
                "region": regions[one.region_code],
                "uscc": one.uscc,
                "licences": _licences(one, today),
            },
            tone="danger" if _has(one, "expired", today) else "",
        )
        for one in shown
    ]
    return Table(
        "organisations", _("企业与资质"), columns, rows,
        empty=Empty(_("没有符合条件的企业"), _("企业经商务部门准入后出现在这里。")),
        page=number, pages=max(1, -(-len(organisations) // size)),
        total_count=len(organisations), can_export=True,
    )  # fmt: skip


def _has(one: Organisation, state: str, on: date) -> bool:
    return any(licence_state(licence, on) == state for licence in one.licences)


def _licences(one: Organisation, on: date) -> str:
    words = {
        "valid": "", "expiring": _("即将到期"), "expired": _("已过期"), "future": _("未生效"),
    }  # fmt: skip
    said = [
        f"{licence.kind} {licence.number} {_('至')} {values.day(licence.to_on)} "
        f"{words[licence_state(licence, on)]}".strip()
        for licence in one.licences
    ]
    return "；".join(said)
