"""How a batch of claims is decided: pools locked, rights looked up, winners ranked and written."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_rows
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import services as ledger
from huanxin.ledger.types import Leg, pool_code, reserve_code
from huanxin.vouchers import _campaigns, rules
from huanxin.vouchers.models import Pool, PoolLine, Voucher
from huanxin.vouchers.types import (
    Candidate,
    Claim,
    ClaimAnswer,
    ClaimOutcome,
    ReleaseMode,
    RightKey,
    Standing,
    VoucherKind,
)

ISSUE = "voucher.issue"
RESERVE_LEG = "reserve"
_NOT_VERIFIED = "请先完成实名认证，再领取补贴资格。"
_RESTRICTED = "您当前被暂停参与补贴活动，如有疑问请联系当地商务部门。"
_UNKNOWN = "没有这一期发放，请回到发放页面重新进入。"
_CATEGORY = "本期不包含该品类，请查看领取说明。"
_BY_LOT = "本期为摇号发放，请在登记期内登记，开奖后名额直接发到中签人的券包。"
_REUSED = "该请求编号已用于另一笔申领，请回到发放页面重新进入。"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A claim that passed every test but the ranking."""

    position: int
    claim: Claim
    pool: Pool
    line: PoolLine
    key: RightKey

    def as_candidate(self) -> Candidate:
        return Candidate(
            self.position, self.pool.id, self.key, self.line.reserve_fen, self.line.limit_count
        )


@dataclass(frozen=True, slots=True)
class _Won:
    """A voucher about to be written for a wanted claim."""

    voucher_id: UUID
    number: str
    ordinal: int
    wanted: _Wanted


class Batch:
    """One batch of claims and the answers found so far, by position."""

    def __init__(self, actor: Actor, claims: Sequence[Claim], *, is_drawn: bool = False) -> None:
        self.actor = actor
        self.is_drawn = is_drawn  # by the draw itself: nobody else claims in a lottery's pool
        self.claims = claims
        self.now = clock.now()
        self.answers: dict[int, ClaimAnswer] = {}
        self.first: dict[UUID, int] = {}
        for position, claim in enumerate(claims):
            self.first.setdefault(claim.request_id, position)

    def decide(self) -> list[ClaimAnswer]:
        """Every claim's answer, in order; winners are written, their money is held."""
        pools = {pool.id: pool for pool in lock_rows(Pool, {c.pool_id for c in self.claims})}
        self._answer_repeats(self.first)
        wanted = self._wanted(pools)
        self.later = _later_stages(pools, self.now)
        places = {
            pool.id: rules.places_open(pool.remaining, [p for _, p in self.later.get(pool.id, [])])
            for pool in pools.values()
        }
        self._give(wanted, places)
        for position, claim in enumerate(self.claims):
            if position not in self.answers:  # the same request twice in one batch
                self.answers[position] = self._repeat_of(self.first[claim.request_id], claim)
        return [self.answers[position] for position in range(len(self.claims))]

    def _answer(
        self,
        position: int,
        outcome: ClaimOutcome,
        *,
        voucher_id: UUID | None = None,
        is_repeat: bool = False,
        say: str = "",
    ) -> None:
        self.answers[position] = ClaimAnswer(
            request_id=self.claims[position].request_id,
            outcome=outcome,
            voucher_id=voucher_id,
            is_repeat=is_repeat,
            sentence=say or rules.sentence(outcome),
        )

    def _answer_repeats(self, first: dict[UUID, int]) -> None:
        """A request id that won before gets its first answer; with other content, a refusal."""
        rows = Voucher.objects.filter(request_id__in=list(first)).values_list(
            "request_id", "id", "pool_id", "person_id", "category_code"
        )
        for request_id, voucher_id, *content in rows:
            position = first[request_id]
            claim = self.claims[position]
            if content == [claim.pool_id, claim.person_id, claim.category_code]:
                self._answer(position, ClaimOutcome.WON, voucher_id=voucher_id, is_repeat=True)
            else:
                self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=_REUSED)

    def _repeat_of(self, position: int, claim: Claim) -> ClaimAnswer:
        earlier = self.answers[position]
        if self.claims[position] != claim:
            outcome = ClaimOutcome.NOT_ELIGIBLE
            return ClaimAnswer(claim.request_id, outcome, None, False, _REUSED)
        is_repeat = earlier.outcome is ClaimOutcome.WON
        return ClaimAnswer(
            claim.request_id, earlier.outcome, earlier.voucher_id, is_repeat, earlier.sentence
        )

    def _wanted(self, pools: dict[UUID, Pool]) -> list[_Wanted]:
        """The claims that only places and money can still refuse; the others get their answer."""
        lines = {
            (line.pool_id, line.category_code): line
            for line in PoolLine.objects.filter(pool_id__in=list(pools))
        }
        asking = [p for p in self.first.values() if p not in self.answers]
        asking = [p for p in asking if self._is_open(p, pools.get(self.claims[p].pool_id), lines)]
        if not asking:
            return []
        holders = _holders(self.claims[p].person_id for p in asking)
        barred = self._barred(asking)
        unmeant = self._unmeant(asking, pools)
        wanted = []
        for position in asking:
            claim = self.claims[position]
            holder_key, is_verified = holders.get(claim.person_id, ("", False))
            if not is_verified:
                self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=_NOT_VERIFIED)
            elif position in barred:
                self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=_RESTRICTED)
            elif position in unmeant:
                self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=unmeant[position])
            else:
                pool = pools[claim.pool_id]
                key = RightKey(pool.programme, claim.category_code, holder_key)
                line = lines[claim.pool_id, claim.category_code]
                wanted.append(_Wanted(position, claim, pool, line, key))
        return wanted

    def _is_open(
        self, position: int, pool: Pool | None, lines: dict[tuple[UUID, str], PoolLine]
    ) -> bool:
        claim = self.claims[position]
        if pool is None:
            self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=_UNKNOWN)
            return False
        if outcome := rules.open_outcome(pool.opens_at, pool.closes_at, self.now):
            self._answer(position, outcome)
            return False
        if (pool.id, claim.category_code) not in lines:
            self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=_CATEGORY)
            return False
        if pool.mode == ReleaseMode.LOTTERY and not self.is_drawn:
            self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=_BY_LOT)
            return False
        return True

    def _barred(self, asking: Sequence[int]) -> set[int]:
        on = clock.business_day(self.now)
        claims = {position: self.claims[position] for position in asking}
        people = identity.restricted_keys(
            RestrictionKind.PERSON, {str(c.person_id) for c in claims.values()}, on
        )
        keys = {c.device_key for c in claims.values() if c.device_key}
        devices = identity.restricted_keys(RestrictionKind.DEVICE, keys, on) if keys else set()
        return {
            position
            for position, claim in claims.items()
            if str(claim.person_id) in people or claim.device_key in devices
        }

    def _unmeant(self, asking: Sequence[int], pools: dict[UUID, Pool]) -> dict[int, str]:
        """Claims of consumption vouchers by people whom they are not meant for, and why."""
        mine = [pool.id for pool in pools.values() if pool.kind == VoucherKind.CONSUMPTION]
        if not mine:
            return {}
        claims = ((p, self.claims[p]) for p in asking)
        asked = [(p, claim.pool_id, claim.person_id, claim.is_near) for p, claim in claims]
        return _campaigns.refusals(_campaigns.terms_of(mine), asked)

    def _give(self, wanted: list[_Wanted], places: dict[UUID, int]) -> None:
        """Rank, write, and rank again whoever is left when a right was taken meanwhile.

        Only another pool of the same programme can take a right meanwhile: this batch's pools
        are locked. Its winner gave up no place here, so the next in line gets it.
        """
        money = _available(places)
        won: list[_Won] = []
        while wanted:
            taken, owned = _taken(one.key for one in wanted)
            ranking = rules.rank(
                (one.as_candidate() for one in wanted), Standing(places, money, taken)
            )
            written, missed = self._write(wanted, ranking.won)
            for one in written:
                places[one.wanted.pool.id] -= 1
                money[one.wanted.pool.id] -= one.wanted.line.reserve_fen
            won += written
            if not missed:
                self._answer_ranked(wanted, ranking.already, owned, written)
                break
            self._answer_repeats({w.claim.request_id: w.position for w in missed})
            for one in written:
                self._answer(one.wanted.position, ClaimOutcome.WON, voucher_id=one.voucher_id)
            wanted = [one for one in wanted if one.position not in self.answers]
        self._hold(won)

    def _answer_ranked(
        self,
        wanted: Sequence[_Wanted],
        already: frozenset[int],
        owned: dict[RightKey, UUID],
        written: Sequence[_Won],
    ) -> None:
        given = {one.wanted.position: one.voucher_id for one in written}
        owned = {one.wanted.key: one.voucher_id for one in written} | owned
        for one in wanted:
            if one.position in given:
                self._answer(one.position, ClaimOutcome.WON, voucher_id=given[one.position])
            elif one.position in already:
                self._answer(
                    one.position, ClaimOutcome.ALREADY_YOURS, voucher_id=owned.get(one.key)
                )
            else:
                self._answer_too_late(one)

    def _answer_too_late(self, one: _Wanted) -> None:
        """Sold out, or only this stage: then when the next one opens."""
        if later := self.later.get(one.pool.id):
            say = rules.not_yet_sentence(later[0][0])
            self._answer(one.position, ClaimOutcome.NOT_YET, say=say)
        else:
            self._answer(one.position, ClaimOutcome.SOLD_OUT)

    def _write(self, wanted: Sequence[_Wanted], ordinals: Any) -> tuple[list[_Won], list[_Wanted]]:
        """Insert the winners; returns those written and those whose right was taken meanwhile."""
        winners = [one for one in wanted if one.position in ordinals]
        if not winners:
            return [], []
        numbers = self._numbers(winners)
        rows = [
            _Won(ids.new_id(), number, ordinals[one.position], one)
            for one, number in zip(winners, numbers, strict=True)
        ]
        inserted = {row[0] for row in self._insert(rows)}
        written = [row for row in rows if row.voucher_id in inserted]
        return written, [row.wanted for row in rows if row.voucher_id not in inserted]

    def _numbers(self, winners: Sequence[_Wanted]) -> list[str]:
        on = clock.business_day(self.now)
        by_region: dict[str, list[str]] = {}
        for region_code in {one.pool.region_code for one in winners}:
            count = sum(one.pool.region_code == region_code for one in winners)
            by_region[region_code] = ids.new_numbers("BT", count, on=on, region_code=region_code)
        return [by_region[one.pool.region_code].pop(0) for one in winners]

    def _insert(self, rows: Sequence[_Won]) -> list[tuple[Any, ...]]:
        return execute(
            "insert_vouchers",
            rows=[self._columns(row) for row in rows],
            cause=ISSUE,
            at=self.now,
            on=clock.business_day(self.now),
        )

    def _columns(self, row: _Won) -> dict[str, Any]:
        claim, pool, line = row.wanted.claim, row.wanted.pool, row.wanted.line
        return {
            "id": row.voucher_id,
            "number": row.number,
            "kind": pool.kind,
            "person_id": claim.person_id,
            "holder_key": row.wanted.key.holder_key,
            "programme": pool.programme,
            "category_code": claim.category_code,
            "ordinal": row.ordinal,
            "pool_id": pool.id,
            "region_path": pool.region_path,
            "request_id": claim.request_id,
            "device_key": claim.device_key,
            "worth_fen": line.cap_fen,
            "reserve_fen": line.reserve_fen,
            "expires_at": _expiry(pool, self.now),
        }

    def _hold(self, won: Sequence[_Won]) -> None:
        """Hold the winners' money, take their places, leave their audit lines."""
        ledger.hold_transfers(legs=[_reserve_leg(one) for one in won])
        for pool_id in sorted({one.wanted.pool.id for one in won}):
            count = sum(one.wanted.pool.id == pool_id for one in won)
            Pool.objects.filter(pk=pool_id).update(remaining=F("remaining") - count)
        audit.record_many(self.actor, "vouchers.issued", [_audit_line(one) for one in won])


def _reserve_leg(one: _Won) -> Leg:
    pool_id = one.wanted.pool.id
    return Leg(
        cause=ISSUE,
        cause_id=one.voucher_id,
        leg=RESERVE_LEG,
        debit=pool_code(pool_id),
        credit=reserve_code(pool_id),
        amount_fen=one.wanted.line.reserve_fen,
    )


def _audit_line(one: _Won) -> audit.Entry:
    facts = {
        "number": one.number,
        "pool_id": one.wanted.pool.id,
        "category_code": one.wanted.claim.category_code,
        "reserve_fen": one.wanted.line.reserve_fen,
    }
    return audit.Entry("voucher", one.voucher_id, one.wanted.pool.region_path, None, facts)


def _expiry(pool: Pool, now: datetime) -> datetime:
    return now + timedelta(hours=pool.lapse_hours)


def _holders(person_ids: Iterable[UUID]) -> dict[UUID, tuple[str, bool]]:
    rows = execute("people", person_ids=list(set(person_ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _later_stages(
    pool_ids: Iterable[UUID], now: datetime
) -> dict[UUID, list[tuple[datetime, int]]]:
    """The stages of pools that are still to open, soonest first."""
    rows = execute("later_stages", pool_ids=list(pool_ids), at=now)
    later: dict[UUID, list[tuple[datetime, int]]] = {}
    for pool_id, opens_at, places in rows:
        later.setdefault(pool_id, []).append((opens_at, places))
    return later


def _available(places: dict[UUID, int]) -> dict[UUID, int]:
    """What each pool may still hold. Sold-out pools are not locked: they give nothing."""
    money = dict.fromkeys(places, 0)
    giving = [pool_id for pool_id, left in places.items() if left > 0]
    if not giving:
        return money
    codes = [code(pool_id) for pool_id in giving for code in (pool_code, reserve_code)]
    balances = ledger.lock_accounts(codes=codes)
    return money | {pool_id: balances[pool_code(pool_id)].available_fen for pool_id in giving}


def _taken(
    keys: Iterable[RightKey],
) -> tuple[dict[RightKey, frozenset[int]], dict[RightKey, UUID]]:
    """Which ordinals of each right are live, and one voucher of each."""
    rows = execute("taken_rights", rows=[asdict(key) for key in set(keys)])
    taken: dict[RightKey, frozenset[int]] = {}
    owned: dict[RightKey, UUID] = {}
    for programme, category_code, holder_key, ordinal, voucher_id in rows:
        key = RightKey(programme, category_code, holder_key)
        taken[key] = taken.get(key, frozenset()) | {ordinal}
        owned[key] = voucher_id
    return taken, owned


def execute(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Run one of this room's SQL files; `rows` travel as one JSON document."""
    if "rows" in parameters:
        parameters["rows"] = json.dumps(parameters["rows"], default=str)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.vouchers.sql", name).text, parameters)
        return cursor.fetchall() if cursor.description else []
