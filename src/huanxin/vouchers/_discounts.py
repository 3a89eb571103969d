"""Consumption vouchers: what they bring, in which order, to whom and where. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from uuid import UUID

from huanxin.kernel.money import yuan
from huanxin.vouchers.errors import (
    GoodsNotCovered,
    ShopNotCovered,
    ShopOutsideCircle,
    StackingBroken,
    TermsInvalid,
    ThresholdNotReached,
)
from huanxin.vouchers.types import (
    Audience,
    Circle,
    ConsumptionTerms,
    Deduction,
    LimitPer,
    Offer,
    Tier,
)

MOST_OTHERS = 4  # a sale has a leg of the ledger for each of at most five
_EARTH_M = 6_371_000
_MOST_ORDER = 99
_MOST_METRES = 200_000


@dataclass(frozen=True, slots=True)
class Holder:
    """What is known of a person when her eligibility is decided."""

    birth_year: int
    region_path: str
    tags: frozenset[str]  # `tag` and `tag/level` of everything in force


@dataclass(frozen=True, slots=True)
class Counter:
    """The till: whose it is, in which region, and where it is registered to stand."""

    org_id: UUID
    lat_e6: int | None
    lon_e6: int | None


def discount_fen(tiers: Sequence[Tier], price_fen: int) -> int:
    """The best that any tier the price reaches brings; 0 below the lowest. Rounded down.

    >>> ladder = (Tier(200_000, 20_000), Tier(500_000, 60_000))
    >>> [discount_fen(ladder, price) for price in (199_999, 200_000, 499_999, 500_000)]
    [0, 20000, 20000, 60000]
    >>> discount_fen((Tier(10_000, 5_000, rate_bps=1_500),), 20_001)
    3000
    """
    return max((_worth(tier, price_fen) for tier in tiers if tier.threshold_fen <= price_fen),
               default=0)  # fmt: skip


def _worth(tier: Tier, price_fen: int) -> int:
    if not tier.rate_bps:
        return tier.discount_fen
    return min(tier.discount_fen, price_fen * tier.rate_bps // 10_000)


def kept_parts(
    given: Sequence[tuple[Sequence[Tier], int]], kept_price_fen: int, returned_fen: int
) -> list[int]:
    """What each voucher still pays when goods of `returned_fen` come back (docs/adr/100).

    The discount is taken anew from the price of what is kept, in the same order and never more
    than before. Where that would take back more than the goods cost, the vouchers keep paying the
    difference: nobody pays for returning goods.

    >>> ladder = (Tier(200_000, 20_000), Tier(500_000, 60_000))
    >>> kept_parts([(ladder, 60_000)], 300_000, 200_000)
    [20000]
    >>> kept_parts([(ladder, 20_000)], 199_900, 100)
    [19900]
    """
    left_fen, kept = kept_price_fen, []
    for tiers, given_fen in given:
        kept.append(min(given_fen, discount_fen(tiers, left_fen)))
        left_fen -= kept[-1]
    owed_fen = sum(fen for _, fen in given) - sum(kept) - returned_fen
    for place, (_, given_fen) in enumerate(given):
        more_fen = max(0, min(owed_fen, given_fen - kept[place]))
        kept[place] += more_fen
        owed_fen -= more_fen
    return kept


def check_terms(terms: ConsumptionTerms) -> None:
    """Refuse terms that promise nothing, more than the price, or what nobody can follow."""
    _check_tiers(terms.tiers)
    audience, circle = terms.audience, terms.circle
    ages = [age for age in (audience.age_from, audience.age_to) if age is not None]
    faults = {
        "活动代号应为 3 至 40 位小写字母、数字或连字符": not _is_slug(terms.campaign),
        "轮次应在 1 与 999 之间": not 1 <= terms.round <= 999,
        "每人限领应在 1 与 50 之间": not 1 <= terms.limit_count <= 50,
        f"同单其他消费券最多 {MOST_OTHERS} 张": not 0 <= terms.others_max <= MOST_OTHERS,
        "抵扣次序应在 1 与 99 之间": not 1 <= terms.order <= _MOST_ORDER,
        "年龄应在 0 与 120 之间": any(not 0 <= age <= 120 for age in ages),
        "年龄下限不能高于上限": ages != sorted(ages),
        "出资账户应为 funder: 开头": not terms.funder_code.startswith("funder:"),
        "围栏半径应在 1 米与 200 公里之间，坐标应在地球上": bool(circle) and not _is_real(circle),
    }
    _refuse(faults)


def _check_tiers(tiers: Sequence[Tier]) -> None:
    steps = list(pairwise(tiers))
    _refuse(
        {
            "至少一档满减": not tiers,
            "最多十档满减": len(tiers) > 10,
            "门槛必须大于零": any(tier.threshold_fen <= 0 for tier in tiers),
            "减额必须大于零": any(tier.discount_fen <= 0 for tier in tiers),
            "减额不能超过门槛": any(tier.discount_fen > tier.threshold_fen for tier in tiers),
            "折扣比例应在 0 与 100% 之间": any(not 0 <= t.rate_bps <= 10_000 for t in tiers),
            "各档门槛必须逐档提高": any(a.threshold_fen >= b.threshold_fen for a, b in steps),
            "各档减额必须逐档提高": any(a.discount_fen >= b.discount_fen for a, b in steps),
        }
    )


def _refuse(faults: dict[str, bool]) -> None:
    for reason, is_so in faults.items():
        if is_so:
            raise TermsInvalid(reason=reason)


def _is_slug(text: str) -> bool:
    plain = text.replace("-", "")
    return 3 <= len(text) <= 40 and plain.isascii() and plain.isalnum() and text == text.lower()


def _is_real(circle: Circle | None) -> bool:
    assert circle is not None
    on_earth = abs(circle.lat_e6) <= 90_000_000 and abs(circle.lon_e6) <= 180_000_000
    return on_earth and 1 <= circle.radius_m <= _MOST_METRES


def right_code(terms: ConsumptionTerms, pool_hex: str) -> str:
    """What one person's limit counts over, as the right's category (docs/adr/098).

    >>> new = ConsumptionTerms("test", "funder:city", (Tier(200_000, 20_000),))
    >>> right_code(new, "ab12")
    'pool:ab12'
    """
    if terms.limit_per is LimitPer.POOL:
        return f"pool:{pool_hex}"
    return "any" if terms.limit_per is LimitPer.ROUND else f"value:{terms.face_fen}"


def deduct(
    price_fen: int, offers: Iterable[Offer], *, has_right: bool, has_huanxin: bool
) -> tuple[Deduction, ...]:
    """What each voucher takes off one price; see take. Refuses what may not be combined."""
    chosen = list(offers)
    check_stacking([one.terms for one in chosen], has_right=has_right, has_huanxin=has_huanxin)
    return take(price_fen, chosen)


def take(price_fen: int, offers: Iterable[Offer]) -> tuple[Deduction, ...]:
    """What each voucher takes off a price, in the declared order, each from what is left.

    A threshold is measured on what is left when the voucher's turn comes, so no combination
    exceeds the price (docs/adr/099). Refuses a voucher that brings nothing.
    """
    left_fen, taken = price_fen, []
    for one in sorted(offers, key=lambda one: (one.terms.order, str(one.voucher_id))):
        amount_fen = discount_fen(one.terms.tiers, left_fen)
        if not amount_fen:
            raise ThresholdNotReached(
                price=yuan(left_fen),
                threshold=yuan(min(tier.threshold_fen for tier in one.terms.tiers)),
                voucher_id=one.voucher_id,
            )
        taken.append(Deduction(one.voucher_id, left_fen, amount_fen, one.terms.lowers_base))
        left_fen -= amount_fen
    return tuple(taken)


def check_stacking(
    together: Sequence[ConsumptionTerms], *, has_right: bool, has_huanxin: bool
) -> None:
    """Refuse consumption vouchers that may not be spent beside each other or beside the rest."""
    for terms in together:
        if has_right and not terms.with_qualification:
            raise StackingBroken(reason="这张消费券不能与补贴资格同时使用")
        if has_huanxin and not terms.with_huanxin:
            raise StackingBroken(reason="这张消费券不能与焕新券同时使用")
        others = len(together) - 1
        if others > terms.others_max:
            most = f"最多再用 {terms.others_max} 张" if terms.others_max else "每单只能用一张"
            raise StackingBroken(reason=f"这张消费券{most}其他消费券，现在还有 {others} 张")


def check_goods(terms: ConsumptionTerms, category_code: str, names: dict[str, str]) -> None:
    """Refuse goods that the voucher is not for."""
    if terms.categories and category_code not in terms.categories:
        raise GoodsNotCovered(goods="、".join(names.get(one, one) for one in terms.categories))


def check_counter(terms: ConsumptionTerms, counter: Counter) -> None:
    """Refuse a shop that is not named, too far away, or without a registered position."""
    if terms.merchant_ids and counter.org_id not in terms.merchant_ids:
        raise ShopNotCovered(org_id=counter.org_id)
    if terms.circle is None:
        return
    radius = terms.circle.radius_m
    if counter.lat_e6 is None or counter.lon_e6 is None:
        raise ShopOutsideCircle(radius=radius, reason="本店没有登记位置")
    metres = distance_m(terms.circle, counter.lat_e6, counter.lon_e6)
    if metres > radius:
        raise ShopOutsideCircle(radius=radius, reason=f"本店距活动地点约 {metres} 米")


def distance_m(circle: Circle, lat_e6: int, lon_e6: int) -> int:
    """Great-circle distance from the circle's centre in whole metres (haversine).

    >>> distance_m(Circle(36_450_000, 115_980_000, 1), 36_460_000, 115_980_000)
    1112
    """
    a, b = radians(circle.lat_e6 / 1e6), radians(lat_e6 / 1e6)
    half_lat, half_lon = (b - a) / 2, radians((lon_e6 - circle.lon_e6) / 1e6) / 2
    chord = sin(half_lat) ** 2 + cos(a) * cos(b) * sin(half_lon) ** 2
    return round(2 * _EARTH_M * asin(sqrt(min(1.0, chord))))


def unmet(audience: Audience, holder: Holder | None, year: int) -> str:
    """What of the audience a person does not meet: age, residence, tag, or '' if she meets all."""
    if audience.is_open:
        return ""
    if holder is None:
        return "residence"
    age = year - holder.birth_year
    too_young = audience.age_from is not None and age < audience.age_from
    too_old = audience.age_to is not None and age > audience.age_to
    if too_young or too_old:
        return "age"
    codes = set(holder.region_path.split("/"))
    if audience.residence and not codes & set(audience.residence):
        return "residence"
    return "tag" if audience.tags and not holder.tags & set(audience.tags) else ""
