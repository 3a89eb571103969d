"""The allocation tree as the ledger's flows tell it: every figure is a sum of transfers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from huanxin.identity import selectors as identity
from huanxin.identity.types import Region
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import (
    AccountCard,
    AccountKind,
    Balance,
    BudgetNode,
    Flow,
    FunderCard,
    FundMoney,
    PoolMoney,
    budget_code,
    funder_code,
)
from huanxin.vouchers import _budget_rules as rules
from huanxin.vouchers import _funders, models


def nodes(scope: Scope, programmes: Iterable[str]) -> dict[str, list[BudgetNode]]:
    """The budgets of programmes within the scope that ever had money, top down, by path."""
    found: dict[str, list[BudgetNode]] = {programme: [] for programme in programmes}
    places = {
        budget_code(region.code, programme): (programme, region)
        for region in _regions(scope)
        for programme in found
    }
    books = _books(ledger.balances(places))
    for code in books.codes:
        programme, region = places[code]
        node = _node(region, code, books)
        if node.allocated_fen or node.given_down_fen or node.pools:
            found[programme].append(node)
    return {key: sorted(made, key=lambda node: node.region_path) for key, made in found.items()}


def funded(scope: Scope, programmes: Iterable[str]) -> set[str]:
    """Those of the programmes for which money ever came into a budget within the scope."""
    regions, asked = _regions(scope), list(programmes)
    codes = {budget_code(one.code, programme): programme for one in regions for programme in asked}
    balances = ledger.balances(codes)
    return {codes[code] for code, balance in balances.items() if balance.credits_posted_fen}


def _books(codes: Iterable[str]) -> "_Books":
    """Four reads, however many budgets there are."""
    kept = list(codes)
    flows: dict[str, list[Flow]] = defaultdict(list)
    for flow in ledger.flows(kept):
        flows[flow.debit].append(flow)
        flows[flow.credit].append(flow)
    titles = _titles(flows)
    return _Books(kept, flows, titles, ledger.balances(f"pool:{pool_id}" for pool_id in titles))


def _regions(scope: Scope) -> list[Region]:
    path = scope.region_path
    if not path:
        return identity.list_regions()
    return [identity.get_region(path.rpartition("/")[2]), *identity.list_regions(under=path)]


def _titles(codes: Iterable[str]) -> dict[UUID, str]:
    pool_ids = [UUID(code[5:]) for code in codes if code.startswith("pool:")]
    rows = models.Pool.objects.filter(pk__in=pool_ids).order_by("-opens_at", "id")
    return dict(rows.values_list("id", "title"))


@dataclass(frozen=True, slots=True)
class _Books:
    """What all nodes are read from: flows by account, pools' titles by id, pools' balances."""

    codes: list[str]
    flows: dict[str, list[Flow]]
    titles: dict[UUID, str]
    balances: dict[str, Balance]


def _node(region: Region, code: str, books: _Books) -> BudgetNode:
    above, below, pools = _sides(code, region.path, books.flows.get(code, []))
    allocated, down = _net(code, above), -_net(code, below)
    in_pools = -sum(_net(code, pool) for pool in pools.values())
    return BudgetNode(
        region_code=region.code,
        region_name=region.name,
        region_path=region.path,
        code=code,
        allocated_fen=allocated,
        given_down_fen=down,
        in_pools_fen=in_pools,
        unused_fen=allocated - down - in_pools,
        funds_fen=_funds(code, above, below, [flow for pool in pools.values() for flow in pool]),
        pools=tuple(
            _pool(pool_id, title, code, pools[f"pool:{pool_id}"], books.balances[f"pool:{pool_id}"])
            for pool_id, title in books.titles.items()
            if f"pool:{pool_id}" in pools
        ),
    )


def _sides(
    code: str, path: str, flows: list[Flow]
) -> tuple[list[Flow], list[Flow], dict[str, list[Flow]]]:
    """A budget's flows with what is above it, below it, and with each of its pools."""
    ancestors = set(path.split("/")[:-1])
    above: list[Flow] = []
    below: list[Flow] = []
    pools: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        other = flow.credit if flow.debit == code else flow.debit
        if other.startswith("pool:"):
            pools[other].append(flow)
        elif other.startswith("budget:") and other.split(":")[1] not in ancestors:
            below.append(flow)
        else:
            above.append(flow)
    return above, below, pools


def _net(code: str, flows: Iterable[Flow]) -> int:
    return sum(flow.amount_fen if flow.credit == code else -flow.amount_fen for flow in flows)


def _funds(
    code: str, above: list[Flow], below: list[Flow], pools: list[Flow]
) -> dict[str, FundMoney]:
    """Each fund's row; transfers of before funds were kept are spread as parts_of spreads them."""
    steps = [
        rules.parts_of(code, chosen)
        for chosen in (above, [*above, *below], [*above, *below, *pools])
    ]
    given, after_down, unused = ({f: step.get(f, 0) for f in rules.FUNDS} for step in steps)
    return {
        fund: FundMoney(
            allocated_fen=given[fund],
            given_down_fen=given[fund] - after_down[fund],
            in_pools_fen=after_down[fund] - unused[fund],
            unused_fen=unused[fund],
        )
        for fund in rules.FUNDS
    }


def _pool(pool_id: UUID, title: str, budget: str, flows: list[Flow], balance: Balance) -> PoolMoney:
    put_in = -_net(budget, flows)
    return PoolMoney(
        pool_id=pool_id,
        title=title,
        code=f"pool:{pool_id}",
        put_in_fen=put_in,
        paid_fen=put_in - balance.available_fen - balance.debits_pending_fen,
        held_fen=balance.debits_pending_fen,
        left_fen=balance.available_fen,
        funds_fen=rules.parts_of(f"pool:{pool_id}", flows),
    )


def funders(scope: Scope) -> list[FunderCard]:
    """Every funder within the scope: the city's own first, then by code."""
    cards = [_funder(account) for account in ledger.list_accounts(scope, kind=AccountKind.FUNDER)]
    return sorted(cards, key=lambda card: (card.owner != _funders.CITY, card.code))


def funder(owner: str, scope: Scope) -> FunderCard:
    """One funder; before its first money it stands at zero."""
    try:
        return _funder(ledger.get_account(funder_code(owner), scope))
    except NotFound:
        if scope.org_id is not None and owner != str(scope.org_id):
            raise
        empty = Balance()
        return _card(owner, empty)


def _funder(account: AccountCard) -> FunderCard:
    return _card(account.owner_key, account.balance)


def _card(owner: str, balance: Balance) -> FunderCard:
    line = ledger.find_credit_line(funder_code(owner))
    return FunderCard(
        owner=owner,
        name=funder_name(owner),
        code=funder_code(owner),
        free_fen=balance.available_fen,
        held_fen=balance.debits_pending_fen,
        paid_in_fen=balance.credits_posted_fen,
        credit_limit_fen=balance.credit_limit_fen,
        credit_title=line.title if line else "",
    )


def funder_name(owner: str) -> str:
    """What people call a funder."""
    if owner == _funders.CITY:
        return "市级财政"
    try:
        return identity.get_organisation(UUID(owner)).short_name
    except (ValueError, NotFound):
        return owner
