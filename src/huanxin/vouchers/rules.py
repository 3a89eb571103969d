"""Decisions on vouchers: the one transition table, who wins, what may be redeemed. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from stdnum import imei as imei_number

from huanxin.kernel.money import yuan
from huanxin.vouchers._ranking import Candidate, Ranking, Standing
from huanxin.vouchers.errors import (
    AmountAboveWorth,
    AmountNotPositive,
    DeviceUnreadable,
    HolderUnknown,
    HoldTooLong,
    OnlyRightsMove,
    PoolInvalid,
    RedeemedInFuture,
    ShopOutsideRegion,
    TransitionImpossible,
    VoucherBoundElsewhere,
    VoucherExpired,
    VoucherNotTheirs,
    VoucherNotUsable,
    VoucherOnHold,
)
from huanxin.vouchers.types import (
    HOLD_MINUTES,
    ClaimOutcome,
    Device,
    HolderKind,
    NewPool,
    Redemption,
    RightChannel,
    VoucherKind,
    VoucherMoment,
    VoucherState,
    VoucherTerms,
)

_SHANGHAI = ZoneInfo("Asia/Shanghai")


class MoneyMove(StrEnum):
    """What a step of a voucher does to the money behind it; `label` is what the page says."""

    HOLD = "hold"
    KEEP = "keep"
    FREE = "free"
    SPEND = "spend"
    REHOLD = "rehold"

    @property
    def label(self) -> str:
        return _MONEY_LABELS[self]


_MONEY_LABELS = {
    MoneyMove.HOLD: "从出资账户预留",
    MoneyMove.KEEP: "预留不变",
    MoneyMove.FREE: "预留立即退回出资账户",
    MoneyMove.SPEND: "释放预留，按核销金额为商家占用",
    MoneyMove.REHOLD: "未付的占用释放（已付的由清算追回），重新预留",
}


@dataclass(frozen=True, slots=True)
class VoucherStep:
    """One row of the state table: from where to where, by whom, and what becomes of the money.

    `before` is None where a voucher is made. `permission` is the verb identity asks for.
    `returns_place`: the place goes back to the pool and the right may be claimed again.
    """

    name: str
    title: str
    before: VoucherState | None
    after: VoucherState
    permission: str
    who: str
    money: MoneyMove
    returns_place: bool = False


S, M = VoucherState, MoneyMove
# The one table of a voucher's life. The trigger in the database, docs/voucher-states.md and the
# tests are held to it. A step that is not here does not exist.
STEPS: tuple[VoucherStep, ...] = (
    VoucherStep("claim", "领取", None, S.USABLE, "vouchers.claim", "持有人", M.HOLD),
    VoucherStep("make", "补录", None, S.USABLE, "vouchers.make_right", "政府、平台补录", M.HOLD),
    VoucherStep("issue", "预约时发放", None, S.INACTIVE, "vouchers.issue_trade_in", "平台", M.HOLD),
    VoucherStep(
        "activate", "交旧激活", S.INACTIVE, S.USABLE, "vouchers.activate_trade_in", "平台", M.KEEP
    ),
    VoucherStep("void", "取消作废", S.INACTIVE, S.VOID, "vouchers.void_trade_in", "平台", M.FREE),
    VoucherStep(
        "void_active", "激活后作废", S.USABLE, S.VOID, "vouchers.void_trade_in", "平台", M.FREE
    ),
    VoucherStep("lock", "下单锁定", S.USABLE, S.LOCKED, "vouchers.redeem", "商家", M.KEEP),
    VoucherStep(
        "unlock", "取消或超时解锁", S.LOCKED, S.USABLE, "vouchers.redeem", "商家、定时任务", M.KEEP
    ),
    VoucherStep("redeem", "到店核销", S.USABLE, S.USED, "vouchers.redeem", "商家", M.SPEND),
    VoucherStep("redeem_locked", "付款核销", S.LOCKED, S.USED, "vouchers.redeem", "商家", M.SPEND),
    VoucherStep(
        "lapse", "到期失效", S.USABLE, S.LAPSED, "vouchers.lapse", "定时任务", M.FREE, True
    ),
    VoucherStep("give_up", "放弃", S.USABLE, S.VOID, "vouchers.give_up", "持有人", M.FREE, True),
    VoucherStep(
        "restore", "退货恢复", S.USED, S.USABLE, "vouchers.cancel_redemption", "商家", M.REHOLD
    ),
)
# Where a voucher may go from each state, read off the table.
TRANSITIONS: Mapping[VoucherState, frozenset[VoucherState]] = {
    state: frozenset(step.after for step in STEPS if step.before is state) for state in S
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


# What each audit line of a voucher says to its holder.
MOMENTS: Mapping[str, str] = {
    "vouchers.issued": "领取",
    "vouchers.made": "由工作人员补录",
    "vouchers.trade_in_issued": "预约旧机回收时发放，待激活",
    "vouchers.trade_in_activated": "旧机已收走，激活",
    "vouchers.trade_in_voided": "回收订单取消，作废",
    "vouchers.locked": "线上订单占用",
    "vouchers.unlocked": "订单取消或超时，恢复可用",
    "vouchers.redeemed": "核销使用",
    "vouchers.reduced": "部分退款，补贴按新价重算",
    "vouchers.restored": "退货，资格恢复",
    "vouchers.lapsed": "到期未用，失效",
    "vouchers.given_up": "本人放弃，作废",
    "vouchers.unbound": "解绑",
    "vouchers.bound": "改绑渠道",
}


def moment(action: str, at: datetime, facts: Mapping[str, object]) -> VoucherMoment | None:
    """An audit line as a line of the voucher's history; None for lines that tell her nothing."""
    title = MOMENTS.get(action)
    if title is None:
        return None
    note = ""
    if action in {"vouchers.redeemed", "vouchers.reduced"}:
        note = yuan(int(str(facts["amount_fen"])))
    elif action in {"vouchers.bound", "vouchers.unbound"}:
        before, after = (RightChannel(str(facts[name])) for name in ("before", "after"))
        note = f"{before.label} → {after.label}"
    return VoucherMoment(action, title, at, note)


def check_transition(before: VoucherState, after: VoucherState) -> None:
    """Refuse a step that the table does not know."""
    if after not in TRANSITIONS[before]:
        raise TransitionImpossible(before=before.label, after=after.label)


def holder_of(per: str) -> HolderKind:
    """Whom a policy's limit counts by: `person_and_category` is the person.

    >>> holder_of("household_and_category")
    <HolderKind.HOUSEHOLD: 'household'>
    """
    return HolderKind(per.partition("_and_")[0])


def holder_sentence(kind: HolderKind) -> str:
    """Why a claim cannot be counted: her household is not recorded, or no claim names the thing.

    A dwelling or a vehicle is never named by who claims: an officer makes the right (make_rights).
    """
    if kind is HolderKind.HOUSEHOLD:
        return "本项政策按家庭限领，请先到政务服务窗口登记户口簿户号，再来领取。"
    return f"本项政策按{kind.label}限领，请携带证明到政务服务窗口核对后办理，不在此处领取。"


def counts_across(per: str) -> bool:
    """Whether a policy's limit counts over all categories together.

    >>> counts_across("person"), counts_across("household_and_category")
    (True, False)
    """
    return not per.endswith("_and_category")


def holder_key(kind: HolderKind, *, person: str, household: str, named: str) -> str:
    """Under whose key a right counts; `named` is a dwelling's or vehicle's own key.

    >>> holder_key(HolderKind.VEHICLE, person="person:1", household="", named="vehicle:LSV1")
    'vehicle:LSV1'
    """
    known = {HolderKind.PERSON: person, HolderKind.HOUSEHOLD: household}
    key = known.get(kind, named)
    if not key.startswith(f"{kind}:") or key == f"{kind}:":
        raise HolderUnknown(holder=kind.label)
    return key


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


def check_redeemable(
    terms: VoucherTerms, redemption: Redemption, shop_path: str, now: datetime
) -> None:
    """Refuse unless the holder spends a usable voucher, in time, in its region, within its worth.

    A locked one is usable by the sale it is locked for, in the channel it is bound to.
    """
    if terms.person_id != redemption.person_id:
        raise VoucherNotTheirs(voucher_id=terms.id)
    is_kept = standing(terms, now) is S.LOCKED and terms.locked_for == redemption.sale_id
    if not is_kept:
        check_free(terms, verb="核销", now=now)
        check_in_time(terms, now)
    if redemption.at > now:
        raise RedeemedInFuture(at=_minute(redemption.at))
    check_bound(terms, redemption.channel)
    if not lies_in(shop_path, terms.region_path):
        raise ShopOutsideRegion(voucher_id=terms.id, region_path=terms.region_path)
    _check_amount(terms, redemption)


def check_bound(terms: VoucherTerms, channel: RightChannel) -> None:
    """Refuse a channel that the voucher is not bound to."""
    if terms.channel is not channel:
        raise VoucherBoundElsewhere(
            bound=terms.channel.label, asked=channel.label, voucher_id=terms.id
        )


def _check_amount(terms: VoucherTerms, redemption: Redemption) -> None:
    if redemption.amount_fen <= 0:
        raise AmountNotPositive(amount_fen=redemption.amount_fen)
    if redemption.amount_fen > terms.worth_fen:
        raise AmountAboveWorth(amount_fen=redemption.amount_fen, worth_fen=terms.worth_fen)


def standing(terms: VoucherTerms, now: datetime) -> VoucherState:
    """The state that counts: a lock past its deadline is none, even before the timer frees it."""
    if terms.state is S.LOCKED and terms.locked_until is not None and now >= terms.locked_until:
        return S.USABLE
    return terms.state


def check_in_time(terms: VoucherTerms, now: datetime) -> None:
    """Refuse what is past its minute by the platform's clock, even before the lapse is booked.

    The till's own clock does not count: an earlier sale time cannot bring a voucher back.
    """
    if terms.expires_at is not None and now >= terms.expires_at:
        raise VoucherExpired(expired_on=_minute(terms.expires_at), voucher_id=terms.id)


def check_hold(now: datetime, until: datetime) -> None:
    """Refuse a lock that ends before it starts or keeps the right longer than HOLD_MINUTES."""
    if not now < until <= now + timedelta(minutes=HOLD_MINUTES):
        raise HoldTooLong(minutes=HOLD_MINUTES)


def check_free(terms: VoucherTerms, *, verb: str, now: datetime) -> None:
    """Refuse what an order keeps, and any other state but 待使用."""
    state = standing(terms, now)
    if state is S.LOCKED:
        raise VoucherOnHold(until=_minute(terms.locked_until), voucher_id=terms.id)
    if state is not S.USABLE:
        raise VoucherNotUsable(state=terms.state.label, verb=verb, voucher_id=terms.id)


def check_at_hand(terms: VoucherTerms, *, verb: str, now: datetime) -> None:
    """Refuse to show at a till, or keep for an order, what could not be spent here now."""
    check_free(terms, verb=verb, now=now)
    check_in_time(terms, now)
    check_bound(terms, RightChannel.APP)


def check_movable(terms: VoucherTerms, *, verb: str, now: datetime) -> None:
    """Refuse to unbind, move or give up anything but a right that waits to be used, in time."""
    if terms.kind is not VoucherKind.QUALIFICATION:
        raise OnlyRightsMove(voucher_id=terms.id)
    check_free(terms, verb=verb, now=now)
    check_in_time(terms, now)


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(_SHANGHAI):%Y年%m月%d日 %H:%M}" if at else "订单结束"


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


def lies_in(path: str, region_path: str) -> bool:
    """Whether a region is another or lies in it."""
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
