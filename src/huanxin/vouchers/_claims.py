"""How a batch of claims is decided: pools locked, rights looked up, winners ranked and written.

Everything here is done to the whole batch at once: two reads, one lock of the accounts, one write
(docs/adr/0090). What it costs a claim must not grow with the tables: see test_hot_statements.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from huanxin.kernel import audit, clock, ids, sets
from huanxin.kernel.actor import Actor
from huanxin.kernel.sqlfiles import read_sql
from huanxin.ledger import services as ledger
from huanxin.ledger.types import pool_code, reserve_code
from huanxin.vouchers import _campaigns, rules
from huanxin.vouchers._ranking import Candidate, Standing
from huanxin.vouchers.types import (
    Claim,
    ClaimAnswer,
    ClaimOutcome,
    ReleaseMode,
    RightKey,
    VoucherKind,
)

ISSUE = "voucher.issue"
RESERVE_LEG = "reserve"
_SQL = "huanxin.vouchers.sql"
_NOT_VERIFIED = "请先完成实名认证，再领取补贴资格。"
_RESTRICTED = "您当前被暂停参与补贴活动，如有疑问请联系当地商务部门。"
_UNKNOWN = "没有这一期发放，请回到发放页面重新进入。"
_CATEGORY = "本期不包含该品类，请查看领取说明。"
_BY_LOT = "本期为摇号发放，请在登记期内登记，开奖后名额直接发到中签人的券包。"
_REUSED = "该请求编号已用于另一笔申领，请回到发放页面重新进入。"
_TRIES = 5  # of a batch whose rights another pool's batch took meanwhile
_TAKEN_MEANWHILE = frozenset({"voucher_right_once", "voucher_request_once"})


class _Pool(NamedTuple):
    """A locked pool, as sql/lock_pools.sql reads it."""

    id: UUID
    kind: str
    programme: str
    region_code: str
    region_path: str
    remaining: int
    opens_at: datetime
    closes_at: datetime
    lapse_hours: int
    mode: str


class _Line(NamedTuple):
    """What a pool gives for one category, as sql/pool_lines.sql reads it."""

    pool_id: UUID
    category_code: str
    cap_fen: int
    reserve_fen: int
    limit_count: int


class _Holder(NamedTuple):
    """Who asks, as sql/people.sql reads her."""

    person_id: UUID
    holder_key: str
    is_verified: bool
    region_path: str


_STRANGER = _Holder(UUID(int=0), "", is_verified=False, region_path="")


class _Offer(NamedTuple):
    """What can be won: a pool that is open and its line for a category."""

    pool: _Pool
    line: _Line


class _Refusal(NamedTuple):
    """Why nothing can be won."""

    outcome: ClaimOutcome
    sentence: str


class _Wanted(NamedTuple):
    """A claim that passed every test but the ranking."""

    position: int
    claim: Claim
    pool: _Pool
    line: _Line
    key: RightKey


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database said about a batch, read after its pools were locked."""

    pools: Mapping[UUID, _Pool]
    lines: Mapping[tuple[UUID, str], _Line]
    later: Mapping[UUID, list[tuple[datetime, int]]]
    earlier: Sequence[tuple[Any, ...]]
    holders: Mapping[UUID, _Holder]
    barred: frozenset[tuple[str, str]]


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
        """Every claim's answer, in order; winners are written, their money is held.

        Only another pool of the same programme can take a right meanwhile: this batch's pools are
        locked. Then the batch is decided again, knowing that; so the place goes to the next in
        line, and whoever was faster elsewhere is told that the right is theirs already.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                with transaction.atomic():
                    return self._decide()
            except IntegrityError as error:
                if not tries_left or _constraint_of(error) not in _TAKEN_MEANWHILE:
                    raise
                self.answers.clear()
        raise AssertionError("the last try raises")

    def _decide(self) -> list[ClaimAnswer]:
        if self.claims:
            self.known = self._read()
            self._answer_repeats()
            self._give(self._wanted())
        for position, claim in enumerate(self.claims):
            if position not in self.answers:  # the same request twice in one batch
                self.answers[position] = self._repeat_of(self.first[claim.request_id], claim)
        return [self.answers[position] for position in range(len(self.claims))]

    def _read(self) -> _Known:
        """Lock the pools, then read what speaks for and against each claim: one round trip."""
        pool_ids = sets.uuids({claim.pool_id for claim in self.claims})
        people = {claim.person_id for claim in self.claims}
        subjects = [("person", str(person_id)) for person_id in people]
        subjects += {("device", claim.device_key) for claim in self.claims if claim.device_key}
        pools, lines, later, earlier, holders, barred = sets.ask(
            _question("lock_pools", pool_ids=pool_ids),
            _question("pool_lines", pool_ids=pool_ids),
            _question("later_stages", pool_ids=pool_ids, at=self.now),
            _question("find_requests", request_ids=sets.uuids(self.first)),
            _question("people", person_ids=sets.uuids(people)),
            _question(
                "barred",
                kinds=sets.texts([kind for kind, _ in subjects]),
                keys=sets.texts([key for _, key in subjects]),
                on=clock.business_day(self.now),
            ),
        )
        stages: dict[UUID, list[tuple[datetime, int]]] = {}
        for pool_id, opens_at, places in later:
            stages.setdefault(pool_id, []).append((opens_at, places))
        return _Known(
            pools={row[0]: _Pool(*row) for row in pools},
            lines={(row[0], row[1]): _Line(*row) for row in lines},
            later=stages,
            earlier=earlier,
            holders={row[0]: _Holder(*row[:4]) for row in holders},
            barred=frozenset(barred),
        )

    def _answer(
        self, position: int, outcome: ClaimOutcome, voucher_id: UUID | None = None, say: str = ""
    ) -> None:
        self.answers[position] = ClaimAnswer(
            self.claims[position].request_id,
            outcome,
            voucher_id,
            is_repeat=False,
            sentence=say or rules.sentence(outcome),
        )

    def _answer_repeats(self) -> None:
        """A request id that won before gets its first answer; with other content, a refusal."""
        for request_id, voucher_id, *content in self.known.earlier:
            position = self.first[request_id]
            claim = self.claims[position]
            if content == [claim.pool_id, claim.person_id, claim.category_code]:
                sentence = rules.sentence(ClaimOutcome.WON)
                answer = ClaimAnswer(request_id, ClaimOutcome.WON, voucher_id, True, sentence)
                self.answers[position] = answer
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

    def _wanted(self) -> list[_Wanted]:
        """The claims that only places and money can still refuse; the others get their answer."""
        holders, unmeant = self.known.holders, self._unmeant()
        offers: dict[tuple[UUID, str], _Offer | _Refusal] = {}
        wanted = []
        for position in self.first.values():
            if position in self.answers:
                continue
            claim = self.claims[position]
            what = claim.pool_id, claim.category_code
            offer = offers.get(what) or offers.setdefault(what, self._offer(*what))
            holder = holders.get(claim.person_id, _STRANGER)
            refusal = self._refusal(offer, claim, holder, unmeant.get(position))
            if refusal:
                self._answer(position, refusal.outcome, say=refusal.sentence)
                continue
            assert isinstance(offer, _Offer), "what is not offered was refused"
            key = RightKey(offer.pool.programme, claim.category_code, holder.holder_key)
            wanted.append(_Wanted(position, claim, offer.pool, offer.line, key))
        return wanted

    def _offer(self, pool_id: UUID, category_code: str) -> _Offer | _Refusal:
        """What a pool gives for a category now, or why it gives nobody anything."""
        pool = self.known.pools.get(pool_id)
        if pool is None:
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _UNKNOWN)
        if outcome := rules.open_outcome(pool.opens_at, pool.closes_at, self.now):
            return _Refusal(outcome, rules.sentence(outcome))
        line = self.known.lines.get((pool_id, category_code))
        if line is None:
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _CATEGORY)
        if pool.mode == ReleaseMode.LOTTERY and not self.is_drawn:
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _BY_LOT)
        return _Offer(pool, line)

    def _refusal(
        self, offer: _Offer | _Refusal, claim: Claim, holder: _Holder, unmeant: str | None
    ) -> _Refusal | None:
        """Why this person may not have it, if so."""
        if isinstance(offer, _Refusal):
            return offer
        if not holder.is_verified:
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _NOT_VERIFIED)
        barred = self.known.barred
        if barred and (
            ("person", str(claim.person_id)) in barred or ("device", claim.device_key) in barred
        ):
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _RESTRICTED)
        return _Refusal(ClaimOutcome.NOT_ELIGIBLE, unmeant) if unmeant else None

    def _unmeant(self) -> dict[int, str]:
        """Claims of consumption vouchers by people whom they are not meant for, and why."""
        pools = self.known.pools.values()
        mine = {pool.id for pool in pools if pool.kind == VoucherKind.CONSUMPTION}
        if not mine:
            return {}
        claims = [(position, self.claims[position]) for position in self.first.values()]
        asked = [
            (position, claim.pool_id, claim.person_id, claim.is_near)
            for position, claim in claims
            if claim.pool_id in mine
        ]
        return _campaigns.refusals(_campaigns.terms_of(list(mine)), asked)

    def _give(self, wanted: Sequence[_Wanted]) -> None:
        """Rank whoever asks, write the winners, tell the others why not."""
        if not wanted:
            return
        taken, owned = _taken([one.key for one in wanted])
        places = {
            pool.id: rules.places_open(
                pool.remaining, [count for _, count in self.known.later.get(pool.id, ())]
            )
            for pool in self.known.pools.values()
        }
        candidates = [
            Candidate(
                one.position, one.pool.id, one.key, one.line.reserve_fen, one.line.limit_count
            )
            for one in wanted
        ]
        ranking = rules.rank(candidates, Standing(places, _available(places), taken))
        given = self._write([one for one in wanted if one.position in ranking.won], ranking.won)
        owned = {one.key: given[one.position] for one in wanted if one.position in given} | owned
        for one in wanted:
            if voucher_id := given.get(one.position):
                self._answer(one.position, ClaimOutcome.WON, voucher_id)
            elif one.position in ranking.already:
                self._answer(one.position, ClaimOutcome.ALREADY_YOURS, owned.get(one.key))
            else:
                self._answer_too_late(one)

    def _answer_too_late(self, one: _Wanted) -> None:
        """Sold out, or only this stage: then when the next one opens."""
        if later := self.known.later.get(one.pool.id):
            say = rules.not_yet_sentence(later[0][0])
            self._answer(one.position, ClaimOutcome.NOT_YET, say=say)
        else:
            self._answer(one.position, ClaimOutcome.SOLD_OUT)

    def _write(self, winners: Sequence[_Wanted], ordinals: Mapping[int, int]) -> dict[int, UUID]:
        """Give the winners their vouchers, hold their money, take their places, leave their lines.

        Returns each winner's voucher. All of it travels together: nothing waits for an answer.
        """
        if not winners:
            return {}
        new_ids, numbers = ids.new_ids(len(winners)), self._numbers(winners)
        by_pool: dict[UUID, list[tuple[UUID, int]]] = {}
        for new_id, one in zip(new_ids, winners, strict=True):
            by_pool.setdefault(one.pool.id, []).append((new_id, one.line.reserve_fen))
        with sets.together():
            self._insert(winners, new_ids, numbers, ordinals)
            sets.write(
                _SQL,
                "take_places",
                pool_ids=sets.uuids(by_pool),
                counts=sets.integers(len(holds) for holds in by_pool.values()),
            )
            for pool_id, holds in sorted(by_pool.items()):
                ledger.hold_series(
                    cause=ISSUE,
                    leg=RESERVE_LEG,
                    debit=pool_code(pool_id),
                    credit=reserve_code(pool_id),
                    holds=holds,
                )
            lines = [_audit_line(*row) for row in zip(winners, new_ids, numbers, strict=True)]
            audit.record_many(self.actor, "vouchers.issued", lines)
        return {one.position: new_id for one, new_id in zip(winners, new_ids, strict=True)}

    def _numbers(self, winners: Sequence[_Wanted]) -> list[str]:
        on = clock.business_day(self.now)
        codes = [one.pool.region_code for one in winners]
        by_region = {
            code: iter(ids.new_numbers("BT", codes.count(code), on=on, region_code=code))
            for code in set(codes)
        }
        return [next(by_region[code]) for code in codes]

    def _insert(
        self,
        winners: Sequence[_Wanted],
        new_ids: Sequence[UUID],
        numbers: Sequence[str],
        ordinals: Mapping[int, int],
    ) -> None:
        """One statement; what the vouchers of a line share travels once."""
        lines = {one.line: one.pool for one in winners}
        place = {line: n for n, line in enumerate(lines, start=1)}
        sets.write(
            _SQL,
            "insert_vouchers",
            cause=ISSUE,
            at=self.now,
            on=clock.business_day(self.now),
            ids=sets.uuids(new_ids),
            numbers=sets.texts(numbers),
            person_ids=sets.uuids(one.claim.person_id for one in winners),
            holder_keys=sets.texts([one.key.holder_key for one in winners]),
            ordinals=sets.integers(ordinals[one.position] for one in winners),
            request_ids=sets.uuids(one.claim.request_id for one in winners),
            device_keys=sets.texts([one.claim.device_key for one in winners]),
            places=sets.integers(place[one.line] for one in winners),
            kinds=sets.texts([pool.kind for pool in lines.values()]),
            programmes=sets.texts([pool.programme for pool in lines.values()]),
            pool_ids=sets.uuids(pool.id for pool in lines.values()),
            region_paths=sets.texts([pool.region_path for pool in lines.values()]),
            lapse_ats=[self.now + timedelta(hours=pool.lapse_hours) for pool in lines.values()],
            category_codes=sets.texts([line.category_code for line in lines]),
            worths=sets.integers(line.cap_fen for line in lines),
            reserves=sets.integers(line.reserve_fen for line in lines),
        )


def _audit_line(one: _Wanted, voucher_id: UUID, number: str) -> audit.Entry:
    facts = {
        "number": number,
        "pool_id": one.pool.id,
        "category_code": one.claim.category_code,
        "reserve_fen": one.line.reserve_fen,
    }
    return audit.Entry("voucher", voucher_id, one.pool.region_path, None, facts)


def _available(places: Mapping[UUID, int]) -> dict[UUID, int]:
    """What each pool may still hold. Sold-out pools are not locked: they give nothing."""
    money = dict.fromkeys(places, 0)
    giving = [pool_id for pool_id, left in places.items() if left > 0]
    if not giving:
        return money
    codes = [code(pool_id) for pool_id in giving for code in (pool_code, reserve_code)]
    balances = ledger.lock_accounts(codes=codes)
    return money | {pool_id: balances[pool_code(pool_id)].available_fen for pool_id in giving}


def _taken(
    wanted: Iterable[RightKey],
) -> tuple[dict[RightKey, frozenset[int]], dict[RightKey, UUID]]:
    """Which ordinals of each right are live, and one voucher of each."""
    keys = list(dict.fromkeys(wanted))
    [rows] = sets.ask(
        _question(
            "taken_rights",
            programmes=sets.texts([key.programme for key in keys]),
            category_codes=sets.texts([key.category_code for key in keys]),
            holder_keys=sets.texts([key.holder_key for key in keys]),
        )
    )
    taken: dict[RightKey, frozenset[int]] = {}
    owned: dict[RightKey, UUID] = {}
    for n, ordinal, voucher_id in rows:
        key = keys[n - 1]
        taken[key] = taken.get(key, frozenset()) | {ordinal}
        owned[key] = voucher_id
    return taken, owned


def _question(name: str, **parameters: Any) -> sets.Question:
    return sets.Question(_SQL, name, parameters)


def _constraint_of(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    return diagnosis.constraint_name if diagnosis else None


def execute(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Run one of this room's SQL files; `rows` travel as one JSON document."""
    if "rows" in parameters:
        parameters["rows"] = json.dumps(parameters["rows"], default=str)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("huanxin.vouchers.sql", name).text, parameters)
        return cursor.fetchall() if cursor.description else []
