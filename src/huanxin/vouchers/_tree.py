"""The allocation tree as the ledger's flows tell it: every figure is a sum of transfers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection

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

_KEPT: dict[tuple[str, ...], tuple[ledger.Position, list[BudgetNode]]] = {}
_MOST_KEPT = 64


def nodes(scope: Scope, programmes: Iterable[str]) -> dict[str, list[BudgetNode]]:
    """The budgets of programmes within the scope that ever had money, top down, by path."""
    found: dict[str, list[BudgetNode]] = {programme: [] for programme in programmes}
    places = {
        budget_code(region.code, programme): (programme, region)
        for region in _regions(scope)
        for programme in found
    }
    kept = _kept_nodes(places)
    stand = ledger.balances(pool.code for node in kept for pool in node.pools)
    for node in kept:
        programme, region = places[node.code]
        pools = tuple(_as_it_stands(pool, stand[pool.code]) for pool in node.pools)
        found[programme].append(replace(node, region_name=region.name, pools=pools))
    return {key: sorted(made, key=lambda node: node.region_path) for key, made in found.items()}


def _kept_nodes(places: Mapping[str, tuple[str, Region]]) -> list[BudgetNode]:
    """What the flows say, kept while no budget moves: adding up two years takes half a second.

    What is read inside a transaction may still be undone and is not kept.
    """
    position, asked = ledger.position_of(places), tuple(sorted(places))
    kept = _KEPT.get(asked) if _is_settled() else None
    if kept is not None and kept[0] == position:
        return kept[1]
    made = _nodes_of(places, position)
    if _is_settled():
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        _KEPT[asked] = (position, made)
    return made


def _is_settled() -> bool:
    """Whether everything that can be read now has been committed."""
    return not connection.in_atomic_block


def _nodes_of(
    places: Mapping[str, tuple[str, Region]], position: ledger.Position
) -> list[BudgetNode]:
    """The nodes that ever had money; their pools stand at what was put in."""
    codes = [str(row[0]) for row in position]
    flows: dict[str, list[Flow]] = defaultdict(list)
    for flow in ledger.flows(codes):
        flows[flow.debit].append(flow)
        flows[flow.credit].append(flow)
    books = _Books(flows, _titles(flows))
    made = [_node(places[code][1], code, books) for code in codes]
    return [node for node in made if node.allocated_fen or node.given_down_fen or node.pools]


def funded(scope: Scope, programmes: Iterable[str]) -> set[str]:
    """Those of the programmes for which money ever came into a budget within the scope."""
    regions, asked = _regions(scope), list(programmes)
    codes = {budget_code(one.code, programme): programme for one in regions for programme in asked}
    balances = ledger.balances(codes)
    return {codes[code] for code, balance in balances.items() if balance.credits_posted_fen}


def _regions(scope: Scope) -> list[Region]:
    path = scope.region_path
    if not path:
        return identity.list_regions()
    return [identity.get_region(path.rpartition("/")[2]), *identity.list_regions(under=path)]


def _titles(codes: Iterable[str]) -> dict[UUID, tuple[int, str]]:
    pool_ids = [UUID(code[5:]) for code in codes if code.startswith("pool:")]
    rows = models.Pool.objects.filter(pk__in=pool_ids).order_by("-opens_at", "id")
    return {
        pool_id: (n, title) for n, (pool_id, title) in enumerate(rows.values_list("id", "title"))
    }


@dataclass(frozen=True, slots=True)
class _Books:
    """What all nodes are read from: flows by account, pools' titles by id."""

    flows: dict[str, list[Flow]]
    titles: dict[UUID, tuple[int, str]]  # each with its place among all, the newest first


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
        funds=_funds(code, above, below, [flow for pool in pools.values() for flow in pool]),
        pools=_pools(code, pools, books),
    )


def _pools(budget: str, flows: Mapping[str, list[Flow]], books: _Books) -> tuple[PoolMoney, ...]:
    """A budget's pools, the newest first; an account without a release is only part of its sums."""
    known = [pool_id for code in flows if (pool_id := UUID(code[5:])) in books.titles]
    return tuple(
        _pool(pool_id, books.titles[pool_id][1], budget, flows[f"pool:{pool_id}"])
        for pool_id in sorted(known, key=lambda pool_id: books.titles[pool_id][0])
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


def _pool(pool_id: UUID, title: str, budget: str, flows: list[Flow]) -> PoolMoney:
    put_in = -_net(budget, flows)
    return PoolMoney(
        pool_id=pool_id,
        title=title,
        code=f"pool:{pool_id}",
        put_in_fen=put_in,
        paid_fen=0,
        held_fen=0,
        left_fen=put_in,
        funds_fen=rules.parts_of(f"pool:{pool_id}", flows),
    )


def _as_it_stands(pool: PoolMoney, balance: Balance) -> PoolMoney:
    return replace(
        pool,
        paid_fen=pool.put_in_fen - balance.available_fen - balance.debits_pending_fen,
        held_fen=balance.debits_pending_fen,
        left_fen=balance.available_fen,
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
