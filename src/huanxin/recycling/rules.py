"""Recycling decisions: valuation, slots, scans, mass balance. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from huanxin.recycling.errors import (
    AnswerUnknown,
    CategoryNotTaken,
    MassOutOfBalance,
    OrderStateRefuses,
    PickupIncomplete,
    SlotNotOpen,
    StandardInvalid,
    TimeNotPossible,
)
from huanxin.recycling.types import Choice, DiscrepancyKind, OrderState, Slot
from huanxin.recycling.types.depot import Discrepancy, WeighIn
from huanxin.recycling.types.valuation import Reason, ScrapPriceCard, UnitAnswers, Valuation

BOOKING_DAYS_AHEAD = 14
STOPS_PER_SLOT = 4  # measured: five leave doors unreached (docs/benchmarks.md)
CONSENT_TRIES = 5
DEAREST_FEN = 100_000_000
CLOCK_SLACK = timedelta(minutes=2)  # phones are set to the platform's clock when they have it
LONGEST_OFFLINE = timedelta(days=3)
_YUAN = 100
_FACTORS = (("age_band", "R602"), ("is_working", "R603"), ("is_complete", "R604"),
            ("brand_tier", "R605"))  # fmt: skip

_S = OrderState
ORDER_STEPS: Mapping[OrderState, frozenset[OrderState]] = {
    _S.BOOKED: frozenset({_S.ASSIGNED, _S.CANCELLED}),
    _S.ASSIGNED: frozenset({_S.BOOKED, _S.REQUOTE_PENDING, _S.COLLECTED, _S.CANCELLED}),
    _S.REQUOTE_PENDING: frozenset({_S.ASSIGNED, _S.CANCELLED}),
    _S.COLLECTED: frozenset({_S.RECEIVED}),
    _S.RECEIVED: frozenset({_S.COMPLETED}),
    _S.COMPLETED: frozenset(),
    _S.CANCELLED: frozenset(),
}
STATE_WORDS = {
    _S.BOOKED: "预约",
    _S.ASSIGNED: "安排上门",
    _S.REQUOTE_PENDING: "改价",
    _S.COLLECTED: "取走旧机",
    _S.RECEIVED: "入库",
    _S.COMPLETED: "完成拆解",
    _S.CANCELLED: "取消",
}


@dataclass(frozen=True, slots=True)
class Factor:
    bps: int
    say: str


@dataclass(frozen=True, slots=True)
class BasePrice:
    price_fen: int
    is_assumed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A condition question: its options in order; the first counts when it is not answered."""

    id: str
    words: str
    options: Mapping[str, Factor]


@dataclass(frozen=True, slots=True)
class Index:
    """A scrap material whose price of the day moves base prices."""

    name: str
    reference_fen_per_tonne: int


@dataclass(frozen=True, slots=True)
class ScrapShare:
    index_code: str
    share_bps: int


BIKE = "e_bike"


@dataclass(frozen=True, slots=True)
class BatteryRule:
    standard_no: str
    is_hazardous: bool
    least_g: int
    most_g: int


@dataclass(frozen=True, slots=True)
class Conduct:
    """What both sides of an order may expect of each other."""

    free_cancel_hours: int = 2
    free_moves: int = 2
    missed_limit: int = 2
    missed_window_days: int = 90
    wait_minutes: int = 15
    complaint_hours: Mapping[str, int] = field(default_factory=dict)
    workday: tuple[int, int] = (9, 18)


@dataclass(frozen=True, slots=True)
class Standard:
    """One published version of the valuation standard."""

    version: str
    title: str
    from_on: date
    valid_days: int
    floor_fen: int
    topup_bps: int
    topup_min_fen: int
    funder: str
    bases: Mapping[str, BasePrice]
    factors: Mapping[str, Mapping[str, Factor]]
    balance_bps: Mapping[str, int]
    weighing_bps: int
    weighing_floor_g: int
    sources: tuple[str, ...]
    variants: Mapping[str, Ask] = field(default_factory=dict)
    questions: Mapping[str, tuple[Ask, ...]] = field(default_factory=dict)
    indices: Mapping[str, Index] = field(default_factory=dict)
    scrap: Mapping[str, ScrapShare] = field(default_factory=dict)
    stale_days: int = 45
    collected_only: frozenset[str] = frozenset()
    conduct: Conduct = field(default_factory=Conduct)
    batteries: Mapping[str, BatteryRule] = field(default_factory=dict)
    models: Mapping[tuple[str, str], BasePrice] = field(default_factory=dict)

    def model_price(self, answers: UnitAnswers) -> BasePrice | None:
        """The price of this very model, if the standard lists it."""
        return self.models.get((answers.category_code, model_key(answers.model_name)))

    def wants_battery(self, category_code: str, *, is_complete: bool) -> bool:
        """Whether a unit is taken only with its battery weighed apart. One that was agreed to be
        incomplete may have none."""
        return category_code == BIKE and is_complete and bool(self.batteries)

    def tolerance_bps(self, waste_class_code: str) -> int:
        """How far a dismantling run of that class may be out of balance."""
        return self.balance_bps.get(waste_class_code, self.balance_bps["default"])


@dataclass(frozen=True, slots=True)
class Balance:
    """A dismantling run weighed: what went in, what came out, what may differ."""

    mass_in_g: int
    mass_out_g: int
    tolerance_bps: int

    @property
    def difference_g(self) -> int:
        return self.mass_in_g - self.mass_out_g

    @property
    def allowed_g(self) -> int:
        return self.mass_in_g * self.tolerance_bps // 10_000

    @property
    def holds(self) -> bool:
        return abs(self.difference_g) * 10_000 <= self.mass_in_g * self.tolerance_bps


def read_standard(body: Mapping[str, Any]) -> Standard:
    """A standard from its YAML body."""
    voucher, weighing = body["voucher"], body["weighing"]
    tolerances = {str(k): v for k, v in body["balance"].items() if isinstance(v, dict)}
    return Standard(
        version=str(body["version"]),
        title=body["title"],
        from_on=date.fromisoformat(str(body["from"])),
        valid_days=body["valid_days"],
        floor_fen=body["floor_yuan"] * _YUAN,
        topup_bps=voucher["topup_bps"],
        topup_min_fen=voucher["topup_min_yuan"] * _YUAN,
        funder=voucher["funder"],
        bases={
            code: BasePrice(row["yuan"] * _YUAN, row["assumed"], row["source"])
            for code, row in body["base"].items()
        },
        factors={
            name: {str(key): Factor(row["bps"], row["say"]) for key, row in rows.items()}
            for name, rows in body["factors"].items()
        },
        balance_bps={code: row["tolerance_bps"] for code, row in tolerances.items()},
        weighing_bps=weighing["tolerance_bps"],
        weighing_floor_g=weighing["floor_g"],
        sources=tuple(body["sources"]),
        variants={
            code: Ask("variant", row["ask"], _factors(row["options"]))
            for code, row in body.get("variants", {}).items()
        },
        questions={
            code: tuple(Ask(q["id"], q["ask"], _factors(q["options"])) for q in row["items"])
            for code, row in body.get("questions", {}).items()
        },
        indices={
            code: Index(row["name"], row["reference_yuan_per_tonne"] * _YUAN)
            for code, row in body.get("indices", {}).items()
            if isinstance(row, dict)
        },
        scrap={
            code: ScrapShare(row["index"], row["share_bps"])
            for code, row in body.get("scrap", {}).items()
        },
        stale_days=body.get("indices", {}).get("stale_days", 45),
        collected_only=frozenset(body.get("collected_only", ())),
        conduct=_conduct(body.get("conduct", {})),
        batteries={
            code: BatteryRule(row["standard"], row["hazardous"], row["least_g"], row["most_g"])
            for code, row in body.get("batteries", {}).items()
        },
        models={
            (row["category"], model_key(row["model"])): BasePrice(
                row["yuan"] * _YUAN, row["assumed"], row["source"]
            )
            for row in body.get("models", ())
        },
    )


def model_key(name: str) -> str:
    """A model's name as it is compared: half width, upper case, letters and digits.

    >>> model_key("iPhone 13（128G）"), model_key("BCD-216")
    ('IPHONE13128G', 'BCD216')
    """
    return "".join(c for c in unicodedata.normalize("NFKC", name).upper() if c.isalnum())


def _factors(rows: Sequence[Mapping[str, Any]]) -> dict[str, Factor]:
    """Options in their order: a list, since a stored mapping would forget it."""
    return {str(row["id"]): Factor(row["bps"], row["say"]) for row in rows}


def _conduct(body: Mapping[str, Any]) -> Conduct:
    plain = {**body, "workday": tuple(body["workday"])} if body else {}
    return Conduct(**plain)


def read_serial(text: str) -> str:
    """A nameplate's serial as it is compared: upper case, letters and digits; blank may be.

    >>> read_serial(" ｈx-2026 / 00a1 "), read_serial(" ")
    ('HX202600A1', '')
    """
    plain = model_key(text)
    if text.strip() and not 4 <= len(plain) <= 40:
        raise PickupIncomplete(reason="铭牌序列号应含 4 至 40 位字母或数字，读不清可以不填")
    return plain


def check_standard(standard: Standard) -> None:
    """Refuse a standard that could pay nonsense: prices, factors and shares out of bounds."""
    for code, base in standard.bases.items():
        if not 0 < base.price_fen <= DEAREST_FEN:
            raise StandardInvalid(reason=f"{code} 的基准价须大于 0、不超过 100 万元")
    _check_models(standard)
    asks = [*standard.variants.values(), *(q for row in standard.questions.values() for q in row)]
    groups = [*standard.factors.values(), *(ask.options for ask in asks)]
    for factor in (f for group in groups for f in group.values()):
        if not 0 <= factor.bps <= 30_000:
            raise StandardInvalid(reason=f"系数“{factor.say}”须在 0 至 300% 之间")
    for code, share in standard.scrap.items():
        if share.index_code not in standard.indices or not 0 <= share.share_bps <= 10_000:
            raise StandardInvalid(reason=f"{code} 的行情联动须指向本标准的指数，占比 0 至 100%")
    missing = {name for name, _ in _FACTORS} - standard.factors.keys()
    if missing or not standard.bases:
        raise StandardInvalid(reason="须有基准价和年限、能否使用、是否齐全、品牌四组系数")


def _check_models(standard: Standard) -> None:
    for (code, name), base in standard.models.items():
        if code not in standard.bases or not name or not 0 < base.price_fen <= DEAREST_FEN:
            raise StandardInvalid(reason=f"型号价“{name}”须有本标准的品类、名称和大于 0 的价格")


def scrap_factor(
    standard: Standard, category_code: str, prices: Mapping[str, ScrapPriceCard], on: date
) -> tuple[int, str] | None:
    """How the scrap price of the day moves a base: basis points and the sentence that names it.

    Without a published price the standard's own reference holds; an old price is called old.
    """
    share = standard.scrap.get(category_code)
    if share is None:
        return None
    index = standard.indices[share.index_code]
    price = prices.get(share.index_code)
    if price is None:
        return 10_000, f"{index.name}没有公布行情，按标准参考价 {_tonne(index)}，不调整"
    moved = (price.fen_per_tonne - index.reference_fen_per_tonne) * share.share_bps
    bps = 10_000 + moved // index.reference_fen_per_tonne
    age_days = (on - price.priced_on).days
    old = f"，已 {age_days} 天未更新" if age_days > standard.stale_days else ""
    day = f"{price.priced_on.month}月{price.priced_on.day}日"
    said = f"{index.name} {day} {price.fen_per_tonne // 100} 元/吨（{price.source}{old}）"
    return max(bps, 0), f"{said}，参考价 {_tonne(index)}，占 {share.share_bps // 100}%"


def _tonne(index: Index) -> str:
    return f"{index.reference_fen_per_tonne // 100} 元/吨"


def _detail_steps(standard: Standard, answers: UnitAnswers) -> list[tuple[str, Factor]]:
    """The factors of the kind and of the condition questions; unknown answers are refused."""
    steps: list[tuple[str, Factor]] = []
    said = dict(answers.details)
    if answers.variant:
        ask = standard.variants.get(answers.category_code)
        if ask is None or answers.variant not in ask.options:
            raise AnswerUnknown(question="种类", answer=answers.variant)
        steps.append(("R608", ask.options[answers.variant]))
    unsaid, unsaid_bps = 0, 10_000
    for ask in standard.questions.get(answers.category_code, ()):
        answer = said.pop(ask.id, None)
        if answer is None:
            unsaid += 1
            unsaid_bps = unsaid_bps * next(iter(ask.options.values())).bps // 10_000
            continue
        if answer not in ask.options:
            raise AnswerUnknown(question=ask.words, answer=answer)
        option = ask.options[answer]
        steps.append(("R610", Factor(option.bps, f"{ask.words}：{option.say}")))
    if unsaid:
        steps.append(("R611", Factor(unsaid_bps, f"{unsaid} 问未填，按常见情况，上门核验")))
    if said:
        raise AnswerUnknown(question=next(iter(said)), answer=next(iter(said.values())))
    return steps


def value_unit(
    standard: Standard,
    answers: UnitAnswers,
    category_name: str,
    *,
    prices: Mapping[str, ScrapPriceCard] | None = None,
    on: date | None = None,
) -> Valuation:
    """What a unit is worth in cash and as 焕新券, each step with its reason.

    Cash is rounded down to the yuan and never below the floor; the 焕新券 is always worth more.
    `prices` are the scrap prices in force `on` the day. A model that the standard lists has a price
    of its own: brand, kind and scrap are in it already, age and condition count as for all.
    """
    base = standard.bases.get(answers.category_code)
    if base is None:
        raise CategoryNotTaken(category_code=answers.category_code)
    own = standard.model_price(answers)
    base, named = (own, f"型号 {answers.model_name.strip()} ") if own else (base, category_name)
    price_fen = base.price_fen
    note = "（参考价，待市级公布后调整）" if base.is_assumed else ""
    reasons = [Reason("R601", f"{named}基准价 {_yuan(price_fen)} 元{note}", price_fen)]
    steps = _detail_steps(standard, answers)
    if own is not None:
        steps = [step for step in steps if step[0] != "R608"]
    elif moved := scrap_factor(standard, answers.category_code, prices or {}, on or date.min):
        steps.insert(0, ("R609", Factor(*moved)))
    for name, code in _FACTORS:
        if own is None or name != "brand_tier":
            steps.append((code, standard.factors[name][_answer(getattr(answers, name))]))
    for code, factor in steps:
        price_fen = price_fen * factor.bps // 10_000
        percent = f"{factor.bps / 100:g}"
        reasons.append(Reason(code, f"{factor.say}，按 {percent}% 计", price_fen))
    cash_fen = max(price_fen // _YUAN * _YUAN, standard.floor_fen)
    reasons.append(Reason("R606", f"取整后现金价 {_yuan(cash_fen)} 元", cash_fen))
    topup_fen = topup(standard, cash_fen)
    voucher_fen = cash_fen + topup_fen
    reasons.append(
        Reason(
            "R607", f"选焕新券另加 {_yuan(topup_fen)} 元，面值 {_yuan(voucher_fen)} 元", voucher_fen
        )
    )
    return Valuation(cash_fen, voucher_fen, tuple(reasons))


def topup(standard: Standard, cash_fen: int) -> int:
    """What a funder adds to a 焕新券: a share, rounded up to the yuan, at least a floor."""
    share = -(-cash_fen * standard.topup_bps // (10_000 * _YUAN)) * _YUAN
    return max(share, standard.topup_min_fen)


def chosen_fen(choice: Choice, cash_fen: int, voucher_fen: int) -> int:
    """What the owner gets for her choice."""
    return cash_fen if choice == Choice.CASH else voucher_fen


def check_slot(
    slot_on: date, slot: Slot, *, today: date, hour: int, days_ahead: int = BOOKING_DAYS_AHEAD
) -> None:
    """Refuse a slot that has begun, or lies too far ahead."""
    days = (slot_on - today).days
    if days > days_ahead:
        raise SlotNotOpen(slot_on=slot_on, slot=slot, reason=f"最多提前 {days_ahead} 天预约")
    if days < 0 or (days == 0 and hour >= slot.hours[0]):
        raise SlotNotOpen(slot_on=slot_on, slot=slot, reason="该时段已经开始或结束")


def check_happened(happened_at: datetime, *, now: datetime, not_before: datetime) -> None:
    """Refuse a recorded time in the future, before the step could begin, or too long ago."""
    said = f"{happened_at:%Y-%m-%d %H:%M}"
    if happened_at > now + CLOCK_SLACK:
        raise TimeNotPossible(happened_at=said, reason="晚于平台时间")
    if happened_at < not_before - CLOCK_SLACK:
        raise TimeNotPossible(happened_at=said, reason="早于派单时间")
    if now - happened_at > LONGEST_OFFLINE:
        raise TimeNotPossible(happened_at=said, reason="超过三天才补交")


def check_order_step(number: str, state: OrderState, wanted: OrderState) -> None:
    """Refuse a step that the order's state does not lead to."""
    if wanted not in ORDER_STEPS[state]:
        raise OrderStateRefuses(number=number, state=state.label, wanted=STATE_WORDS[wanted])


def check_balance(balance: Balance) -> None:
    """Refuse a run whose mass is out of balance."""
    if not balance.holds:
        raise MassOutOfBalance(
            mass_in_g=balance.mass_in_g,
            mass_out_g=balance.mass_out_g,
            difference_g=balance.difference_g,
            allowed_g=balance.allowed_g,
        )


def compare_scan(
    standard: Standard,
    expected_g: Mapping[str, int | None],
    scanned: Sequence[WeighIn],
    classes: Mapping[str, str] | None = None,
) -> list[Discrepancy]:
    """What a lot's scan at the gate says against its packing list: missing, extra, swapped (the
    thing is of another class than its label has it), weight off.

    >>> from types import SimpleNamespace as N
    >>> rule = N(weighing_bps=300, weighing_floor_g=500)
    >>> scanned = [WeighIn("A", 62_000), WeighIn("C", 9)]
    >>> found = compare_scan(rule, {"A": 60_000, "B": 20_000}, scanned)
    >>> [(d.unit_code, d.kind.value) for d in found]
    [('A', 'weight_off'), ('B', 'missing'), ('C', 'extra')]
    """
    found_g = {scan.unit_code: scan.mass_g for scan in scanned}
    swapped = {
        scan.unit_code
        for scan in scanned
        if scan.seen_class and scan.seen_class != (classes or {}).get(scan.unit_code)
    }
    lines: list[Discrepancy] = []
    for code in sorted(expected_g.keys() | found_g.keys()):
        kind = _difference(standard, code, expected_g, found_g)
        if code in swapped and kind not in (DiscrepancyKind.MISSING, DiscrepancyKind.EXTRA):
            kind = DiscrepancyKind.SWAPPED
        if kind is not None:
            lines.append(Discrepancy(code, kind, expected_g.get(code), found_g.get(code)))
    return lines


def _difference(
    standard: Standard,
    code: str,
    expected_g: Mapping[str, int | None],
    found_g: Mapping[str, int],
) -> DiscrepancyKind | None:
    if code not in found_g:
        return DiscrepancyKind.MISSING
    if code not in expected_g:
        return DiscrepancyKind.EXTRA
    wanted_g = expected_g[code] or 0
    allowed_g = max(wanted_g * standard.weighing_bps // 10_000, standard.weighing_floor_g)
    return DiscrepancyKind.WEIGHT_OFF if abs(found_g[code] - wanted_g) > allowed_g else None


def repeated(values: Iterable[str]) -> str | None:
    """The first value that comes twice."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def _answer(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
