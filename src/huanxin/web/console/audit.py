"""The trail: who did what, whether it is sealed, and the proof to take away."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from huanxin.identity import selectors as identity
from huanxin.kernel import auditlog, merkle
from huanxin.kernel.auditlog import AuditLine
from huanxin.kernel.paging import Page
from huanxin.web.claim_lists import page_asked
from huanxin.web.parts import Column, Empty, Filter, Row, Table
from huanxin.web.session import actor_of, audience, permitted

_ROOMS = {
    "": gettext_lazy("全部业务"),
    "identity": gettext_lazy("身份与企业"),
    "policy": gettext_lazy("政策"),
    "vouchers": gettext_lazy("券与资格"),
    "recycling": gettext_lazy("回收拆解"),
    "claims": gettext_lazy("申报核验"),
    "settlement": gettext_lazy("清算支付"),
}


_ROLES: dict[str, Promise] = {
    "system": gettext_lazy("系统"),
    "consumer": gettext_lazy("居民"),
}


@require_safe
@audience("console")
@permitted("audit.read")
def lines(request: HttpRequest) -> HttpResponse:
    room = request.GET.get("room", "")
    asked = room if room in _ROOMS else ""
    found = auditlog.list_lines(
        actor_of(request).scope, action=asked, page=page_asked(request.GET.get("page", "1"))
    )
    filters = [Filter("room", _("业务"), asked, options=[(k, str(w)) for k, w in _ROOMS.items()])]
    context = {"filters": filters, "table": _table(found)}
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


def _table(found: Page[AuditLine]) -> Table:
    sealed = merkle.sealed_among("audit", (line.id for line in found.items))
    names = identity.actors_for({line.actor_id for line in found.items})
    columns = (
        Column("seal", _("存证"), "pill:seal"),
        Column("at", _("时间"), "time"),
        Column("action", _("事项"), "number"),
        Column("who", _("办理人")),
        Column("subject", _("对象"), "number"),
        Column("facts", _("要点")),
    )
    rows = [
        Row(
            {
                "seal": "sealed" if line.id in sealed else "waiting",
                "at": line.at,
                "action": line.action,
                "who": names[line.actor_id].name
                if line.actor_id in names
                else str(_ROLES.get(line.actor_role, line.actor_role)),
                "subject": f"{line.subject_kind} {line.subject_id[:18]}",
                "facts": _facts(line),
            },
            href=reverse("console:proof", args=[line.id]) if line.id in sealed else "",
        )
        for line in found.items
    ]
    return Table(
        "audit", _("审计记录"), columns, rows,
        empty=Empty(_("还没有记录"), _("任何一次办理都会在同一笔事务里留下一行。"), icon="seal"),
        page=found.number, pages=found.pages, total_count=found.total, is_more=found.is_more,
    )  # fmt: skip


def _facts(line: AuditLine) -> str:
    return " ".join(f"{key}={value}" for key, value in line.facts.items())[:160]
