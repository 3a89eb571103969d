"""A station acts for a resident on her recorded word, and only by that clerk, for that visit."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from huanxin.identity import selectors
from huanxin.identity.errors import ConsentMissing, NotAllowed
from huanxin.identity.services import registering
from huanxin.identity.types import ConsentMeans, OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import Invalid, NotFound
from huanxin.kernel.models import AuditEntry
from tests import given

pytestmark = pytest.mark.django_db
STATEMENT = "本人同意由社区服务站代为办理旧机预约和补贴资格领取。"
NOON = clock.moment(date(2026, 9, 1), 12)


def clerk():
    return given.staff(Role.STATION_CLERK, org_id=given.organisation(OrgKind.STATION))


def consent(actor, person_id, **changes):
    words = {"means": ConsentMeans.SPOKEN, "statement": STATEMENT} | changes
    return registering.record_consent(actor=actor, person_id=person_id, **words)


def test_a_recorded_word_opens_the_person_to_that_clerk():
    actor, who = clerk(), given.person()
    with pytest.raises(ConsentMissing):
        selectors.assisted_scope(actor, who.id)
    given_word = consent(actor, who.id)
    assert selectors.find_consent(actor, who.id) == given_word
    assert selectors.assisted_scope(actor, who.id) == Scope(person_id=who.id)
    line = AuditEntry.objects.get(action="identity.consented")
    assert (line.actor_id, line.subject_id) == (actor.account_id, str(who.id))
    assert line.facts == {"means": "spoken", "statement": STATEMENT}


def test_the_word_given_to_one_clerk_is_no_word_to_another():
    actor, who = clerk(), given.person()
    consent(actor, who.id)
    with pytest.raises(ConsentMissing):
        selectors.assisted_scope(clerk(), who.id)
    with pytest.raises(ConsentMissing):
        selectors.assisted_scope(actor, given.person().id)


def test_the_word_ends_with_the_visit():
    actor, who = clerk(), given.person()
    with clock.standing_at(NOON):
        given_word = consent(actor, who.id)
    assert given_word.until == NOON + timedelta(hours=2)
    with clock.standing_at(NOON + timedelta(minutes=119)):
        assert selectors.find_consent(actor, who.id) == given_word
    with clock.standing_at(NOON + timedelta(hours=2)):
        assert selectors.find_consent(actor, who.id) is None


def test_only_a_station_may_record_one_and_only_of_somebody_known():
    who = given.person()
    with pytest.raises(NotAllowed):
        consent(given.staff(Role.CASHIER, org_id=given.organisation()), who.id)
    with pytest.raises(NotAllowed):
        consent(given.consumer(who), who.id)
    with pytest.raises(NotFound):
        consent(clerk(), uuid4())
    with pytest.raises(Invalid):
        consent(clerk(), who.id, statement="同意")
    assert not AuditEntry.objects.filter(action="identity.consented").exists()
