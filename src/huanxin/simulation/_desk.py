"""Behind the counter: checks, reviewers, weekly settlement, the bank, the platform's timers."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

from huanxin.claims import selectors as claims_reads
from huanxin.claims.services import deciding, reviewing, watching
from huanxin.claims.types import ClaimCard, ReviewVerdict
from huanxin.claims.types.desk import StopKind, StopOutcome
from huanxin.kernel import clock
from huanxin.settlement.errors import NothingToSettle
from huanxin.settlement.services import answering, batching, paying, reconciling, recovering
from huanxin.settlement.types import BankAnswer
from huanxin.simulation import assumptions, rules
from huanxin.simulation._agenda import Agenda
from huanxin.simulation._release import PROGRAMMES
from huanxin.simulation._shopping import PAPERS_AT
from huanxin.simulation._stage import Stage, day
from huanxin.simulation.types import Pattern, Slip, Wish
from huanxin.vouchers.services import lapsing

_REVIEW_REASONS = {
    Pattern.SERIAL_REUSE: "R413",
    Pattern.INVOICE_REUSE: "R413",
    Pattern.PHOTO_REUSE: "R412",
    Pattern.PRICE_RAISED: "R411",
    Pattern.BOUGHT_VOUCHERS: "R412",
    Pattern.CLAIMANT_NOT_BUYER: "R412",
}
_MENDABLE = frozenset({Slip.WRONG_SERIAL, Slip.NO_LOCATION, Slip.MISSING_PAPER, Slip.PHOTO})
_MONDAY, _SATURDAY = 0, 5
_CHECKED_AFTER = timedelta(seconds=20)  # the worker of a running city looks every second
_DESK_LEFT_DAYS = 4


def plan_day(stage: Stage, agenda: Agenda) -> None:
    """Timers at dawn and before the release, the desk by day, the checks at night.

    Every Monday the batches of one programme are paid and those of the other are opened. The last
    days' reviews and the last day's payments are left for visitors of the demo.
    """
    on = agenda.on
    days_left = (stage.season.last_on - on).days
    agenda.at(6, 0, "timers", lambda: run_timers(stage, on))
    agenda.at(9, 4, "lapse", lambda: lapse(stage))
    handed_in_at = clock.moment(on, *PAPERS_AT)
    agenda.add(handed_in_at + _CHECKED_AFTER, "checks", lambda: decide(stage))
    if on.weekday() < _SATURDAY:
        if days_left >= _DESK_LEFT_DAYS:
            agenda.at(15, 0, "reviews", lambda: review(stage, on))
        agenda.at(10, 0, "bank", lambda: take_bank_answers(stage, on))
    if on.weekday() == _MONDAY:
        if days_left > 0:
            agenda.at(9, 20, "pay", lambda: pay_published(stage, on))
        programme = list(PROGRAMMES)[on.isocalendar().week % len(PROGRAMMES)]
        for county, _ in stage.season.city.populations:
            play = partial(open_batch, stage, programme, county, on)
            agenda.at(9, 40, f"settle/{county}", play)


def run_timers(stage: Stage, on: date) -> None:
    """What the worker does by itself in a running city."""
    deciding.close_refused(actor=stage.system)
    started = recovering.claw_back_returns(actor=stage.system)
    stage.journal.count("claw_backs", started)
    lapse(stage)
    reconciling.reconcile(actor=stage.system, on=on - timedelta(days=1))


def lapse(stage: Stage) -> None:
    """Unused rights whose time is over give their money back."""
    lapsed = lapsing.lapse_due(actor=stage.system, limit=1000)
    stage.journal.count("lapsed", lapsed)


def decide(stage: Stage) -> None:
    """Run the checks until nothing waits."""
    while decided := deciding.decide_due(actor=stage.system):
        stage.journal.count("decided", decided)


def review(stage: Stage, on: date) -> None:
    """Three people take what waits, riskiest first, as far as the day reaches."""
    numbers = assumptions.numbers()
    left = numbers["reviewers"] * numbers["reviews_per_day"]
    by_sale = {state.sale_id: key for key, state in stage.journal.wishes.items() if state.sale_id}
    while left > 0:
        waiting = claims_reads.queue(stage.actor("review-1").scope).items
        known = [card for card in waiting if str(card.sale_id) in by_sale]
        for number, card in enumerate(known[:left]):
            wish = stage.wishes[by_sale[str(card.sale_id)]]
            _review(stage, on, wish, card, _reviewer(stage, number, card))
        left -= len(known)
        if not known:
            break
    settle_stops(stage)


def _reviewer(stage: Stage, number: int, card: ClaimCard) -> str:
    """Whose turn it is; never the one who has passed the claim once."""
    count = assumptions.numbers()["reviewers"]
    turn = number % count + 1
    if card.first_reviewer_id == stage.actor(f"review-{turn}").account_id:
        turn = turn % count + 1
    return f"review-{turn}"


def settle_stops(stage: Stage) -> None:
    """Two reviewers end what may be ended: shops whose further sample is decided, and checks,
    which in the twin are always right.
    """
    for stop in claims_reads.list_stops(stage.actor("review-1").scope):
        outcome = StopOutcome.CHECK_RIGHT
        if stop.kind is StopKind.SHOP:
            if stop.waiting_count:
                continue
            outcome = StopOutcome.REVIEW_ALL if stop.refused_count else StopOutcome.FREE
        for who in ("review-1", "review-2"):
            watching.settle_stop(
                actor=stage.actor(who), stop_id=stop.stop_id, outcome=outcome,
                note="已按扩大抽查结果核实", request_id=stage.request("stop", stop.stop_id, who),
            )  # fmt: skip
        stage.journal.count(f"stop:{outcome}")


def _review(stage: Stage, on: date, wish: Wish, card: ClaimCard, reviewer: str) -> None:
    verdict, reason_code, note = _verdict(stage, wish)
    reviewing.review_claim(
        actor=stage.actor(reviewer),
        claim_id=card.claim_id,
        verdict=verdict,
        reason_code=reason_code,
        note=note,
        request_id=stage.request("review", wish.key, on, card.first_reviewer_id),
    )
    stage.journal.count(f"review:{verdict}")
    if verdict is ReviewVerdict.CORRECT:
        stage.state(wish.key).is_mended = True
        stage.put(f"papers/{day(on, 1)}", wish.key)


def _verdict(stage: Stage, wish: Wish) -> tuple[ReviewVerdict, str, str]:
    """What a person finds out. The twin lets them see the world, not the plan's labels alone:
    one fraud in ten stays hidden from them, too.
    """
    rng = rules.stream(stage.seed, "review", wish.key)
    purchase, numbers = stage.purchase(wish), assumptions.numbers()
    if purchase.pattern is not None:
        if rules.picks(rng, numbers["review_finds_bps"]):
            return ReviewVerdict.REFUSE, _REVIEW_REASONS[purchase.pattern], "实地核查与申报不符"
        return ReviewVerdict.PASS, "R402", "商户说明，未见异常"
    if purchase.slip in _MENDABLE and not stage.state(wish.key).is_mended:
        return ReviewVerdict.CORRECT, "R421", "请按清单一次补正材料"
    if purchase.slip is Slip.PRICE:
        return ReviewVerdict.REFUSE, "R411", "成交价高于备案价"
    if purchase.slip is Slip.FAMILY_INVOICE and not rules.picks(
        rng, numbers["family_explains_bps"]
    ):
        return ReviewVerdict.REFUSE, "R411", "发票抬头与领取人不符"
    return ReviewVerdict.PASS, "R401", "材料齐全，核实无误"


def open_batch(stage: Stage, programme: str, county: str, on: date) -> None:
    """Gather what was cleared in a county and publish it."""
    try:
        batch = batching.open_batch(
            actor=stage.actor("operate-1"),
            programme=programme,
            region_code=county,
            request_id=stage.request("batch", programme, county, on),
        )
    except NothingToSettle:
        return
    batching.publish_batch(
        actor=stage.actor("operate-1"),
        batch_id=batch.batch_id,
        days=assumptions.numbers()["publicity_days"],
    )
    stage.put("published", str(batch.batch_id))
    stage.journal.count("batches")


def pay_published(stage: Stage, on: date) -> None:
    """Pay the batches whose publicity ended; another officer than the one who opened them."""
    for batch_id in stage.taken("published"):
        try:
            orders = paying.pay_batch(
                actor=stage.actor("finance-1"),
                batch_id=UUID(batch_id),
                request_id=stage.request("pay", batch_id),
            )
        except NothingToSettle:
            continue
        for order in orders:
            stage.put(f"bank/{day(on, 1)}", f"{order.number}/{order.org_id}/0")
            stage.journal.count("payment_orders")
    paying.send_bank_files(actor=stage.system)


def take_bank_answers(stage: Stage, on: date) -> None:
    """The bank's answers of the morning: most accepted, some returned, a few still unknown."""
    numbers = assumptions.numbers()
    for sent in stage.taken(f"bank/{on}"):
        number, org_id, tries = sent.split("/")
        rng = rules.stream(stage.seed, "bank", org_id, on)
        answer = BankAnswer.ACCEPTED
        if tries == "0" and rules.picks(rng, numbers["bank_refuses_bps"]):
            answer = BankAnswer.REFUSED
        elif tries == "0" and rules.picks(rng, numbers["bank_unknown_bps"]):
            answer = BankAnswer.UNKNOWN
        again = _answer(stage, on, number, answer)
        if again:
            stage.put(f"bank/{day(_next_workday(on), 0)}", f"{again}/{org_id}/1")


def _answer(stage: Stage, on: date, number: str, answer: BankAnswer) -> str:
    """Book one answer; returns the order that still waits for one, if any."""
    finance = stage.actor("finance-1")
    answering.import_bank_answer(
        actor=finance,
        order_number=number,
        answer=answer,
        reference=f"演示{rules.token(stage.seed, 'bank', number)[:12].upper()}",
        request_id=stage.request("answer", number, on),
    )
    stage.journal.count(f"bank:{answer}")
    if answer is BankAnswer.UNKNOWN:
        return number
    if answer is BankAnswer.REFUSED:
        again = paying.retry_payment(
            actor=finance, order_number=number, request_id=stage.request("retry", number)
        )
        paying.send_bank_files(actor=stage.system)
        return again.number if again else ""
    return ""


def _next_workday(on: date) -> date:
    following = on + timedelta(days=1)
    while following.weekday() >= _SATURDAY:
        following += timedelta(days=1)
    return following
