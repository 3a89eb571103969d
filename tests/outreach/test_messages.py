"""What happened is told once to whom it concerns; texts go by day, once, to those who want them."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from huanxin.identity import ports
from huanxin.identity.errors import NotAllowed, SmsFailed
from huanxin.identity.models import Organisation
from huanxin.kernel import audit, clock
from huanxin.kernel.models import AuditEntry
from huanxin.outreach import models, rules, selectors
from huanxin.outreach.errors import MessageUnknown
from huanxin.outreach.services import telling
from huanxin.outreach.types import MessageKind, SmsState
from tests import given, given_outreach, given_recycling, given_vouchers

pytestmark = pytest.mark.django_db
NOW = clock.moment(given_recycling.DAY - timedelta(days=1), 10)


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(NOW):
        yield


class Sender:
    """Takes texts, or refuses them."""

    is_simulated = False

    def __init__(self, *, fails: bool = False) -> None:
        self.fails, self.sent = fails, []

    def send(self, *, phone: str, text: str) -> None:
        if self.fails:
            raise SmsFailed
        self.sent.append((phone, text))


@pytest.fixture
def sender(monkeypatch):
    one = Sender()
    monkeypatch.setattr(ports, "sms_sender", lambda: one)
    return one


def promised(monkeypatch):
    """An order with a van, and its person told."""
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)
    given_outreach.told(monkeypatch)
    return order


def texts(at=NOW):
    with clock.standing_at(at):
        return telling.send_texts(actor=given.system())


def message_of(person_id, kind=MessageKind.PICKUP_PROMISED):
    return models.Message.objects.get(person_id=person_id, kind=kind)


def test_a_promised_visit_is_told_to_its_person_once(monkeypatch):
    order = promised(monkeypatch)
    given_outreach.told(monkeypatch)
    actor = given.consumer(given_person(order))
    [one] = [m for m in selectors.list_messages(actor).items if "上门" in m.title]
    assert order.number in one.text
    assert f"{order.slot_on.month}月{order.slot_on.day}日 9:00-11:00" in one.text
    assert selectors.count_unread(actor) == 1
    assert selectors.count_unread(given.consumer()) == 0


def given_person(order):
    from huanxin.identity import selectors as identity
    from huanxin.kernel.actor import Scope

    return identity.get_person(order.person_id, Scope())


def test_a_line_of_last_month_is_no_news(monkeypatch):
    here = given_recycling.city()
    given_recycling.booked()
    given_recycling.planned(here)
    with clock.standing_at(NOW + rules.MOST_AGE + timedelta(days=40)):
        assert given_outreach.told(monkeypatch) > 0
    assert not models.Message.objects.exists()


def test_one_s_messages_are_read_by_oneself_alone(monkeypatch):
    order = promised(monkeypatch)
    one = message_of(order.person_id)
    stranger = given.consumer()
    with pytest.raises(MessageUnknown):
        telling.mark_read(actor=stranger, message_ids=[one.id])
    with pytest.raises(MessageUnknown):
        selectors.get_message(stranger, one.id)
    assert message_of(order.person_id).read_at is None
    own = given.consumer(given_person(order))
    assert telling.mark_read(actor=own, message_ids=[one.id]) == 1
    assert telling.mark_read(actor=own) == 0
    assert selectors.count_unread(own) == 0


def test_a_text_goes_once_by_day_without_number_name_or_amount(monkeypatch, sender):
    order = promised(monkeypatch)
    assert texts(NOW + timedelta(hours=12)) == 0
    assert sender.sent == []
    assert [texts(), texts()] == [1, 0]
    [(phone, text)] = sender.sent
    person = given_person(order)
    assert (phone[:3], phone[-4:]) == (person.phone_masked[:3], person.phone_masked[-4:])
    assert text.startswith("【焕新】")
    for secret in (order.number, person.name_masked[0], "元", "http"):
        assert secret not in text
    assert message_of(order.person_id).sms == SmsState.SENT
    assert AuditEntry.objects.filter(action="identity.texted").count() == 1


def test_a_simulated_sender_is_said_to_be_one(monkeypatch):
    order = promised(monkeypatch)
    assert texts() == 1
    assert message_of(order.person_id).sms == SmsState.SIMULATED


def test_who_switched_texts_off_gets_the_message_and_no_text(monkeypatch, sender):
    here = given_recycling.city()
    order = given_recycling.booked()
    own = given.consumer(given_person(order))
    telling.set_texts(actor=own, wanted=False)
    given_recycling.planned(here)
    given_outreach.told(monkeypatch)
    assert texts() == 0
    assert sender.sent == []
    assert message_of(order.person_id).sms == SmsState.OFF
    assert selectors.count_unread(own) == 1
    telling.set_texts(actor=own, wanted=True)
    assert selectors.wants_texts(order.person_id)


def test_a_failing_sender_is_tried_thrice_and_stops_no_other(monkeypatch, sender):
    order = promised(monkeypatch)
    sender.fails = True
    assert [texts(), texts()] == [0, 0]
    assert message_of(order.person_id).sms == SmsState.WAITING
    assert texts() == 0
    assert message_of(order.person_id).sms == SmsState.FAILED
    sender.fails = False
    assert texts() == 0
    assert not AuditEntry.objects.filter(action="identity.texted").exists()


def test_a_text_that_waited_a_day_is_not_sent(monkeypatch, sender):
    order = promised(monkeypatch)
    assert texts(NOW + timedelta(hours=25)) == 0
    assert sender.sent == []
    assert message_of(order.person_id).sms == SmsState.LATE


def test_a_voucher_is_reminded_of_once_within_its_last_day():
    right = given_vouchers.right()
    with clock.standing_at(right.expires_at - timedelta(hours=25)):
        telling.remind(actor=given.system())
    assert not models.Message.objects.filter(kind=MessageKind.VOUCHER_EXPIRING).exists()
    with clock.standing_at(right.expires_at - timedelta(hours=23)):
        telling.remind(actor=given.system())
        telling.remind(actor=given.system())
    one = message_of(right.person_id, MessageKind.VOUCHER_EXPIRING)
    assert right.number in one.as_message().text


def test_a_voucher_that_is_over_is_not_reminded_of():
    right = given_vouchers.right()
    with clock.standing_at(right.expires_at + timedelta(hours=1)):
        telling.remind(actor=given.system())
    assert not models.Message.objects.filter(kind=MessageKind.VOUCHER_EXPIRING).exists()


def test_a_refused_claim_is_told_to_its_shop_alone(monkeypatch):
    shop, other = given.organisation(), given.organisation()
    for number, status in enumerate(("passed", "held", "refused")):
        audit.record(
            given.system(), "claims.decided", "claim", number, org_id=shop, verify_status=status
        )
    given_outreach.told(monkeypatch)
    [one] = models.Message.objects.filter(kind=MessageKind.CLAIM_REFUSED)
    assert (one.organisation_id, one.subject_id, one.sms) == (shop, "2", SmsState.NONE)
    assert not models.Message.objects.filter(organisation_id=other).exists()


def test_a_claim_that_goes_back_is_told_with_its_number_and_reasons(monkeypatch):
    shop = given.organisation()
    audit.record(
        given.system(), "claims.decided", "claim", "7", org_id=shop, verify_status="mending",
        number="XS-7", reasons="R314、R353",
    )  # fmt: skip
    given_outreach.told(monkeypatch)
    [one] = models.Message.objects.filter(organisation_id=shop)
    assert (one.kind, one.subject_id) == (MessageKind.CLAIM_TO_MEND, "7")
    assert "申报 XS-7 的材料要补正（R314、R353）" in one.as_message().text


def test_money_that_arrived_and_money_sent_back_are_told_apart(monkeypatch):
    org_id = given.organisation()
    for state in ("accepted", "refused"):
        audit.record(
            given.system(), "settlement.answered", "payment_order", state, org_id=org_id,
            answer=state,
        )  # fmt: skip
    given_outreach.told(monkeypatch)
    kinds = models.Message.objects.filter(organisation_id=org_id).values_list("kind", flat=True)
    assert sorted(kinds) == ["payment_arrived", "payment_refused"]


def test_a_paper_is_reminded_of_at_sixty_thirty_and_seven_days():
    org_id = given.organisation()
    org = Organisation.objects.get(pk=org_id)
    org.licences.all().delete()
    end = date(2026, 12, 31)
    org.licences.create(kind="营业执照", number="X1", from_on=date(2020, 1, 1), to_on=end)
    told = []
    for days in (61, 60, 59, 30, 8, 7, 1):
        with clock.standing_at(clock.moment(end - timedelta(days=days), 9)):
            telling.remind(actor=given.system())
            told.append(models.Message.objects.filter(organisation_id=org_id).count())
    assert told == [0, 1, 1, 2, 2, 3, 3]


def test_only_the_platform_tells():
    for verb in (telling.tell, telling.remind, telling.send_texts):
        with pytest.raises(NotAllowed):
            verb(actor=given.consumer())
    assert not models.Message.objects.exists()


def test_every_kind_says_itself_and_no_text_to_a_phone_has_a_link_or_an_amount():
    for kind in MessageKind:
        words = rules.WORDS[kind]
        assert words.title
        for bad in ("http", "元", "{number}", "{title}"):
            assert bad not in words.sms


@pytest.mark.django_db(transaction=True)
def test_the_feed_itself_is_read_once_and_its_cursor_moves_with_the_messages():
    org_id = given.organisation()
    with transaction.atomic():
        audit.record(
            given.system(), "settlement.answered", "payment_order", "1", org_id=org_id,
            answer="accepted",
        )  # fmt: skip
    given.settled_feed()
    assert telling.tell(actor=given.system()) > 0
    assert models.Message.objects.filter(organisation_id=org_id).count() == 1
    assert telling.tell(actor=given.system()) == 0
    assert models.Message.objects.filter(organisation_id=org_id).count() == 1
