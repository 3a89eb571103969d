"""How rights are made outside a release: holders named, ordinals found, money held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.errors import NotFound, RequestReused
from huanxin.kernel.locking import lock_rows
from huanxin.ledger import services as ledger
from huanxin.ledger.types import pool_code, reserve_code
from huanxin.vouchers import _claims, _life, _platform, _redeem, models, rules
from huanxin.vouchers.errors import NotEligible, PoolExhausted, RightTaken
from huanxin.vouchers.types import (
    HolderKind,
    NewRight,
    RightChannel,
    RightKey,
    VoucherKind,
    VoucherState,
)


@dataclass(frozen=True, slots=True)
class _Holder:
    """A person with the keys a right of hers may be counted under."""

    person_key: str
    household_key: str
    is_verified: bool

    def key_for(self, kind: HolderKind, named: str) -> str:
        return rules.holder_key(
            kind, person=self.person_key, household=self.household_key, named=named
        )


class Making:
    """One batch of rights to make."""

    def __init__(self, actor: Actor, rights: Sequence[NewRight]) -> None:
        self.actor = actor
        self.rights = rights
        self.now = clock.now()

    def write(self) -> list[UUID]:
        """The ids of the rights, in order; those of earlier identical requests included."""
        pool_ids = {one.pool_id for one in self.rights}
        pools = {pool.id: pool for pool in lock_rows(models.Pool, pool_ids)}
        for pool_id in pool_ids - pools.keys():
            raise NotFound(model="Pool", id=pool_id)
        known = self._made_before()
        fresh = [one for one in self.rights if one.request_id not in known]
        rows = self._rows(fresh, pools)
        self._take_places(rows, pools)
        models.Voucher.objects.bulk_create(rows)
        ledger.hold_transfers(legs=[_redeem.reserve_leg(row, row.reserve_fen) for row in rows])
        audit.record_many(self.actor, "vouchers.made", [_life.audit_line(row) for row in rows])
        known |= {row.request_id: row.id for row in rows}
        return [known[one.request_id] for one in self.rights]

    def _made_before(self) -> dict[UUID, UUID]:
        asked = {one.request_id: one for one in self.rights}
        found = {}
        for row in models.Voucher.objects.filter(request_id__in=list(asked)):
            one = asked[row.request_id]
            if (row.person_id, row.pool_id, row.category_code) != (
                one.person_id, one.pool_id, one.category_code,
            ):  # fmt: skip
                raise RequestReused(operation="vouchers.make_right", request_id=one.request_id)
            found[row.request_id] = row.id
        return found

    def _rows(
        self, rights: Sequence[NewRight], pools: dict[UUID, models.Pool]
    ) -> list[models.Voucher]:
        lines = {
            (line.pool_id, line.category_code): line
            for line in models.PoolLine.objects.filter(pool_id__in=list(pools))
        }
        holders = _holders({one.person_id for one in rights})
        self._check_people(rights, holders)
        rows: list[models.Voucher] = []
        taken: dict[RightKey, set[int]] = {}
        for one in rights:
            line = lines.get((one.pool_id, one.category_code))
            if line is None:
                raise NotEligible(reason="该资金池不包含该品类")
            kind = HolderKind(line.holder)
            holder_key = holders[one.person_id].key_for(kind, one.holder_key)
            counted_code = "" if line.counts_across else one.category_code
            key = RightKey(pools[one.pool_id].programme, counted_code, holder_key)
            ordinal = _free_ordinal(key, line.limit_count, taken)
            if ordinal is None:
                raise RightTaken(holder=kind.label, category_code=one.category_code)
            row = self._row(one, pools[one.pool_id], line, key, ordinal)
            _platform.ask(row, RightChannel.UNIONPAY)
            rows.append(row)
        return rows

    def _check_people(self, rights: Sequence[NewRight], holders: dict[UUID, _Holder]) -> None:
        keys = {str(one.person_id) for one in rights}
        on = clock.business_day(self.now)
        restricted = identity.restricted_keys(RestrictionKind.PERSON, keys, on)
        for one in rights:
            if one.person_id not in holders or not holders[one.person_id].is_verified:
                raise NotEligible(reason="持有人尚未完成实名认证")
            if str(one.person_id) in restricted:
                raise NotEligible(reason="持有人当前被暂停参与补贴活动")

    def _row(
        self,
        one: NewRight,
        pool: models.Pool,
        line: models.PoolLine,
        key: RightKey,
        ordinal: int,
    ) -> models.Voucher:
        voucher_id, on = ids.new_id(), clock.business_day(self.now)
        return models.Voucher(
            id=voucher_id,
            number=ids.new_number("BT", on=on, region_code=pool.region_code),
            kind=VoucherKind.QUALIFICATION,
            state=VoucherState.USABLE,
            person_id=one.person_id,
            holder_key=key.holder_key,
            programme=pool.programme,
            category_code=one.category_code,
            ordinal=ordinal,
            counts_across=line.counts_across,
            pool=pool,
            region_path=pool.region_path,
            request_id=one.request_id,
            worth_fen=line.cap_fen,
            reserve_fen=line.reserve_fen,
            reserve_cause=_claims.ISSUE,
            reserve_cause_id=voucher_id,
            issued_at=self.now,
            issued_on=on,
            expires_at=self.now + timedelta(hours=pool.lapse_hours),
            changed_at=self.now,
        )

    def _take_places(self, rows: Sequence[models.Voucher], pools: dict[UUID, models.Pool]) -> None:
        codes = [code(pool_id) for pool_id in pools for code in (pool_code, reserve_code)]
        balances = ledger.lock_accounts(codes=codes)
        for pool in pools.values():
            mine = [row for row in rows if row.pool_id == pool.id]
            if len(mine) > pool.remaining:
                raise PoolExhausted(what="名额", pool_id=pool.id)
            if sum(row.reserve_fen for row in mine) > balances[pool_code(pool.id)].available_fen:
                raise PoolExhausted(what="资金", pool_id=pool.id)
            pool.remaining -= len(mine)
            pool.save(update_fields=["remaining"])


def _holders(person_ids: set[UUID]) -> dict[UUID, _Holder]:
    rows = _claims.execute("holders", person_ids=list(person_ids))
    return {row[0]: _Holder(row[1], row[2] or "", row[3]) for row in rows}


def _free_ordinal(key: RightKey, limit_count: int, taken: dict[RightKey, set[int]]) -> int | None:
    """The first ordinal of the right that nobody has; it counts as taken from then on."""
    if key not in taken:
        live = models.Voucher.objects.filter(
            programme=key.programme, holder_key=key.holder_key, kind=VoucherKind.QUALIFICATION,
            state__in=rules.LIVE,
        )  # fmt: skip
        if key.category_code:
            live = live.filter(category_code=key.category_code)
        else:
            live = live.filter(counts_across=True)
        taken[key] = set(live.values_list("ordinal", flat=True))
    free = next((n for n in range(1, limit_count + 1) if n not in taken[key]), None)
    if free is not None:
        taken[key].add(free)
    return free
