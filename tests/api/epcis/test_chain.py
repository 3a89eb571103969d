"""Each party reads its own chain of custody; what contradicts it is refused or recorded."""

from datetime import timedelta

import pytest

from huanxin.identity.types import OrgKind, Role
from huanxin.trace import models, selectors, services
from huanxin.trace.types import Action, Capture, UnitState
from tests import given_trace
from tests.api.epcis import given_epcis
from tests.api.epcis.given_epcis import event

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def chain():
    """A recycler and a dismantler with one unit's whole journey, and a stranger."""
    giver, taker = given_epcis.recycler(), given_epcis.dismantler()
    stranger = given_epcis.recycler()
    code = given_trace.unit(giver.org_id)
    given_trace.journey(code, giver=giver.org_id, taker=taker.org_id, until=UnitState.SHIPPED)
    return giver, taker, stranger, code


def _epc(code: str) -> str:
    return selectors.digital_link(code)


def _arrive(code, giver, taker):
    at = given_trace.START + 5 * HOUR
    captures = [
        given_trace.moved(
            code, UnitState.AT_DISMANTLER, giver=giver.org_id, taker=taker.org_id, at=at
        )
    ]
    services.capture_events(events=captures)


def test_a_party_reads_the_chain_of_the_units_it_held_and_no_more(chain):
    giver, taker, stranger, code = chain
    assert len(giver.found()) == 4
    assert taker.found() == []  # nothing has come into its hands yet
    _arrive(code, giver, taker)
    assert len(giver.found()) == len(taker.found()) == 5
    assert stranger.found() == []
    assert len(given_epcis.office().found()) == 5
    assert given_epcis.office("370000/371500/371521").found() == []
    row = giver.found(EQ_bizStep="commissioning")[0]
    path = "/events/" + row["eventID"].replace("/", "%2F").replace("?", "%3F").replace(";", "%3B")
    assert giver.get(path).status_code == 200
    assert stranger.get(path).status_code == 404


def test_another_partys_unit_is_refused_by_name(chain):
    _, _, stranger, code = chain
    before = models.Event.objects.count()
    job = stranger.capture(event(epcList=[_epc(code)]))
    assert job["success"] is False
    assert job["errors"][0]["code"] == "trace.not_your_unit"
    assert job["errors"][0]["type"] == "epcisException:SecurityException"
    assert models.Event.objects.count() == before
    single = event(epcList=[_epc(code)]) | {"@context": given_epcis.CONTEXT}
    assert stranger.post("/events", single).status_code == 403


def test_a_unit_in_two_places_is_recorded_for_supervision(chain):
    giver, taker, _, code = chain
    _arrive(code, giver, taker)
    here = event(
        epcList=[_epc(code)], bizStep="storing", eventTime="2026-06-02T09:00:00+08:00",
        bizLocation={"id": "urn:epc:id:sgln:9521234.10001.0"},
    )  # fmt: skip
    assert giver.capture(here)["success"]

    [found] = selectors.list_discrepancies(given_epcis.office_scope()).items
    assert (found.kind.value, found.unit_code) == ("elsewhere", code)
    assert (found.reported_by_id, found.holder_id) == (giver.org_id, taker.org_id)
    assert selectors.find_passport(code).holder_id == taker.org_id  # custody did not move


def test_events_before_the_birth_of_a_unit_are_recorded(chain):
    giver, _, _, code = chain
    early = event(epcList=[_epc(code)], eventTime="2026-05-01T09:00:00+08:00")
    assert giver.capture(early)["success"]
    kinds = [
        one.kind.value for one in selectors.list_discrepancies(given_epcis.office_scope()).items
    ]
    assert kinds == ["before_birth"]


def test_a_container_is_opened_once(chain):
    giver, taker, _, code = chain
    _arrive(code, giver, taker)
    at = given_trace.START + 6 * HOUR
    unpack = given_trace.packing(code, at=at, action=Action.DELETE)
    move = given_trace.stays(code, taker.org_id, UnitState.AT_DISMANTLER)
    services.capture_events(events=[Capture(unpack, taker.org_id, given_epcis.PATH, (move,))])
    before = models.Event.objects.count(), models.Custody.objects.count()

    again = event(
        type="AggregationEvent", epcList=None, parentID=given_trace.box(code), action="DELETE",
        childEPCs=[_epc(code)], bizStep="unpacking", eventTime="2026-06-02T09:00:00+08:00",
    )  # fmt: skip
    job = taker.capture(again)
    assert job["errors"][0]["code"] == "trace.unit_not_inside"
    assert (models.Event.objects.count(), models.Custody.objects.count()) == before


def test_a_unit_inside_one_container_cannot_be_packed_into_another(chain):
    giver, _, _, code = chain
    packed = event(
        type="AggregationEvent", epcList=None, parentID="urn:epc:id:sscc:9521234.0000000099",
        childEPCs=[_epc(code)], action="ADD", bizStep="packing",
        eventTime="2026-06-02T09:00:00+08:00",
    )  # fmt: skip
    job = giver.capture(packed)
    assert job["errors"][0]["code"] == "trace.unit_in_two_places"


def test_a_consumer_reads_nothing_here_and_a_shop_hands_nothing_in():
    shop = given_epcis.Party(Role.CASHIER, OrgKind.RETAILER)
    assert shop.get("/events").status_code == 403
    assert shop.post("/capture", given_epcis.document(event())).status_code == 403
