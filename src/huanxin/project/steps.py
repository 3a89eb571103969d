"""What the worker does and how often. The numbers are advisory locks: never reuse one."""

import logging
from datetime import timedelta

from huanxin.claims.services import deciding, deriving, ordering, reading
from huanxin.exchange.services import hooking
from huanxin.indicators.services import forecasting, rolling
from huanxin.kernel import clock, merkle
from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as books
from huanxin.outreach.services import telling
from huanxin.project.worker import Step
from huanxin.recycling.services import complaining, dispatching, paying
from huanxin.settlement.services import paying as settling
from huanxin.settlement.services import reconciling, recovering
from huanxin.supervision import services as supervision
from huanxin.trace import services as trace
from huanxin.vouchers.services import drawing, lapsing, moving, redeeming, releasing

log = logging.getLogger("huanxin.worker")

_HOUR = 3600.0
_CLAIMS, _ORDERS, _LAPSES, _LEAVES, _SLOTS, _NOTICES = 500, 500, 1000, 5000, 200, 200
_HOLDS = 1000
_PAPERS = 8
_TOLD, _TEXTS = 2000, 200
_PROOF_HOUR = 2  # o'clock: from then on the night's proof of the books is due


class LedgerOutOfBalance(AssertionError):
    """The books do not prove: the findings name the accounts and transfers."""


def standard_steps() -> list[Step]:
    """The timers of a city, most urgent first."""
    return [
        Step(1, "claims", 1, _decide_claims, full=_CLAIMS),
        Step(51, "papers", 1, _read_papers, full=_PAPERS),
        Step(55, "ties", 10, _keep_ties, full=_CLAIMS),
        Step(2, "sealing", 2, _seal, full=_LEAVES),
        Step(3, "dispatch", 10, _dispatch, full=_ORDERS),
        Step(40, "payouts", 30, _retry_payouts),
        Step(41, "complaints", 60, _escalate_complaints),
        Step(7, "refusals", 30, _close_refused, full=_CLAIMS),
        Step(54, "second_look", _HOUR, _look_again),
        Step(50, "case_clock", 30, _watch_claims),
        Step(42, "left_over", _HOUR, _void_left_over, full=_CLAIMS),
        Step(4, "lapse", 5, _lapse, full=_LAPSES),
        Step(10, "slots", 30, _settle_slots, full=_SLOTS),
        Step(11, "lotteries", 30, _turn_lotteries),
        Step(22, "orders", 10, _expire_orders, full=_CLAIMS),
        Step(21, "platform_notices", 10, _tell_platforms, full=_NOTICES),
        Step(30, "webhooks", 1, _deliver_events),
        Step(31, "hooks", 1, _lay_out_messages, full=_LEAVES),
        Step(32, "deliveries", 1, _deliver_messages, full=1),
        Step(70, "messages", 2, _tell, full=_TOLD),
        Step(71, "reminders", 60, _remind, full=_TOLD),
        Step(72, "texts", 5, _send_texts, full=_TEXTS),
        Step(8, "bank_files", 10, _send_bank_files),
        Step(9, "claw_backs", 30, _claw_back, full=_CLAIMS),
        Step(12, "deadlines", 1, _expire_held, full=_HOLDS),
        Step(60, "rollups", 1, _roll_up, full=1),
        Step(61, "answers", 2, _refresh_answers),
        Step(62, "thresholds", 5, _watch_thresholds),
        Step(63, "rollup_check", _HOUR, _check_rollups),
        Step(64, "forecasts", _HOUR, _forecast_demand),
        Step(56, "serial_forms", _HOUR, _keep_serial_forms),
        Step(5, "ledger", _HOUR, _prove_ledger),
        Step(6, "reconciliation", _HOUR, _reconcile),
    ]


def _tell(actor: Actor) -> int:
    return telling.tell(actor=actor, limit=_TOLD)


def _remind(actor: Actor) -> int:
    return telling.remind(actor=actor, limit=_TOLD)


def _send_texts(actor: Actor) -> int:
    return telling.send_texts(actor=actor, limit=_TEXTS)


def _retry_payouts(actor: Actor) -> int:
    return paying.retry_payouts(actor=actor)


def _escalate_complaints(actor: Actor) -> int:
    return complaining.escalate_late(actor=actor)


def _read_papers(actor: Actor) -> int:
    return reading.read_waiting(actor=actor, limit=_PAPERS)


def _decide_claims(actor: Actor) -> int:
    return deciding.decide_due(actor=actor, limit=_CLAIMS)


def _watch_claims(actor: Actor) -> int:
    return supervision.watch_claims(actor=actor)


def _keep_ties(actor: Actor) -> int:
    return deriving.keep_ties(actor=actor, limit=_CLAIMS)


def _keep_serial_forms(actor: Actor) -> int:
    """Once an hour; sales from before there were ties get theirs here."""
    while deriving.keep_ties(actor=actor, limit=_CLAIMS, is_thorough=True) == _CLAIMS:
        pass
    return deriving.keep_serial_forms(actor=actor)


def _close_refused(actor: Actor) -> int:
    return deciding.close_refused(actor=actor, limit=_CLAIMS)


def _look_again(actor: Actor) -> int:
    return deciding.look_again(actor=actor)


def _void_left_over(actor: Actor) -> int:
    return deciding.void_left_over(actor=actor, limit=_CLAIMS)


def _seal(actor: Actor) -> int:
    del actor  # the log has no opinion on who turns the handle
    return merkle.seal(limit=_LEAVES)


def _deliver_events(actor: Actor) -> int:
    del actor  # each subscription sees with its own account's eyes
    return trace.deliver_due()


def _lay_out_messages(actor: Actor) -> int:
    return hooking.lay_out(actor=actor, limit=_LEAVES)


def _deliver_messages(actor: Actor) -> int:
    return hooking.deliver_due(actor=actor)


def _dispatch(actor: Actor) -> int:
    return dispatching.dispatch_waiting(actor=actor, limit=_ORDERS)


def _lapse(actor: Actor) -> int:
    freed = redeeming.free_due_locks(actor=actor, limit=_LAPSES)
    return max(freed, lapsing.lapse_due(actor=actor, limit=_LAPSES))


def _expire_orders(actor: Actor) -> int:
    return ordering.expire_orders(actor=actor, limit=_CLAIMS)


def _tell_platforms(actor: Actor) -> int:
    return moving.send_platform_notices(actor=actor, limit=_NOTICES)


def _settle_slots(actor: Actor) -> int:
    return releasing.settle_ended_slots(actor=actor, limit=_SLOTS)


def _turn_lotteries(actor: Actor) -> int:
    return drawing.turn_lotteries(actor=actor)


def _send_bank_files(actor: Actor) -> int:
    return settling.send_bank_files(actor=actor)


def _claw_back(actor: Actor) -> int:
    return recovering.claw_back_returns(actor=actor, limit=_CLAIMS)


def _expire_held(actor: Actor) -> int:
    del actor  # a deadline is nobody's decision
    return books.expire_held(limit=_HOLDS)


def _roll_up(actor: Actor) -> int:
    return rolling.roll_up(actor=actor)


def _refresh_answers(actor: Actor) -> int:
    return rolling.refresh_answers(actor=actor)


def _watch_thresholds(actor: Actor) -> int:
    return supervision.watch_thresholds(actor=actor)


def _check_rollups(actor: Actor) -> int:
    """At night; what differs is said loudly, and is already marked to be counted anew."""
    if clock.now().astimezone(clock.SHANGHAI).hour < _PROOF_HOUR:
        return 0
    if wrong := rolling.check_rollups(actor=actor):
        log.error("rollups differed from their metrics and are counted anew: %s", wrong[:20])
    return 0


def _forecast_demand(actor: Actor) -> int:
    if clock.now().astimezone(clock.SHANGHAI).hour < _PROOF_HOUR:
        return 0
    return forecasting.forecast_demand(actor=actor)


def _prove_ledger(actor: Actor) -> int:
    """Once a business day, at night; a proof that failed is said again every hour."""
    del actor
    now = clock.now()
    proof = ledger.find_proof(clock.business_day(now))
    if proof is None and now.astimezone(clock.SHANGHAI).hour >= _PROOF_HOUR:
        proof = books.prove_books()
    if proof is not None and not proof.is_clean:
        raise LedgerOutOfBalance(proof.findings)
    return 0


def _reconcile(actor: Actor) -> int:
    reconciling.reconcile(actor=actor, on=clock.today() - timedelta(days=1))
    return 0
