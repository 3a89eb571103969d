"""Starting states of consumption vouchers: funded campaigns, claimed vouchers, shops."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from huanxin.identity import models as identity_models
from huanxin.identity.types import PersonCard
from huanxin.kernel import clock
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import AccountKind, Leg, NewAccount
from huanxin.vouchers import selectors
from huanxin.vouchers.services import campaigning, claiming
from huanxin.vouchers.types import (
    Claim,
    ClaimAnswer,
    ClaimOutcome,
    ConsumptionTerms,
    NewPool,
    PoolCard,
    Tier,
    VoucherCard,
    VoucherKind,
)
from tests import given, given_catalogue, given_vouchers

CITY = "funder:city"
LADDER = (Tier(200_000, 20_000), Tier(500_000, 60_000))
OPENS, ENDS = given_vouchers.OPENS, given_vouchers.ENDS


def prefunded(code: str = CITY, amount_fen: int = 100_000_000) -> str:
    """A funder's account with money in it."""
    owner = code.removeprefix("funder:")
    ledger.open_accounts(
        accounts=[
            NewAccount(code, AccountKind.FUNDER, owner_key=owner),
            NewAccount("treasury:city", AccountKind.TREASURY),
        ]
    )
    leg = Leg("test.prefund", uuid4(), "in", "treasury:city", code, amount_fen)
    if amount_fen:
        ledger.post_transfers(legs=[leg])
    return code


def free_fen(code: str = CITY) -> int:
    """What an account has left."""
    return ledger_reads.get_balance(code).available_fen


def terms(**changes: Any) -> ConsumptionTerms:
    """满2000减200，满5000减600, of the city, for anyone, on anything."""
    return replace(ConsumptionTerms("test-2026", CITY, LADDER), **changes)


def new_pool(of: ConsumptionTerms | None = None, **changes: Any) -> NewPool:
    """Ten vouchers, open from OPENS to ENDS."""
    of = of or terms()
    quantity = changes.pop("quantity", 10)
    new = NewPool(
        title="测试消费券",
        programme="",
        region_code=given.COUNTY,
        categories=(),
        quantity=quantity,
        budget_fen=of.face_fen * quantity,
        opens_at=OPENS,
        closes_at=ENDS,
        lapse_hours=240,
        kind=VoucherKind.CONSUMPTION,
        consumption=of,
    )
    return replace(new, **changes)


def opened(
    new: NewPool | None = None, *, actor: Any = None, request_id: UUID | None = None
) -> UUID:
    """Open a campaign a day before; the funder's account must exist."""
    given.regions()
    given_catalogue.reference()
    with clock.standing_at(OPENS - timedelta(days=1)):
        return campaigning.open_campaign(
            actor=actor or given.system(), pool=new or new_pool(), request_id=request_id or uuid4()
        )


def campaign(*, quantity: int = 10, prefund: bool = True, **changes: Any) -> PoolCard:
    """A funded campaign of the city."""
    of = terms(**changes)
    if prefund:
        prefunded(of.funder_code)
    return selectors.get_pool(opened(new_pool(of, quantity=quantity)))


def claim(card: PoolCard, who: PersonCard, **changes: Any) -> Claim:
    """A claim of the campaign's one voucher under a request id of its own."""
    return replace(Claim(uuid4(), card.id, who.id, card.lines[0].category_code), **changes)


def claims(asked: Iterable[Claim], at: Any = OPENS) -> list[ClaimAnswer]:
    with clock.standing_at(at):
        return claiming.claim_vouchers(actor=given.system(), claims=list(asked))


def voucher(card: PoolCard | None = None, who: PersonCard | None = None) -> VoucherCard:
    """A claimed voucher."""
    [answer] = claims([claim(card or campaign(), who or given.person())])
    assert answer.outcome is ClaimOutcome.WON, answer
    return given_vouchers.card(answer.voucher_id)


def shop(
    *, lat_e6: int | None = None, lon_e6: int | None = None, region: str = given.COUNTY
) -> UUID:
    """An admitted shop, with a registered position if one is given."""
    org_id = given.organisation(region_code=region)
    identity_models.Organisation.objects.filter(pk=org_id).update(lat_e6=lat_e6, lon_e6=lon_e6)
    return org_id
