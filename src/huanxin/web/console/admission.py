"""One enterprise: who it is, its papers, what stands against it; admitted, licensed, suspended."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huanxin.claims import selectors as claims
from huanxin.claims.types import ClaimStage
from huanxin.identity import selectors
from huanxin.identity.services import admitting
from huanxin.identity.types import (
    Licence,
    NewOrganisation,
    Organisation,
    OrgKind,
    OrgStatus,
    RestrictionKind,
)
from huanxin.kernel import auditlog, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError, NotFound
from huanxin.web.console import choices, organisations
from huanxin.web.console.forms import ReasonField
from huanxin.web.console.organisations import KIND_WORDS
from huanxin.web.forms import PlainForm, refused
from huanxin.web.parts import Column, Empty, Fact, Row, Step, Table
from huanxin.web.session import actor_of, audience, permitted
from huanxin.web.states import FAMILIES

ONE, NEW = "console/organisation.html", "console/organisation_new.html"
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_HISTORY = ("identity.organisation_opened", "identity.organisation_status_set",
            "identity.licence_recorded")  # fmt: skip
_NEXT: dict[OrgStatus, tuple[OrgStatus, ...]] = {
    OrgStatus.ADMITTED: (OrgStatus.SUSPENDED, OrgStatus.REMOVED),
    OrgStatus.SUSPENDED: (OrgStatus.ADMITTED, OrgStatus.REMOVED),
    OrgStatus.REMOVED: (OrgStatus.ADMITTED,),
}
_VERBS = {
    OrgStatus.ADMITTED: gettext_lazy("恢复准入"),
    OrgStatus.SUSPENDED: gettext_lazy("暂停"),
    OrgStatus.REMOVED: gettext_lazy("办理退出"),
}


class LicenceForm(PlainForm):
    kind = forms.CharField(label=gettext_lazy("资质名称"), max_length=40)
    number = forms.CharField(label=gettext_lazy("编号"), max_length=60)
    from_on = forms.DateField(label=gettext_lazy("有效期自"), widget=_DAY)
    to_on = forms.DateField(
        label=gettext_lazy("到期日（当日起失效）"), widget=_DAY,
        help_text=gettext_lazy("续期后编号不变的，再登记一次即更新到期日"),
    )  # fmt: skip

    def as_licence(self) -> Licence:
        return Licence(**self.cleaned_data)


class StandingForm(PlainForm):
    status = forms.ChoiceField(choices=[(one.value, one.value) for one in OrgStatus])
    reason = ReasonField(
        label=gettext_lazy("原因与依据"), rows=2,
        help_text=gettext_lazy("会记入审计，例如“资质到期未续，通知书〔2026〕12 号”"),
    )  # fmt: skip


class AdmitForm(PlainForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), choices=[(k.value, word) for k, word in KIND_WORDS.items()]
    )
    name = forms.CharField(label=gettext_lazy("名称"), max_length=120)
    short_name = forms.CharField(
        label=gettext_lazy("简称"), max_length=40, required=False,
        help_text=gettext_lazy("居民端显示，不填则用名称的前 40 字"),
    )  # fmt: skip
    uscc = forms.CharField(
        label=gettext_lazy("统一社会信用代码"), max_length=18,
        help_text=gettext_lazy("18 位，以营业执照为准；登记时核对校验位"),
    )  # fmt: skip
    region_code = forms.ChoiceField(label=gettext_lazy("所在地区"))
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    phone = forms.CharField(label=gettext_lazy("联系电话"), max_length=30, required=False)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = regions  # type: ignore[attr-defined]

    def as_new(self) -> NewOrganisation:
        typed = dict(self.cleaned_data)
        typed |= {"kind": OrgKind(typed["kind"]),
                  "short_name": typed["short_name"] or typed["name"][:40]}  # fmt: skip
        return NewOrganisation(**typed)


@require_safe
@audience("console")
def organisation(request: HttpRequest, org_id: UUID) -> HttpResponse:
    return render(request, ONE, _context(actor_of(request), org_id))


@require_http_methods(["GET", "HEAD", "POST"])
@audience("console")
@permitted("identity.open_organisation")
def admit(request: HttpRequest) -> HttpResponse:
    """A new enterprise; one that is on the platform already is shown instead."""
    actor = actor_of(request)
    form = AdmitForm(request.POST or None, regions=choices.regions(actor))
    if not form.is_valid():
        return render(request, NEW, {"form": form}, status=422 if form.is_bound else 200)
    known = selectors.find_organisation(form.cleaned_data["uscc"])
    try:
        org_id = admitting.open_organisation(actor=actor, organisation=form.as_new())
    except DomainError as refusal:
        return refused(request, NEW, {"form": form}, refusal)
    told = "known" if known else "new"
    return redirect(reverse("console:organisation", args=[org_id]) + f"?done={told}")


@require_POST
@audience("console")
@permitted("identity.open_organisation")
def set_standing(request: HttpRequest, org_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), StandingForm(request.POST)
    if not form.is_valid():
        return render(request, ONE, _context(actor, org_id, standing=form), status=422)
    try:
        admitting.set_organisation_status(actor=actor, org_id=org_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, ONE, _context(actor, org_id, standing=form), refusal)
    return redirect("console:organisation", org_id)


@require_POST
@audience("console")
@permitted("identity.open_organisation")
def record_licence(request: HttpRequest, org_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), LicenceForm(request.POST)
    if not form.is_valid():
        return render(request, ONE, _context(actor, org_id, licence=form), status=422)
    try:
        admitting.record_licence(actor=actor, org_id=org_id, licence=form.as_licence())
    except DomainError as refusal:
        return refused(request, ONE, _context(actor, org_id, licence=form), refusal)
    return redirect("console:organisation", org_id)


def _context(
    actor: Actor,
    org_id: UUID,
    *,
    licence: LicenceForm | None = None,
    standing: StandingForm | None = None,
) -> dict[str, Any]:
    org = selectors.get_organisation(org_id)
    if not actor.scope.covers(org.region_path):
        raise NotFound(model="Organisation", id=org_id)
    today, needed = clock.today(), organisations.papers_needed().get(org.kind)
    has_needed = needed is None or org.licensed(needed, today)
    may = selectors.may(actor, "identity.open_organisation", region_path=org.region_path)
    return {
        "org": org,
        "kind_word": KIND_WORDS[org.kind],
        "facts": _facts(org),
        "papers": _papers(org, today),
        "lacks": "" if has_needed else needed,
        "licence": licence or LicenceForm(initial={"kind": needed or "", "from_on": today}),
        "standing": standing or StandingForm(),
        "steps": [(to.value, _VERBS[to]) for to in _NEXT[org.status]] if may else [],
        "may_admit": may,
        "restrictions": _restrictions(actor, org),
        "may_restrict": selectors.may(actor, "identity.restrict"),
        "trade": _trade(actor, org),
        "story": _story(actor, org_id),
    }


def _facts(org: Organisation) -> list[Fact]:
    return [
        Fact(_("类型"), str(KIND_WORDS[org.kind])),
        Fact(_("统一社会信用代码"), org.uscc, "number"),
        Fact(_("简称"), org.short_name),
        Fact(_("地区"), selectors.get_region(org.region_code).name),
        Fact(_("地址"), org.address),
        Fact(_("联系电话"), org.phone, "number"),
    ]


def _papers(org: Organisation, today: date) -> Table:
    columns = (
        Column("kind", _("资质名称")),
        Column("state", _("状态"), "pill:licence"),
        Column("number", _("编号"), "number"),
        Column("from_on", _("有效期自"), "day"),
        Column("to_on", _("到期日"), "day"),
    )
    newest = sorted(org.licences, key=lambda one: one.to_on, reverse=True)
    rows = [
        Row({
            "kind": one.kind, "state": organisations.licence_state(one, today),
            "number": one.number, "from_on": one.from_on, "to_on": one.to_on,
        })
        for one in newest
    ]  # fmt: skip
    empty = Empty(_("还没有登记资质"), _("收到证照后在下方登记编号和到期日。"), icon="file")
    return Table("papers", _("资质"), columns, rows, empty)


def _restrictions(actor: Actor, org: Organisation) -> list[Any]:
    """What stands against it now, for officers who may see the violation library."""
    if not selectors.may(actor, "identity.restrict"):
        return []
    found = selectors.list_restrictions(
        actor.scope, kind=RestrictionKind.ORGANISATION, words=org.uscc, is_live=True
    )
    return list(found.items)


def _trade(actor: Actor, org: Organisation) -> list[Fact]:
    """What a shop has claimed so far; others do not claim subsidies."""
    if org.kind is not OrgKind.RETAILER or not selectors.may(actor, "claims.read"):
        return []
    total, shop = claims.sum_shop(actor.scope, org.id)
    return [
        Fact(_("累计申报"), total.count, "count",
             href=reverse("console:claims") + f"?merchant={org.uscc}"),
        Fact(_("累计补贴"), total.subsidy_fen, "money"),
        Fact(_("复核中"), shop[ClaimStage.IN_REVIEW], "count"),
        Fact(_("未通过"), shop[ClaimStage.REFUSED], "count"),
        Fact(_("退货"), shop[ClaimStage.RETURNED], "count"),
    ]  # fmt: skip


def _story(actor: Actor, org_id: UUID) -> list[Step]:
    """Admission and papers as the trail has them, the newest first."""
    where = auditlog.AuditFilter(actions=_HISTORY, subject=("organisation", str(org_id)))
    lines = auditlog.list_lines(actor.scope, where=where).items
    names = selectors.account_names({one.actor_id for one in lines})
    return [
        Step(_what(one.action, one.facts), "done", one.at, by=names.get(one.actor_id, ""),
             note=str(one.facts.get("reason", "")))
        for one in lines
    ]  # fmt: skip


def _what(action: str, facts: dict[str, Any]) -> str:
    if action == "identity.organisation_opened":
        return _("准入登记")
    if action == "identity.licence_recorded":
        return _("登记资质：%(kind)s，到期日 %(day)s") % {
            "kind": facts["kind"], "day": facts["to_on"],
        }  # fmt: skip
    return _("准入状态改为“%s”") % FAMILIES["organisation"][facts["status"]].word
