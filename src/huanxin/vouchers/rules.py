"""Decisions on vouchers: the one transition table, who wins, what may be redeemed. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from stdnum import imei as imei_number

from huanxin.vouchers.errors import (
    AmountAboveWorth,
    AmountNotPositive,
    DeviceUnreadable,
    PoolInvalid,
    ShopOutsideRegion,
    TransitionImpossible,
    VoucherExpired,
    VoucherNotTheirs,
    VoucherNotUsable,
)
from huanxin.vouchers.types import (
    Candidate,
    ClaimOutcome,
    Device,
    NewPool,
    Ranking,
    Redemption,
    Standing,
    VoucherKind,
    VoucherState,
    VoucherTerms,
)

_SHANGHAI = ZoneInfo("Asia/Shanghai")

S = VoucherState
# Where a voucher may go from each state. The database holds the same table in a trigger.
TRANSITIONS: Mapping[VoucherState, frozenset[VoucherState]] = {
    S.INACTIVE: frozenset({S.USABLE, S.VOID}),
    S.USABLE: frozenset({S.LOCKED, S.USED, S.LAPSED, S.VOID}),
    S.LOCKED: frozenset({S.USABLE, S.USED, S.VOID}),
    S.USED: frozenset({S.USABLE}),  # a return frees the right
    S.LAPSED: frozenset(),
    S.VOID: frozenset(),
}
LIVE = (S.INACTIVE, S.USABLE, S.LOCKED, S.USED)  # these use up a person's right
TILL_CODE_SECONDS = 60

_SENTENCES = {
    ClaimOutcome.WON: "领取成功，请在有效期内到参与门店使用。",
    ClaimOutcome.ALREADY_YOURS: "您已领取过该品类的补贴资格，请在“我的券”中查看。",
    ClaimOutcome.SOLD_OUT: "本期名额已领完，请关注下一轮发放。",
    ClaimOutcome.NOT_ELIGIBLE: "您暂不符合本期领取条件，请查看领取说明。",
    ClaimOutcome.NOT_OPEN: "本期尚未开始，请在开放时间后领取。",
    ClaimOutcome.NOT_YET: "本批已领完，下一批稍后开放。",
    ClaimOutcome.CLOSED: "本期发放已结束，请关注下一轮发放。",
}


def sentence(outcome: ClaimOutcome) -> str:
    """What a claimant is told."""
    return _SENTENCES[outcome]


def check_transition(before: VoucherState, after: VoucherState) -> None:
    """Refuse a step that the table does not know."""
    if after not in TRANSITIONS[before]:
        raise TransitionImpossible(before=before.label, after=after.label)


def reserve_fen(cap_fen: int, reserve_bps: int) -> int:
    """What an issued voucher holds of its cap, rounded up so that a full reserve is full.

    >>> reserve_fen(150_000, 10_000), reserve_fen(50_001, 5_000)
    (150000, 25001)
    """
    return -(-cap_fen * reserve_bps // 10_000)


def check_pool(pool: NewPool) -> None:
    """Refuse a pool that promises nothing, never opens, or has no money behind it."""
    faults = {
        "名额必须大于零": pool.quantity <= 0,
        "资金必须大于零": pool.budget_fen <= 0,
        "结束时间必须晚于开始时间": pool.opens_at >= pool.closes_at,
        "至少选择一个品类": not pool.categories,
        "品类不能重复": len(set(pool.categories)) != len(pool.categories),
        "有效期至少一小时": pool.lapse_hours < 1,
        "预留比例应在 0.01% 与 100% 之间": not 1 <= pool.reserve_bps <= 10_000,
        "只有补贴资格可以开放申领": pool.kind is not VoucherKind.QUALIFICATION,
    }
    for reason, is_so in faults.items():
        if is_so:
            raise PoolInvalid(reason=reason)


def open_outcome(opens_at: datetime, closes_at: datetime, now: datetime) -> ClaimOutcome | None:
    """NOT_OPEN before the release, CLOSED from its end on, None in between."""
    if now < opens_at:
        return ClaimOutcome.NOT_OPEN
    return ClaimOutcome.CLOSED if now >= closes_at else None


def places_open(remaining: int, later_places: Iterable[int]) -> int:
    """What can be given now: what nobody holds, less what later stages keep.

    >>> places_open(100, [30, 30]), places_open(50, [30, 30])
    (40, 0)
    """
    return max(0, remaining - sum(later_places))


def not_yet_sentence(next_at: datetime) -> str:
    """What a claimant is told when a stage is given out and the next one follows.

    >>> not_yet_sentence(datetime.fromisoformat("2026-09-01T02:05:00+00:00"))
    '本批已领完，下一批 9月1日 10:05 开放，届时再领即可，没有随机拒绝。'
    """
    local = next_at.astimezone(_SHANGHAI)
    shown = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    day = f"{local.month}月{local.day}日"
    return f"本批已领完，下一批 {day} {shown} 开放，届时再领即可，没有随机拒绝。"


def rank(candidates: Iterable[Candidate], standing: Standing) -> Ranking:
    """Who wins, in the order of arrival, each at most up to the limit of the right.

    A holder whose right is used up takes no place, wherever they stand in the queue; money that
    does not reach for one category may still reach for a cheaper one behind it.
    """
    left = {pool_id: [standing.places[pool_id], fen] for pool_id, fen in standing.money_fen.items()}
    taken = {key: set(ordinals) for key, ordinals in standing.taken.items()}
    won: dict[int, int] = {}
    already: set[int] = set()
    sold_out: set[int] = set()
    for one in sorted(candidates):
        mine = taken.setdefault(one.key, set())
        ordinal = _free_ordinal(mine, one.limit_count)
        pool = left[one.pool_id]
        places, money_fen = pool
        if ordinal is None:
            already.add(one.position)
        elif places < 1 or money_fen < one.reserve_fen:
            sold_out.add(one.position)
        else:
            pool[:] = places - 1, money_fen - one.reserve_fen
            mine.add(ordinal)
            won[one.position] = ordinal
    return Ranking(won, frozenset(already), frozenset(sold_out))


def _free_ordinal(taken: set[int], limit_count: int) -> int | None:
    for ordinal in range(1, limit_count + 1):
        if ordinal not in taken:
            return ordinal
    return None


def places_with_money(remaining: int, available_fen: int, reserves_fen: Iterable[int]) -> int:
    """How many places can still be honoured if everyone takes the cheapest category.

    >>> places_with_money(10, 400_000, [150_000, 50_000]), places_with_money(3, 10**9, [1])
    (8, 3)
    """
    return min(remaining, max(available_fen, 0) // min(reserves_fen))


def check_redeemable(terms: VoucherTerms, redemption: Redemption, shop_path: str) -> None:
    """Refuse unless the holder spends a usable voucher, in time, in its region, within its worth.

    A locked one is usable by the sale it is locked for.
    """
    if terms.person_id != redemption.person_id:
        raise VoucherNotTheirs(voucher_id=terms.id)
    is_free = terms.state is S.USABLE
    is_kept = terms.state is S.LOCKED and terms.locked_for == redemption.sale_id
    if not (is_free or is_kept):
        raise VoucherNotUsable(state=terms.state.label, verb="核销", voucher_id=terms.id)
    if terms.expires_at is not None and redemption.at >= terms.expires_at:
        expired = terms.expires_at.astimezone(_SHANGHAI)
        raise VoucherExpired(expired_on=f"{expired:%Y年%m月%d日 %H:%M}", voucher_id=terms.id)
    if not _lies_in(shop_path, terms.region_path):
        raise ShopOutsideRegion(voucher_id=terms.id, region_path=terms.region_path)
    if redemption.amount_fen <= 0:
        raise AmountNotPositive(amount_fen=redemption.amount_fen)
    if redemption.amount_fen > terms.worth_fen:
        raise AmountAboveWorth(amount_fen=redemption.amount_fen, worth_fen=terms.worth_fen)


def check_once(terms: VoucherTerms, *, is_spent: bool) -> None:
    """Refuse a voucher, or one kind of voucher on a sale, that the same batch spends already."""
    if is_spent:
        raise VoucherNotUsable(state=S.USED.label, verb="重复核销", voucher_id=terms.id)


def city_path(region_path: str) -> str:
    """The city a region lies in: where a 焕新券 may be used.

    >>> city_path("370000/371500/371502")
    '370000/371500'
    """
    return "/".join(region_path.split("/")[:2])


def _lies_in(path: str, region_path: str) -> bool:
    return path == region_path or path.startswith(region_path + "/")


def normalise(text: str) -> str:
    """A serial number or maker's name as it is compared: full width, case, blanks and dashes gone.

    >>> normalise("ｓｎ-12 ab/7"), normalise("海尔 ")
    ('SN12AB7', '海尔')
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in folded if letter.isalnum())


def device_key(device: Device) -> tuple[str, str, str | None]:
    """(manufacturer, serial, IMEI) as they are locked; refuses what cannot be one."""
    manufacturer, serial = normalise(device.manufacturer), normalise(device.serial)
    if not manufacturer:
        raise DeviceUnreadable(reason="缺少生产企业或品牌")
    if not 4 <= len(serial) <= 40:
        raise DeviceUnreadable(reason=f"序列号“{device.serial}”应为 4 至 40 位字母或数字")
    if device.imei is None:
        return manufacturer, serial, None
    imei = normalise(device.imei)
    if not imei_number.is_valid(imei):
        raise DeviceUnreadable(reason=f"IMEI“{device.imei}”校验位不符")
    return manufacturer, serial, imei[:15]


def restored_until(
    expires_at: datetime | None, lapse_hours: int | None, now: datetime
) -> datetime | None:
    """Until when a restored right is good: its old time, or a full new one if that is later."""
    if expires_at is None or lapse_hours is None:
        return expires_at
    return max(expires_at, now + timedelta(hours=lapse_hours))


def rehold_fen(wanted_fen: int, available_fen: int) -> int:
    """What a restored right can hold again: what it held, or what is left.

    >>> rehold_fen(150_000, 80_000), rehold_fen(150_000, -5)
    (80000, 0)
    """
    return max(0, min(wanted_fen, available_fen))
