"""Every query parameter finds what it should and nothing else; pages give each match once."""

import pytest

from tests.api.epcis import given_epcis
from tests.api.epcis.given_epcis import event

pytestmark = pytest.mark.django_db
UNIT, LOT = "urn:epc:id:giai:9521234.U1", "urn:epc:id:sscc:9521234.0000000018"
COPPER = "https://ns.example/material/copper"


@pytest.fixture
def party():
    """A party with one of everything, named by its step."""
    party = given_epcis.recycler()
    party.capture(
        event(
            epcList=[UNIT], action="ADD", bizStep="commissioning", disposition="active",
            eventTime="2026-06-01T09:00:00+08:00",
            readPoint={"id": "urn:epc:id:sgln:9521234.10001.GATE", "ex:door": "7"},
            bizTransactionList=[{"type": "rma", "bizTransaction": "urn:x:order:1"}],
            ilmd={"ex:kind": "fridge", "ex:made": {"ex:year": 2015}},
        ),
        event(
            epcList=[UNIT], bizStep="inspecting", eventTime="2026-06-01T10:00:00+08:00",
            persistentDisposition={"set": ["damaged"]},
            bizLocation={"id": "urn:epc:id:sgln:9521234.10001.0"},
            sensorElementList=[{
                "sensorMetadata": {"time": "2026-06-01T09:59:00+08:00",
                                   "deviceID": "urn:epc:id:giai:9521234.SCALE"},
                "sensorReport": [{"type": "Mass", "value": 62.5, "uom": "KGM"}],
            }],
            **{"ex:grade": "C", "ex:score": 7, "ex:inner": {"ex:deep": "yes"},
               "ex:due": "2026-07-01T00:00:00+08:00"},
        ),
        event(
            type="AggregationEvent", epcList=None, parentID=LOT, childEPCs=[UNIT], action="ADD",
            bizStep="packing", eventTime="2026-06-01T11:00:00+08:00",
        ),
        event(
            epcList=[LOT], bizStep="shipping", disposition="in_transit",
            eventTime="2026-06-01T12:00:00+08:00",
            sourceList=[{"type": "possessing_party", "source": "urn:epc:id:pgln:9521234.10001"}],
            destinationList=[{"type": "possessing_party",
                              "destination": "urn:epc:id:pgln:9521234.20002"}],
        ),
        event(
            type="TransformationEvent", action=None, epcList=None, bizStep="disassembling",
            eventTime="2026-06-01T13:00:00+08:00", inputEPCList=[UNIT],
            outputQuantityList=[{"epcClass": COPPER, "quantity": 1.2, "uom": "KGM"}],
            transformationID="urn:x:run:1",
        ),
    )  # fmt: skip
    return party


def _steps(party, **params) -> list[str]:
    return sorted(one["bizStep"] for one in party.found(**params))


@pytest.mark.parametrize(
    ("params", "steps"),
    [
        ({"eventType": "AggregationEvent|TransformationEvent"}, ["disassembling", "packing"]),
        ({"GE_eventTime": "2026-06-01T03:00:00Z", "LT_eventTime": "2026-06-01T04:00:00Z"},
         ["packing"]),
        ({"EQ_action": "ADD"}, ["commissioning", "packing"]),
        ({"EQ_bizStep": "cbv:BizStep-shipping|packing"}, ["packing", "shipping"]),
        ({"EQ_disposition": "in_transit"}, ["shipping"]),
        ({"EQ_persistentDisposition_set": "damaged"}, ["inspecting"]),
        ({"EQ_persistentDisposition_unset": "damaged"}, []),
        ({"EQ_readPoint": "https://id.gs1.org/414/9521234100010/254/GATE"}, ["commissioning"]),
        ({"EQ_bizLocation": "urn:epc:id:sgln:9521234.10001.0"}, ["inspecting"]),
        ({"EQ_transformationID": "urn:x:run:1"}, ["disassembling"]),
        ({"EQ_bizTransaction_rma": "urn:x:order:1"}, ["commissioning"]),
        ({"EQ_bizTransaction_po": "urn:x:order:1"}, []),
        ({"EQ_source_possessing_party": "https://id.gs1.org/417/9521234100010"}, ["shipping"]),
        ({"EQ_destination_possessing_party": "urn:epc:id:pgln:9521234.10001"}, []),
        ({"MATCH_epc": UNIT}, ["commissioning", "inspecting", "packing"]),
        ({"MATCH_anyEPC": UNIT}, ["commissioning", "disassembling", "inspecting", "packing"]),
        ({"MATCH_anyEPC": "https://id.gs1.org/8004/9521234U1"},
         ["commissioning", "disassembling", "inspecting", "packing"]),
        ({"MATCH_epc": "urn:epc:idpat:giai:9521234.*"}, ["commissioning", "inspecting", "packing"]),
        ({"MATCH_parentID": "urn:epc:idpat:sscc:9521234.*"}, ["packing"]),
        ({"MATCH_inputEPC": UNIT}, ["disassembling"]),
        ({"MATCH_outputEPCClass": COPPER}, ["disassembling"]),
        ({"MATCH_epcClass": COPPER}, []),
        ({"MATCH_anyEPCClass": COPPER, "GE_quantity": "1.2"}, ["disassembling"]),
        ({"GT_quantity_KGM": "1.2"}, []),
        ({"EQ_type": "Mass"}, ["inspecting"]),
        ({"GE_value_KGM": "62.5"}, ["inspecting"]),
        ({"LT_value_GRM": "62500"}, []),
        ({"GE_value_GRM": "62500"}, ["inspecting"]),
        ({"EQ_deviceID": "https://id.gs1.org/8004/9521234SCALE"}, ["inspecting"]),
        ({"GE_time": "2026-06-01T01:59:00Z"}, ["inspecting"]),
        ({"EXISTS_sensorElementList": "true"}, ["inspecting"]),
        ({"EQ_ex:grade": "C|D"}, ["inspecting"]),
        ({"GE_ex:score": "7"}, ["inspecting"]),
        ({"GT_ex:score": "7"}, []),
        ({"LT_ex:due": "2026-07-02T00:00:00Z"}, ["inspecting"]),
        ({"EQ_INNER_ex:deep": "yes"}, ["inspecting"]),
        ({"EQ_ex:deep": "yes"}, []),
        ({"EXISTS_ex:inner": "true"}, ["inspecting"]),
        ({"EQ_ILMD_ex:kind": "fridge"}, ["commissioning"]),
        ({"GE_INNER_ILMD_ex:year": "2015"}, ["commissioning"]),
        ({"EQ_readPoint_ex:door": "7"}, ["commissioning"]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else None,
)  # fmt: skip
def test_a_parameter_finds_its_events_and_no_others(party, params, steps):
    answer = party.get("/events", params, **{"GS1-Extensions": "ex=https://ns.example/trade/"})
    assert answer.status_code == 200, answer.content
    found = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert sorted(one["bizStep"] for one in found) == steps


@pytest.mark.parametrize(
    ("params", "status", "name"),
    [
        ({"GE_eventDate": "2026-01-01T00:00:00Z"}, 400, "QueryParameterException"),
        ({"GE_eventTime": "yesterday"}, 400, "QueryParameterException"),
        ({"GT_eventTime": "2026-01-01T00:00:00Z"}, 400, "QueryParameterException"),
        ({"EQ_action": "SHIPPED"}, 400, "QueryParameterException"),
        ({"GE_quantity": "many"}, 400, "QueryParameterException"),
        ({"MATCH_epc": "no identifier"}, 400, "QueryParameterException"),
        ({"orderBy": "eventTime", "orderDirection": "SIDEWAYS"}, 400, "QueryParameterException"),
        ({"eventCountLimit": "2"}, 400, "QueryParameterException"),
        ({"perPage": "0"}, 400, "QueryParameterException"),
        ({"nextPageToken": "no-such-token"}, 400, "QueryParameterException"),
        ({"maxEventCount": "4"}, 413, "QueryTooLargeException"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else None,
)
def test_a_parameter_that_cannot_be_used_is_refused_by_name(party, params, status, name):
    answer = party.get("/events", params)
    assert (answer.status_code, answer.json()["type"]) == (status, f"epcisException:{name}")


def test_pages_give_each_event_once_in_order(party):
    steps = ["commissioning", "inspecting", "packing", "shipping", "disassembling"]
    ordered = {"orderBy": "eventTime", "orderDirection": "ASC", "perPage": 2}
    assert [one["bizStep"] for one in party.found(**ordered)] == steps
    latest = {"orderBy": "eventTime", "eventCountLimit": 3, "perPage": 2}
    assert [one["bizStep"] for one in party.found(**latest)] == steps[:1:-1]
    by_field = {"orderBy": "https://ns.example/trade/score", "perPage": 3}
    assert party.found(**by_field)[0]["bizStep"] == "inspecting"
    first = party.get("/events", {"perPage": 2})
    token = first["Link"].partition("nextPageToken=")[2].partition(">")[0]
    other = party.get("/events", {"perPage": 2, "nextPageToken": token, "EQ_action": "ADD"})
    assert other.status_code == 400  # a token belongs to its query


def test_places_below_a_place_are_found_by_the_master_data(party):
    yard, hall = "urn:epc:id:sgln:9521234.70000.0", "urn:epc:id:sgln:9521234.10001.0"
    header = {"epcisMasterData": {"vocabularyList": [{
        "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
        "vocabularyElementList": [
            {"id": yard, "children": [hall],
             "attributes": [{"id": "ex:area", "attribute": "north"}]},
        ],
    }]}}  # fmt: skip
    job = party.post("/capture", given_epcis.document(event(bizStep="holding"), epcisHeader=header))
    assert job.status_code == 202
    assert _steps(party, WD_bizLocation=[yard]) == ["inspecting"]
    assert _steps(party, EQ_bizLocation=[yard]) == []
    assert _steps(party, HASATTR_bizLocation="https://ns.example/trade/area") == []


def test_urns_come_back_as_links_unless_the_caller_declines(party):
    asked = {"EQ_bizStep": "commissioning"}
    plain = party.get("/events", asked).json()
    links = party.client.get(
        given_epcis.BASE + "/events?EQ_bizStep=commissioning", headers=party.headers
    ).json()
    epcs = [
        one["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["epcList"]
        for one in (plain, links)
    ]
    assert epcs == [[UNIT], ["https://id.gs1.org/8004/9521234U1"]]
    assert party.get("/events", asked, **{"GS1-EPC-Format": "Always_EPC_URN"}).status_code == 406


def test_two_documents_may_mean_different_things_by_one_prefix(party):
    other = event(bizStep="storing", **{"ex:grade": "other"}) | {
        "@context": [given_epcis.CONTEXT[0], {"ex": "https://ns.other/"}]
    }
    assert party.post("/events", other).status_code == 201
    header = {"GS1-Extensions": "ex=https://ns.other/"}
    found = party.get("/events", {"EXISTS_ex:grade": "true"}, **header).json()
    [one] = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert one["bizStep"] == "storing"
    both = {e["bizStep"]: e for e in party.found(EQ_bizStep=["storing", "inspecting"])}
    contexts = [e.get("@context") for e in both.values()]
    assert sum(context is not None for context in contexts) == 1


def test_resources_list_what_is_used_and_lead_to_its_events(party):
    assert party.get("/").json()["member"] == [
        "eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints", "dispositions", "events",
        "capture", "queries",
    ]  # fmt: skip
    steps = party.get("/bizSteps").json()["member"]
    assert steps == ["commissioning", "disassembling", "inspecting", "packing", "shipping"]
    page = party.get("/bizSteps", {"perPage": 2})
    assert page.json()["member"] == steps[:2]
    token = page["Link"].partition("nextPageToken=")[2].partition(">")[0]
    follow = party.get("/bizSteps", {"perPage": 2, "nextPageToken": token})
    assert follow.json()["member"] == steps[2:4]
    assert len(party.get("/eventTypes").json()["member"]) == 5
    assert party.get("/epcs").json()["member"] == [
        "https://id.gs1.org/00/095212340000000181", "https://id.gs1.org/8004/9521234U1",
    ]  # fmt: skip
    assert party.get("/bizSteps/packing").json()["member"] == ["events"]
    assert party.get("/bizSteps/killing").status_code == 404
    assert party.get("/bizSteps/packing/events", {"EQ_bizStep": "packing"}).status_code == 400
    unit = party.get("/epcs/https%3A%2F%2Fid.gs1.org%2F8004%2F9521234U1/events").json()
    assert len(unit["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 4
