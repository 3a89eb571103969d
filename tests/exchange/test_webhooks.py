import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from huanxin.exchange import models, selectors
from huanxin.exchange.errors import DeliveryNotDead, EndpointInvalid
from huanxin.exchange.services import hooking
from huanxin.exchange.types import DeliveryState, NewEndpoint
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import audit, clock, webcall
from huanxin.kernel.errors import NotFound
from tests import given, given_accounts

NINE = clock.moment(date(2026, 9, 1), 9)
TEN = NINE + timedelta(hours=1)


class Receiver(HTTPServer):
    """Somebody else's system: keeps what it was told and answers as it was asked to."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], str]] = []
        self.answer = 204
        super().__init__(("127.0.0.1", 0), _Told)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/told?by=huanxin"


class _Told(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.told.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.HUANXIN_WEBHOOK_NETWORKS = "127.0.0.0/8"
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def opened(actor, url, *topics):
    with clock.standing_at(NINE):
        return hooking.open_endpoint(
            actor=actor, new=NewEndpoint("进销存", url, topics or ("claims.decided",))
        )


def happens(org_id, action="claims.decided"):
    audit.record(
        given.system(), action, "claim", "c-1", region_path=given.COUNTY_PATH, org_id=org_id,
        verdict="passed",
    )  # fmt: skip


@pytest.fixture
def _at_ten():
    with clock.standing_at(TEN):
        yield


def turn(at=TEN):
    """What the worker does in a second."""
    given.settled_feed()
    with clock.standing_at(at):
        hooking.lay_out(actor=given.system())
        return hooking.deliver_due(actor=given.system())


@pytest.mark.django_db(transaction=True)
def test_what_happens_is_told_once_and_an_outsider_can_prove_who_said_it(receiver):
    from django.db import transaction

    keeper = given_accounts.keeper()
    issued = opened(keeper, receiver.url)
    with clock.standing_at(TEN), transaction.atomic():
        happens(keeper.org_id)
        happens(given.organisation(OrgKind.RETAILER))  # somebody else's
        happens(keeper.org_id, "recycling.booked")  # not asked for
    assert (turn(), turn()) == (1, 0)
    [(headers, body)] = receiver.told
    told = json.loads(body)
    assert (told["type"], told["data"]["id"]) == ("claims.decided", "c-1")
    assert "verdict" not in body, "which thing, no more: details are read in scope"
    assert_signed_by(issued.secret, headers, body)


def assert_signed_by(secret, headers, body):
    """Verified by Standard Webhooks' own library, which knows nothing of our code."""
    import standardwebhooks.webhooks as theirs

    class At(theirs.datetime):
        @classmethod
        def now(cls, tz=None):
            return TEN.astimezone(tz)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theirs, "datetime", At)
        assert Webhook(secret).verify(body, headers)
        for spoilt in (body + " ", body.replace("timestamp", "Timestamp")):
            with pytest.raises(WebhookVerificationError):
                Webhook(secret).verify(spoilt, headers)
        late = {**headers, "webhook-timestamp": str(int(TEN.timestamp()) - 400)}
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, late)


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_tried_again_later_and_later_until_the_letter_is_dead(receiver):
    from django.db import transaction

    keeper = given_accounts.keeper()
    issued = opened(keeper, receiver.url)
    receiver.answer = 500
    with clock.standing_at(TEN), transaction.atomic():
        happens(keeper.org_id)
    at = TEN
    assert turn() == 0
    assert turn(at + timedelta(seconds=9)) == 0
    assert len(receiver.told) == 1, "not before ten seconds are over"
    for pause in webcall.PAUSES:
        at += timedelta(seconds=pause)
        turn(at)
    [card] = selectors.list_deliveries(keeper, issued.card.id).items
    assert (card.state, len(card.attempts)) == (DeliveryState.DEAD, len(webcall.PAUSES) + 1)
    assert {one.status for one in card.attempts} == {500}
    turn(at + timedelta(days=2))
    assert len(receiver.told) == len(webcall.PAUSES) + 1
    receiver.answer = 200
    with clock.standing_at(at):
        hooking.send_again(actor=keeper, delivery_id=card.id)
    assert turn(at) == 1
    assert selectors.get_delivery(keeper, card.id).state == DeliveryState.DELIVERED
    with pytest.raises(DeliveryNotDead):
        hooking.send_again(actor=keeper, delivery_id=card.id)


@pytest.mark.django_db
@pytest.mark.usefixtures("_at_ten")
def test_a_test_message_says_at_once_what_came_of_it(receiver):
    keeper = given_accounts.keeper()
    issued = opened(keeper, receiver.url)
    card = hooking.send_test(actor=keeper, endpoint_id=issued.card.id)
    assert (card.state, card.attempts[0].status) == (DeliveryState.DELIVERED, 204)
    assert json.loads(receiver.told[0][1])["type"] == "webhook.test"
    receiver.answer = 404
    failed = hooking.send_test(actor=keeper, endpoint_id=issued.card.id)
    assert failed.state == DeliveryState.DEAD, "a test is not tried again"


@pytest.mark.django_db
@pytest.mark.usefixtures("_at_ten")
def test_while_the_secret_changes_each_message_carries_both_signatures(receiver):
    keeper = given_accounts.keeper()
    old = opened(keeper, receiver.url)
    new = hooking.rotate_secret(actor=keeper, endpoint_id=old.card.id, overlap_hours=24)
    hooking.send_test(actor=keeper, endpoint_id=old.card.id)
    headers, body = receiver.told[0]
    for secret in (old.secret, new.secret):
        assert_signed_by(secret, headers, body)
    with clock.standing_at(TEN + timedelta(hours=24)):
        hooking.send_test(actor=keeper, endpoint_id=old.card.id)
    assert len(receiver.told[1][0]["webhook-signature"].split(" ")) == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("_at_ten")
def test_the_secret_is_stored_sealed(settings):
    settings.HUANXIN_WEBHOOK_NETWORKS = "127.0.0.0/8"
    issued = opened(given_accounts.keeper(), "http://127.0.0.1:9/")
    row = models.Endpoint.objects.get()
    assert issued.secret.encode() not in bytes(row.secret_sealed)


@pytest.mark.django_db
@pytest.mark.usefixtures("_at_ten")
def test_anothers_webhook_can_neither_be_seen_nor_tested(receiver):
    issued = opened(given_accounts.keeper(), receiver.url)
    stranger = given_accounts.keeper()
    assert selectors.list_endpoints(stranger) == []
    with pytest.raises(NotFound):
        hooking.send_test(actor=stranger, endpoint_id=issued.card.id)
    assert receiver.told == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.0.0.1/",
        "http://192.168.1.1/", "http://169.254.169.254/latest", "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/", "ftp://203.0.113.9/", "http://user@203.0.113.9/", "http:///x",
        "http://2130706433/", "http://127.1/", "http://[fe80::1]/", "http://224.0.0.1/",
        "javascript:alert(1)", "http://203.0.113.9:99999/",
    ],
)  # fmt: skip
def test_no_webhook_leads_into_a_private_network(url):
    assert not webcall.may_call(url)
    assert webcall.post(url, b"{}", {}).status == webcall.UNREACHABLE


def test_a_network_that_the_installation_names_may_be_called(settings):
    settings.HUANXIN_WEBHOOK_NETWORKS = "10.1.0.0/16"
    assert webcall.may_call("http://10.1.2.3/")
    assert not webcall.may_call("http://10.2.2.3/")


def test_a_name_that_also_means_a_private_address_is_refused(monkeypatch):
    def both(host, port, **_):
        return [(2, 1, 6, "", (one, port)) for one in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(webcall.socket, "getaddrinfo", both)
    assert not webcall.may_call("https://rebinding.example/")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, receiver):
    """A name that changes its mind between check and call gains nothing: it is asked once."""
    asked = []

    def changing(host, port, **_):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.9.9.9"
        return [(2, 1, 6, "", (address, port))]

    real = webcall.socket.getaddrinfo
    monkeypatch.setattr(
        webcall.socket,
        "getaddrinfo",
        lambda host, port, *a, **k: changing(host, port) if host == "moody.example"
        else real(host, port, *a, **k),
    )  # fmt: skip
    answer = webcall.post(f"http://moody.example:{receiver.server_port}/x", b"{}", {})
    assert (answer.status, asked) == (204, ["moody.example"])
    assert receiver.told[0][0]["host"] == f"moody.example:{receiver.server_port}"


def test_a_redirect_is_not_followed(receiver):
    receiver.answer = 302
    assert webcall.post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.told) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"url": "http://127.0.0.1/"}, {"name": " "}, {"topics": ()}, {"topics": ("x.y",)}]
)
def test_a_webhook_that_cannot_be_kept_is_refused(change):
    new = {"name": "进销存", "url": "http://8.8.8.8/", "topics": ("claims.sold",)}
    with pytest.raises(EndpointInvalid):
        hooking.open_endpoint(actor=given_accounts.keeper(), new=NewEndpoint(**(new | change)))
    assert not models.Endpoint.objects.exists()


@pytest.mark.django_db
def test_a_regions_webhook_is_told_of_its_region_alone():
    given.regions()
    admin = given.staff(Role.ADMIN)
    opened(admin, "http://8.8.8.8/")
    row = models.Endpoint.objects.get()
    line = audit.Entry("claim", "c", given.COUNTY_PATH)
    assert hooking._sees(row, line)
    assert not hooking._sees(row, audit.Entry("claim", "c", "370000/371500/371525"))
