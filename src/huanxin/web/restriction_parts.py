"""A restriction in the pages' parts: its words, its story, and the party's own page."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from huanxin.identity import selectors
from huanxin.identity.services import restricting
from huanxin.identity.types import (
    OrgKind,
    Penalty,
    RestrictionCard,
    RestrictionKind,
    RestrictionState,
)
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import DomainError
from huanxin.web import values
from huanxin.web.forms import RequestForm, refused
from huanxin.web.parts import Fact, Step
from huanxin.web.session import actor_of, audience, permitted

View = Callable[..., HttpResponse]

KIND_WORDS: dict[RestrictionKind, Promise] = {
    RestrictionKind.ORGANISATION: gettext_lazy("企业"),
    RestrictionKind.PERSON: gettext_lazy("个人"),
    RestrictionKind.DEVICE: gettext_lazy("设备"),
    RestrictionKind.ADDRESS: gettext_lazy("地址"),
}
PENALTY_WORDS: dict[Penalty, Promise] = {
    Penalty.SUSPENSION: gettext_lazy("暂停参与"),
    Penalty.REMOVAL: gettext_lazy("移出商户名单"),
    Penalty.RECOVERY: gettext_lazy("追回资金期间暂停"),
    Penalty.BLACKLIST: gettext_lazy("公开通报并列入黑名单"),
    Penalty.REFERRAL: gettext_lazy("移送有关部门"),
}
EFFECTS: dict[RestrictionKind, Promise] = {
    RestrictionKind.ORGANISATION: gettext_lazy(
        "不能办理补贴销售、核销消费券和发起活动；已通过的申报暂不支付。"
    ),
    RestrictionKind.PERSON: gettext_lazy("不能领取和使用补贴资格、消费券；已付的货款不受影响。"),
    RestrictionKind.DEVICE: gettext_lazy("该设备不能用于领取，该台商品不能办理补贴销售。"),
    RestrictionKind.ADDRESS: gettext_lazy("送往该地址的申报会转人工复核。"),
}
_EFFECTS_ON: dict[OrgKind, Promise] = {
    OrgKind.RECYCLER: gettext_lazy("不再派给新订单；已接的照常上门，已收的旧机照常入库、发运。"),
    OrgKind.DISMANTLER: gettext_lazy("不能接收新的批次；已发运的批次照常验收，已收的照常拆解。"),
}
_DESK_PAGE = "components/restrictions_page.html"


class AppealForm(RequestForm):
    note = forms.CharField(
        label=gettext_lazy("申诉理由"), min_length=4, max_length=400,
        help_text=gettext_lazy("写明事实和依据；由没有经手过的工作人员答复，期间限制继续有效。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip


def ends(card: RestrictionCard) -> str:
    """Until when it lasts, in words."""
    return values.day(card.to_on) if card.to_on else _("长期，另行通知")


def facts(card: RestrictionCard) -> list[Fact]:
    """What everybody concerned may know of it."""
    return [
        Fact(_("编号"), card.number, "number"),
        Fact(_("对象"), f"{KIND_WORDS[card.kind]} · {card.label}"),
        Fact(_("处理"), str(PENALTY_WORDS[card.penalty])),
        Fact(_("依据"), card.document),
        Fact(_("自"), card.from_on, "day"),
        Fact(_("至"), ends(card)),
        Fact(_("影响"), effect(card)),
    ]


def effect(card: RestrictionCard) -> str:
    """What the party may not do while it lasts."""
    if card.kind is RestrictionKind.ORGANISATION:
        kind = selectors.get_organisation(UUID(card.key)).kind
        return str(_EFFECTS_ON.get(kind, EFFECTS[card.kind]))
    return str(EFFECTS[card.kind])


def story(card: RestrictionCard) -> list[Step]:
    """What happened to it, and what comes next."""
    steps = [Step(_("登记，即时生效"), "done", card.imposed_at, note=card.reason)]
    if card.confirmed_at:
        steps.append(Step(_("第二名工作人员确认"), "done", card.confirmed_at))
    elif card.state is RestrictionState.PROVISIONAL:
        note = _("未确认的，%s 自动失效") % ends(card)
        steps.append(Step(_("等待第二名工作人员确认"), "now", note=note))
    for one in card.appeals:
        steps.append(Step(_("申诉"), "done", one.appealed_at, note=one.note))
        if one.answered_at is None:
            steps.append(Step(_("等待答复"), "now"))
        else:
            word = _("申诉成立") if one.is_granted else _("申诉不成立")
            steps.append(Step(word, "done", one.answered_at, note=one.answer))
    if card.lifted_at:
        return [*steps, Step(_("已解除"), "done", card.lifted_at, note=card.lift_reason)]
    if card.state is RestrictionState.LIFT_ASKED:
        steps.append(Step(_("有人提出解除，等另一人同意"), "now", note=card.lift_reason))
    if card.state is RestrictionState.ENDED:
        return [*steps, Step(_("已到期"), "done")]
    return [*steps, Step(_("到期自动解除"), "next", note=ends(card))]


def stands_against(actor: Actor) -> bool:
    """Whether anything keeps the actor's person or organisation out now."""
    over = {RestrictionState.ENDED, RestrictionState.LIFTED}
    return any(one.state not in over for one in selectors.list_own_restrictions(actor))


def own_list(request: HttpRequest, template: str, more: Mapping[str, Any]) -> HttpResponse:
    """The party's own page: why, until when, and how to object."""
    own = _own(request)
    return render(request, template, {"cards": own, "form": AppealForm(), "at": None, **more})


def appeal(
    request: HttpRequest, restriction_id: UUID, template: str, back: str, more: Mapping[str, Any]
) -> HttpResponse:
    """Object; a refused form keeps what was typed."""
    actor, form = actor_of(request), AppealForm(request.POST)
    context = {"cards": _own(request), "form": form, "at": restriction_id, **more}
    if not form.is_valid():
        return render(request, template, context, status=422)
    try:
        restricting.appeal(actor=actor, restriction_id=restriction_id, **form.cleaned_data)
    except DomainError as refusal:
        return refused(request, template, context, refusal)
    return redirect(back)


def desk_pages(
    side: str, more: Callable[[Actor], Mapping[str, Any]] = lambda actor: {}
) -> tuple[View, View]:
    """A firm's page and its appeal, for the desk of its side; `more` is what it alone shows."""

    def frame(request: HttpRequest) -> dict[str, Any]:
        return {"base": f"{side}/base.html", "appeal_url": f"{side}:appeal_restriction",
                "stops": (), **more(actor_of(request))}  # fmt: skip

    @require_safe
    @audience(side)
    @permitted("identity.appeal_restriction")
    def page(request: HttpRequest) -> HttpResponse:
        return own_list(request, _DESK_PAGE, frame(request))

    @require_POST
    @audience(side)
    @permitted("identity.appeal_restriction")
    def objected(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
        back = reverse(f"{side}:restrictions")
        return appeal(request, restriction_id, _DESK_PAGE, back, frame(request))

    return page, objected


def _own(request: HttpRequest) -> list[tuple[RestrictionCard, list[Fact], list[Step]]]:
    cards = selectors.list_own_restrictions(actor_of(request))
    return [(one, facts(one), story(one)) for one in cards]
