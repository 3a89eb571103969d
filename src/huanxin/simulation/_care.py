"""After the season, for the pages' sake: scrap prices, a village day, complaints at each stage."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope
from huanxin.recycling.selectors import care_book, order_book, route_book
from huanxin.recycling.services import complaining, holding, publishing
from huanxin.recycling.types import ComplaintKind, Slot
from huanxin.recycling.types.orders import NewVillageDay, OrderCard
from huanxin.recycling.types.valuation import NewScrapPrice
from huanxin.simulation._stage import Stage

_PRICES = (("scrap_steel", 230_000), ("scrap_copper", 6_200_000), ("scrap_aluminium", 1_500_000))
_SOURCE = "演示行情（等于标准参考价，非真实行情）"
_WORDS = (
    (ComplaintKind.MISSED, "约好上午来，下午才到，也没有电话说明。"),
    (ComplaintKind.PRICE, "上门后价格比评估低，理由没有讲清楚。"),
    (ComplaintKind.CONDUCT, "搬运时碰坏了楼道的墙面，希望有人处理。"),
)
_ANSWER = "已与收运员核实，当日车辆故障晚到，向您致歉，今后晚到会提前电话说明。"


def show(stage: Stage, on: date) -> None:
    """On the season's last evening; safe to repeat."""
    publishing.publish_scrap_prices(
        actor=stage.actor("policy"),
        prices=[NewScrapPrice(code, on, fen, _SOURCE) for code, fen in _PRICES],
    )
    depot = stage.season.city.depots[0]
    manager = stage.actor("depot")
    van = route_book.list_vans(Scope(org_id=stage.org(depot.key)))[0]
    day = NewVillageDay(
        van.id, depot.region_code, "闫寺街道文化广场（演示）", depot.lat_e6, depot.lon_e6,
        on + timedelta(days=5), Slot.MORNING_EARLY, 12,
    )  # fmt: skip
    holding.open_village_day(
        actor=manager, day=day, request_id=stage.request("care", "village", on)
    )
    for n, (order, owner) in enumerate(_collected(stage, stage.org(depot.key))):
        kind, text = _WORDS[n]
        made = complaining.open_complaint(
            actor=owner, order_id=order.id, kind=kind, text=text,
            request_id=stage.request("care", "complaint", on, n),
        )  # fmt: skip
        if n == 0 and care_book.get_complaint(made.id, manager.scope).answered_at is None:
            complaining.answer_complaint(actor=manager, complaint_id=made.id, text=_ANSWER)


def _collected(stage: Stage, org_id: UUID) -> Iterator[tuple[OrderCard, Actor]]:
    """The last few orders that the depot collected, with their owners."""
    found = 0
    since = clock.now() - timedelta(days=30)
    for wish in reversed(stage.season.wishes):
        order_id = stage.state(wish.key).order_id
        if not order_id or found == len(_WORDS):
            continue
        card = order_book.cards([UUID(order_id)])[0]
        if card.recycler_org_id == org_id and card.collected_at and card.collected_at > since:
            found += 1
            stage.welcome([wish])
            yield card, stage.consumer(wish)
