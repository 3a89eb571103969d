"""How releases are read: which pools a list shows, what a lottery publishes, how a pool burns."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from huanxin.kernel import auditlog, merkle
from huanxin.kernel.actor import Scope
from huanxin.vouchers import _draw, _outlook, models
from huanxin.vouchers._claims import execute
from huanxin.vouchers.errors import DrawNotDue
from huanxin.vouchers.types import (
    BurnPoint,
    PlanCard,
    PoolFilter,
    RegistrationCard,
    RegistrationState,
)


def filtered(rows: QuerySet[models.Pool], wanted: PoolFilter) -> QuerySet[models.Pool]:
    """The pools that a list's address asks for."""
    exact = {
        "programme": wanted.programme, "region_code": wanted.region_code, "mode": wanted.mode,
        "plan_id": wanted.plan_id, "opens_at__gte": wanted.opens_from,
        "opens_at__lt": wanted.opens_to,
    }  # fmt: skip
    rows = rows.filter(**{key: value for key, value in exact.items() if value})
    if wanted.words:
        rows = rows.filter(title__icontains=wanted.words)
    if wanted.state and wanted.now:
        rows = rows.filter(_in_state(wanted.state, wanted.now))
    return rows


def _in_state(state: str, now: datetime) -> Q:
    running = Q(opens_at__lte=now, closes_at__gt=now)
    return {
        "soon": Q(opens_at__gt=now),
        "open": running & Q(remaining__gt=0),
        "sold_out": running & Q(remaining=0),
        "closed": Q(closes_at__lte=now),
    }[state]


def plan_cards(rows: list[models.ReleasePlan]) -> list[PlanCard]:
    """Plans with the ids of their pools in the order of their opening."""
    pools: dict[UUID, list[UUID]] = {}
    found = models.Pool.objects.filter(plan__in=rows).order_by("opens_at", "id")
    for plan_id, pool_id in found.values_list("plan_id", "id"):
        pools.setdefault(plan_id, []).append(pool_id)
    return [row.as_card(tuple(pools.get(row.id, ()))) for row in rows]


def registered_counts(pool_ids: list[UUID]) -> dict[UUID, int]:
    """How many registrations of each lottery stand."""
    rows = models.Registration.objects.filter(pool_id__in=pool_ids, withdrawn_at=None)
    return dict(rows.values_list("pool_id").annotate(Count("id")))


def registration_card(row: models.Registration, now: datetime) -> RegistrationCard:
    """A registration with what became of it; how many wait before her is counted now."""
    state, ahead = _state_of(row, now), None
    if state is RegistrationState.WAITING:
        ahead = models.Registration.objects.filter(
            pool_id=row.pool_id, outcome="", rank__lt=row.rank
        ).count()
    return RegistrationCard(
        id=row.id,
        pool_id=row.pool_id,
        person_id=row.person_id,
        category_code=row.category_code,
        state=state,
        receipt=row.receipt,
        hash=row.hash,
        registered_at=row.registered_at,
        rank=row.rank,
        ahead=ahead,
        voucher_id=row.voucher_id,
    )


def _state_of(row: models.Registration, now: datetime) -> RegistrationState:
    if row.withdrawn_at is not None:
        return RegistrationState.WITHDRAWN
    if row.outcome:
        won = row.outcome == RegistrationState.WON
        return RegistrationState.WON if won else RegistrationState.PASSED
    if row.rank is None:
        return RegistrationState.REGISTERED
    is_over = row.pool.closes_at <= now
    return RegistrationState.NOT_WON if is_over else RegistrationState.WAITING


def list_text(pool_id: UUID) -> str:
    """The published list of a lottery; refused until it is public."""
    lottery = models.Lottery.objects.get(pk=pool_id)
    if lottery.listed_at is None:
        raise DrawNotDue(reason="登记名单还没有公布")
    rows = models.Registration.objects.filter(pool_id=pool_id, withdrawn_at=None)
    return _draw.list_text(rows.values_list("hash", flat=True))


def document(lottery: models.Lottery) -> dict[str, Any]:
    """All that is needed to draw once more; refused until the seed is open."""
    if lottery.drawn_at is None:
        raise DrawNotDue(reason="本期还没有开奖")
    pool = lottery.pool
    rows = list(
        models.Registration.objects.filter(pool=pool, rank__isnull=False)
        .order_by("rank")
        .values_list("hash", "outcome", "decided_at")
    )
    winners = [key for key, outcome, at in rows if outcome == "won" and at == lottery.drawn_at]
    moved_up = [key for key, outcome, at in rows if outcome == "won" and at != lottery.drawn_at]
    return {
        "format": _draw.FORMAT,
        "pool": {
            "id": str(pool.id), "title": pool.title, "programme": pool.programme,
            "region_code": pool.region_code,
        },
        "places": pool.quantity,
        "commitment": lottery.commitment,
        "entropy_source": lottery.entropy_source,
        "list_sha256": lottery.list_sha256,
        "entropy": lottery.entropy,
        "seed": lottery.seed,
        "times": {
            "committed_at": _utc(pool.opened_at),
            "registers_until": _utc(lottery.registers_until),
            "listed_at": _utc(lottery.listed_at),
            "entropy_at": _utc(lottery.entropy_at),
            "drawn_at": _utc(lottery.drawn_at),
        },
        "method": _METHOD,
        "hashes": sorted(key for key, _, _ in rows),
        "ranking": [key for key, _, _ in rows],
        "winners": winners,
        "moved_up": moved_up,
        "passed_over": [
            {"hash": key, "reason": why} for key, why, _ in rows if why not in {"", "won"}
        ],
        **_log_of(pool.id),
    }  # fmt: skip


_LINES = {
    "vouchers.pool_opened": "opened", "vouchers.campaign_opened": "opened",
    "vouchers.list_published": "listed", "vouchers.drawn": "drawn",
}  # fmt: skip


def _log_of(pool_id: UUID) -> dict[str, Any]:
    """The signed log's proofs of a draw's three public lines; nothing until all are sealed."""
    ids = merkle.sealed_entries("pool", str(pool_id))
    lines = [auditlog.get_line(one, Scope()) for one in sorted(ids)]
    found = {
        _LINES[line.action]: merkle.proof_of("audit", line.id, is_first=True).as_json(
            line.canonical_text
        )
        for line in lines
        if line.action in _LINES
    }
    return {"log": found} if len(found) == len(set(_LINES.values())) else {}


_METHOD = {
    "commitment": "SHA-256(seed)",
    "registration": "SHA-256 of four lines: huanxin.registration.v1, pool.id, category, receipt",
    "list_sha256": "SHA-256 of the hashes in rising order, each followed by a line feed",
    "lot": "HMAC-SHA-256(key=seed, list_sha256 '\\n' entropy '\\n' hash '\\n'), lowest first",
}


def _utc(at: datetime | None) -> str:
    assert at is not None, "a drawn lottery has all of its times"
    return at.isoformat(timespec="microseconds")


def burn_points(pool: models.Pool, now: datetime) -> list[BurnPoint]:
    """What a pool has given at the end of each step, all counted from its beginning."""
    span = min(max(now, pool.opens_at), pool.closes_at) - pool.opens_at
    step = _outlook.step_of(span)
    rows = execute("burn_down", pool_id=pool.id, step=step, origin=pool.opens_at)
    points: list[BurnPoint] = []
    claimed = used = lapsed = 0
    for at, more_claimed, more_used, more_lapsed in rows:
        claimed, used, lapsed = claimed + more_claimed, used + more_used, lapsed + more_lapsed
        points.append(BurnPoint(min(at, max(now, pool.opens_at)), claimed, used, lapsed))
    return points


def recent_taken(pool_id: UUID, since: datetime) -> int:
    """Places taken since an instant, less those that lapsed since."""
    rows = models.Voucher.objects.filter(pool_id=pool_id)
    taken = rows.filter(issued_at__gte=since).count()
    return taken - rows.filter(state="lapsed", changed_at__gte=since).count()


def listed(pool_ids: list[UUID]) -> QuerySet[models.Lottery]:
    """Lotteries with their pools."""
    return models.Lottery.objects.select_related("pool").filter(pool_id__in=pool_ids)
