"""What the worker does and how often. The numbers are advisory locks: never reuse one."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from huanxin.claims.services import deciding, deriving, ordering, reading
from huanxin.exchange.services import hooking
from huanxin.indicators.services import forecasting, rolling
from huanxin.kernel import clock, merkle
from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger import services as books
from huanxin.outreach.services import telling
from huanxin.project.worker import Lane, Step
from huanxin.recycling.services import complaining, dispatching, paying
from huanxin.settlement.services import paying as settling
from huanxin.settlement.services import reconciling, recovering
from huanxin.supervision import services as supervision
from huanxin.trace import services as trace
from huanxin.vouchers.services import drawing, lapsing, moving, redeeming, releasing

log = logging.getLogger("huanxin.worker")

_HOUR = 3600.0
_CLAIMS, _LAPSES, _LEAVES, _HOLDS = 500, 1000, 5000, 1000
_PROOF_HOUR = 2  # o'clock: from then on the night's work is due


class LedgerOutOfBalance(AssertionError):
    """The books do not prove: the findings name the accounts and transfers."""


def standard_steps() -> list[Step]:
    """The timers of a city: by lane, then the most urgent first."""
    follows = partial(Step, is_follower=True)
    outside, long = partial(Step, lane=Lane.OUTSIDE), partial(Step, lane=Lane.LONG)
    return [
        Step(1, "claims", 1, *_at_most(_CLAIMS, deciding.decide_due)),
        follows(60, "rollups", 0.5, rolling.roll_up, full=1),
        follows(2, "sealing", 2, _seal, full=_LEAVES),
        follows(70, "messages", 1, *_at_most(2000, telling.tell)),
        follows(31, "hooks", 1, *_at_most(_LEAVES, hooking.lay_out)),
        Step(61, "answers", 2, rolling.refresh_answers),
        Step(62, "thresholds", 5, supervision.watch_thresholds),
        Step(12, "deadlines", 1, _expire_held, full=_HOLDS),
        Step(4, "lapse", 5, _lapse, full=_LAPSES),
        Step(3, "dispatch", 10, *_at_most(500, dispatching.dispatch_waiting)),
        Step(55, "ties", 10, *_at_most(_CLAIMS, deriving.keep_ties)),
        Step(22, "orders", 10, *_at_most(_CLAIMS, ordering.expire_orders)),
        Step(10, "slots", 30, *_at_most(200, releasing.settle_ended_slots)),
        Step(11, "lotteries", 30, drawing.turn_lotteries),
        Step(7, "refusals", 30, *_at_most(_CLAIMS, deciding.close_refused)),
        Step(9, "claw_backs", 30, *_at_most(_CLAIMS, recovering.claw_back_returns)),
        Step(50, "case_clock", 30, supervision.watch_claims),
        Step(41, "complaints", 60, complaining.escalate_late),
        Step(71, "reminders", 60, *_at_most(2000, telling.remind)),
        outside(30, "webhooks", 1, _deliver_events),
        outside(32, "deliveries", 1, hooking.deliver_due, full=1),
        outside(72, "texts", 5, *_at_most(200, telling.send_texts)),
        outside(21, "platform_notices", 10, *_at_most(200, moving.send_platform_notices)),
        outside(8, "bank_files", 10, settling.send_bank_files),
        outside(40, "payouts", 30, paying.retry_payouts),
        long(51, "papers", 1, *_at_most(8, reading.read_waiting)),
        long(54, "second_look", _HOUR, _look_again),
        long(42, "left_over", _HOUR, *_at_most(_CLAIMS, deciding.void_left_over)),
        long(63, "rollup_check", _HOUR, _check_rollups),
        long(64, "forecasts", _HOUR, _forecast_demand),
        long(56, "serial_forms", _HOUR, _keep_serial_forms),
        long(5, "ledger", _HOUR, _prove_ledger),
        long(6, "reconciliation", _HOUR, _reconcile),
    ]


def _at_most(limit: int, service: Callable[..., int]) -> tuple[Callable[..., int], int]:
    """A service with its batch's size, which is also the count at which there may be more."""
    return partial(service, limit=limit), limit


def _look_again(*, actor: Actor) -> int:
    """What passed is asked about once more: first what the payment channel gave back meanwhile."""
    deciding.ask_refunds(actor=actor)
    return deciding.look_again(actor=actor)


def _keep_serial_forms(actor: Actor) -> int:
    """Once an hour; sales from before there were ties get theirs here."""
    while deriving.keep_ties(actor=actor, limit=_CLAIMS, is_thorough=True) == _CLAIMS:
        pass
    return deriving.keep_serial_forms(actor=actor)


def _seal(actor: Actor) -> int:
    del actor  # the log has no opinion on who turns the handle
    return merkle.seal(limit=_LEAVES)


def _deliver_events(actor: Actor) -> int:
    del actor  # each subscription sees with its own account's eyes
    return trace.deliver_due()


def _lapse(actor: Actor) -> int:
    freed = redeeming.free_due_locks(actor=actor, limit=_LAPSES)
    return max(freed, lapsing.lapse_due(actor=actor, limit=_LAPSES))


def _expire_held(actor: Actor) -> int:
    del actor  # a deadline is nobody's decision
    return books.expire_held(limit=_HOLDS)


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
