"""Everything that may happen to a pool, a right, a 焕新券 or a device lock."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from huanxin.identity import selectors as identity
from huanxin.identity.types import RestrictionKind
from huanxin.kernel import audit, clock, crypto, ids
from huanxin.kernel import requests as kernel_requests
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.locking import lock_row, lock_rows
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    Leg,
    NewAccount,
    budget_code,
    pool_code,
    receivable_code,
    treasury_code,
)
from huanxin.vouchers import _claims, _pools, _redeem, _trade_in, models, rules
from huanxin.vouchers.errors import (
    FunderUnknown,
    NotEligible,
    SaleUnknown,
    TillCodeInvalid,
    VoucherNotTheirs,
    VoucherNotUsable,
)
from huanxin.vouchers.types import (
    Claim,
    ClaimAnswer,
    NewPool,
    NewTradeInVoucher,
    Redemption,
    RedemptionReceipt,
    TillCode,
    VoucherCard,
    VoucherState,
)


@transaction.atomic
def give_budget(
    *,
    actor: Actor,
    programme: str,
    region_code: str,
    shares_fen: Mapping[str, int],
    request_id: UUID,
) -> None:
    """Allocate public money to a region's budget, from each fund (central, province, city).

    A posted transfer: from then on the budget alone decides what can be spent. Safe to retry.
    Refuses amounts of zero or less.
    """
    region = identity.get_region(region_code)
    identity.require(actor, "vouchers.give_budget", region_path=region.path)
    content = {"programme": programme, "region": region_code, "shares_fen": dict(shares_fen)}
    if kernel_requests.first_answer(actor, "vouchers.give_budget", request_id, content):
        return
    budget = budget_code(region_code, programme)
    treasuries = [
        NewAccount(treasury_code(f), AccountKind.TREASURY, owner_key=f) for f in shares_fen
    ]
    opened = NewAccount(budget, AccountKind.BUDGET, region.path, region_code)
    ledger.open_accounts(accounts=[opened, *treasuries])
    ledger.post_transfers(
        legs=[
            Leg("budget.given", request_id, fund, treasury_code(fund), budget, amount_fen)
            for fund, amount_fen in shares_fen.items()
        ]
    )
    audit.record(
        actor, "vouchers.budget_given", "budget", budget, region_path=region.path,
        programme=programme, shares_fen=dict(shares_fen),
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.give_budget", request_id, {"budget": budget})


@transaction.atomic
def open_pool(*, actor: Actor, pool: NewPool, request_id: UUID) -> UUID:
    """Open a release: its money leaves the region's budget, its lines are fixed from the policy.

    Safe to retry. Refuses what could not be honoured (PoolInvalid) and more money than the
    region's budget has (FundExhausted); then nothing is opened.
    """
    region = identity.get_region(pool.region_code)
    identity.require(actor, "vouchers.open_pool", region_path=region.path)
    if earlier := kernel_requests.first_answer(actor, "vouchers.open_pool", request_id, repr(pool)):
        return UUID(earlier["pool_id"])
    rules.check_pool(pool)
    lines = _pools.lines_of(pool)
    now = clock.now()
    row = models.Pool.objects.create(
        id=ids.new_id(),
        title=pool.title,
        kind=pool.kind,
        programme=pool.programme,
        region_code=region.code,
        region_path=region.path,
        quantity=pool.quantity,
        remaining=pool.quantity,
        opens_at=pool.opens_at,
        closes_at=pool.closes_at,
        lapse_hours=pool.lapse_hours,
        reserve_bps=pool.reserve_bps,
        mode=pool.mode,
        opened_at=now,
        opened_on=clock.business_day(now),
    )
    models.PoolLine.objects.bulk_create(
        models.PoolLine(
            pool=row,
            category_code=line.category_code,
            cap_fen=line.cap_fen,
            reserve_fen=line.reserve_fen,
            limit_count=line.limit_count,
        )
        for line in lines
    )
    _pools.fund(row, pool.budget_fen)
    audit.record(
        actor, "vouchers.pool_opened", "pool", row.id, region_path=region.path,
        quantity=pool.quantity, budget_fen=pool.budget_fen, programme=pool.programme,
    )  # fmt: skip
    kernel_requests.remember(actor, "vouchers.open_pool", request_id, {"pool_id": row.id})
    return row.id


@transaction.atomic
def close_pool(*, actor: Actor, pool_id: UUID, reason: str) -> int:
    """End a release now: what no voucher holds goes back to the region's budget; returns it in fen.

    Vouchers already issued stay good: what they hold stays in the pool. Safe to repeat: whatever
    lapsed since is returned as well.
    """
    pool = lock_row(models.Pool, pool_id)
    identity.require(actor, "vouchers.open_pool", region_path=pool.region_path)
    now = clock.now()
    if pool.closes_at > now:
        pool.closes_at = max(now, pool.opens_at + timedelta(microseconds=1))
        pool.save(update_fields=["closes_at"])
    code, budget = pool_code(pool.id), budget_code(pool.region_code, pool.programme)
    returned_fen = ledger.lock_accounts(codes=[code, budget])[code].available_fen
    if returned_fen:
        leg = Leg("pool.closed", ids.new_id(), "return", code, budget, returned_fen)
        ledger.post_transfers(legs=[leg])
    audit.record(
        actor, "vouchers.pool_closed", "pool", pool.id, region_path=pool.region_path,
        reason=reason, returned_fen=returned_fen,
    )  # fmt: skip
    return returned_fen


@transaction.atomic
def claim_vouchers(*, actor: Actor, claims: Sequence[Claim]) -> list[ClaimAnswer]:
    """Decide a batch of claims in the order given; every request gets its own answer.

    Winners are ranked after conflicts: a repeated request, a holder whose right is used up or a
    second request of the same person takes nobody's place. Each winner's voucher is written and
    its reserve held in this transaction, so an answer returned is an answer kept. A repeated
    request id that won gets its first answer; one that lost is decided anew.
    """
    for person_id in {claim.person_id for claim in claims}:
        identity.require(actor, "vouchers.claim", person_id=person_id)
    return _claims.Batch(actor, claims).decide()


def issue_claim_token(
    *,
    actor: Actor,
    pool_id: UUID,
    category_code: str,
    device_key: str = "",
    person_id: UUID | None = None,
) -> str:
    """A ticket for one category of a pool; see issue_claim_tokens."""
    tokens = issue_claim_tokens(
        actor=actor, pool_id=pool_id, device_key=device_key, person_id=person_id
    )
    if category_code not in tokens:
        raise NotEligible(reason="本期不包含该品类")
    return tokens[category_code]


@transaction.atomic
def issue_claim_tokens(
    *, actor: Actor, pool_id: UUID, device_key: str = "", person_id: UUID | None = None
) -> dict[str, str]:
    """Signed tickets, one a category of the pool, each good from the release to the pool's end.

    Who may claim is decided here, before the rush: real name and restrictions. A ticket's id is
    the claim's request id. A station clerk names the person; a consumer is her own.
    """
    person_id = person_id or actor.person_id
    if person_id is None:
        raise NotEligible(reason="请以本人身份登录后领取")
    identity.require(actor, "vouchers.claim", person_id=person_id)
    pool = models.Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise NotFound(model="Pool", id=pool_id)
    if not identity.get_person(person_id, Scope()).is_verified:
        raise NotEligible(reason="请先完成实名认证，再领取补贴资格")
    for kind, key in (
        (RestrictionKind.PERSON, str(person_id)),
        (RestrictionKind.DEVICE, device_key),
    ):
        if key and identity.find_restriction(kind, key, clock.today()):
            raise NotEligible(reason="您当前被暂停参与补贴活动")
    codes = models.PoolLine.objects.filter(pool=pool).order_by("pk")
    return {
        code: crypto.sign_token(
            {
                "id": ids.new_id().hex,
                "pool": pool.id.hex,
                "person": person_id.hex,
                "category": code,
                "device": device_key[:80],
                "until": int(pool.closes_at.timestamp()),
            }
        )
        for code in codes.values_list("category_code", flat=True)
    }


def issue_trade_in_voucher(
    *,
    actor: Actor,
    person_id: UUID,
    order_id: UUID,
    value_fen: int,
    topup_fen: int,
    funder_code: str,
    request_id: UUID,
) -> UUID:
    """Issue one 焕新券; see issue_trade_in_vouchers, of which this is a batch of one."""
    new = NewTradeInVoucher(person_id, order_id, value_fen, topup_fen, funder_code, request_id)
    return issue_trade_in_vouchers(actor=actor, vouchers=[new])[0]


@transaction.atomic
def issue_trade_in_vouchers(*, actor: Actor, vouchers: Sequence[NewTradeInVoucher]) -> list[UUID]:
    """Issue 焕新券 for recycling orders, 待激活 until the old unit is handed over.

    Each is worth the old unit's value plus the funder's top-up and holds that much of the
    funder's account at once. Safe to retry by request id; one per order. City rule of 22 March
    2024 (docs/adr/034).
    """
    identity.require(actor, "vouchers.issue_trade_in")
    for new in vouchers:
        if not new.funder_code.startswith("funder:"):
            raise FunderUnknown(funder_code=new.funder_code)
    earlier = _trade_in.issued_before(vouchers)
    fresh = [new for new in vouchers if new.request_id not in earlier]
    rows = _trade_in.new_rows(fresh)
    _trade_in.open_funders(rows)
    models.Voucher.objects.bulk_create(rows)
    ledger.hold_transfers(legs=[_redeem.reserve_leg(row, row.worth_fen) for row in rows])
    audit.record_many(actor, "vouchers.trade_in_issued", [_audit_line(row) for row in rows])
    known = earlier | {row.request_id: row.id for row in rows}
    return [known[new.request_id] for new in vouchers]


@transaction.atomic
def activate_trade_in_voucher(
    *, actor: Actor, order_id: UUID, recycler_org_id: UUID | None = None
) -> VoucherCard:
    """The old unit was taken over: the order's 焕新券 becomes 待使用. Safe to repeat.

    With `recycler_org_id` the recycler, who got the unit without paying cash, owes its value to
    the funder from now on (receivable → funder).
    """
    identity.require(actor, "vouchers.activate_trade_in")
    voucher = _trade_in.lock_of_order(order_id)
    if voucher.state == VoucherState.USABLE:
        return voucher.as_card()
    _step(actor, voucher, VoucherState.USABLE, "vouchers.trade_in_activated")
    value_fen = voucher.worth_fen - voucher.topup_fen
    if recycler_org_id is not None and value_fen:
        owed = receivable_code(recycler_org_id)
        account = NewAccount(owed, AccountKind.RECEIVABLE, owner_key=str(recycler_org_id))
        ledger.open_accounts(accounts=[account])
        leg = Leg("trade_in.old_unit", voucher.id, "value", owed, voucher.funder_code, value_fen)
        ledger.post_transfers(legs=[leg])
    return voucher.as_card()


@transaction.atomic
def void_trade_in_voucher(*, actor: Actor, order_id: UUID, reason: str) -> VoucherCard:
    """The recycling order died: its 焕新券 is 已作废 and the funder's money free. Safe to repeat.

    Refuses one that is already used.
    """
    identity.require(actor, "vouchers.void_trade_in")
    voucher = _trade_in.lock_of_order(order_id)
    if voucher.state == VoucherState.VOID:
        return voucher.as_card()
    held = _redeem.reserve_key(voucher)
    _forget_reserve(voucher)
    _step(actor, voucher, VoucherState.VOID, "vouchers.trade_in_voided", reason=reason)
    if held:
        ledger.void_held(keys=[held], reason=reason[:200])
    return voucher.as_card()


@transaction.atomic
def till_code(*, actor: Actor, voucher_ids: Sequence[UUID]) -> TillCode:
    """Digits for the till to scan: sixty seconds, one use; a new code ends the one before."""
    rows = models.Voucher.objects.filter(pk__in=list(voucher_ids))
    people = {row.person_id for row in rows}
    if len(people) != 1 or len(rows) != len(set(voucher_ids)):
        raise VoucherNotTheirs(voucher_ids=voucher_ids)
    person_id = people.pop()
    identity.require(actor, "vouchers.show_till_code", person_id=person_id)
    for row in rows:
        if row.state not in {VoucherState.USABLE, VoucherState.LOCKED}:
            state = VoucherState(row.state)
            raise VoucherNotUsable(state=state.label, verb="出示", voucher_id=row.id)
    code = f"{secrets.randbelow(10**12):012d}"
    expires_at = clock.now() + timedelta(seconds=rules.TILL_CODE_SECONDS)
    models.TillCode.objects.update_or_create(
        person_id=person_id,
        defaults={
            "code": code,
            "voucher_ids": [str(voucher_id) for voucher_id in voucher_ids],
            "expires_at": expires_at,
            "taken_at": None,
        },
    )
    return TillCode(code, expires_at)


@transaction.atomic
def take_till_code(*, actor: Actor, code: str) -> list[VoucherCard]:
    """What a shown code stands for, once. Wrong, used and old codes are refused alike."""
    identity.require(actor, "vouchers.take_till_code")
    now = clock.now()
    live = models.TillCode.objects.filter(code=code, taken_at=None, expires_at__gt=now)
    shown = live.select_for_update().first()
    if shown is None:
        raise TillCodeInvalid
    models.TillCode.objects.filter(pk=shown.pk).update(taken_at=now)
    rows = models.Voucher.objects.filter(pk__in=shown.voucher_ids).order_by("kind", "id")
    audit.record(
        actor, "vouchers.till_code_taken", "person", shown.person_id, org_id=actor.org_id,
        voucher_ids=shown.voucher_ids,
    )  # fmt: skip
    return [row.as_card() for row in rows]


@transaction.atomic
def lock_voucher(*, actor: Actor, voucher_id: UUID, sale_id: UUID) -> VoucherCard:
    """Keep a voucher for one online order: 已锁定 until that sale spends it or the order dies."""
    identity.require(actor, "vouchers.redeem")
    voucher = lock_row(models.Voucher, voucher_id)
    if voucher.state == VoucherState.LOCKED and voucher.locked_for == sale_id:
        return voucher.as_card()
    if voucher.state != VoucherState.USABLE:
        state = VoucherState(voucher.state)
        raise VoucherNotUsable(state=state.label, verb="锁定", voucher_id=voucher_id)
    voucher.locked_for = sale_id
    _step(actor, voucher, VoucherState.LOCKED, "vouchers.locked", sale_id=sale_id)
    return voucher.as_card()


@transaction.atomic
def unlock_voucher(*, actor: Actor, voucher_id: UUID, sale_id: UUID) -> VoucherCard:
    """The online order died: the voucher is 待使用 again. Only the order that locked it may."""
    identity.require(actor, "vouchers.redeem")
    voucher = lock_row(models.Voucher, voucher_id)
    if voucher.state != VoucherState.LOCKED or voucher.locked_for != sale_id:
        state = VoucherState(voucher.state)
        raise VoucherNotUsable(state=state.label, verb="解锁", voucher_id=voucher_id)
    voucher.locked_for = None
    _step(actor, voucher, VoucherState.USABLE, "vouchers.unlocked", sale_id=sale_id)
    return voucher.as_card()


@transaction.atomic
def redeem_vouchers(*, actor: Actor, redemptions: Sequence[Redemption]) -> list[RedemptionReceipt]:
    """Spend vouchers on sales: all of the batch or none of it.

    The unit of each sale is locked, what the voucher held is released, and exactly the amount
    spent is held for the shop (leg `subsidy` or `trade_in` of cause `sale`) until settlement posts
    it. Safe to retry: a (sale, leg) redeemed with the same content is left alone. Refuses vouchers
    of another person, unusable or expired ones, shops outside the region, units already sold with
    a subsidy, and more than the voucher's worth or the pool's money.
    """
    for org_id in {one.org_id for one in redemptions}:
        identity.require(actor, "vouchers.redeem", org_id=org_id)
    spendings = _redeem.lock_vouchers(redemptions)
    done = _redeem.done_before(spendings)
    fresh = [one for one in spendings if (one.redemption.sale_id, one.leg) not in done]
    if fresh:
        now = clock.now()
        _redeem.check(fresh)
        _redeem.lock_devices(fresh, now)
        _redeem.move_money(fresh)
        _redeem.write(fresh, now)
        audit.record_many(actor, "vouchers.redeemed", [_spent_line(one) for one in fresh])
    return [RedemptionReceipt(one.sale_id, one.voucher_id, one.amount_fen) for one in redemptions]


@transaction.atomic
def cancel_redemption(*, actor: Actor, sale_id: UUID, reason: str) -> None:
    """Undo a sale's redemptions: the rights are 待使用 again, the unit is free.

    What is still held for the shop is voided; what was already posted settlement claws back. A
    right gets its remaining time or a full new validity, whichever ends later. Safe to repeat.
    """
    rows = list(models.Redemption.objects.filter(sale_id=sale_id).order_by("voucher_id"))
    if not rows:
        raise SaleUnknown(sale_id=sale_id)
    identity.require(actor, "vouchers.cancel_redemption", org_id=rows[0].org_id)
    vouchers = {v.id: v for v in lock_rows(models.Voucher, [row.voucher_id for row in rows])}
    if models.Cancellation.objects.filter(pk=sale_id).exists():
        return
    now = clock.now()
    models.Cancellation.objects.create(
        sale_id=sale_id,
        reason=reason[:200],
        cancelled_at=now,
        cancelled_on=clock.business_day(now),
    )
    models.DeviceLock.objects.filter(sale_id=sale_id, freed_at=None).update(freed_at=now)
    _redeem.lock_all_accounts(rows, list(vouchers.values()))
    _redeem.release_payables(rows, reason[:200])
    for row in rows:
        _restore(actor, row, vouchers[row.voucher_id], now)


@transaction.atomic
def lapse_due(*, actor: Actor, limit: int = 1000) -> int:
    """Let unused vouchers whose time is over lapse: money and place are free at once.

    Run every minute; returns how many lapsed, at most `limit`.
    """
    identity.require(actor, "vouchers.lapse")
    now = clock.now()
    due = models.Voucher.objects.filter(state=VoucherState.USABLE, expires_at__lte=now)
    chosen = list(due.order_by("expires_at").values_list("id", "pool_id")[:limit])
    lock_rows(models.Pool, {pool_id for _, pool_id in chosen if pool_id})
    locked = lock_rows(models.Voucher, [voucher_id for voucher_id, _ in chosen])
    rows = [row for row in locked if row.state == VoucherState.USABLE and _is_over(row, now)]
    keys = [key for row in rows if (key := _redeem.reserve_key(row))]
    models.Voucher.objects.filter(pk__in=[row.id for row in rows]).update(
        state=VoucherState.LAPSED, reserve_fen=0, reserve_cause="", reserve_cause_id=None,
        changed_at=now,
    )  # fmt: skip
    for pool_id in sorted({row.pool_id for row in rows if row.pool_id}):
        count = sum(row.pool_id == pool_id for row in rows)
        models.Pool.objects.filter(pk=pool_id).update(remaining=F("remaining") + count)
    ledger.void_held(keys=keys, reason="lapsed")
    audit.record_many(actor, "vouchers.lapsed", [_audit_line(row) for row in rows])
    return len(rows)


def _forget_reserve(voucher: models.Voucher) -> None:
    voucher.reserve_fen, voucher.reserve_cause, voucher.reserve_cause_id = 0, "", None


def _step(
    actor: Actor, voucher: models.Voucher, after: VoucherState, action: str, **facts: Any
) -> None:
    """Move one locked voucher along the table and leave its audit line."""
    rules.check_transition(VoucherState(voucher.state), after)
    voucher.state, voucher.changed_at = after, clock.now()
    voucher.save(
        update_fields=[
            "state", "changed_at", "locked_for", "used_sale_id", "expires_at", "reserve_fen",
            "reserve_cause", "reserve_cause_id",
        ]
    )  # fmt: skip
    audit.record(actor, action, "voucher", voucher.id, region_path=voucher.region_path, **facts)


def _restore(actor: Actor, row: models.Redemption, voucher: models.Voucher, now: datetime) -> None:
    voucher.reserve_fen = _redeem.rehold(row, voucher)
    if not voucher.reserve_fen:
        _forget_reserve(voucher)
    voucher.used_sale_id = None
    lapse_hours = voucher.pool.lapse_hours if voucher.pool else None
    voucher.expires_at = rules.restored_until(voucher.expires_at, lapse_hours, now)
    _step(actor, voucher, VoucherState.USABLE, "vouchers.restored", sale_id=row.sale_id)


def _is_over(voucher: models.Voucher, now: datetime) -> bool:
    return voucher.expires_at is not None and voucher.expires_at <= now


def _audit_line(row: models.Voucher) -> audit.Entry:
    facts = {"number": row.number, "kind": row.kind, "worth_fen": row.worth_fen}
    return audit.Entry("voucher", row.id, row.region_path, None, facts)


def _spent_line(one: _redeem.Spending) -> audit.Entry:
    facts = {
        "number": one.voucher.number,
        "sale_id": one.redemption.sale_id,
        "leg": one.leg,
        "amount_fen": one.redemption.amount_fen,
    }
    voucher = one.voucher
    return audit.Entry("voucher", voucher.id, voucher.region_path, one.redemption.org_id, facts)
