"""After the season, for the pages' sake: consumption vouchers of the city and of one shop.

青年兴聊专项消费券 is named by the city, its rules are published nowhere ([?]): these are made
up, and every page says so. They are paid by money of their own, given after the season.
"""

from datetime import date, timedelta
from uuid import UUID

from huanxin.kernel import clock
from huanxin.ledger.types import funder_code
from huanxin.simulation._build import CITY_PATH
from huanxin.simulation._stage import Stage
from huanxin.simulation.types import Wish
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import campaigning, claiming, funding, purchasing
from huanxin.vouchers.types import (
    Audience,
    Claim,
    ClaimOutcome,
    ConsumptionTerms,
    NewPool,
    NewPurchase,
    OnReturn,
    Tier,
    VoucherKind,
)

_CITY_CODE = CITY_PATH.rpartition("/")[2]
_MINUTE = 55  # of the last evening's 22nd hour
_YOUTH_QUANTITY, _ELDER_QUANTITY, _SHOP_QUANTITY = 200, 100, 50
_CLAIMING, _BUYING = 8, 3
_PRICES_FEN = (219_900, 529_900, 349_900)
_LADDER = (Tier(200_000, 20_000), Tier(500_000, 60_000))


def show(stage: Stage, on: date) -> None:
    """On the season's last evening; safe to repeat."""
    opens_at = clock.moment(on, 22, _MINUTE)
    if vouchers.list_campaigns(stage.actor("operate-1").scope, limit=1):
        return  # shown before
    with clock.standing_at(opens_at):
        youth = _open(stage, on, _youth(), "青年兴聊消费券（演示）", _YOUTH_QUANTITY)
        _open(stage, on, _elder(), "适老焕新消费券（演示）", _ELDER_QUANTITY)
        _own(stage, on)
        _use(stage, youth)


def _youth() -> ConsumptionTerms:
    return ConsumptionTerms(
        "youth-demo", funder_code("city"), _LADDER, audience=Audience(age_from=18, age_to=35),
        is_synthetic=True,
    )  # fmt: skip


def _elder() -> ConsumptionTerms:
    return ConsumptionTerms(
        "elder-demo", funder_code("city"), (Tier(300_000, 30_000),),
        audience=Audience(age_from=60), on_return=OnReturn.TO_POOL, is_synthetic=True,
    )  # fmt: skip


def _open(stage: Stage, on: date, terms: ConsumptionTerms, title: str, quantity: int) -> UUID:
    """The city's money in, a month of vouchers out of it."""
    amount_fen = terms.face_fen * quantity
    funding.fund_funder(
        actor=stage.actor("finance-1"), owner="city", amount_fen=amount_fen,
        reference="演示活动资金", request_id=stage.request("campaign", "fund", terms.campaign, on),
    )  # fmt: skip
    return campaigning.open_campaign(
        actor=stage.actor("operate-1"), pool=_pool(terms, title, quantity, on, _CITY_CODE),
        request_id=stage.request("campaign", "open", terms.campaign, on),
    )  # fmt: skip


def _pool(
    terms: ConsumptionTerms, title: str, quantity: int, on: date, region_code: str
) -> NewPool:
    opens_at = clock.moment(on, 22, _MINUTE)
    return NewPool(
        title=title, programme="", region_code=region_code, categories=(), quantity=quantity,
        budget_fen=terms.face_fen * quantity, opens_at=opens_at,
        closes_at=opens_at + timedelta(days=30), lapse_hours=30 * 24,
        kind=VoucherKind.CONSUMPTION, consumption=terms,
    )  # fmt: skip


def _own(stage: Stage, on: date) -> None:
    """The first shop's own, with its own money, for itself."""
    shop = next(iter(stage.shops))
    org_id = stage.org(shop)
    terms = ConsumptionTerms(
        "shop-demo", funder_code(org_id), (Tier(100_000, 5_000),), merchant_ids=(org_id,),
        others_max=1, order=80, is_synthetic=True,
    )  # fmt: skip
    funding.fund_funder(
        actor=stage.actor("finance-1"), owner=str(org_id),
        amount_fen=terms.face_fen * _SHOP_QUANTITY, reference="演示转账",
        request_id=stage.request("campaign", "fund", shop, on),
    )  # fmt: skip
    region_code = stage.shops[shop].region_code
    campaigning.open_campaign(
        actor=stage.actor(f"{shop}-manager"),
        pool=_pool(terms, "店庆满减券（演示）", _SHOP_QUANTITY, on, region_code),
        request_id=stage.request("campaign", "open", shop, on),
    )


def _use(stage: Stage, pool_id: UUID) -> None:
    """A few of those it is for claim, and some of them buy."""
    card = vouchers.get_pool(pool_id)
    claims = [
        Claim(stage.request("campaign", "claim", pool_id, wish.key), pool_id,
              stage.person_id(wish), card.categories[0])
        for wish in _young(stage)
    ]  # fmt: skip
    answers = claiming.claim_vouchers(actor=stage.system, claims=claims)
    won = [one.voucher_id for one in answers if one.outcome is ClaimOutcome.WON and one.voucher_id]
    shop = next(iter(stage.shops))
    for voucher_id, price_fen in zip(won[:_BUYING], _PRICES_FEN, strict=False):
        purchasing.buy(
            actor=stage.actor(f"{shop}-till"),
            purchase=NewPurchase(stage.org(shop), "1号台", (voucher_id,), "television", price_fen),
            request_id=stage.request("campaign", "buy", voucher_id),
        )


def _young(stage: Stage) -> list[Wish]:
    """Residents of the age, the same in every replay."""
    year = stage.season.last_on.year
    found: dict[UUID, Wish] = {}
    for wish in stage.season.wishes:
        if 18 <= year - wish.resident.born_on.year <= 35 and len(found) < _CLAIMING:
            stage.welcome([wish])
            found.setdefault(stage.person_id(wish), wish)
    return list(found.values())
