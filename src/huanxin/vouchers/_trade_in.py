"""How 焕新券 are made: rows for recycling orders, accounts for the funders who pay."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Case, When

from huanxin.kernel import clock, ids
from huanxin.kernel.errors import RequestReused
from huanxin.kernel.locking import lock_rows
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Leg, NewAccount, receivable_code
from huanxin.vouchers import _claims, _funders, models, rules
from huanxin.vouchers.errors import TradeInVoucherUnknown
from huanxin.vouchers.types import NewTradeInVoucher, VoucherKind, VoucherState


def issued_before(vouchers: Sequence[NewTradeInVoucher]) -> dict[UUID, UUID]:
    """What earlier identical requests issued, by request id; other content is refused."""
    asked = {new.request_id: new for new in vouchers}
    found = {}
    for row in models.Voucher.objects.filter(request_id__in=list(asked)):
        new = asked[row.request_id]
        same = (row.order_id, row.person_id, row.worth_fen, row.topup_fen, row.funder_code)
        worth_fen = new.value_fen + new.topup_fen
        if same != (new.order_id, new.person_id, worth_fen, new.topup_fen, new.funder_code):
            raise RequestReused(operation="vouchers.issue_trade_in", request_id=new.request_id)
        found[row.request_id] = row.id
    return found


def new_rows(vouchers: Sequence[NewTradeInVoucher]) -> list[models.Voucher]:
    """The rows to write, each with its number; the city of the holder is where it may be used."""
    now = clock.now()
    on = clock.business_day(now)
    people = _claims.execute("people", person_ids=list({new.person_id for new in vouchers}))
    paths = {row[0]: rules.city_path(row[3]) for row in people}
    rows = []
    for new in vouchers:
        voucher_id, path = ids.new_id(), paths[new.person_id]
        worth_fen = new.value_fen + new.topup_fen
        rows.append(
            models.Voucher(
                id=voucher_id,
                number=ids.new_number("HX", on=on, region_code=path.rpartition("/")[2]),
                kind=VoucherKind.HUANXIN,
                state=VoucherState.INACTIVE,
                person_id=new.person_id,
                holder_key=f"order:{new.order_id}",
                programme="huanxin",
                ordinal=1,
                region_path=path,
                request_id=new.request_id,
                worth_fen=worth_fen,
                topup_fen=new.topup_fen,
                funder_code=new.funder_code,
                order_id=new.order_id,
                reserve_fen=worth_fen,
                reserve_cause=_claims.ISSUE,
                reserve_cause_id=voucher_id,
                issued_at=now,
                issued_on=on,
                changed_at=now,
            )
        )
    return rows


def open_funders(rows: Sequence[models.Voucher]) -> None:
    """Open the accounts of whoever pays, and their counter sides."""
    _funders.open_accounts(row.funder_code for row in rows)


def lock_of_order(order_id: UUID) -> models.Voucher:
    """The order's 焕新券, held; an order without one is refused."""
    return lock_of_orders([order_id])[order_id]


def lock_of_orders(order_ids: Sequence[UUID]) -> dict[UUID, models.Voucher]:
    """The orders' live 焕新券 (else the last voided), held in key order; all must have one."""
    is_void = Case(When(state=VoucherState.VOID, then=1), default=0)
    rows = models.Voucher.objects.filter(order_id__in=list(order_ids))
    chosen: dict[UUID | None, UUID] = {}
    for row in rows.order_by(is_void, "-issued_at", "-id").values_list("order_id", "id"):
        chosen.setdefault(*row)
    for order_id in order_ids:
        if order_id not in chosen:
            raise TradeInVoucherUnknown(order_id=order_id)
    locked = {row.order_id: row for row in lock_rows(models.Voucher, chosen.values())}
    return {order_id: locked[order_id] for order_id in order_ids}


def activate(rows: Sequence[models.Voucher]) -> None:
    """Mark 焕新券 待使用, in one statement."""
    now = clock.now()
    for row in rows:
        row.state, row.changed_at = VoucherState.USABLE, now
    models.Voucher.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=VoucherState.USABLE, changed_at=now
    )


def charge(takeovers: Sequence[tuple[models.Voucher, UUID | None]]) -> None:
    """Let each recycler who paid no cash owe the old unit's value to the funder."""
    owing = [
        (row, org_id)
        for row, org_id in takeovers
        if org_id is not None and row.worth_fen > row.topup_fen
    ]
    ledger.open_accounts(
        accounts=[
            NewAccount(receivable_code(org_id), AccountKind.RECEIVABLE, owner_key=str(org_id))
            for org_id in sorted({org_id for _, org_id in owing})
        ]
    )
    ledger.post_transfers(
        legs=[
            Leg(
                "trade_in.old_unit", row.id, "value", receivable_code(org_id), row.funder_code,
                row.worth_fen - row.topup_fen,
            )
            for row, org_id in owing
        ]
    )  # fmt: skip
