"""A consumption voucher's terms in plain Chinese: one source for pages, tills and refusals."""

from huanxin.kernel.money import yuan
from huanxin.vouchers.types import Audience, ConsumptionTerms, LimitPer, OnReturn, Tier

TAG_NAMES = {
    "elderly_assessed": "已评估老年人",
    "new_car_buyer": "新购车人",
    "youth_talent": "青年人才",
    "low_income": "低收入家庭成员",
    "veteran": "退役军人",
}
LEVEL_NAMES = {
    "able": "能力完好", "mild": "轻度失能", "moderate": "中度失能", "severe": "重度失能",
    "complete": "完全失能",
}  # fmt: skip
_ASSESSED = "失能等级按 GB/T 42195-2022 评估"


def tier(one: Tier) -> str:
    """One step of the ladder.

    >>> tier(Tier(500_000, 60_000)), tier(Tier(10_000, 5_000, rate_bps=1500))
    ('满 5,000 元减 600 元', '满 100 元打 8.5 折，最多减 50 元')
    """
    threshold = plain(one.threshold_fen)
    if not one.rate_bps:
        return f"满 {threshold} 元减 {plain(one.discount_fen)} 元"
    fold = f"{(10_000 - one.rate_bps) / 1000:.2f}".rstrip("0").rstrip(".")
    return f"满 {threshold} 元打 {fold} 折，最多减 {plain(one.discount_fen)} 元"


def plain(amount_fen: int) -> str:
    """Yuan as a voucher prints them: no sign, no empty decimals.

    >>> plain(500_000), plain(12_050)
    ('5,000', '120.50')
    """
    return yuan(amount_fen).removeprefix("¥").removesuffix(".00")


def tag(text: str) -> str:
    """A tag as people know it.

    >>> tag("elderly_assessed/severe"), tag("veteran")
    ('已评估老年人（重度失能）', '退役军人')
    """
    name, _, level = text.partition("/")
    return TAG_NAMES.get(name, name) + (f"（{LEVEL_NAMES.get(level, level)}）" if level else "")


def ages(audience: Audience) -> str:
    """The age band.

    >>> ages(Audience(age_from=60)), ages(Audience(age_from=18, age_to=35)), ages(Audience())
    ('60 岁以上', '18 至 35 岁', '')
    """
    low, high = audience.age_from, audience.age_to
    if low is not None and high is not None:
        return f"{low} 至 {high} 岁"
    if low is not None:
        return f"{low} 岁以上"
    return f"{high} 岁以下" if high is not None else ""


def lines(
    terms: ConsumptionTerms, *, regions: dict[str, str], goods: dict[str, str], place: str
) -> tuple[str, ...]:
    """The terms as short lines, the amount first. `place` is where the voucher may be used."""
    audience = terms.audience
    said = [
        "；".join(tier(one) for one in terms.tiers),
        ages(audience),
        "居住在" + "、".join(regions.get(one, one) for one in audience.residence)
        if audience.residence
        else "",
        "或".join(tag(one) for one in audience.tags),
        _reach(terms, place),
        "适用：" + "、".join(goods.get(one, one) for one in terms.categories)
        if terms.categories
        else "商品不限品类",
        "只限指定门店" if terms.merchant_ids else "",
        _together(terms),
        _limit(terms),
        _returned(terms),
    ]
    return tuple(one for one in said if one)


def _reach(terms: ConsumptionTerms, place: str) -> str:
    within = f"，活动地点 {terms.circle.radius_m:,} 米内" if terms.circle else ""
    return f"{place}内可用{within}"


def _together(terms: ConsumptionTerms) -> str:
    yes: list[str] = []
    no: list[str] = []
    (yes if terms.with_qualification else no).append("补贴")
    (yes if terms.with_huanxin else no).append("焕新券")
    others = f"同单可再用 {terms.others_max} 张消费券" if terms.others_max else "每单限一张消费券"
    said = [f"可与{'、'.join(yes)}叠加" if yes else "", f"不与{'、'.join(no)}叠加" if no else ""]
    base = "先抵扣，补贴按抵扣后的价格计算" if terms.lowers_base else "在补贴之后抵扣"
    return "，".join([*[one for one in said if one], others]) + (f"；{base}" if yes else "")


def _limit(terms: ConsumptionTerms) -> str:
    over = {LimitPer.POOL: "本期", LimitPer.ROUND: "本轮", LimitPer.VALUE: "本轮每种面值"}
    return f"每人{over[terms.limit_per]}限领 {terms.limit_count} 张"


def _returned(terms: ConsumptionTerms) -> str:
    if terms.on_return is OnReturn.RESTORE:
        return "全部退货后券退还给您"
    return "退货只退现金部分，券额退回活动资金"


def unmet(audience: Audience, part: str) -> dict[str, str]:
    """Why she is not among those meant, and what to do: facts of AudienceNotMet."""
    if part == "age":
        return {
            "reason": f"本券面向 {ages(audience)}居民（按出生年份计），您暂不在此范围",
            "todo": "请看看其他面向您的活动；出生年份有误的，请携证件到社区服务站更正",
        }
    if part == "residence":
        return {
            "reason": "本券只面向指定地区的居民，您登记的居住地区不在其中",
            "todo": "已经迁居的，请到社区服务站更新居住地区后再领",
        }
    names = "或".join(tag(one) for one in audience.tags)
    is_assessed = any(one.startswith("elderly_assessed") for one in audience.tags)
    return {
        "reason": f"本券面向{names}，平台还没有您的有效登记"
        + (f"（{_ASSESSED}）" if is_assessed else ""),
        "todo": "请携证明材料到社区服务站或当地主管部门登记后再领",
    }


def sentence(facts: dict[str, str]) -> str:
    """A refusal of the audience as one text."""
    return f"{facts['reason']}。{facts['todo']}。"
