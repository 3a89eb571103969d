"""Starting states of the vouchers room: funded pools, won rights, sales to spend them on."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest import mock
from uuid import UUID, uuid4

from huanxin.identity.types import PersonCard
from huanxin.kernel import clock
from huanxin.kernel.clock import moment
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import budget_code, payable_code, pool_code
from huanxin.vouchers import _budgets, _pools, rules, selectors
from huanxin.vouchers.services import budgeting, claiming, redeeming, releasing
from huanxin.vouchers.types import (
    Claim,
    ClaimAnswer,
    ClaimOutcome,
    Device,
    HolderKind,
    NewPool,
    PoolCategory,
    Redemption,
    VoucherCard,
)
from tests import given

PROGRAMME = "appliances-2026"
CAP_FEN = 150_000
OPENS = moment(date(2026, 9, 1), 9)
ENDS = moment(date(2026, 9, 30), 0)

_serial = itertools.count(1)


def pool(
    *,
    quantity: int = 10,
    budget_fen: int | None = None,
    lines: Mapping[str, tuple[int, int]] | None = None,
    region_code: str = given.COUNTY,
    reserve_bps: int = 10_000,
    lapse_hours: int = 48,
    programme: str = PROGRAMME,
    holder: HolderKind = HolderKind.PERSON,
    total_fen: int | None = None,
) -> UUID:
    """A pool open from OPENS to ENDS; `lines` is cap and limit of each category."""
    given.regions()
    terms = lines or {"refrigerator": (CAP_FEN, 1)}
    money_fen = (
        quantity * max(cap for cap, _ in terms.values()) if budget_fen is None else budget_fen
    )
    with clock.standing_at(OPENS - timedelta(days=1)), _terms(terms, holder, total_fen):
        budgeting.give_budget(
            actor=given.system(),
            programme=programme,
            region_code=region_code,
            shares_fen={"central": money_fen},
            request_id=uuid4(),
        )
        return releasing.open_pool(
            actor=given.system(),
            pool=NewPool(
                title="测试发放",
                programme=programme,
                region_code=region_code,
                categories=tuple(terms),
                quantity=quantity,
                budget_fen=money_fen,
                opens_at=OPENS,
                closes_at=ENDS,
                lapse_hours=lapse_hours,
                reserve_bps=reserve_bps,
            ),
            request_id=uuid4(),
        )


@contextmanager
def _terms(
    terms: Mapping[str, tuple[int, int]],
    holder: HolderKind = HolderKind.PERSON,
    total_fen: int | None = None,
) -> Iterator[None]:
    """Caps and limits of the test's choice; what real policies say is tested in test_pools."""

    def lines_of(new: NewPool) -> list[PoolCategory]:
        return [
            PoolCategory(
                code, cap, rules.reserve_fen(cap, new.reserve_bps), limit, holder, total_fen
            )
            for code, (cap, limit) in terms.items()
        ]

    with (
        mock.patch.object(_pools, "lines_of", lines_of),
        mock.patch.object(_budgets, "check_programme"),
    ):
        yield


def claim(pool_id: UUID, who: PersonCard | UUID, category: str = "refrigerator") -> Claim:
    """A claim under a request id of its own."""
    person_id = who if isinstance(who, UUID) else who.id
    return Claim(uuid4(), pool_id, person_id, category)


def claims(*asked: Claim, at: datetime = OPENS) -> list[ClaimAnswer]:
    """The answers to a batch of claims at an instant."""
    with clock.standing_at(at):
        return claiming.claim_vouchers(actor=given.system(), claims=asked)


def right(
    pool_id: UUID | None = None, who: PersonCard | None = None, at: datetime = OPENS
) -> VoucherCard:
    """A won qualification."""
    asked = claim(pool_id or pool(), who or given.person())
    [answer] = claims(asked, at=at)
    assert answer.outcome is ClaimOutcome.WON, answer
    return card(answer.voucher_id)


def card(voucher_id: UUID | None) -> VoucherCard:
    """A voucher as it stands now."""
    assert voucher_id is not None
    return selectors.get_voucher(voucher_id, given.system().scope)


def device(imei: str | None = None) -> Device:
    """A unit with a serial number of its own."""
    return Device("海尔", f"SN{next(_serial):08d}", imei)


def redemption(
    voucher: VoucherCard,
    *,
    org_id: UUID | None = None,
    amount_fen: int = 74_085,
    unit: Device | None = None,
    sale_id: UUID | None = None,
    at: datetime = OPENS + timedelta(hours=1),
    person_id: UUID | None = None,
) -> Redemption:
    """Spend a voucher in a shop of the county."""
    return Redemption(
        sale_id=sale_id or uuid4(),
        voucher_id=voucher.id,
        person_id=person_id or voucher.person_id,
        org_id=org_id or given.organisation(),
        amount_fen=amount_fen,
        device=unit or device(),
        at=at,
    )


def spend(*redemptions: Redemption, at: datetime = OPENS + timedelta(hours=1)) -> None:
    """Redeem as the system, at an instant."""
    with clock.standing_at(at):
        redeeming.redeem_vouchers(actor=given.system(), redemptions=redemptions)


def free_fen(pool_id: UUID) -> int:
    """What a pool may still hold."""
    return ledger.get_balance(pool_code(pool_id)).available_fen


def owed_fen(org_id: UUID) -> int:
    """What is held for a shop."""
    balance = ledger.find_balance(payable_code(org_id))
    return balance.credits_pending_fen if balance else 0


def budget_fen(region_code: str = given.COUNTY, programme: str = PROGRAMME) -> int:
    """What a region's budget has left."""
    return ledger.get_balance(budget_code(region_code, programme)).available_fen
