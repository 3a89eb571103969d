"""What the review desk shows of a case: its clock, its papers, its rivals and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

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
from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.paging import Page
from huanxin.web import claim_parts, kept_files, values
from huanxin.web.claim_parts import Paper
from huanxin.web.console.forms import VerdictForm
from huanxin.web.parts import Fact

HIGH_RISK = 50
_HISTORY = 20
_VERDICTS = (
    # verdict, key, word, button tone, first words of the note
    (ReviewVerdict.PASS, "A", gettext_lazy("通过"), "primary", gettext_lazy("材料核实无误")),
    (ReviewVerdict.REFUSE, "R", gettext_lazy("不予通过"), "danger", ""),
    (ReviewVerdict.CORRECT, "H", gettext_lazy("请商户补正"), "", ""),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper with its picture, if the file is kept and is one."""

    paper: Paper
    has_file: bool
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the three ways to decide, with its form."""

    verdict: ReviewVerdict
    key: str
    word: str | Promise
    tone: str
    form: VerdictForm
    is_open: bool


def context(
    actor: Actor,
    waiting: Page[ClaimCard],
    *,
    claim_id: UUID | None = None,
    typed: VerdictForm | None = None,
) -> dict[str, Any]:
    """The case (the first of the queue unless one is named) with the queue around it."""
    ids = [card.claim_id for card in waiting.items]
    detail = claims.get_claim(claim_id or ids[0], actor.scope)
    findings = claims.list_findings(detail.card.claim_id, actor.scope)
    here = ids.index(detail.card.claim_id) if detail.card.claim_id in ids else -1
    after = ids[here + 1] if here + 1 < len(ids) else None
    return {
        "detail": detail,
        "card": detail.card,
        "waiting": waiting,
        "high_risk": HIGH_RISK,
        "waited": _waited(detail.card),
        "next_id": after,
        "previous_id": ids[here - 1] if here > 0 else None,
        "is_waiting": detail.card.audit_status is AuditStatus.WAITING,
        "findings": claim_parts.finding_reasons(findings),
        "papers": [
            _shown(detail, paper, actor.scope) for paper in claim_parts.papers(detail, findings)
        ],
        "why": claim_parts.decision_reason(detail.decision),
        "working": claim_parts.working(detail.decision),
        "story": claim_parts.story(detail),
        "person": _person(detail, actor),
        "versus": _versus(detail, findings, actor),
        "history": _history(detail, actor.scope),
        "verdicts": _verdicts(after, typed),
    }


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


def _shown(detail: ClaimDetail, paper: Paper, scope: Scope) -> Shown:
    if paper.is_missing:
        return Shown(paper, has_file=False, is_picture=False)
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


def _rivals(findings: Sequence[Finding], actor: Actor) -> list[ClaimDetail]:
    numbers = {str(f.evidence["other_number"]) for f in findings if f.evidence.get("other_number")}
    found = (claims.find_claim_by_number(number, actor.scope) for number in sorted(numbers)[:2])
    return [rival for rival in found if rival]


def _versus(
    detail: ClaimDetail, findings: Sequence[Finding], actor: Actor
) -> dict[str, Any] | None:
    """The claim beside those it collides with; what is the same is marked."""
    rivals = _rivals(findings, actor)
    if not rivals:
        return None
    names = {one.code: one.name for one in catalogue.list_categories()}
    columns = [_column(one, names) for one in (detail, *rivals)]
    rows = []
    for name in columns[0]:
        cells = [column[name] for column in columns]
        is_same = len(set(cells)) == 1 and cells[0] != values.NOTHING
        rows.append(
            (name, cells[:1] if is_same else list(zip("①②③", cells, strict=False)), is_same)
        )
    return {"rivals": [rival.card for rival in rivals], "rows": rows}


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
        found = claims.list_claims(scope, where=where, size=_HISTORY).items
        return [one for one in found if one.claim_id != card.claim_id]

    shop = {
        stage: claims.sum_claims(
            scope, where=ClaimFilter(merchant_id=card.merchant_id, stage=stage)
        ).count
        for stage in (ClaimStage.IN_REVIEW, ClaimStage.REFUSED, ClaimStage.RETURNED)
    }
    total = claims.sum_claims(scope, where=ClaimFilter(merchant_id=card.merchant_id))
    return {
        "person": others(ClaimFilter(person_id=card.person_id)),
        "device": others(ClaimFilter(serial=detail.serial)),
        "shop": [
            Fact(_("累计申报"), total.count, "count"),
            Fact(_("累计补贴"), total.subsidy_fen, "money"),
            Fact(_("复核中"), shop[ClaimStage.IN_REVIEW], "count"),
            Fact(_("未通过"), shop[ClaimStage.REFUSED], "count"),
            Fact(_("退货"), shop[ClaimStage.RETURNED], "count"),
        ],
    }


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
