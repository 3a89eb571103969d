"""A claim in the pages' parts: its reasons, its working, its papers and its story."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.catalogue import selectors as catalogue
from huanxin.claims.types import (
    ClaimDetail,
    ClaimStage,
    EvidenceCard,
    EvidenceKind,
    Finding,
    Outcome,
    ReviewVerdict,
)
from huanxin.kernel import clock
from huanxin.kernel.errors import DomainError
from huanxin.policy.types import PriceBasis
from huanxin.web import values
from huanxin.web.parts import Fact, Reason, Step, Tone

KIND_WORDS: dict[EvidenceKind, Promise] = {
    EvidenceKind.INVOICE: gettext_lazy("发票"),
    EvidenceKind.LABEL: gettext_lazy("机身铭牌照片"),
    EvidenceKind.DELIVERY: gettext_lazy("送货签收单"),
    EvidenceKind.ACTIVATION: gettext_lazy("开箱激活照片"),
    EvidenceKind.PAYMENT: gettext_lazy("付款凭证"),
    EvidenceKind.OLD_UNIT: gettext_lazy("旧机交回照片"),
}
VERDICT_WORDS: dict[ReviewVerdict, Promise] = {
    ReviewVerdict.PASS: gettext_lazy("复核通过"),
    ReviewVerdict.REFUSE: gettext_lazy("复核不予通过"),
    ReviewVerdict.CORRECT: gettext_lazy("退回补正"),
}
FUND_WORDS: dict[str, Promise] = {
    "central": gettext_lazy("中央资金"),
    "province": gettext_lazy("省级资金"),
    "city": gettext_lazy("市级资金"),
}
_BASIS: dict[str, Promise] = {
    PriceBasis.AFTER_ALL_DISCOUNTS: gettext_lazy("减去商家优惠和焕新券之后的成交价"),
    PriceBasis.INVOICE_TOTAL: gettext_lazy("机动车发票价税合计"),
    PriceBasis.GOODS_WITHOUT_LABOUR: gettext_lazy("商品价款，不含人工"),
    PriceBasis.OWN_SHARE_OF_FEE: gettext_lazy("保险结算后本人承担的费用"),
}
_FINDING_TONES: dict[Outcome, Tone] = {Outcome.REFUSE: "danger", Outcome.HOLD: "warn",
                                         Outcome.MEND: "warn"}  # fmt: skip

# What a fact of a paper is called, how it is drawn, and which findings speak about it.
_METRES_PER_DEGREE, _KILOMETRE = 111_320, 1000
_FACTS: dict[str, tuple[Promise, str, frozenset[str]]] = {
    "invoice_number": (gettext_lazy("发票号码"), "number", frozenset({"R303"})),
    "invoice_code": (gettext_lazy("发票代码"), "number", frozenset()),
    "invoice_total_fen": (gettext_lazy("价税合计"), "money", frozenset({"R311"})),
    "invoiced_on": (gettext_lazy("开票日期"), "day", frozenset()),
    "buyer_pseudonym": (gettext_lazy("购买人证件"), "person", frozenset({"R313"})),
    "seller_uscc": (gettext_lazy("销售方信用代码"), "number", frozenset()),
    "serial_read": (gettext_lazy("序列号"), "number", frozenset({"R301", "R319"})),
    "imei_read": (gettext_lazy("IMEI"), "number", frozenset({"R319"})),
    "gtin_read": (gettext_lazy("商品条码"), "number", frozenset()),
    "model_read": (gettext_lazy("型号"), "number", frozenset()),
    "produced_on": (gettext_lazy("生产日期"), "day", frozenset()),
    "goods_category": (gettext_lazy("发票品名所属品类"), "category", frozenset()),
    "grade_read": (gettext_lazy("能效等级"), "grade", frozenset({"R304"})),
    "photo_hash": (gettext_lazy("照片指纹"), "number", frozenset({"R315"})),
    "taken_at": (gettext_lazy("拍摄时间"), "time", frozenset()),
    "waybill": (gettext_lazy("运单号"), "number", frozenset({"R317"})),
    "carrier": (gettext_lazy("承运商"), "text", frozenset()),
    "address_key": (gettext_lazy("收货地址"), "person", frozenset()),
    "shipped_at": (gettext_lazy("发货时间"), "time", frozenset({"R317"})),
    "signed_at": (gettext_lazy("签收时间"), "time", frozenset({"R317"})),
    "receiver_pseudonym": (gettext_lazy("收货人证件"), "person", frozenset({"R313"})),
    "lat_e6": (gettext_lazy("拍摄位置"), "place", frozenset({"R318"})),
    "address_lat_e6": (gettext_lazy("收货地址位置"), "place", frozenset({"R318"})),
    "activated_at": (gettext_lazy("激活时间"), "time", frozenset()),
    "paid_fen": (gettext_lazy("实付金额"), "money", frozenset({"R311"})),
    "paid_at": (gettext_lazy("付款时间"), "time", frozenset()),
    "payer_pseudonym": (gettext_lazy("付款人证件"), "person", frozenset({"R313"})),
}


@dataclass(frozen=True, slots=True)
class PaperFact:
    """One thing a paper says, with the findings that speak against it."""

    name: str | Promise
    value: str
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of evidence: what its newest paper says, or that none was handed in."""

    kind: EvidenceKind
    name: str | Promise
    is_missing: bool
    at: datetime | None = None
    sha256: str = ""
    facts: tuple[PaperFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Working:
    """How an amount came about: the rule's terms and each condition as it was applied."""

    facts: tuple[Fact, ...]
    conditions: tuple[Mapping[str, Any], ...]


def refusal_reason(error: DomainError) -> Reason:
    """A service's refusal as 原因 · 依据 · 怎么办."""
    return Reason(
        title=_("不能办理"),
        what=error.what,
        basis=str(error.facts.get("clause", "")),
        todo=error.next_step,
        code=error.code,
        tone="danger",
    )


def decision_reason(decision: Mapping[str, Any]) -> Reason:
    """Why the rule in force gives an amount, or nothing."""
    basis = " ".join(part for part in (decision["document"], decision["clause"]) if part)
    if decision["is_eligible"]:
        return Reason(
            title=_("为什么是这个数"), what=decision["sentence"], basis=basis, tone="good"
        )
    return Reason(
        title=_("不能享受补贴"),
        what=decision["sentence"],
        basis=basis,
        todo=_("可改选符合条件的商品；顾客也可以不用补贴资格购买，资格仍然保留。"),
        code=decision["reason_code"] or "",
        tone="warn",
    )


def finding_reasons(findings: Iterable[Finding]) -> list[Reason]:
    """Every numbered reason with what to fix."""
    return [
        Reason(
            title=found.title, what=found.say, todo=found.do, code=found.reason_code,
            tone=_FINDING_TONES.get(found.outcome, ""),
        )
        for found in findings
    ]  # fmt: skip


def working(decision: Mapping[str, Any]) -> Working:
    """The decision taken apart, as it was stored with the sale."""
    shares = [
        f"{FUND_WORDS.get(share['fund'], share['fund'])} {values.percent(share['share_bps'])}"
        + (_("（假定）") if share["is_assumed"] else "")
        for share in decision["shares"]
    ]
    facts = (
        Fact(_("适用政策"), decision["policy_id"], "number"),
        Fact(_("文件"), decision["document"]),
        Fact(_("条款"), decision["clause"]),
        Fact(_("计算基数"), str(_BASIS.get(decision["price_basis"], ""))),
        Fact(_("单件上限"), decision["cap_fen"] or None, "money"),
        Fact(_("资金分担"), "，".join(shares)),
        Fact(_("规则版本"), decision["version_hash"][:16], "number", decision["version_hash"]),
    )
    return Working(facts, tuple(decision["conditions"]))


def papers(detail: ClaimDetail, findings: Sequence[Finding] = ()) -> list[Paper]:
    """The wanted kinds first, each with its newest paper, then whatever else was handed in."""
    newest = {card.kind: card for card in detail.evidence}
    kinds = [*detail.wanted, *(kind for kind in newest if kind not in detail.wanted)]
    return [_paper(kind, newest.get(kind), findings) for kind in kinds]


def fact_in_words(key: str, facts: Mapping[str, Any]) -> tuple[str, str] | None:
    """What a fact is called and what it says; None for those that are shown with another."""
    if key not in _FACTS:
        return None
    name, how, _codes = _FACTS[key]
    return str(name), _said(how, key, facts)


def story(detail: ClaimDetail) -> list[Step]:
    """The claim's way from the sale to the money, with what comes next."""
    card = detail.card
    steps = [Step(_("成交"), "done", card.sold_at, _till_words(detail))]
    steps.append(_papers_step(detail))
    steps.append(_checks_step(detail))
    steps += [
        Step(str(VERDICT_WORDS[r.verdict]), "done", r.reviewed_at, note=f"{r.say}{r.note}")
        for r in detail.reviews
    ]
    steps.sort(key=lambda one: one.at or clock.now())  # papers may come again after a review
    if card.stage is ClaimStage.MENDING:
        note = _("按下列原因补正后交上来，一分钟内重新核验；补正期间不计办理时限")
        steps.append(Step(_("退回商户补正"), "now", note=note))
    if card.stage is ClaimStage.IN_REVIEW:
        steps.append(Step(_("人工复核"), "now", note=detail.appeal_note or _("风险高者先核")))
    if card.stage is ClaimStage.RETURNED:
        return [*steps, Step(_("已退货"), "stopped", note=_("补贴撤回，顾客的资格已恢复"))]
    if card.stage is ClaimStage.REFUSED:
        return [*steps, Step(_("补贴不予支付"), "stopped", card.reviewed_at or card.decided_at)]
    if card.stage is ClaimStage.STOPPED:
        note = _("核验已通过；因抽查未通过或一项检查停用，付款暂停，须两人核实后恢复")
        return [*steps, Step(_("付款暂停"), "now", note=note)]
    if card.stage is ClaimStage.RELEASED:
        return [*steps, Step(_("公示期满，已送银行支付"), "done")]
    return [*steps, Step(_("公示与支付"), "next", note=_("核验通过后进入下一结算批次"))]


def _papers_step(detail: ClaimDetail) -> Step:
    card = detail.card
    if card.submitted_at:
        return Step(_("材料齐全"), "done", card.submitted_at)
    words = "、".join(str(KIND_WORDS[kind]) for kind in detail.missing)
    if not words:
        return Step(_("补正材料"), "now", note=_("按复核意见一次补齐后自动重新核验"))
    return Step(_("交齐材料"), "now", note=_("还缺：%s") % words)


def _checks_step(detail: ClaimDetail) -> Step:
    card = detail.card
    if card.decided_at:
        return Step(_("系统核验"), "done", card.decided_at)
    state = "now" if card.submitted_at else "next"
    return Step(_("系统核验"), state, note=_("材料齐全后一分钟内给出结果"))  # type: ignore[arg-type]


def _paper(kind: EvidenceKind, card: EvidenceCard | None, findings: Sequence[Finding]) -> Paper:
    if card is None:
        return Paper(kind, KIND_WORDS[kind], is_missing=True)
    facts = tuple(
        PaperFact(name, _said(how, key, card.facts), _against(kind, key, codes, findings))
        for key, (name, how, codes) in _FACTS.items()
        if key in card.facts and not isinstance(card.facts[key], Mapping)
    )
    return Paper(
        kind, KIND_WORDS[kind], False, card.submitted_at, card.sha256,
        facts + _as_read(card) + _marks(card),
    )  # fmt: skip


def _marks(card: EvidenceCard) -> tuple[PaperFact, ...]:
    """How it came, where that is not one by one and in time."""
    words = [str(_("批量提交"))] if card.is_bulk else []
    if card.is_late:
        words.append(str(_("迟交，成交 14 天以后")))
    return (PaperFact(_("提交方式"), "、".join(words), ()),) if words else ()


def _till_words(detail: ClaimDetail) -> str:
    """Where it was sold: the shop and which of its tills."""
    till = _("%s 号收银台") % detail.till_id if detail.till_id.isdigit() else detail.till_id
    return " · ".join(filter(None, (detail.card.merchant_name, till)))


def _as_read(card: EvidenceCard) -> tuple[PaperFact, ...]:
    """Facts that say how they were read: value, source, how sure, whether the check digit fits."""
    found = []
    for key, fact in card.facts.items():
        if not isinstance(fact, Mapping) or "value" not in fact:
            continue
        name, how, _codes = _FACTS.get(key, (key, "text", frozenset()))
        said = _said(how, key, {**card.facts, key: fact["value"]})
        source = str(fact.get("source", ""))
        sure = values.percent(fact["sure_bps"]) if "sure_bps" in fact else ""
        wrong = (_("校验位不符"),) if fact.get("is_checked") is False else ()
        found.append(PaperFact(name, " · ".join(filter(None, (said, source, sure))), wrong))
    return tuple(found)


def _against(
    kind: EvidenceKind, key: str, codes: frozenset[str], findings: Sequence[Finding]
) -> tuple[str, ...]:
    found = [f for f in findings if f.reason_code in codes]
    said = [f for f in found if _is_about(kind, key, f.evidence)]
    return tuple(f"{f.title} {f.reason_code}" for f in said)


def _is_about(kind: EvidenceKind, key: str, evidence: Mapping[str, Any]) -> bool:
    """A finding over several papers says itself which of them it means."""
    if key.endswith("_pseudonym"):
        return bool(evidence.get(key.removesuffix("_pseudonym") + "_differs"))
    return bool(evidence.get("kind", kind) == kind)


def _said(how: str, key: str, facts: Mapping[str, Any]) -> str:
    return _READERS[how](key, facts) if how in _READERS else values.render_value(how, facts[key])


def _category(code: str) -> str:
    return next((one.name for one in catalogue.shipped_categories() if one.code == code), code)


def _degrees(key: str, facts: Mapping[str, Any]) -> str:
    """Where; a photo of a delivery also says how far from the address it was taken."""
    lat, lon = facts[key], facts.get(key.replace("lat", "lon"), 0)
    shown = f"{lat // 10**6}.{lat % 10**6:06d}, {lon // 10**6}.{lon % 10**6:06d}"
    there = (facts.get("address_lat_e6"), facts.get("address_lon_e6"))
    if key != "lat_e6" or there[0] is None or there[1] is None:
        return shown
    return _("距收货地址约 %(far)s（%(place)s）") % {
        "far": _far(metres_apart((lat, lon), (int(there[0]), int(there[1])))), "place": shown,
    }  # fmt: skip


def metres_apart(one: tuple[int, int], other: tuple[int, int]) -> int:
    """How far two places in millionths of a degree lie apart, to the metre, on a flat map.

    >>> metres_apart((36_457_000, 115_985_000), (36_457_000, 115_985_000))
    0
    >>> metres_apart((36_457_000, 115_985_000), (36_467_000, 115_985_000))
    1113
    """
    north = (one[0] - other[0]) * _METRES_PER_DEGREE / 10**6
    east = (one[1] - other[1]) * _METRES_PER_DEGREE / 10**6 * math.cos(math.radians(one[0] / 10**6))
    return round(math.hypot(north, east))


def _far(metres: int) -> str:
    return _("%s 米") % metres if metres < _KILOMETRE else _("%s 公里") % f"{metres / 1000:.1f}"


_READERS: dict[str, Callable[[str, Mapping[str, Any]], str]] = {
    "day": lambda key, facts: values.day(date.fromisoformat(facts[key])),
    "time": lambda key, facts: values.time_html(datetime.fromisoformat(facts[key])),
    "place": _degrees,
    "grade": lambda key, facts: _("%s 级") % facts[key],
    "person": lambda key, facts: _("已加密比对"),
    "category": lambda key, facts: _category(facts[key]),
}
