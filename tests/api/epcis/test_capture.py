"""What parties hand in: whole or not at all, or every sound event; and what is refused by name."""

import json

import pytest

from huanxin.trace import models
from tests.api.epcis import given_epcis
from tests.api.epcis.given_epcis import document, event

pytestmark = pytest.mark.django_db


@pytest.fixture
def party():
    return given_epcis.recycler()


def _count() -> tuple[int, int]:
    return models.Event.objects.count(), models.EventEpc.objects.count()


def test_a_document_is_stored_and_its_job_says_so(party):
    one, two = event(), event(bizStep="receiving", **{"ex:grade": "C"})
    job = party.capture(one, two)
    assert (job["running"], job["success"], job["errors"]) == (False, True, [])
    [found] = party.found(EQ_eventID=[two["eventID"]])
    assert found.pop("recordTime")
    assert found == two
    assert [one["captureID"] for one in party.get("/capture").json()] == [job["captureID"]]


def test_an_event_without_an_id_gets_the_hash_of_its_content(party):
    party.capture(event(eventID=None, eventTime="2024-05-06T07:08:09.123+02:00"))
    [found] = party.found()
    assert found["eventID"].startswith("ni:///sha-256;")


def test_rollback_stores_nothing_and_proceed_what_is_sound(party):
    good, bad = event(), event(action="UPDATE")
    refused = party.post("/capture", document(good, bad))
    assert refused.status_code == 400
    assert refused.json()["type"] == "epcisException:ValidationException"
    assert "eventList[1].action" in refused.json()["detail"]
    assert _count() == (0, 0)

    job = party.capture(good, bad, **{"GS1-Capture-Error-Behaviour": "proceed"})
    assert (job["success"], job["captureErrorBehaviour"]) == (False, "proceed")
    assert [error["instance"] for error in job["errors"]] == ["#/epcisBody/eventList/1"]
    assert [one["eventID"] for one in party.found()] == [good["eventID"]]


def test_an_id_is_stored_once_unless_it_is_declared_wrong(party):
    first = event()
    party.capture(first)
    again = party.capture(first, event())
    assert again["success"] is False
    assert again["errors"][0]["type"] == "epcisException:ResourceAlreadyExistsException"
    assert _count()[0] == 1

    declared = first | {
        "errorDeclaration": {"declarationTime": "2026-06-02T09:00:00Z", "reason": "incorrect_data"}
    }
    assert party.capture(declared)["success"]
    assert party.capture(declared)["success"] is False
    assert len(party.found(EQ_eventID=[first["eventID"]])) == 2
    assert len(party.found(EXISTS_errorDeclaration="true")) == 1


def test_one_event_is_stored_at_once(party):
    body = event() | {"@context": given_epcis.CONTEXT}
    answer = party.post("/events", body)
    assert (answer.status_code, answer.json()["eventID"]) == (201, body["eventID"])
    assert party.post("/events", body).status_code == 409
    assert party.client.get(answer["Location"], headers=party.headers).status_code == 200
    assert _count()[0] == 1


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"eventTime": "2099-01-01T00:00:00Z"}, "eventTime"),
        ({"eventTime": "2026-06-01T09:00:00"}, "eventTime"),
        ({"eventTimeZoneOffset": "+25:00"}, "eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "+8"}, "eventTimeZoneOffset"),
        ({"bizStep": "teleporting"}, "bizStep"),
        ({"disposition": "urn:epcglobal:cbv:disp:active"}, "disposition"),
        ({"colour": "white"}, "colour"),
        ({"epcList": ["urn:epc:id:giai:9521234.A1"] * 2}, "epcList"),
        ({"epcList": ["not a uri"]}, "epcList"),
        ({"epcList": ["urn:x:" + "a" * 300]}, "epcList"),
        ({"quantityList": [{"epcClass": "urn:x:y", "quantity": -1, "uom": "KGM"}]}, "quantity"),
        (
            {"sensorElementList": [{"sensorReport": [
                {"type": "Mass", "value": -2.5, "uom": "KGM"}]}]},
            "value",
        ),
        ({"ilmd": {"ex:lot": "1"}}, "ilmd"),
        ({"eventTime": "2026-02-30T09:00:00Z"}, "eventTime"),
    ],
)  # fmt: skip
def test_what_is_no_epcis_is_refused_by_place_and_nothing_is_stored(party, change, where):
    answer = party.post("/capture", document(event(), event(**change)))
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert where in answer.json()["detail"]
    assert _count() == (0, 0)
    assert models.CaptureJob.objects.count() == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"[]", b"{}", b'{"type": "\xff"}', b'{"type": NaN}', b"[" * 100_000,
        json.dumps(document({"ex:note": "\ud800"})).encode(),
        json.dumps(document({"ex:note": "a\u0000b"})).encode(),
    ],
    ids=["list", "object", "bytes", "nan", "deep", "surrogate", "nul"],
)  # fmt: skip
def test_what_is_no_json_is_refused(party, raw):
    answer = party.post("/capture", raw)
    assert answer.status_code == 400
    assert _count() == (0, 0)


def test_too_many_events_and_too_many_bytes_are_refused_with_the_limits(party, monkeypatch):
    options = party.client.options(given_epcis.BASE + "/capture")
    limit = int(options["GS1-EPCIS-Capture-Limit"])
    answer = party.post("/capture", document(*[event()] * (limit + 1)))
    assert (answer.status_code, answer["GS1-EPCIS-Capture-Limit"]) == (413, str(limit))

    octets = int(options["GS1-EPCIS-Capture-File-Size-Limit"])
    monkeypatch.setattr("django.http.HttpRequest.read", _nobody_reads)
    answer = party.post("/capture", b"x" * (octets + 1))
    assert answer.status_code == 413  # by its announced size, before a byte was read
    assert _count() == (0, 0)


def _nobody_reads(*_: object) -> bytes:
    raise AssertionError("the body was read")


def test_the_door_asks_who_calls_in_which_version_and_form(party):
    body = document(event())
    stranger = party.client.post(
        given_epcis.BASE + "/capture", json.dumps(body), content_type="application/json"
    )
    assert (stranger.status_code, stranger["WWW-Authenticate"]) == (401, 'Bearer realm="huanxin"')
    assert party.post("/capture", body, content_type="text/plain").status_code == 415
    assert party.post("/capture", body, **{"GS1-EPCIS-Version": "9.9"}).status_code == 406
    assert party.post("/capture", body, **{"GS1-CBV-Version": "two"}).status_code == 400
    assert party.get("/events", accept="image/png").status_code == 406
    assert party.delete("/events").status_code == 405
    office = given_epcis.office()
    assert office.post("/capture", body).status_code == 403
    assert _count() == (0, 0)
