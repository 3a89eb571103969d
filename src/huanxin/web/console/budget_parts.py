"""The allocation tree as rows: every figure in words and as a link to the entries behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Actor, Scope
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Balance, BudgetNode, PoolMoney, treasury_code
from huanxin.settlement import selectors as settlement
from huanxin.vouchers import selectors as vouchers
from huanxin.web.claim_parts import FUND_WORDS
from huanxin.web.console import choices
from huanxin.web.console.forms import MoveForm
from huanxin.web.parts import Column, Confirmation, Fact, Filter, Row, Table

VERB_WORDS: dict[str, Promise] = {
    "allocate": gettext_lazy("额度下达"),
    "reclaim": gettext_lazy("额度收回"),
}
_HEADS = (
    ("allocated_fen", gettext_lazy("下达")),
    ("given_down_fen", gettext_lazy("下拨下级")),
    ("in_pools_fen", gettext_lazy("投入发放")),
    ("held_fen", gettext_lazy("占用")),
    ("paid_fen", gettext_lazy("已结算")),
    ("left_fen", gettext_lazy("剩余")),
)
_FUND_HEADS = (
    ("allocated_fen", gettext_lazy("下达")),
    ("given_down_fen", gettext_lazy("下拨下级")),
    ("in_pools_fen", gettext_lazy("投入发放")),
    ("paid_fen", gettext_lazy("已结算")),
    ("unused_fen", gettext_lazy("未投放")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    programme: str
    fund: str
    opened: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount of a row and where its entries are."""

    title: str
    fen: int
    href: str


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A region or a pool: its figures, how much of it is used, what may be done."""

    name: str
    level: int
    href: str
    figures: Sequence[Figure | None]
    used_fen: int
    whole_fen: int
    toggle: str = ""
    is_open: bool = False
    pool_count: int = 0
    down_href: str = ""
    up_href: str = ""

    @property
    def used_percent(self) -> str:
        """With one decimal, cut: what is not used up never reads as 100 %."""
        tenths = self.used_fen * 1000 // self.whole_fen if self.whole_fen else 0
        return f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True, slots=True)
class _Tree:
    """What every row is drawn from."""

    nodes: Sequence[BudgetNode]
    asked: Asked
    paid: dict[str, int]
    actor: Actor


def asked(request: HttpRequest, scope: Scope) -> Asked:
    """Programme (the newest with money unless one is named), fund, and whose pools are shown."""
    known = [key for key, _title in choices.programmes()]
    if "programme" not in request.GET:
        funded = vouchers.funded_programmes(scope, known)
        known.sort(key=lambda key: key not in funded)
    programme, fund = request.GET.get("programme", ""), request.GET.get("fund", "")
    return Asked(
        programme if programme in known else next(iter(known), ""),
        fund if fund in FUND_WORDS else "",
        request.GET.get("open", ""),
    )


def filters(asked: Asked) -> list[Filter]:
    funds = [("", _("全部资金")), *((key, str(word)) for key, word in FUND_WORDS.items())]
    return [
        Filter("programme", _("政策"), asked.programme, options=choices.programmes()),
        Filter("fund", _("资金"), asked.fund, options=funds),
    ]


def heads(asked: Asked) -> list[str]:
    return [str(word) for _key, word in (_FUND_HEADS if asked.fund else _HEADS)]


def fund_tiles() -> list[tuple[str, Balance]]:
    """What each treasury has given and not taken back, over the whole platform."""
    found = ledger.balances(treasury_code(fund) for fund in FUND_WORDS)
    return [(str(w), found.get(treasury_code(f), Balance())) for f, w in FUND_WORDS.items()]


def rows(nodes: Sequence[BudgetNode], asked: Asked, actor: Actor) -> list[TreeRow]:
    """The tree, top down; the pools of one region where the address opens it."""
    top = min((node.region_path.count("/") for node in nodes), default=0)
    tree = _Tree(nodes, asked, _paid(nodes, asked), actor)
    found = []
    for node in nodes:
        level = node.region_path.count("/") - top
        found.append(_node_row(node, level, tree))
        if asked.opened == node.region_code:
            found += [_pool_row(pool, level + 1, asked, tree.paid) for pool in node.pools]
    return found


def table(nodes: Sequence[BudgetNode], asked: Asked) -> Table:
    """The same tree as a file: regions and all their pools."""
    keys = _FUND_HEADS if asked.fund else _HEADS
    columns = [
        Column("region", _("地区")),
        Column("pool", _("发放")),
        *(Column(key, str(word), "money") for key, word in keys),
    ]
    paid = _paid(nodes, asked)
    lines = []
    for node in nodes:
        values = _node_values(node, nodes, asked, paid)
        lines.append(Row({"region": node.region_name, "pool": "", **values}))
        lines += [
            Row({
                "region": node.region_name, "pool": pool.title,
                **_pool_values(pool, asked, paid),
            })
            for pool in node.pools
        ]  # fmt: skip
    return Table("budgets", _("额度树"), columns, lines, can_export=True)


def _paid(nodes: Sequence[BudgetNode], asked: Asked) -> dict[str, int]:
    """What was settled out of each pool: in all, or of one fund by the claims' own splits."""
    pools = [pool for node in nodes for pool in node.pools]
    if not asked.fund:
        return {pool.code: pool.paid_fen for pool in pools}
    sums = settlement.fund_sums(pool.code for pool in pools)
    return {code: getattr(split, f"{asked.fund}_fen") for code, split in sums.items()}


def _below(node: BudgetNode, nodes: Sequence[BudgetNode]) -> list[BudgetNode]:
    """A region with everything within it."""
    inside = node.region_path + "/"
    return [one for one in nodes if one is node or one.region_path.startswith(inside)]


def _node_values(
    node: BudgetNode, nodes: Sequence[BudgetNode], asked: Asked, paid: dict[str, int]
) -> dict[str, int]:
    inside = _below(node, nodes)
    settled = sum(paid.get(pool.code, 0) for one in inside for pool in one.pools)
    if asked.fund:
        part = node.funds[asked.fund]
        return {
            "allocated_fen": part.allocated_fen,
            "given_down_fen": part.given_down_fen,
            "in_pools_fen": part.in_pools_fen,
            "paid_fen": settled,
            "unused_fen": part.unused_fen,
        }
    return {
        "allocated_fen": node.allocated_fen,
        "given_down_fen": node.given_down_fen,
        "in_pools_fen": node.in_pools_fen,
        "held_fen": sum(one.held_fen for one in inside),
        "paid_fen": settled,
        "left_fen": sum(one.left_fen for one in inside),
    }


def _pool_values(pool: PoolMoney, asked: Asked, paid: dict[str, int]) -> dict[str, int]:
    settled = paid.get(pool.code, 0)
    if asked.fund:
        put_in = pool.funds_fen.get(asked.fund, 0)
        return {"in_pools_fen": put_in, "paid_fen": settled}
    return {
        "in_pools_fen": pool.put_in_fen,
        "held_fen": pool.held_fen,
        "paid_fen": settled,
        "left_fen": pool.left_fen,
    }


def _figures(values: dict[str, int], asked: Asked, href: str) -> list[Figure | None]:
    return [
        Figure(str(word), values[key], href) if key in values else None
        for key, word in (_FUND_HEADS if asked.fund else _HEADS)
    ]


def _node_row(node: BudgetNode, level: int, tree: _Tree) -> TreeRow:
    asked = tree.asked
    values = _node_values(node, tree.nodes, asked, tree.paid)
    href = reverse("console:account", args=[node.code])
    is_open = asked.opened == node.region_code
    above = node.region_path.rpartition("/")[0]
    may_move = identity.may(
        tree.actor, "vouchers.give_budget", region_path=above or node.region_path
    )
    query = urlencode({"programme": asked.programme, "region_code": node.region_code})
    return TreeRow(
        name=node.region_name,
        level=level,
        href=href,
        figures=_figures(values, asked, href),
        used_fen=values["paid_fen"] + values.get("held_fen", 0),
        whole_fen=values["allocated_fen"],
        toggle="" if is_open else node.region_code,
        is_open=is_open,
        pool_count=len(node.pools),
        down_href=reverse("console:move_budget", args=["allocate"]) + "?" + query
        if may_move and above
        else "",
        up_href=reverse("console:move_budget", args=["reclaim"]) + "?" + query if may_move else "",
    )


def _pool_row(pool: PoolMoney, level: int, asked: Asked, paid: dict[str, int]) -> TreeRow:
    values = _pool_values(pool, asked, paid)
    href = reverse("console:account", args=[pool.code])
    return TreeRow(
        name=pool.title,
        level=level,
        href=reverse("console:pool", args=[pool.pool_id]),
        figures=_figures(values, asked, href),
        used_fen=values["paid_fen"] + values.get("held_fen", 0),
        whole_fen=values["in_pools_fen"],
    )


def move_confirmation(verb: str, form: MoveForm) -> Confirmation:
    """What would move, fund by fund, before it does; refuses what the payer has not."""
    typed = form.cleaned_data
    region = identity.get_region(typed["region_code"])
    above = region.path.rpartition("/")[0].rpartition("/")[2]
    payer = above if verb == "allocate" and above else region.code
    shares = vouchers.split_of_budget(
        programme=typed["programme"], region_code=payer, amount_fen=typed["amount_fen"],
        fund=typed["fund"],
    )  # fmt: skip
    raw: dict[str, Any] = {name: form.data[name] for name in form.fields if name in form.data}
    again = {name: value for name, value in raw.items() if name != "request_id"}
    payer_name = identity.get_region(payer).name
    down = _("由%(payer)s下达给%(region)s") % {"payer": payer_name, "region": region.name}
    up = _("由%s收回到上一级") % region.name
    return Confirmation(
        title=down if verb == "allocate" else up,
        amount_fen=typed["amount_fen"],
        sentence=_("用于%s。") % choices.names(choices.programmes())[typed["programme"]],
        facts=[Fact(str(FUND_WORDS[fund]), fen, "money") for fund, fen in shares.items()],
        action=reverse("console:moved_budget", args=[verb]),
        button=_("确认下达") if verb == "allocate" else _("确认收回"),
        back=reverse("console:move_budget", args=[verb]) + "?" + urlencode(again),
        fields=raw,
        warning=_("各项资金按付出方现有比例划转，分项合计与总额一致。"),
    )
