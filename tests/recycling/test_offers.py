"""An order is offered by the published rule, answered in time, and given to the next best."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from huanxin.identity.models import Organisation, Restriction
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.errors import NotAllowed
from huanxin.recycling import _fairness, models
from huanxin.recycling.errors import JobNotYours, OfferAnswered
from huanxin.recycling.selectors import order_book, route_book
from huanxin.recycling.services import dispatching, preparing
from huanxin.recycling.types import OfferState, OrderState
from huanxin.recycling.types.routes import NewVan
from tests import given, given_recycling

pytestmark = pytest.mark.django_db
MORNING = given_recycling.EVENING - timedelta(hours=9)  # 11 o'clock, crews are reachable


def _rival(*, shift_e6: int = 30_000, vans: int = 1) -> UUID:
    """A second recycler of the county, farther from the orders than the first."""
    org_id = given.organisation(OrgKind.RECYCLER)
    Organisation.objects.filter(pk=org_id).update(
        lat_e6=given_recycling.LAT_E6 + shift_e6, lon_e6=given_recycling.LON_E6 + shift_e6
    )
    preparing.register_vans(
        actor=given.system(),
        vans=[NewVan(org_id, f"远 {n}", given.COUNTY) for n in range(vans)],
    )
    return org_id


def _manager(org_id: UUID) -> given.Actor:
    return given.staff(Role.RECYCLER_MANAGER, org_id=org_id)


def test_a_refused_order_goes_to_the_next_best_at_once() -> None:
    here = given_recycling.city()
    rival = _rival()
    dispatching.set_auto_accept(actor=here.manager, org_id=here.recycler_id, is_auto_accept=False)
    order = given_recycling.booked()
    dispatching.dispatch_waiting(actor=given.system())

    card = dispatching.answer_offer(
        actor=here.manager, order_id=order.id, is_accepted=False, reason="车辆检修"
    )

    assert card.recycler_org_id == rival
    offers = route_book.list_offers(given.system().scope, order_id=order.id)
    assert [(o.org_id, o.state, o.round) for o in offers] == [
        (here.recycler_id, OfferState.REFUSED, 1),
        (rival, OfferState.ACCEPTED, 2),
    ]
    assert offers[0].reason == "车辆检修"
    with pytest.raises(NotAllowed):
        dispatching.answer_offer(actor=here.manager, order_id=order.id, is_accepted=True)


def test_an_offer_without_an_answer_in_time_goes_to_the_next_best() -> None:
    here = given_recycling.city()
    rival = _rival()
    with clock.standing_at(MORNING):
        dispatching.set_auto_accept(
            actor=here.manager, org_id=here.recycler_id, is_auto_accept=False
        )
        order = given_recycling.booked()
        dispatching.dispatch_waiting(actor=given.system())
    with clock.standing_at(MORNING + timedelta(minutes=29)):
        dispatching.dispatch_waiting(actor=given.system())
        assert order_book.cards([order.id])[0].recycler_org_id == here.recycler_id
    with clock.standing_at(MORNING + timedelta(minutes=30)):
        dispatching.dispatch_waiting(actor=given.system())

    assert order_book.cards([order.id])[0].recycler_org_id == rival
    first = route_book.list_offers(here.manager.scope, order_id=order.id)[0]
    assert (first.state, first.reason) == (OfferState.LATE, "超时未接单")


def test_an_open_offer_is_not_put_on_a_van_unless_its_own_planner_does() -> None:
    here = given_recycling.city()
    dispatching.set_auto_accept(actor=here.manager, org_id=here.recycler_id, is_auto_accept=False)
    order = given_recycling.booked()

    by_platform = dispatching.plan_routes(
        actor=given.system(), on=given_recycling.DAY, region_path=given.COUNTY_PATH
    )
    assert by_platform == []
    assert order_book.cards([order.id])[0].state == OrderState.BOOKED

    given_recycling.planned(here)
    offer = route_book.list_offers(here.manager.scope, order_id=order.id)[0]
    assert order_book.cards([order.id])[0].state == OrderState.ASSIGNED
    assert offer.state == OfferState.ACCEPTED


def test_a_job_given_back_keeps_no_stop_and_the_promise_of_others_stands() -> None:
    here = given_recycling.city()
    rival = _rival()
    kept, given_back = given_recycling.booked(), given_recycling.booked(shift_e6=3_000)
    given_recycling.planned(here)
    promised = models.RouteStop.objects.get(order_id=kept.id).arrive_at

    card = dispatching.return_job(actor=here.manager, order_id=given_back.id, reason="人手不足")

    assert (card.state, card.recycler_org_id) == (OrderState.BOOKED, rival)
    assert not models.RouteStop.objects.filter(order_id=given_back.id).exists()
    assert models.RouteStop.objects.get(order_id=kept.id).arrive_at == promised
    with pytest.raises(OfferAnswered):
        dispatching.answer_offer(
            actor=_manager(rival), order_id=given_back.id, is_accepted=False, reason="x"
        )


def test_a_job_is_not_given_back_when_the_visit_is_near() -> None:
    here = given_recycling.city()
    _rival()
    order = given_recycling.booked()
    given_recycling.planned(here)
    arrive_at = models.RouteStop.objects.get(order_id=order.id).arrive_at

    with clock.standing_at(arrive_at - timedelta(minutes=30)), pytest.raises(JobNotYours):
        dispatching.return_job(actor=here.manager, order_id=order.id, reason="堵车")

    assert order_book.cards([order.id])[0].state == OrderState.ASSIGNED


def test_a_fair_share_goes_to_the_far_recycler_and_without_the_rule_none_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = given_recycling.city()
    rival = _rival(shift_e6=20_000)

    def offered() -> dict[UUID, int]:
        for n in range(24):
            given_recycling.booked(shift_e6=n % 4 * 500, slot=list(given_recycling.Slot)[n % 4])
        dispatching.dispatch_waiting(actor=given.system())
        return {
            line.org_id: line.offered_count for line in route_book.list_shares(given.COUNTY_PATH)
        }

    rule = _fairness.shipped()
    fair = replace(rule, least_offers=4)
    monkeypatch.setattr(_fairness, "shipped", lambda: replace(fair, metres_per_point=0))
    assert offered() == {here.recycler_id: 24, rival: 0}
    models.Order.objects.update(state=OrderState.CANCELLED, cancelled_at=clock.now())
    models.Offer.objects.all().delete()
    models.SlotRoom.objects.all().delete()
    monkeypatch.setattr(_fairness, "shipped", lambda: fair)
    shares = offered()
    assert sum(shares.values()) == 24
    assert shares[rival] >= 4
    assert shares[here.recycler_id] >= shares[rival]


def test_a_car_goes_only_to_a_recycler_with_the_licence() -> None:
    here = given_recycling.city()
    models.Van.objects.update(skills=["gas", "refrigerant", "vehicle"])
    order = given_recycling.booked(units=(given_recycling.answers("passenger_car"),))

    dispatching.dispatch_waiting(actor=given.system())
    assert order_book.cards([order.id])[0].recycler_org_id is None

    given_recycling.licensed(here.recycler_id, "vehicle_dismantling")
    dispatching.dispatch_waiting(actor=given.system())
    assert order_book.cards([order.id])[0].recycler_org_id == here.recycler_id


def test_a_restricted_recycler_keeps_its_jobs_and_gets_no_new_ones() -> None:
    here = given_recycling.city()
    kept = given_recycling.booked()
    dispatching.dispatch_waiting(actor=given.system())
    barred = given.barred(here.recycler_id)
    new = given_recycling.booked()
    dispatching.dispatch_waiting(actor=given.system())
    mine = [one.recycler_org_id for one in order_book.cards([kept.id, new.id])]
    assert mine == [here.recycler_id, None]

    over = {"from_on": clock.today() - timedelta(days=2), "to_on": clock.today()}
    Restriction.objects.filter(pk=barred).update(**over)  # the control
    dispatching.dispatch_waiting(actor=given.system())
    assert order_book.cards([new.id])[0].recycler_org_id == here.recycler_id


def test_a_record_of_refusals_lowers_the_due_share() -> None:
    rule = _fairness.shipped()
    good, bad = _fairness.Record(offered=10), _fairness.Record(offered=10, refused=5, missed=2)

    assert rule.rating_bps(good) == 10_000
    assert rule.rating_bps(bad) == 8_500
    assert rule.rating_bps(_fairness.Record(missed=100)) == 3_000
