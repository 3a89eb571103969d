"""What every audience sees of a consumption voucher: its terms in plain words, who pays."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from huanxin.identity import selectors as identity
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import ConsumptionTerms, PoolCard, Position, VoucherCard

_MOST_E6 = 180_000_000


@dataclass(frozen=True, slots=True)
class Terms:
    """A voucher's terms as a box shows them: the amount first, then the rest."""

    first: str
    rest: tuple[str, ...]
    funder: str
    is_synthetic: bool
    has_circle: bool


def terms(card: PoolCard) -> Terms | None:
    """The box of a consumption pool; None for a pool of rights."""
    return in_words(card.consumption, card.region_code) if card.consumption else None


def in_words(of: ConsumptionTerms, region_code: str) -> Terms:
    """Terms as a box."""
    first, *rest = vouchers.terms_in_words(of, region_code)
    return Terms(
        first, tuple(rest), funder_name(of.funder_code), of.is_synthetic, of.circle is not None
    )


def funder_name(code: str) -> str:
    """Who pays, as people know them."""
    owner = code.removeprefix("funder:")
    try:
        return identity.get_organisation(UUID(owner)).name
    except ValueError:
        return _("市级活动资金") if owner == "city" else owner


def voucher_line(card: VoucherCard, pool_id: UUID) -> dict[str, object]:
    """A consumption voucher as a line of a wallet."""
    pool = vouchers.get_pool(pool_id)
    return {
        "card": card,
        "is_right": False,
        "title": pool.title,
        "worth_fen": card.value_fen,
        "terms": terms(pool),
        "is_suggested": False,
    }


def position_of(request: HttpRequest) -> Position | None:
    """Where the phone says it is: sent in the body, so that no log of addresses keeps it."""
    try:
        lat_e6, lon_e6 = (round(float(request.POST[name]) * 1e6) for name in ("lat", "lon"))
    except (KeyError, ValueError, OverflowError):
        return None
    if abs(lat_e6) > _MOST_E6 // 2 or abs(lon_e6) > _MOST_E6:
        return None
    return Position(lat_e6, lon_e6)
