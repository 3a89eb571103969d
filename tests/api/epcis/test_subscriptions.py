"""Named queries and the webhooks that are told what they find: signed, retried, in order, once."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from huanxin.kernel import clock, webcall
from huanxin.trace import _schedule, models, services
from tests import given
from tests.api.epcis import given_epcis
from tests.api.epcis.given_epcis import event

pytestmark = pytest.mark.django_db(transaction=True)


class Receiver:
    """A webhook of this test: keeps what it is sent, answers what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""

    @property
    def ids(self) -> list[str]:
        return [
            one["eventID"]
            for _, body in self.got
            for one in json.loads(body)["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        ]


@contextmanager
def _listening() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.answers.pop(0) if receiver.answers else 200
            if status == 200:
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/cb"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _this_machine_may_be_called(settings):
    settings.HUANXIN_WEBHOOK_NETWORKS = "127.0.0.0/8"


@pytest.fixture
def party():
    party = given_epcis.recycler()
    answer = party.post("/queries", {"name": "ships", "query": {"EQ_bizStep": ["shipping"]}})
    assert answer.status_code == 201
    return party


def _subscribe(party, **body):
    answer = party.post("/queries/ships/subscriptions", body)
    assert answer.status_code == 201, answer.content
    return answer


def _deliver() -> int:
    given.settled_feed()
    return services.deliver_due()


def test_a_named_query_is_run_anew_each_time(party):
    party.capture(event(bizStep="shipping"), event())
    taken = party.post("/queries", {"name": "ships", "query": {}})
    wrong = party.post("/queries", {"name": "x", "query": {"GE_eventDate": "2026"}})
    assert (taken.status_code, wrong.status_code) == (409, 400)
    body = party.get("/queries/ships/events").json()["epcisBody"]["queryResults"]
    assert (body["queryName"], len(body["resultsBody"]["eventList"])) == ("ships", 1)
    assert given_epcis.recycler().get("/queries/ships").status_code == 404
    assert party.delete("/queries/ships").status_code == 204
    assert party.get("/queries/ships").status_code == 404


def test_a_stream_tells_what_was_captured_since_signed_and_once(party):
    with _listening() as receiver:
        party.capture(event(bizStep="shipping"))  # before: not told
        made = _subscribe(party, dest=receiver.url, signatureToken="s3cret", stream=True)
        assert b"s3cret" not in made.content
        told = [event(bizStep="shipping") for _ in range(3)]
        party.capture(*told, event(bizStep="receiving"))

        assert _deliver() == 1
        with clock.standing_at(clock.now() + timedelta(seconds=5)):
            services.deliver_due()  # nothing new, nothing sent

        assert receiver.ids == [one["eventID"] for one in told]
        headers, body = receiver.got[0]
        stamp, mac = headers["gs1-signature"].removeprefix("t=").split(",v1=")
        wanted = hmac.new(b"s3cret", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert mac == wanted
        assert json.loads(body)["epcisBody"]["queryResults"]["subscriptionID"]
        found = party.client.get(made["Location"], headers=party.headers).json()
        assert found["lastNotifiedAt"]


def test_a_webhook_that_fails_is_tried_again_later_and_loses_nothing(party):
    with _listening() as receiver:
        _subscribe(party, dest=receiver.url, stream=True)
        sent = event(bizStep="shipping")
        party.capture(sent)
        receiver.answers = [500, 413, 200]
        assert _deliver() == 0
        assert services.deliver_due() == 0  # not yet: it waits longer after each failure
        row = models.Subscription.objects.get()
        assert row.failures == 1
        assert timedelta(0) < row.due_at - clock.now() <= webcall.pause_after(1)
        with clock.standing_at(row.due_at):
            assert services.deliver_due() == 0  # 413: smaller batches, at once
            assert models.Subscription.objects.get().batch_size == row.batch_size // 2
            assert services.deliver_due() == 1
        assert receiver.ids == [sent["eventID"]]


def test_a_subscription_from_an_earlier_time_tells_what_lies_behind(party):
    with _listening() as receiver:
        earlier = event(bizStep="shipping")
        party.capture(earlier)
        _subscribe(party, dest=receiver.url, stream=True, initialRecordTime="2020-01-01T00:00:00Z")
        assert _deliver() == 1
        assert receiver.ids == [earlier["eventID"]]


def test_a_webhook_sees_only_what_its_party_may_see(party):
    with _listening() as receiver:
        _subscribe(party, dest=receiver.url, stream=True)
        given_epcis.recycler().capture(event(bizStep="shipping"))
        assert _deliver() == 0
        assert receiver.got == []


@pytest.mark.parametrize(
    "body",
    [
        {"dest": "https://a.example/cb"},
        {"dest": "https://a.example/cb", "stream": True, "schedule": {"hour": "1"}},
        {"dest": "https://a.example/cb", "schedule": {"hour": "24"}},
        {"dest": "https://a.example/cb", "schedule": {"month": "2", "dayOfMonth": "30"}},
        {"dest": "ftp://a.example/cb", "stream": True},
        {"stream": True},
        {"dest": "https://a.example/cb", "stream": True, "colour": "white"},
    ],
)
def test_controls_that_cannot_be_kept_are_refused(party, body):
    answer = party.post("/queries/ships/subscriptions", body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "epcisException:SubscriptionControlsException"
    assert models.Subscription.objects.count() == 0


def test_no_private_address_is_called_unless_the_installation_named_it(party, settings):
    with _listening() as receiver:
        wanted = {"dest": receiver.url, "stream": True}
        settings.HUANXIN_WEBHOOK_NETWORKS = ""
        answer = party.post("/queries/ships/subscriptions", wanted)
        assert (answer.status_code, models.Subscription.objects.count()) == (400, 0)
        settings.HUANXIN_WEBHOOK_NETWORKS = "127.0.0.0/8"  # the control: named, it is called
        _subscribe(party, **wanted)
        party.capture(event(bizStep="shipping"))
        settings.HUANXIN_WEBHOOK_NETWORKS = ""  # what is no longer named is no longer called
        assert (_deliver(), receiver.got) == (0, [])
        settings.HUANXIN_WEBHOOK_NETWORKS = "127.0.0.0/8"
        with clock.standing_at(models.Subscription.objects.get().due_at):
            assert _deliver() == 1


def test_a_schedule_comes_when_its_fields_say():
    at = clock.moment(clock.business_day(clock.now())).replace(microsecond=0)
    nine = _schedule.next_after({"hour": "9"}, at)
    assert (nine - at, nine.minute, nine.second) == (timedelta(hours=9), 0, 0)
    monday = _schedule.next_after({"dayOfWeek": "1", "hour": "[7-8]"}, at)
    assert (monday.isoweekday(), monday.hour) == (1, 7)
    soon = _schedule.next_after({"second": "0,30"}, at)
    assert (soon - at).total_seconds() == 30


def test_ending_a_query_ends_its_subscriptions(party):
    made = _subscribe(party, dest="http://127.0.0.1:9/cb", stream=True)
    assert len(party.get("/queries/ships/subscriptions").json()) == 1
    assert party.delete("/queries/ships").status_code == 204
    assert party.client.get(made["Location"], headers=party.headers).status_code == 404
    assert models.Subscription.objects.count() == 0
