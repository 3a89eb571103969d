"""Who pays for 焕新券 and consumption vouchers: their accounts, and the line of the city's own."""

import re
from collections.abc import Iterable
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind
from huanxin.kernel import ids
from huanxin.ledger import selectors as ledger_reads
from huanxin.ledger import services as ledger
from huanxin.ledger.types import (
    AccountKind,
    NewAccount,
    funder_code,
    huanxin_code,
    treasury_code,
)
from huanxin.vouchers.errors import FunderUnknown

CITY = "city"
CITY_LINE_FEN = 100_000_000  # 1,000,000.00 yuan until finance says otherwise (docs/adr/096)
CITY_LINE_TITLE = "市级自有出资周转额度（系统初始值）"
BANK = "bank:trade_in"  # settlement pays 焕新券 out of it, funders pay into it
_CAMPAIGN = re.compile(r"campaign-[a-z0-9-]{3,40}")
_FUNDING_KINDS = frozenset({OrgKind.RETAILER, OrgKind.MAKER})


def region_path_of(owner: str) -> str | None:
    """Where a funder lies: its organisation's region, None for the city and for campaigns.

    Refuses an owner that is neither the city, nor a campaign, nor a shop or a maker.
    """
    if owner == CITY or _CAMPAIGN.fullmatch(owner):
        return None
    try:
        organisation = identity.get_organisation(UUID(owner))
    except ValueError:
        raise FunderUnknown(funder_code=funder_code(owner)) from None
    if organisation.kind not in _FUNDING_KINDS:
        raise FunderUnknown(funder_code=funder_code(owner))
    return organisation.region_path


def open_accounts(codes: Iterable[str]) -> None:
    """Open the accounts of funders and their counter sides; the city's comes with its line."""
    wanted = sorted(set(codes))
    accounts = []
    for code in wanted:
        owner = code.partition(":")[2]
        accounts.append(NewAccount(code, AccountKind.FUNDER, owner_key=owner))
        accounts.append(NewAccount(huanxin_code(owner), AccountKind.HUANXIN, owner_key=owner))
    ledger.open_accounts(accounts=accounts)
    city = funder_code(CITY)
    if city in wanted and ledger_reads.find_credit_line(city) is None:
        ledger.agree_credit(
            code=city, limit_fen=CITY_LINE_FEN, title=CITY_LINE_TITLE, cause_id=ids.new_id(),
            only_first=True,
        )  # fmt: skip


def open_source(owner: str) -> str:
    """The account a top-up comes from: the city's treasury for the city, else the bank."""
    if owner == CITY:
        code = treasury_code(CITY)
        ledger.open_accounts(accounts=[NewAccount(code, AccountKind.TREASURY, owner_key=CITY)])
        return code
    ledger.open_accounts(accounts=[NewAccount(BANK, AccountKind.BANK)])
    return BANK
