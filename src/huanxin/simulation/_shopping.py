"""At the till and after: sales, papers, returns."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from huanxin.claims.services import returning, selling, submitting
from huanxin.claims.types import Channel, NewSale, SaleRequest, Submission
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, system_actor
from huanxin.kernel.errors import DomainError
from huanxin.simulation import papers
from huanxin.simulation._agenda import Agenda
from huanxin.simulation._stage import Stage, day
from huanxin.simulation.demand import is_eligible
from huanxin.simulation.types import Pattern, Slip, Wish

PAPERS_AT = (21, 10)
_RETURNS_AT = (10, 30)
_TILLS_AT = ((14, 30), (20, 50))
TILLS = system_actor("门店收银系统（演示）")


def plan_day(stage: Stage, agenda: Agenda) -> None:
    """What the shops' systems send twice a day, today's papers, today's returns."""
    on = agenda.on
    for hour, minute in _TILLS_AT:
        agenda.at(hour, minute, f"tills/{hour}", partial(sell_due, stage, on, hour * 60 + minute))
    agenda.at(*PAPERS_AT, "papers", lambda: hand_in_papers(stage, on))
    agenda.at(*_RETURNS_AT, "returns", lambda: take_returns(stage, on))


def sell_due(stage: Stage, on: date, until_minute: int) -> None:
    """The sales made since the last time: one batch; whatever may be refused goes one by one."""
    today = on.isoformat()
    due = [
        wish
        for key in list(stage.listed("holding"))
        if stage.state(key).buy_on == today
        and stage.purchase(wish := stage.wishes[key]).minute <= until_minute
        and not _waits_for_pick_up(stage, on, wish)
    ]
    due.sort(key=lambda wish: (stage.purchase(wish).minute, wish.key))
    doubtful = [wish for wish in due if _may_be_refused(stage, wish)]
    plain = [wish for wish in due if wish not in doubtful]
    try:
        sell_batch(stage, on, plain)
    except DomainError:
        doubtful = due
    for wish in doubtful:
        _sell_alone(stage, on, wish)
    for wish in due:
        _after_the_till(stage, on, wish)


def _waits_for_pick_up(stage: Stage, on: date, wish: Wish) -> bool:
    """Whoever waits for a 焕新券 to come alive comes back tomorrow, while the right lasts."""
    state = stage.state(wish.key)
    if not state.trade_in_id or state.is_collected:
        return False
    if (clock.moment(on + timedelta(days=1), 20)).isoformat() < state.expires_at:
        state.buy_on = day(on, 1)
        return True
    state.trade_in_id = ""
    return False


def _may_be_refused(stage: Stage, wish: Wish) -> bool:
    purchase = stage.purchase(wish)
    return purchase.pattern is not None or not is_eligible(stage.models[purchase.gtin])


def _after_the_till(stage: Stage, on: date, wish: Wish) -> None:
    state = stage.state(wish.key)
    stage.take("holding", wish.key)
    if state.sale_id:
        state.papers_on = papers.evidence_on(wish, on).isoformat()
        stage.put(f"papers/{state.papers_on}", wish.key)
        if (after := stage.purchase(wish).returns_after_days) is not None:
            stage.put(f"returns/{day(on, after)}", wish.key)


def _sell_alone(stage: Stage, on: date, wish: Wish) -> None:
    """One sale by the shop's own cashier; a refusal is the customer's or the cheat's to bear."""
    state = stage.state(wish.key)
    cashier = stage.actor(f"{stage.purchase(wish).shop}-till")
    serial = papers.serial_of(stage.seed, wish)
    try:
        sell_batch(stage, on, [wish], actor=cashier)
    except DomainError as refusal:
        state.refusals.append(refusal.code)
        stage.journal.count(f"refused:{refusal.code}")
        if stage.purchase(wish).pattern is Pattern.SERIAL_REUSE:
            _try_another_serial(stage, on, wish, papers.altered(serial, wish))


def _try_another_serial(stage: Stage, on: date, wish: Wish, serial: str) -> None:
    """A cheat whose serial was refused types another; an honest customer goes home."""
    cashier = stage.actor(f"{stage.purchase(wish).shop}-till")
    try:
        sell_batch(stage, on, [wish], actor=cashier, serial=serial)
    except DomainError as refusal:
        stage.state(wish.key).refusals.append(refusal.code)


def sell_batch(
    stage: Stage,
    on: date,
    wishes: Sequence[Wish],
    *,
    actor: Actor = TILLS,
    serial: str | None = None,
) -> None:
    """Sell and remember the receipts."""
    requests = [_sale(stage, on, wish, serial) for wish in wishes]
    receipts = selling.sell_many(actor=actor, sales=requests)
    for wish, request, receipt in zip(wishes, requests, receipts, strict=True):
        state = stage.state(wish.key)
        state.sale_id, state.serial = str(receipt.sale_id), request.sale.serial
        state.sold_at = request.sale.sold_at.isoformat()
        state.price_fen, state.subsidy_fen = receipt.price_fen, receipt.subsidy_fen
        state.to_pay_fen = receipt.to_pay_fen
    stage.journal.count("sales", len(wishes))


def _sale(stage: Stage, on: date, wish: Wish, serial: str | None) -> SaleRequest:
    purchase, state = stage.purchase(wish), stage.state(wish.key)
    sale = NewSale(
        merchant_id=stage.org(purchase.shop),
        till_id="1",
        qualification_id=UUID(state.voucher_id),
        trade_in_voucher_id=UUID(state.trade_in_id) if state.trade_in_id else None,
        gtin=purchase.gtin,
        serial=serial or papers.serial_of(stage.seed, wish),
        imei=papers.imei_of(stage.seed, wish),
        list_price_fen=purchase.list_price_fen,
        discount_fen=purchase.discount_fen,
        sold_at=clock.moment(on, purchase.minute // 60, purchase.minute % 60),
        person_id=stage.person_id(wish),
        channel=Channel(purchase.channel),
        pay_type="演示支付",
    )
    return SaleRequest(sale, stage.request("sell", wish.key, serial or "first"))


def hand_in_papers(stage: Stage, on: date) -> None:
    """The shops' systems hand in what is due today."""
    due = [k for k in stage.taken(f"papers/{on}") if not stage.state(k).is_returned]
    submissions = [_submission(stage, stage.wishes[key]) for key in due]
    submitting.submit_many(actor=TILLS, submissions=submissions)
    stage.journal.count("submissions", len(submissions))


def _submission(stage: Stage, wish: Wish) -> Submission:
    """The papers of one sale: as they were made, or mended when they were asked for again."""
    state, purchase = stage.state(wish.key), stage.purchase(wish)
    sold = sold_of(stage, wish, other_document=_relative(stage, wish))
    papers_in = papers.corrected_papers if state.is_mended else papers.papers_of
    stage.listed(f"last/{purchase.shop}")[:] = [wish.key]
    state.papers_sent += 1
    if purchase.slip is Slip.MISSING_PAPER and not state.is_mended:
        state.is_mended = True
        stage.put(f"papers/{day(clock.today(), 2)}", wish.key)
    return Submission(
        sale_id=UUID(state.sale_id),
        evidence=papers_in(stage.seed, sold),
        request_id=stage.request("papers", wish.key, state.papers_sent),
    )


def sold_of(stage: Stage, wish: Wish, *, other_document: str) -> papers.Sold:
    """What the papers of a sale are about; whose name stands on it if not the claimant's."""
    state, purchase = stage.state(wish.key), stage.purchase(wish)
    model = stage.models[purchase.gtin]
    last = stage.listed(f"last/{purchase.shop}")
    return papers.Sold(
        wish=wish,
        brand=model.brand,
        serial=state.serial,
        imei=papers.imei_of(stage.seed, wish),
        energy_grade=model.energy_grade,
        price_fen=state.price_fen,
        to_pay_fen=state.to_pay_fen,
        sold_at=datetime.fromisoformat(state.sold_at),
        submit_at=clock.now(),
        shop_uscc=stage.shops[purchase.shop].uscc,
        borrowed=last[0] if last else None,
        other_document=other_document,
    )


def _relative(stage: Stage, wish: Wish) -> str:
    """Whose name stands on an invoice that is not the claimant's."""
    others = stage.by_day[wish.on]
    other = others[(others.index(wish) + 1) % len(others)]
    return other.resident.document_no


def take_returns(stage: Stage, on: date) -> None:
    """Goods that come back today; what settlement has paid, its timer claws back."""
    for key in stage.taken(f"returns/{on}"):
        wish, state = stage.wishes[key], stage.state(key)
        shop = stage.purchase(wish).shop
        try:
            returning.return_sale(
                actor=stage.actor(f"{shop}-manager"),
                sale_id=UUID(state.sale_id),
                reason="七日无理由退货",
                request_id=stage.request("return", key),
            )
        except DomainError as refusal:
            stage.journal.count(f"refused:{refusal.code}")
            continue
        state.is_returned = True
        stage.journal.count("returns")
