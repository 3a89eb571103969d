"""What the review desk shows of a case: its clock, its papers, its rivals and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.catalogue import selectors as catalogue
from huanxin.claims import selectors as claims
from huanxin.claims.errors import SaleNotFound
from huanxin.claims.types import (
    AuditStatus,
    ClaimCard,
    ClaimDetail,
    ClaimFilter,
    ClaimStage,
    EvidenceKind,
    Finding,
    ReviewVerdict,
)
from huanxin.claims.types.desk import CaseKind, QueueFilter, Sameness
from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import Page
from huanxin.web import claim_parts, kept_files, paper_parts, values
from huanxin.web.claim_parts import Paper
from huanxin.web.console.forms import VerdictForm
from huanxin.web.parts import Fact

HIGH_RISK = 50
PARTS: dict[QueueFilter, Promise] = {
    QueueFilter.ALL: gettext_lazy("全部"),
    QueueFilter.OVERDUE: gettext_lazy("已超时"),
    QueueFilter.HIGH: gettext_lazy("高风险"),
    QueueFilter.APPEAL: gettext_lazy("申诉异议"),
    QueueFilter.SAMPLE: gettext_lazy("抽查"),
    QueueFilter.SECOND: gettext_lazy("待第二人"),
}
CASE_WORDS: dict[CaseKind | None, Promise] = {
    CaseKind.HELD: gettext_lazy("系统存疑"),
    CaseKind.APPEAL: gettext_lazy("商户申诉"),
    CaseKind.OBJECTION: gettext_lazy("公示异议"),
    CaseKind.SAMPLE: gettext_lazy("随机抽查"),
    CaseKind.EXTENDED: gettext_lazy("扩大抽查"),
}
SAME_WORDS: dict[Sameness, Promise] = {
    Sameness.SERIAL: gettext_lazy("同一序列号"),
    Sameness.INVOICE: gettext_lazy("同一发票"),
    Sameness.PHOTO: gettext_lazy("同一照片"),
    Sameness.RIGHT: gettext_lazy("同一人同品类"),
}
_HISTORY = 20
_VERDICTS = (
    # verdict, key, word, button tone, first words of the note
    (ReviewVerdict.PASS, "A", gettext_lazy("通过"), "primary", gettext_lazy("材料核实无误")),
    (ReviewVerdict.REFUSE, "R", gettext_lazy("不予通过"), "danger", ""),
    (ReviewVerdict.CORRECT, "H", gettext_lazy("请商户补正"), "", ""),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper with its picture, if the file is kept and is one, and what was read from it."""

    paper: Paper
    has_file: bool
    is_picture: bool
    seen: paper_parts.PaperSeen | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the three ways to decide, with its form."""

    verdict: ReviewVerdict
    key: str
    word: str | Promise
    tone: str
    form: VerdictForm
    is_open: bool


def queue(actor: Actor, asked: str) -> dict[str, Any]:
    """The part of the queue that the address names, with how many each part has."""
    which = QueueFilter(asked) if asked in set(QueueFilter) else QueueFilter.ALL
    counts = claims.queue_counts(actor.scope, reviewer_id=actor.account_id)
    parts = [(one, word, counts[one]) for one, word in PARTS.items()]
    waiting = claims.queue(
        actor.scope, which=which, reviewer_id=actor.account_id, total=counts[which]
    )
    return {"which": which, "parts": parts, "waiting": waiting, "now": clock.now(),
            "high_risk": HIGH_RISK, "total": counts[QueueFilter.ALL]}  # fmt: skip


def context(
    actor: Actor,
    line: dict[str, Any],
    *,
    claim_id: UUID | None = None,
    typed: VerdictForm | None = None,
) -> dict[str, Any]:
    """The case (the first of the queue unless one is named) with the queue around it."""
    waiting: Page[ClaimCard] = line["waiting"]
    ids = [card.claim_id for card in waiting.items]
    detail = claims.get_claim(claim_id or ids[0], actor.scope)
    findings = claims.list_findings(detail.card.claim_id, actor.scope)
    here = ids.index(detail.card.claim_id) if detail.card.claim_id in ids else -1
    after = ids[here + 1] if here + 1 < len(ids) else None
    is_waiting = detail.card.audit_status is AuditStatus.WAITING
    is_mine = detail.card.first_reviewer_id == actor.account_id
    return line | {
        "detail": detail,
        "card": detail.card,
        "waited": _waited(detail.card),
        "due": _due(detail.card),
        "why_asked": CASE_WORDS.get(detail.card.case_kind, "") if is_waiting else "",
        "is_second": is_waiting and detail.card.first_reviewer_id is not None,
        "is_mine": is_waiting and is_mine,
        "next_id": after,
        "previous_id": ids[here - 1] if here > 0 else None,
        "is_waiting": is_waiting and not is_mine,
        "findings": claim_parts.finding_reasons(findings),
        "papers": _papers(detail, findings, actor.scope),
        "why": claim_parts.decision_reason(detail.decision),
        "working": claim_parts.working(detail.decision),
        "story": claim_parts.story(detail),
        "person": _person(detail, actor),
        "versus": _versus(detail, findings, actor),
        "history": _history(detail, actor.scope),
        "verdicts": _verdicts(after, typed),
    }


def _due(card: ClaimCard) -> tuple[bool, timedelta] | None:
    """Whether the case is late, and by how much or how long is left."""
    if card.due_at is None:
        return None
    left = card.due_at - clock.now()
    return left <= timedelta(0), abs(left)


def verdict_notice(claim_id: str, scope: Scope) -> ClaimCard | None:
    """The case just decided, for the line that says so."""
    try:
        return claims.get_claim(UUID(claim_id), scope).card
    except (ValueError, SaleNotFound):
        return None


def _waited(card: ClaimCard) -> timedelta | None:
    """How long the case has waited for a person."""
    since = card.decided_at or card.submitted_at
    return clock.now() - since if since else None


def _papers(detail: ClaimDetail, findings: Sequence[Finding], scope: Scope) -> list[Shown]:
    claim_id = detail.card.claim_id
    seen = {
        one.kind: paper_parts.seen(one, lambda sha: reverse("console:file", args=[claim_id, sha]))
        for one in claims.list_readings(claim_id, scope)
    }
    papers = claim_parts.papers(detail, findings)
    return [_shown(detail, paper, scope, seen.get(paper.kind)) for paper in papers]


def _shown(
    detail: ClaimDetail, paper: Paper, scope: Scope, seen: paper_parts.PaperSeen | None
) -> Shown:
    if paper.is_missing:
        return Shown(paper, has_file=False, is_picture=False)
    if seen is not None:
        return Shown(paper, True, bool(seen.evidence.image), seen)
    content = claims.find_file(detail.card.claim_id, paper.sha256, scope)
    if content is None:
        return Shown(paper, has_file=False, is_picture=False)
    return Shown(paper, True, kept_files.kind_of(content)[0].startswith("image/"))


def _person(detail: ClaimDetail, actor: Actor) -> Any:
    """The claimant, masked; None where she lives outside the reviewer's region."""
    try:
        return identity.get_person(detail.card.person_id, actor.scope)
    except NotFound:
        return None


def _versus(
    detail: ClaimDetail, findings: Sequence[Finding], actor: Actor
) -> dict[str, Any] | None:
    """The claim beside those it collides with; what is the same is marked."""
    found, count = claims.list_rivals(detail.card.claim_id, actor.scope)
    elsewhere = count - len(found)
    if not found:
        return {"rivals": [], "rows": [], "elsewhere": elsewhere} if elsewhere else None
    shown = _named_first(found, findings)[:2]
    names = {one.code: one.name for one in catalogue.list_categories()}
    columns = [_column(one, names) for one in (detail, *(rival for rival, _same in shown))]
    rows = []
    for name in columns[0]:
        cells = [column[name] for column in columns]
        is_same = len(set(cells)) == 1 and cells[0] != values.NOTHING
        rows.append(
            (name, cells[:1] if is_same else list(zip("①②③", cells, strict=False)), is_same)
        )
    rivals = [(rival.card, [str(SAME_WORDS[one]) for one in same]) for rival, same in shown]
    return {"rivals": rivals, "rows": rows, "elsewhere": elsewhere}


def _named_first(
    found: list[tuple[ClaimDetail, tuple[Sameness, ...]]], findings: Sequence[Finding]
) -> list[tuple[ClaimDetail, tuple[Sameness, ...]]]:
    """The rival that a finding names stands before those found by looking."""
    named = {str(one.evidence.get("other_number")) for one in findings}
    return sorted(found, key=lambda pair: pair[0].card.number not in named)


def _column(one: ClaimDetail, names: dict[str, str]) -> dict[str, str]:
    card = one.card
    newest = {paper.kind: paper.facts for paper in one.evidence}
    label, invoice = newest.get(EvidenceKind.LABEL, {}), newest.get(EvidenceKind.INVOICE, {})
    return {
        _("单号"): values.render_value("number", card.number),
        _("商户"): card.merchant_name,
        _("成交时间"): values.render_value("time", card.sold_at),
        _("品类"): names[card.category_code],
        _("品牌"): one.manufacturer,
        _("序列号"): values.render_value("number", one.serial),
        _("IMEI"): values.render_value("number", one.imei),
        _("铭牌序列号"): values.render_value("number", label.get("serial_read")),
        _("发票号码"): values.render_value("number", invoice.get("invoice_number")),
        _("购买人编号"): values.render_value("number", str(card.person_id)[-8:]),
        _("成交价"): values.render_value("money", card.price_fen),
        _("补贴"): values.render_value("money", card.subsidy_fen),
        _("状态"): values.render_value("pill:claim", card.stage),
    }


def _history(detail: ClaimDetail, scope: Scope) -> dict[str, Any]:
    """What else this person, this device and this shop have been part of."""
    card = detail.card

    def others(where: ClaimFilter) -> list[ClaimCard]:
        found = claims.list_claims(scope, where=where, size=_HISTORY, most_counted=0).items
        return [one for one in found if one.claim_id != card.claim_id]

    return {
        "person": others(ClaimFilter(person_id=card.person_id)),
        "device": others(ClaimFilter(serial=detail.serial)),
    }


def shop_facts(claim_id: UUID, scope: Scope) -> list[Fact]:
    """What a claim's shop adds up to: tens of thousands of claims, so apart from the case."""
    card = claims.get_claim(claim_id, scope).card
    total, shop = claims.sum_shop(scope, card.merchant_id)
    return [
        Fact(_("累计申报"), total.count, "count"),
        Fact(_("累计补贴"), total.subsidy_fen, "money"),
        Fact(_("复核中"), shop[ClaimStage.IN_REVIEW], "count"),
        Fact(_("未通过"), shop[ClaimStage.REFUSED], "count"),
        Fact(_("退货"), shop[ClaimStage.RETURNED], "count"),
    ]


def _verdicts(after: UUID | None, typed: VerdictForm | None) -> list[Verdict]:
    found = []
    for verdict, key, word, tone, note in _VERDICTS:
        reasons = [(row.code, f"{row.code} {row.title}") for row in claims.review_reasons(verdict)]
        is_open = typed is not None and typed.data.get("verdict") == verdict
        first = {"verdict": verdict.value, "note": note, "next_id": after}
        data = typed.data if is_open and typed else None
        form = VerdictForm(data, initial=first, reasons=reasons, auto_id=f"{verdict}-%s")
        found.append(Verdict(verdict, key, word, tone, form, is_open))
    return found
