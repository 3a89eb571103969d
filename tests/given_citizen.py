"""What pages of residents and stations start from: a working city, and who is signed in."""

import re
from datetime import timedelta

from django.test import Client

from huanxin.identity import selectors as identity
from huanxin.identity.services import staffing
from huanxin.identity.types import OrgKind, PersonCard, Role
from huanxin.kernel.actor import Actor
from tests import given, given_claims, given_recycling, given_vouchers, given_web

NOW = given_vouchers.OPENS + timedelta(hours=1)  # 2026-09-01 10:00
ANSWERS = {"category": "refrigerator", "age": "3_to_8", "working": "yes", "complete": "yes"}
VISIT = {
    "choice": "voucher",
    "region": given.COUNTY,
    "address": "测试小区 1 号楼 101",
    "slot": "2026-09-02|9-11",
}


def city() -> given_recycling.City:
    """Reference rows, policies in force, a recycler with a van and a dismantler."""
    given_claims.rules_in_force()
    return given_recycling.city()


def resident(client: Client, who: PersonCard | None = None) -> PersonCard:
    """A verified resident, signed in on that client."""
    who = who or given.person()
    card = identity.find_account_of_person(who.id) or staffing.open_account(
        actor=given.system(), login=f"person-{who.id}", display_name=who.name_masked,
        role=Role.CONSUMER, password=None, person_id=who.id,
    )  # fmt: skip
    given_web.enter(client, card.id)
    return who


def clerk(client: Client) -> Actor:
    """A station's clerk, signed in on that client."""
    station = given.organisation(OrgKind.STATION)
    card = staffing.open_account(
        actor=given.system(), login=f"station-{station}", display_name="代办员",
        role=Role.STATION_CLERK, password=None, org_id=station,
    )  # fmt: skip
    given_web.enter(client, card.id)
    return identity.actor_for(card.id)


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden inputs of a page, as a browser would send them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', page)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}
