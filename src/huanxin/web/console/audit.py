"""The trail: who did what, who looked at whose data, whether it is sealed, and the proof of it."""

import re
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import auditlog, clock, merkle, money
from huanxin.kernel.actor import Actor
from huanxin.kernel.auditlog import AuditFilter, AuditLine
from huanxin.kernel.paging import Page
from huanxin.web.claim_lists import day_asked, page_asked
from huanxin.web.console.audit_words import ACTIONS, FACTS, LOOKS, SUBJECTS
from huanxin.web.parts import Column, Empty, Filter, Link, Row, Table
from huanxin.web.session import actor_of, audience, permitted

LOOKED = "looks"
_ROOMS: dict[str, Promise] = {
    "": gettext_lazy("全部业务"),
    LOOKED: gettext_lazy("查看个人信息"),
    "identity": gettext_lazy("身份与企业"),
    "catalogue": gettext_lazy("型号与价格"),
    "policy": gettext_lazy("政策"),
    "vouchers": gettext_lazy("券与资格"),
    "recycling": gettext_lazy("回收拆解"),
    "claims": gettext_lazy("申报核验"),
    "settlement": gettext_lazy("清算支付"),
    "supervision": gettext_lazy("预警"),
    "outreach": gettext_lazy("公告与活动"),
    "exchange": gettext_lazy("系统对接"),
    "trace": gettext_lazy("流转追溯"),
}
_ROLES: dict[str, Promise] = {
    "system": gettext_lazy("系统"),
    "consumer": gettext_lazy("居民"),
}
_PAGES = {
    "claim": ("console:claim", "claims.read"), "batch": ("console:batch", "settlement.read"),
    "organisation": ("console:organisation", ""), "policy": ("console:policy", "policy.read"),
    "restriction": ("console:restriction", "identity.restrict"),
    "person": ("console:person_tags", "identity.tag"),
    "account": ("accounts:account", "identity.open_account"),
}  # fmt: skip
_SAID_ELSEWHERE = {"reason", "note", "number"}
_DIGEST, _DIGEST_SHOWN = re.compile(r"[0-9a-f]{32,}"), 12
_FACTS_MOST = 160
_SHORT, _KEY_MOST = 8, 24  # an id of ours is longer than any key that people know


@require_safe
@audience("console")
@permitted("audit.read")
def lines(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    found = auditlog.list_lines(
        actor.scope, where=_wanted(request), page=page_asked(request.GET.get("page", "1"))
    )
    context = {
        "filters": _filters(request), "table": _table(found, actor),
        "subject": _subject_asked(request),
    }  # fmt: skip
    return render(request, "console/audit.html", context)


@require_safe
@audience("console")
@permitted("audit.read")
def proof(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Everything an offline check needs: the line's text, its path, the signed head."""
    line = auditlog.get_line(entry_id, actor_of(request).scope)
    body = merkle.proof_of("audit", entry_id).as_json(line.canonical_text)
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="proof-{entry_id}.json"'
    return answer


def _wanted(request: HttpRequest) -> AuditFilter:
    """What the address asks for; what cannot be read does not filter."""
    asked = request.GET
    room, who = asked.get("room", ""), asked.get("who", "").strip()
    first, last = day_asked(asked.get("from", "")), day_asked(asked.get("to", ""))
    kind, key = _subject(request)
    return AuditFilter(
        actions=LOOKS if room == LOOKED else [room] if room and room in _ROOMS else [],
        actor_ids=identity.account_ids_named(who) if who else None,
        subject=(kind, key) if kind else None,
        from_at=clock.moment(first) if first else None,
        to_at=clock.moment(last + timedelta(days=1)) if last else None,
    )


def _subject(request: HttpRequest) -> tuple[str, str]:
    kind, _colon, key = request.GET.get("of", "").partition(":")
    return (kind, key) if kind in SUBJECTS and key else ("", "")


def _subject_asked(request: HttpRequest) -> str:
    kind, key = _subject(request)
    return f"{SUBJECTS[kind]} {key[-_SHORT:]}" if kind else ""


def _filters(request: HttpRequest) -> list[Filter]:
    asked = request.GET
    kept = [Filter("of", _("对象"), asked["of"], "hidden")] if _subject(request)[0] else []
    return [
        Filter("room", _("业务"), asked.get("room", ""),
               options=[(key, str(word)) for key, word in _ROOMS.items()]),
        Filter("who", _("办理人姓名或登录名"), asked.get("who", "").strip(), "search"),
        Filter("from", _("自"), asked.get("from", ""), "day"),
        Filter("to", _("至"), asked.get("to", ""), "day"),
        *kept,
    ]  # fmt: skip


def _table(found: Page[AuditLine], actor: Actor) -> Table:
    sealed = merkle.sealed_among("audit", (line.id for line in found.items))
    names = identity.account_names({line.actor_id for line in found.items})
    columns = (
        Column("seal", _("存证"), "pill:seal"),
        Column("at", _("时间"), "time"),
        Column("action", _("事项")),
        Column("who", _("办理人")),
        Column("subject", _("对象"), "link"),
        Column("why", _("原因或说明")),
        Column("facts", _("要点"), "code"),
    )
    rows = [
        Row(
            {
                "seal": "sealed" if line.id in sealed else "waiting",
                "at": line.at,
                "action": str(ACTIONS.get(line.action, line.action)),
                "who": names.get(line.actor_id)
                or str(_ROLES.get(line.actor_role, line.actor_role)),
                "subject": _link(line, actor),
                "why": line.facts.get("reason") or line.facts.get("note"),
                "facts": _facts(line),
            },
            href=reverse("console:proof", args=[line.id]) if line.id in sealed else "",
        )
        for line in found.items
    ]
    return Table(
        "audit", _("审计记录"), columns, rows,
        empty=Empty(
            _("没有符合条件的记录"), _("任何一次办理都会在同一笔事务里留下一行。"), icon="seal"
        ),
        page=found.number, pages=found.pages, total_count=found.total, is_more=found.is_more,
    )  # fmt: skip


def _link(line: AuditLine, actor: Actor) -> Link:
    """The thing by its kind and number (else the end of its id), and the page that tells more."""
    word = SUBJECTS.get(line.subject_kind, line.subject_kind)
    key = line.subject_id
    shown = line.facts.get("number") or (key if len(key) <= _KEY_MOST else key[-_SHORT:])
    page, permission = _PAGES.get(line.subject_kind, ("", ""))
    may = bool(page) and (not permission or identity.may(actor, permission))
    return Link(f"{word} {shown}", reverse(page, args=[key]) if may else "")


def _facts(line: AuditLine) -> str:
    """What else the line holds: amounts in yuan, known names in words, no ids of ours."""
    said = (
        f"{FACTS.get(key, key)} {_fact(key, value)}"
        for key, value in line.facts.items()
        if key not in _SAID_ELSEWHERE and not key.endswith("_id") and value not in (None, "", [])
    )
    return "；".join(said)[:_FACTS_MOST]


def _fact(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if key.endswith("_fen") and isinstance(value, int):
        return money.yuan(value)
    shown = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return shown[:_DIGEST_SHOWN] if _DIGEST.fullmatch(shown) else shown
