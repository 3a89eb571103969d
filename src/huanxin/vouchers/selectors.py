"""What is on offer, who holds what, and which unit carries which sale."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Case, Q, When

from huanxin.kernel import crypto
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import pool_code
from huanxin.vouchers import models, rules
from huanxin.vouchers.errors import ClaimTokenExpired
from huanxin.vouchers.types import Claim, PoolCard, VoucherCard, VoucherState

_LIST_LIMIT = 200


def get_pool(pool_id: UUID) -> PoolCard:
    """One pool; releases are public. Unknown raises NotFound."""
    row = models.Pool.objects.prefetch_related("lines", "tiers").filter(pk=pool_id).first()
    if row is None:
        raise NotFound(model="Pool", id=pool_id)
    return _pool_cards([row])[0]


def list_open_pools(*, now: datetime, region_path: str | None = None) -> list[PoolCard]:
    """Pools that have not ended, those yet to open included, soonest first.

    With `region_path` those of that region, of what it lies in and of what lies in it.
    """
    rows = models.Pool.objects.filter(closes_at__gt=now).prefetch_related("lines", "tiers")
    if region_path is not None:
        codes = region_path.split("/")
        above = ["/".join(codes[: depth + 1]) for depth in range(len(codes))]
        rows = rows.filter(Q(region_path__in=above) | Q(region_path__startswith=region_path + "/"))
    return _pool_cards(list(rows.order_by("opens_at", "id")[:_LIST_LIMIT]))


def list_pools(scope: Scope, *, programme: str | None = None) -> list[PoolCard]:
    """Every pool of the scope's region, newest first, at most 200."""
    rows = models.Pool.objects.prefetch_related("lines", "tiers").order_by("-opens_at", "id")
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    if programme is not None:
        rows = rows.filter(programme=programme)
    return _pool_cards(list(rows[:_LIST_LIMIT]))


def get_voucher(voucher_id: UUID, scope: Scope) -> VoucherCard:
    """One voucher, if the scope's person or region is its own."""
    row = models.Voucher.objects.filter(pk=voucher_id).first()
    if row is None or not _sees(scope, row):
        raise NotFound(model="Voucher", id=voucher_id)
    return row.as_card()


def list_vouchers(person_id: UUID, scope: Scope) -> list[VoucherCard]:
    """A person's vouchers, newest first, as far as the scope reaches."""
    rows = models.Voucher.objects.filter(person_id=person_id).order_by("-issued_at", "-id")
    return [row.as_card() for row in rows[:_LIST_LIMIT] if _sees(scope, row)]


def find_trade_in_voucher(order_id: UUID) -> VoucherCard | None:
    """The 焕新券 of a recycling order: its live one, else the last that was voided, if any."""
    is_void = Case(When(state=VoucherState.VOID, then=1), default=0)
    rows = models.Voucher.objects.filter(order_id=order_id)
    row = rows.order_by(is_void, "-issued_at", "-id").first()
    return row.as_card() if row else None


def find_device_sale(manufacturer: str, serial: str) -> UUID | None:
    """The sale that a unit carries a subsidy for, if it carries one."""
    rows = models.DeviceLock.objects.filter(
        manufacturer=rules.normalise(manufacturer),
        serial_norm=rules.normalise(serial),
        freed_at=None,
    )
    return rows.values_list("sale_id", flat=True).first()


def get_claim_of_token(token: str, *, now: datetime) -> Claim:
    """The claim a token stands for; a forged one raises TokenInvalid, an old one ClaimTokenExpired.

    Reads no table. A token shown before the release is answered by the claim itself: not open.
    """
    claim, until = read_claim_token(token)
    if now >= until:
        raise ClaimTokenExpired
    return claim


def read_claim_token(token: str) -> tuple[Claim, datetime]:
    """A token's claim and its end, signature checked, time not: for the gateway's event loop."""
    facts = crypto.read_token(token)
    try:
        claim = Claim(
            request_id=UUID(facts["id"]),
            pool_id=UUID(facts["pool"]),
            person_id=UUID(facts["person"]),
            category_code=facts["category"],
            device_key=facts["device"],
            is_near=facts.get("near") == 1,
        )
        return claim, datetime.fromtimestamp(facts["until"], UTC)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise crypto.TokenInvalid from error  # ours, but a token for something else


def _pool_cards(rows: Sequence[models.Pool]) -> list[PoolCard]:
    balances = ledger.balances(pool_code(row.id) for row in rows)
    cards = []
    for row in rows:
        lines = tuple(line.as_line() for line in sorted(row.lines.all(), key=lambda x: x.pk))
        money_fen = balances[pool_code(row.id)].available_fen
        reserves = [line.reserve_fen for line in lines]
        places = rules.places_with_money(row.remaining, money_fen, reserves)
        cards.append(row.as_card(remaining=places, lines=lines))
    return cards


def _sees(scope: Scope, row: models.Voucher) -> bool:
    if scope.person_id is not None:
        return scope.person_id == row.person_id
    return scope.covers(row.region_path)
