"""How vouchers are spent and restored: devices locked, money moved from reserve to the shop."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound, RequestReused
from huanxin.kernel.locking import lock_rows
from huanxin.kernel.money import yuan
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    HoldKey,
    Leg,
    NewAccount,
    payable_code,
    pool_code,
    reserve_code,
)
from huanxin.vouchers import _spending, models, rules
from huanxin.vouchers._claims import execute
from huanxin.vouchers.errors import DeviceAlreadySold, HolderTotalReached, SaleUndone
from huanxin.vouchers.types import HolderKind, Redemption, Reduction, VoucherKind

SALE = "sale"
CANCEL = "sale.cancel"
LEG = {
    VoucherKind.QUALIFICATION: "subsidy", VoucherKind.HUANXIN: "trade_in",
    VoucherKind.CONSUMPTION: "discount",  # and its place: discount1, discount2
}  # fmt: skip
_RESERVE_LEG = {
    VoucherKind.QUALIFICATION: "reserve", VoucherKind.HUANXIN: "value",
    VoucherKind.CONSUMPTION: "reserve",
}  # fmt: skip
_NO_UNIT = ("", "", None)


@dataclass(frozen=True, slots=True)
class Spending:
    """A redemption with the locked voucher it spends and the unit it is for, if it is for one."""

    redemption: Redemption
    voucher: models.Voucher
    device: tuple[str, str, str | None]

    @property
    def leg(self) -> str:
        kind = VoucherKind(self.voucher.kind)
        is_discount = kind is VoucherKind.CONSUMPTION
        return LEG[kind] + (str(self.redemption.place) if is_discount else "")

    @property
    def has_unit(self) -> bool:
        return self.device != _NO_UNIT


def payer_code(voucher: models.Voucher) -> str:
    """The account that pays: the pool's for a qualification, the funder's for a 焕新券."""
    return pool_code(voucher.pool_id) if voucher.pool_id else voucher.funder_code


def counter_code(voucher: models.Voucher) -> str:
    """The counter side of what a voucher holds while it waits."""
    if voucher.pool_id:
        return reserve_code(voucher.pool_id)
    return voucher.funder_code.replace("funder:", "huanxin:", 1)


def reserve_key(voucher: models.Voucher) -> HoldKey | None:
    """The hold that keeps a waiting voucher's money; None if it keeps none."""
    if voucher.reserve_cause_id is None:
        return None
    leg = _RESERVE_LEG[VoucherKind(voucher.kind)]
    return HoldKey(voucher.reserve_cause, voucher.reserve_cause_id, leg)


def reserve_leg(voucher: models.Voucher, amount_fen: int) -> Leg:
    """The transfer that holds a waiting voucher's money under its `reserve_cause`."""
    assert voucher.reserve_cause_id is not None, "name the cause first"
    return Leg(
        cause=voucher.reserve_cause,
        cause_id=voucher.reserve_cause_id,
        leg=_RESERVE_LEG[VoucherKind(voucher.kind)],
        debit=payer_code(voucher),
        credit=counter_code(voucher),
        amount_fen=amount_fen,
    )


def lock_vouchers(redemptions: Sequence[Redemption]) -> list[Spending]:
    """Hold the vouchers in key order and read the units; an unknown voucher is refused."""
    locked = lock_rows(models.Voucher, {one.voucher_id for one in redemptions})
    vouchers = {voucher.id: voucher for voucher in locked}
    for one in redemptions:
        if one.voucher_id not in vouchers:
            raise NotFound(model="Voucher", id=one.voucher_id)
    return [Spending(one, vouchers[one.voucher_id], _unit_of(one)) for one in redemptions]


def _unit_of(one: Redemption) -> tuple[str, str, str | None]:
    return rules.device_key(one.device) if one.device else _NO_UNIT


def done_before(spendings: Sequence[Spending]) -> set[tuple[UUID, str]]:
    """Which (sale, leg) are already redeemed with the same content; other content is refused.

    So is a leg that another shop would add to a sale: a sale is one shop's.
    """
    sale_ids = {one.redemption.sale_id for one in spendings}
    rows = models.Redemption.objects.filter(sale_id__in=sale_ids)
    stored = {(row.sale_id, row.leg): row for row in rows}
    shops = {row.sale_id: row.org_id for row in stored.values()}
    done = set()
    for one in spendings:
        key = (one.redemption.sale_id, one.leg)
        if shops.setdefault(one.redemption.sale_id, one.redemption.org_id) != one.redemption.org_id:
            raise RequestReused(operation="vouchers.redeem", sale_id=one.redemption.sale_id)
        row = stored.get(key)
        if row is None:
            continue
        same = (row.voucher_id, row.org_id, row.amount_fen, row.manufacturer, row.serial_norm)
        asked = (one.voucher.id, one.redemption.org_id, one.redemption.amount_fen, *one.device[:2])
        if same != asked:
            raise RequestReused(operation="vouchers.redeem", sale_id=row.sale_id)
        done.add(key)
    return done


def check_open(spendings: Sequence[Spending]) -> None:
    """Refuse to add to a sale that was undone: it is never undone again, so nothing would be freed.

    Who calls keeps a sale's steps in a row (docs/adr/050); this is for those told out of order.
    """
    sale_ids = {one.redemption.sale_id for one in spendings}
    undone = models.Cancellation.objects.filter(pk__in=sale_ids)
    if (sale_id := undone.values_list("pk", flat=True).first()) is not None:
        raise SaleUndone(sale_id=sale_id)


def check(spendings: Sequence[Spending], now: datetime) -> None:
    """Refuse the batch if one of it may not be; each voucher and leg once."""
    paths = _shop_paths({one.redemption.org_id for one in spendings})
    spent: set[UUID] = set()
    legs: set[tuple[UUID, str]] = set()
    for one in spendings:
        terms, key = one.voucher.as_terms(), (one.redemption.sale_id, one.leg)
        shop_path = paths.get(one.redemption.org_id, "")
        rules.check_redeemable(terms, one.redemption, shop_path, now)
        rules.check_once(terms, is_spent=terms.id in spent or key in legs)
        spent.add(terms.id)
        legs.add(key)
    _spending.check(spendings)


def _shop_paths(org_ids: set[UUID]) -> dict[UUID, str]:
    return dict(execute("shops", org_ids=list(org_ids)))


def lock_devices(spendings: Sequence[Spending], now: datetime) -> None:
    """Lock each sale's unit; one that carries another live sale refuses the whole batch."""
    units: dict[UUID, Spending] = {}
    for one in spendings:
        if not one.has_unit:
            continue
        unit = units.setdefault(one.redemption.sale_id, one)
        if unit.device != one.device:
            raise RequestReused(operation="vouchers.redeem", sale_id=one.redemption.sale_id)
    rows = execute("lock_devices", rows=[_lock_columns(unit) for unit in units.values()], at=now)
    locked = {row[0] for row in rows} | _locked_before(units)
    for sale_id, unit in units.items():
        if sale_id not in locked:
            raise DeviceAlreadySold(serial=_serial_of(unit), sale_id=sale_id)


def _serial_of(unit: Spending) -> str:
    return unit.redemption.device.serial if unit.redemption.device else ""


def _lock_columns(unit: Spending) -> dict[str, object]:
    manufacturer, serial_norm, imei = unit.device
    return {
        "manufacturer": manufacturer,
        "serial_norm": serial_norm,
        "imei": imei,
        "sale_id": unit.redemption.sale_id,
        "org_id": unit.redemption.org_id,
    }


def _locked_before(units: dict[UUID, Spending]) -> set[UUID]:
    """Sales that already hold this very unit: their other voucher came in an earlier batch."""
    rows = models.DeviceLock.objects.filter(sale_id__in=list(units), freed_at=None)
    return {row.sale_id for row in rows if units[row.sale_id].device[:2] == _unit(row)}


def _unit(row: models.DeviceLock) -> tuple[str, str]:
    return row.manufacturer, row.serial_norm


def move_money(spendings: Sequence[Spending]) -> None:
    """Release what the vouchers held and hold for each shop exactly what was spent."""
    payables = {payable_code(one.redemption.org_id): one for one in spendings}
    ledger.open_accounts(
        accounts=[
            NewAccount(code, AccountKind.PAYABLE, owner_key=str(one.redemption.org_id))
            for code, one in payables.items()
        ]
    )
    vouchers = [one.voucher for one in spendings]
    codes = {code(voucher) for voucher in vouchers for code in (payer_code, counter_code)}
    ledger.lock_accounts(codes=codes | payables.keys())
    held = [key for voucher in vouchers if (key := reserve_key(voucher))]
    ledger.void_held(keys=held, reason="redeemed")
    ledger.hold_transfers(
        legs=[
            Leg(
                cause=SALE,
                cause_id=one.redemption.sale_id,
                leg=one.leg,
                debit=payer_code(one.voucher),
                credit=payable_code(one.redemption.org_id),
                amount_fen=one.redemption.amount_fen,
            )
            for one in spendings
        ]
    )


def write(spendings: Sequence[Spending], now: datetime) -> None:
    """Write the redemptions and mark the vouchers used, in one statement."""
    execute("insert_redemptions", rows=[_redemption_columns(one) for one in spendings], at=now)


def _redemption_columns(one: Spending) -> dict[str, object]:
    made, (manufacturer, serial_norm, imei) = one.redemption, one.device
    return {
        "sale_id": made.sale_id,
        "leg": one.leg,
        "voucher_id": made.voucher_id,
        "person_id": made.person_id,
        "org_id": made.org_id,
        "amount_fen": made.amount_fen,
        "reserve_fen": one.voucher.reserve_fen,
        "manufacturer": manufacturer,
        "serial_norm": serial_norm,
        "imei": imei or "",
        "price_fen": made.price_fen,
        "redeemed_at": made.at,
        "redeemed_on": clock.business_day(made.at),
    }


def lock_all_accounts(
    rows: Sequence[models.Redemption], vouchers: Sequence[models.Voucher]
) -> None:
    """Hold every account an undone sale touches, at once and in key order."""
    codes = {code(voucher) for voucher in vouchers for code in (payer_code, counter_code)}
    ledger.lock_accounts(codes=codes | {payable_code(row.org_id) for row in rows})


def release_payables(rows: Sequence[models.Redemption], reason: str) -> None:
    """Void what is still held for the shop. What was posted, settlement claws back."""
    held = ledger_reads.list_pending(SALE, {row.sale_id for row in rows})
    ledger.void_held(keys=held, reason=reason)


def shrink_payable(row: models.Redemption, voucher: models.Voucher, change: Reduction) -> bool:
    """Replace what is held for the shop by exactly the new amount; False if it was posted before.

    The new hold has a leg of its own (`subsidy.1`, `subsidy.2`, …): a transfer never changes. Of a
    sale that was reduced to nothing no hold is left, and none was posted either.
    """
    mine = [one for one in ledger_reads.transfers_of(SALE, row.sale_id) if is_leg(one.key, row.leg)]
    if any(one.state == "posted" for one in mine):
        return False
    ledger.lock_accounts(codes=[payer_code(voucher), payable_code(row.org_id)])
    held = [one.key for one in mine if one.state == "pending"]
    ledger.void_held(keys=held, reason="reduced")
    if change.amount_fen:
        leg = f"{row.leg}.{change.step}"
        debit, credit = payer_code(voucher), payable_code(row.org_id)
        ledger.hold_transfers(legs=[Leg(SALE, row.sale_id, leg, debit, credit, change.amount_fen)])
    return True


def is_leg(key: HoldKey, leg: str) -> bool:
    """Whether a hold belongs to a leg of a sale, as it was first made or as it was reduced."""
    return key.leg.partition(".")[0] == leg


def add_totals(amounts: Sequence[tuple[models.Voucher, int]]) -> None:
    """Count amounts (negative ones give back) under their holders' shared totals, as one set.

    The row serialises the sales of one holder; past its limit the whole batch is refused. Always
    before the accounts are locked, or two sales of one household would wait in a ring.
    """
    lines = {
        (line.pool_id, line.category_code): line.total_fen
        for line in models.PoolLine.objects.filter(
            pool_id__in={voucher.pool_id for voucher, _ in amounts}, total_fen__isnull=False
        )
    }
    asked: dict[tuple[str, str], _Total] = {}
    for voucher, amount_fen in amounts if lines else ():
        limit_fen = lines.get((voucher.pool_id, voucher.category_code))  # type: ignore[arg-type]
        if limit_fen is not None:
            total = asked.setdefault((voucher.programme, voucher.holder_key), _Total(limit_fen))
            total.limit_fen = min(total.limit_fen, limit_fen)
            total.amount_fen += amount_fen
    if not asked:
        return
    columns = [
        {"programme": programme, "holder_key": key, **asdict(total)}
        for (programme, key), total in asked.items()
    ]
    counted = {(row[0], row[1]) for row in execute("add_totals", rows=columns)}
    for key in sorted(asked.keys() - counted):
        raise _total_reached(*key, asked[key])


@dataclass(slots=True)
class _Total:
    """What a batch asks of one holder's total."""

    limit_fen: int
    amount_fen: int = 0


def _total_reached(programme: str, holder_key: str, asked: _Total) -> HolderTotalReached:
    rows = models.HolderTotal.objects.filter(programme=programme, holder_key=holder_key)
    used_fen = rows.values_list("used_fen", flat=True).first() or 0
    return HolderTotalReached(
        holder=HolderKind(holder_key.partition(":")[0]).label, limit=yuan(asked.limit_fen),
        used=yuan(used_fen), amount=yuan(asked.amount_fen),
    )  # fmt: skip


def rehold(row: models.Redemption, voucher: models.Voucher) -> int:
    """Hold money for a voucher again, as much as it held or as is left; returns how much.

    The pool or funder may have spent it meanwhile: then the right holds less, and redemption will
    see. A return is never refused for want of money.
    """
    voucher.reserve_cause, voucher.reserve_cause_id = CANCEL, row.sale_id
    if voucher.kind == VoucherKind.CONSUMPTION:  # a sale may have several beside its right
        voucher.reserve_cause = f"{CANCEL}.{row.leg}"
    payer = payer_code(voucher)
    free = ledger.lock_accounts(codes=[payer])[payer]
    wanted_fen = rules.rehold_fen(row.reserve_fen, free.spendable_fen)
    if wanted_fen:
        ledger.hold_transfers(legs=[reserve_leg(voucher, wanted_fen)])
    return wanted_fen
