"""How public money goes down and up the levels: which fund enters where, split to the fen. Pure.

A budget is one account, a fund is a leg of every transfer between levels (docs/adr/095).
"""

from collections.abc import Iterable, Mapping
from datetime import date

from huanxin.kernel.money import split_fen, yuan
from huanxin.ledger.errors import AmountNotPositive, AmountTooLarge, FundExhausted
from huanxin.ledger.types import MOST_FEN, Flow
from huanxin.vouchers.errors import (
    BudgetShort,
    FundClosed,
    FundEntersBelow,
    FundUnknown,
    ReferenceMissing,
    TooMuchAlone,
)

# The level at which a fund's treasury stands: the province is 0, a city 1, a county 2.
ENTERS_AT = {"central": 0, "province": 0, "city": 1}
FUNDS = tuple(ENTERS_AT)
FUND_WORDS = {"central": "中央", "province": "省级", "city": "市级"}


def level_of(region_path: str) -> int:
    """How deep a region lies.

    >>> level_of("370000"), level_of("370000/371500/371502")
    (0, 2)
    """
    return region_path.count("/")


def parent_of(region_path: str) -> str:
    """The region above; empty above the province.

    >>> parent_of("370000/371500/371502"), parent_of("370000")
    ('370000/371500', '')
    """
    return region_path.rpartition("/")[0]


def fund_of(leg: str) -> str:
    """The fund a leg between levels carries: `central` or `central@371500`.

    >>> fund_of("central@371500"), fund_of("budget")
    ('central', 'budget')
    """
    return leg.partition("@")[0]


def check_shares(shares_fen: Mapping[str, int], region_path: str, region: str) -> None:
    """Refuse unknown funds, amounts that are none, and a fund given above its own treasury."""
    if not shares_fen:
        raise AmountNotPositive(amount_fen=0)
    for fund, amount_fen in shares_fen.items():
        if fund not in ENTERS_AT:
            raise FundUnknown(fund=fund)
        check_amount(amount_fen)
        if ENTERS_AT[fund] > level_of(region_path):
            raise FundEntersBelow(fund=FUND_WORDS[fund], region=region)


def check_amount(amount_fen: int) -> None:
    """Refuse nothing, less than nothing, and more than any budget."""
    if amount_fen <= 0:
        raise AmountNotPositive(amount_fen=amount_fen)
    if amount_fen > MOST_FEN:
        raise AmountTooLarge(amount_fen=amount_fen, limit_fen=MOST_FEN)


def check_fund(fund: str) -> None:
    """Refuse a fund that does not exist; none named means all in proportion."""
    if fund and fund not in ENTERS_AT:
        raise FundUnknown(fund=fund)


def check_alone(region: str, before_fen: int, amount_fen: int, limit_fen: int) -> None:
    """Refuse what one officer would send down to a region in one day beyond the limit.

    >>> check_alone("x", 400, 599, 1_000)
    """
    if before_fen + amount_fen >= limit_fen:
        raise TooMuchAlone(
            region=region, total=yuan(before_fen + amount_fen), limit=yuan(limit_fen)
        )


def check_still_running(title: str, to_on: date, today: date) -> None:
    """Refuse to give money to a programme whose last day is over."""
    if today >= to_on:
        raise FundClosed(programme=title, ended_on=f"{to_on:%Y-%m-%d}")


def parts_of(code: str, flows: Iterable[Flow]) -> dict[str, int]:
    """What an account has of each fund: what came in less what went out, leg by leg.

    Transfers of before funds were kept have other legs; they took from every fund in proportion.
    An account that never had a fund's leg has no parts.

    >>> given = [Flow("t", "b", "central", 85), Flow("t", "b", "city", 15)]
    >>> parts_of("b", [*given, Flow("b", "p", "central@p", 40)])
    {'central': 45, 'province': 0, 'city': 15}
    >>> parts_of("b", [*given, Flow("b", "p", "budget", 50)])
    {'central': 42, 'province': 0, 'city': 8}
    >>> parts_of("b", [Flow("x", "b", "only", 5)])
    {}
    """
    parts, other, is_known = dict.fromkeys(FUNDS, 0), 0, False
    for flow in flows:
        sign = (flow.credit == code) - (flow.debit == code)
        fund = fund_of(flow.leg)
        if fund in parts:
            parts[fund] += sign * flow.amount_fen
            is_known = is_known or sign > 0
        else:
            other += sign * flow.amount_fen
    if not is_known:
        return {}
    weights = [max(fen, 0) for fen in parts.values()]
    if other and any(weights):
        sign = 1 if other > 0 else -1
        for fund, fen in zip(FUNDS, split_fen(abs(other), weights), strict=True):
            parts[fund] += sign * fen
    return parts


def take(parts: Mapping[str, int], amount_fen: int, region: str, fund: str = "") -> dict[str, int]:
    """Which funds an amount is taken from: in proportion to what is there, or from one alone.

    Adds up to the fen and takes no fund below zero.

    >>> take({"central": 8500, "province": 0, "city": 1500}, 99, "x")
    {'central': 84, 'city': 15}
    """
    check_amount(amount_fen)
    check_fund(fund)
    there = {name: fen for name, fen in parts.items() if fen > 0 and fund in ("", name)}
    if amount_fen > sum(there.values()):
        raise BudgetShort(
            region=region, available=yuan(sum(there.values())), wanted=yuan(amount_fen)
        )
    shares = split_fen(amount_fen, list(there.values()))
    return {name: fen for name, fen in zip(there, shares, strict=True) if fen}


def check_reference(reference: str) -> None:
    """Money that came or went outside the platform has a paper that says so."""
    if not reference.strip():
        raise ReferenceMissing


def check_repayable(code: str, amount_fen: int, free_fen: int) -> None:
    """Refuse to pay a funder back more than its own free money."""
    if amount_fen > max(free_fen, 0):
        raise FundExhausted(account=code, available_fen=max(free_fen, 0), need_fen=amount_fen)
