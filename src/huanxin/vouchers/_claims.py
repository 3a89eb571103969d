"""How a batch of claims is decided: pools locked, rights looked up, winners ranked and written.

Everything here is done to the whole batch at once: two reads, one lock of the accounts, one write
(docs/adr/0090). What it costs a claim must not grow with the tables: see test_hot_statements.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection

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
    HolderKind,
    ReleaseMode,
    RightKey,
    VoucherKind,
)

T = TypeVar("T")
_NONE: frozenset[int] = frozenset()
_PLAIN = (HolderKind.PERSON.value, False)  # a line that counts by person and category

ISSUE = "voucher.issue"
RESERVE_LEG = "reserve"
_NUMBERS = {VoucherKind.QUALIFICATION: "BT", VoucherKind.CONSUMPTION: "XQ"}  # 补贴, 消费券
_SQL = "huanxin.vouchers.sql"
_NOT_VERIFIED = "请先完成实名认证，再领取补贴资格。"
_RESTRICTED = "您当前被暂停参与补贴活动，如有疑问请联系当地商务部门。"
_UNKNOWN = "没有这一期发放，请回到发放页面重新进入。"
_CATEGORY = "本期不包含该品类，请查看领取说明。"
_BY_LOT = "本期为摇号发放，请在登记期内登记，开奖后名额直接发到中签人的券包。"
_REUSED = "该请求编号已用于另一笔申领，请回到发放页面重新进入。"
_TRIES = 5  # of a batch whose rights another pool's batch took meanwhile
_TAKEN_MEANWHILE = frozenset(
    {"voucher_right_once", "voucher_right_across_once", "voucher_request_once"}
)


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
    """What a pool gives for one category."""

    pool_id: UUID
    category_code: str
    cap_fen: int
    reserve_fen: int
    limit_count: int
    holder: str
    counts_across: bool

    @property
    def counted_code(self) -> str:
        """The category a right counts under; none if all of the programme count together."""
        return "" if self.counts_across else self.category_code


class _Standing(NamedTuple):
    """Who asks and what she has, as sql/standings.sql reads it; nobody we know has no key."""

    holder_key: str | None
    is_verified: bool | None
    is_barred: bool
    taken: frozenset[int]
    owned_id: UUID | None
    earlier_id: UUID | None  # the voucher that this very request won before
    is_same: bool | None  # and whether it asked for the same then


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


class _Pools:
    """The locked pools of a batch, their lines by category, the stages that are still to open."""

    def __init__(self, rows: sets.Rows) -> None:
        self.by_id: dict[UUID, _Pool] = {}
        self.lines: dict[tuple[UUID, str], _Line] = {}
        self.later: dict[UUID, list[tuple[datetime, int]]] = {}
        for *pool, lines, later in rows:
            pool_id = pool[0]
            self.by_id[pool_id] = _Pool(*pool)
            for line in lines or ():
                self.lines[pool_id, line[0]] = _Line(pool_id, *line)
            self.later[pool_id] = [
                (datetime.fromisoformat(opens_at), places) for opens_at, places in later or ()
            ]

    def open_places(self, pool_id: UUID) -> int:
        """How many may win now: later stages keep theirs."""
        kept = [places for _, places in self.later[pool_id]]
        return rules.places_open(self.by_id[pool_id].remaining, kept)


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
                with sets.sent_together():
                    return self._decide()
            except IntegrityError as error:
                if not tries_left or _constraint_of(error) not in _TAKEN_MEANWHILE:
                    raise
                self.answers.clear()
        raise AssertionError("the last try raises")

    def _decide(self) -> list[ClaimAnswer]:
        if self.claims:
            self._read()
            self._read_holders()
            self._give(self._wanted())
        for position, claim in enumerate(self.claims):
            if position not in self.answers:  # the same request twice in one batch
                self.answers[position] = self._repeat_of(self.first[claim.request_id], claim)
        return [self.answers[position] for position in range(len(self.claims))]

    def _read(self) -> None:
        """Lock the pools, then read what speaks for and against each claim: one round trip."""
        asked = [self.claims[position] for position in self.first.values()]
        self.pools, self.standings = sets.ask(
            _question(
                "lock_pools",
                _Pools,
                pool_ids=sets.uuids({claim.pool_id for claim in asked}),
                at=self.now,
            ),
            _question(
                "standings",
                self._standings_by_position,
                request_ids=sets.uuids(self.first),
                pool_ids=sets.uuids([claim.pool_id for claim in asked]),
                person_ids=sets.uuids([claim.person_id for claim in asked]),
                category_codes=sets.texts([claim.category_code for claim in asked]),
                device_keys=sets.texts([claim.device_key for claim in asked]),
                on=clock.business_day(self.now),
            ),
        )

    def _read_holders(self) -> None:
        """Whose limit is not hers alone for one category: under which key, and what it has.

        Asks nothing where every line counts by person and category (docs/adr/125).
        """
        lines = self.pools.lines
        counted = {what for what, line in lines.items() if line[-2:] != _PLAIN}
        positions = [
            position
            for position in (self.first.values() if counted else ())
            if (self.claims[position].pool_id, self.claims[position].category_code) in counted
        ]
        if not positions:
            return
        claims = [self.claims[position] for position in positions]
        asked = [lines[claim.pool_id, claim.category_code] for claim in claims]
        [rows] = sets.ask(
            _question(
                "holder_standings",
                list,
                person_ids=sets.uuids([claim.person_id for claim in claims]),
                programmes=sets.texts([self.pools.by_id[one.pool_id].programme for one in claims]),
                category_codes=sets.texts([line.counted_code for line in asked]),
                holders=sets.texts([line.holder for line in asked]),
            )
        )
        for position in positions:
            self.standings[position] = self.standings[position]._replace(
                holder_key=None, taken=_NONE, owned_id=None
            )
        for n, holder_key, ordinal, owned_id in rows:
            position = positions[n - 1]
            earlier = self.standings[position]
            taken = earlier.taken if ordinal is None else earlier.taken | {ordinal}
            self.standings[position] = earlier._replace(
                holder_key=holder_key, taken=taken, owned_id=owned_id
            )

    def _standings_by_position(self, rows: sets.Rows) -> dict[int, _Standing]:
        """One row a claim, or one for each right its holder has."""
        positions = list(self.first.values())
        standings: dict[int, _Standing] = {}
        for n, holder_key, is_verified, is_barred, ordinal, *ids_found in rows:
            position = positions[n - 1]
            taken = _NONE if ordinal is None else frozenset({ordinal})
            if earlier := standings.get(position):
                taken |= earlier.taken
            standings[position] = _Standing(holder_key, is_verified, is_barred, taken, *ids_found)
        return standings

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

    def _answer_again(self, position: int, voucher_id: UUID, *, is_same: bool) -> None:
        """A request id that won before gets its first answer; with other content, a refusal."""
        if not is_same:
            self._answer(position, ClaimOutcome.NOT_ELIGIBLE, say=_REUSED)
            return
        won = ClaimOutcome.WON
        request_id = self.claims[position].request_id
        self.answers[position] = ClaimAnswer(request_id, won, voucher_id, True, rules.sentence(won))

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
        unmeant = self._unmeant()
        offers: dict[tuple[UUID, str], _Offer | _Refusal] = {}
        wanted = []
        for position in self.first.values():
            claim, standing = self.claims[position], self.standings[position]
            if standing.earlier_id:
                self._answer_again(position, standing.earlier_id, is_same=bool(standing.is_same))
                continue
            what = claim.pool_id, claim.category_code
            offer = offers.get(what) or offers.setdefault(what, self._offer(*what))
            refusal = _refusal(offer, standing, unmeant.get(position))
            if refusal:
                self._answer(position, refusal.outcome, say=refusal.sentence)
                continue
            assert isinstance(offer, _Offer), "what is not offered was refused"
            assert standing.holder_key, "whoever has no key was refused"
            key = RightKey(offer.pool.programme, offer.line.counted_code, standing.holder_key)
            wanted.append(_Wanted(position, claim, offer.pool, offer.line, key))
        return wanted

    def _offer(self, pool_id: UUID, category_code: str) -> _Offer | _Refusal:
        """What a pool gives for a category now, or why it gives nobody anything."""
        pool = self.pools.by_id.get(pool_id)
        if pool is None:
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _UNKNOWN)
        if outcome := rules.open_outcome(pool.opens_at, pool.closes_at, self.now):
            return _Refusal(outcome, rules.sentence(outcome))
        line = self.pools.lines.get((pool_id, category_code))
        if line is None:
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _CATEGORY)
        if pool.mode == ReleaseMode.LOTTERY and not self.is_drawn:
            return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _BY_LOT)
        return _Offer(pool, line)

    def _unmeant(self) -> dict[int, str]:
        """Claims of consumption vouchers by people whom they are not meant for, and why."""
        pools = self.pools.by_id.values()
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
        asked = {one.pool.id for one in wanted}
        places = {pool_id: self.pools.open_places(pool_id) for pool_id in asked}
        money, serials = self._lock_money(places, wanted)
        standings = self.standings
        taken = {one.key: standings[one.position].taken for one in wanted}
        candidates = [
            Candidate(
                one.position, one.pool.id, one.key, one.line.reserve_fen, one.line.limit_count
            )
            for one in wanted
        ]
        ranking = rules.rank(candidates, Standing(places, money, taken))
        winners = [one for one in wanted if one.position in ranking.won]
        given = self._write(winners, ranking.won, serials)
        owned = {one.key: given[one.position] for one in winners}
        for one in wanted:
            if voucher_id := given.get(one.position):
                self._answer(one.position, ClaimOutcome.WON, voucher_id)
            elif one.position in ranking.already:
                owned_id = standings[one.position].owned_id or owned.get(one.key)
                self._answer(one.position, ClaimOutcome.ALREADY_YOURS, owned_id)
            else:
                self._answer_too_late(one)

    def _lock_money(
        self, places: Mapping[UUID, int], wanted: Sequence[_Wanted]
    ) -> tuple[dict[UUID, int], list[int]]:
        """What each pool may still hold, and serials for all who could win.

        Sold-out pools are not locked: they give nothing.
        """
        money = dict.fromkeys(places, 0)
        giving = [pool_id for pool_id, left in places.items() if left > 0]
        if not giving:
            return money, []
        codes = [code(pool_id) for pool_id in giving for code in (pool_code, reserve_code)]
        most = min(len(wanted), sum(places.values()))
        balances, serials = sets.ask(ledger.locking(codes=codes), ids.serials(most))
        free = {pool_id: balances[pool_code(pool_id)].available_fen for pool_id in giving}
        return money | free, serials

    def _answer_too_late(self, one: _Wanted) -> None:
        """Sold out, or only this stage: then when the next one opens."""
        if later := self.pools.later[one.pool.id]:
            say = rules.not_yet_sentence(later[0][0])
            self._answer(one.position, ClaimOutcome.NOT_YET, say=say)
        else:
            self._answer(one.position, ClaimOutcome.SOLD_OUT)

    def _write(
        self, winners: Sequence[_Wanted], ordinals: Mapping[int, int], serials: Sequence[int]
    ) -> dict[int, UUID]:
        """Give the winners their vouchers, hold their money, take their places, leave their lines.

        Returns each winner's voucher. Nothing waits for an answer.
        """
        if not winners:
            return {}
        new_ids, numbers = ids.new_ids(len(winners)), self._numbers(winners, serials)
        self._insert(winners, new_ids, numbers, ordinals)
        by_pool: dict[UUID, list[tuple[UUID, int]]] = {}
        for new_id, one in zip(new_ids, winners, strict=True):
            by_pool.setdefault(one.pool.id, []).append((new_id, one.line.reserve_fen))
        counts = sets.integers(len(holds) for holds in by_pool.values())
        sets.write(_SQL, "take_places", pool_ids=sets.uuids(by_pool), counts=counts)
        for pool_id, holds in by_pool.items():
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

    def _numbers(self, winners: Sequence[_Wanted], serials: Sequence[int]) -> list[str]:
        """A number for each winner, of its pool's kind and region."""
        on = clock.business_day(self.now)
        places: dict[tuple[str, str], list[int]] = {}
        for n, one in enumerate(winners):
            places.setdefault((one.pool.kind, one.pool.region_code), []).append(n)
        numbers = [""] * len(winners)
        for (kind, region_code), mine in places.items():
            taken = [serials[n] for n in mine]
            prefix = _NUMBERS[VoucherKind(kind)]
            made = ids.format_numbers(prefix, taken, on=on, region_code=region_code)
            for n, number in zip(mine, made, strict=True):
                numbers[n] = number
        return numbers

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
            acrosses=[line.counts_across for line in lines],
        )


def _audit_line(one: _Wanted, voucher_id: UUID, number: str) -> audit.Entry:
    facts = {
        "number": number,
        "pool_id": one.pool.id,
        "category_code": one.claim.category_code,
        "reserve_fen": one.line.reserve_fen,
    }
    return audit.Entry("voucher", voucher_id, one.pool.region_path, None, facts)


def _refusal(offer: _Offer | _Refusal, standing: _Standing, unmeant: str | None) -> _Refusal | None:
    """Why this person may not have it, if so."""
    if isinstance(offer, _Refusal):
        return offer
    if not standing.is_verified:
        return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _NOT_VERIFIED)
    if standing.is_barred:
        return _Refusal(ClaimOutcome.NOT_ELIGIBLE, _RESTRICTED)
    if standing.holder_key is None:
        return _Refusal(
            ClaimOutcome.NOT_ELIGIBLE, rules.holder_sentence(HolderKind(offer.line.holder))
        )
    return _Refusal(ClaimOutcome.NOT_ELIGIBLE, unmeant) if unmeant else None


def _question(name: str, read: Callable[[sets.Rows], T], **parameters: Any) -> sets.Question[T]:
    return sets.Question(_SQL, name, parameters, read)


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
