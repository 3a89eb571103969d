"""When a station or another party is open: its week and its closed days, kept by its manager."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from huanxin.identity import models, rules, selectors
from huanxin.identity.errors import OpeningInvalid
from huanxin.identity.types import DayHours, Opening
from huanxin.kernel import audit, clock
from huanxin.kernel.actor import Actor
from huanxin.kernel.locking import lock_row

_LONGEST_WHY = 60


@transaction.atomic
def set_hours(*, actor: Actor, org_id: UUID, week: Sequence[DayHours]) -> Opening:
    """Publish a week's hours; they replace those published before. Days left out are days off.

    Safe to repeat. Refuses another party's hours, a day named twice and an end before its start.
    """
    selectors.require(actor, "identity.set_hours", org_id=org_id)
    org = lock_row(models.Organisation, org_id)
    days = rules.check_week(week)
    models.OpenDay.objects.filter(organisation=org).delete()
    models.OpenDay.objects.bulk_create(
        models.OpenDay(
            organisation=org, weekday=one.weekday, opens=one.opens, closes=one.closes
        )
        for one in days
    )  # fmt: skip
    said = [f"{one.weekday} {one.opens:%H:%M}-{one.closes:%H:%M}" for one in days]
    _record(actor, "identity.hours_set", org, week=said)
    return selectors.get_opening(org_id)


@transaction.atomic
def close_on(*, actor: Actor, org_id: UUID, on: date, why: str) -> Opening:
    """Announce a closed day with its reason. Safe to repeat: the newest reason stands.

    Visits booked for that day stay booked. Refuses a day that is past or more than a year ahead.
    """
    selectors.require(actor, "identity.set_hours", org_id=org_id)
    org, today = lock_row(models.Organisation, org_id), clock.today()
    if not today <= on <= today + rules.MOST_CLOSED_AHEAD:
        raise OpeningInvalid(reason="休息日应在今天之后一年以内")
    if not 0 < len(why.strip()) <= _LONGEST_WHY:
        raise OpeningInvalid(reason="须写明休息的原因，最多六十字")
    models.ClosedDay.objects.update_or_create(
        organisation=org, on=on, defaults={"why": why.strip()}
    )
    _record(actor, "identity.closed_day_set", org, on=on, why=why.strip())
    return selectors.get_opening(org_id)


@transaction.atomic
def reopen_on(*, actor: Actor, org_id: UUID, on: date) -> Opening:
    """Take a closed day back. Safe to repeat."""
    selectors.require(actor, "identity.set_hours", org_id=org_id)
    org = lock_row(models.Organisation, org_id)
    if models.ClosedDay.objects.filter(organisation=org, on=on).delete()[0]:
        _record(actor, "identity.closed_day_taken_back", org, on=on)
    return selectors.get_opening(org_id)


def _record(actor: Actor, action: str, org: models.Organisation, **facts: object) -> None:
    audit.record(
        actor, action, "organisation", org.pk, region_path=org.region_path, org_id=org.pk, **facts
    )
