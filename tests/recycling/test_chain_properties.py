"""No sequence of scans, retries and replays breaks custody or makes mass."""

from contextlib import suppress
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huanxin.kernel.errors import DomainError
from huanxin.recycling import models, rules
from huanxin.recycling.services import dismantling, renewing, storing
from huanxin.recycling.types import LotPurpose
from huanxin.recycling.types.depot import Carriage, Inspection, LotReceipt, NewLot, WeighIn
from huanxin.recycling.types.floor import MaterialOut, NewRun, PartCount
from huanxin.recycling.types.renewal import NewSale, NewWork, WorkItem
from huanxin.trace import models as trace_models
from tests import given_recycling
from tests.given_recycling import FINE, WORN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]
TRUCK = Carriage("鲁P12345", "李师傅", "FQ0001")
_UNITS = 3
_VERBS = (
    "weigh", "grade", "regrade", "pack", "ship", "unpack", "gate", "run", "work", "offer", "sell",
)  # fmt: skip


@pytest.fixture
def here():
    return given_recycling.city()


class Yard:
    """Everything that people at depot and plant may press, in any order, with any units."""

    def __init__(self, here, codes):
        self.here, self.codes = here, codes
        self.sent = []  # what was sent, to be sent again

    def press(self, verb, picked, mass_g, again):
        """One press; a refusal is an answer like any other."""
        if again and self.sent:
            act = self.sent[picked[0] % len(self.sent)]
        else:
            act = self.act(verb, tuple(self.codes[i] for i in picked), mass_g)
            self.sent.append(act)
        with suppress(DomainError):
            act()

    def act(self, verb, codes, mass_g):
        here, rid = self.here, uuid4()
        depot = {"actor": here.manager, "depot_org_id": here.recycler_id, "request_id": rid}
        lot = models.Lot.objects.order_by("-packed_at").values_list("id", flat=True).first()
        acts = {
            "weigh": lambda: storing.receive_at_depot(
                **depot, weights=[WeighIn(c, mass_g) for c in codes]),
            "grade": lambda: storing.grade_units(
                **depot, inspections=[Inspection(c, WORN) for c in codes]),
            "regrade": lambda: storing.grade_units(
                **depot, inspections=[Inspection(c, FINE) for c in codes]),
            "pack": lambda: storing.pack_lots(
                actor=here.manager, request_id=rid,
                lots=[NewLot(here.recycler_id, here.dismantler_id, codes, LotPurpose.DISMANTLE)]),
            "ship": lambda: storing.ship_lots(
                actor=here.manager, lot_ids=[lot] if lot else [], carriage=TRUCK),
            "unpack": lambda: storing.unpack_lots(
                actor=here.manager, lot_ids=[lot] if lot else []),
            "gate": lambda: dismantling.receive_lots(
                actor=here.clerk, request_id=rid,
                receipts=[LotReceipt(lot or uuid4(), tuple(WeighIn(c, mass_g) for c in codes))]),
            "run": lambda: dismantling.dismantle(
                actor=here.clerk, request_id=rid,
                runs=[NewRun(here.dismantler_id, codes, (MaterialOut("iron", mass_g),),
                             (PartCount("compressor", len(codes)),))]),
            "work": lambda: renewing.record_work(
                **depot, work=NewWork(codes[0], (WorkItem("修"),), True, "张")),
            "offer": lambda: renewing.offer_unit(
                **depot, unit_code=codes[0], price_fen=100_00, warranty_months=6),
            "sell": lambda: renewing.sell_unit(
                **depot, sale=NewSale(codes[0], 100_00, f"{mass_g:020d}"[-20:], 6)),
        }  # fmt: skip
        return acts[verb]


def check_whole(codes):
    """Custody is one unbroken chain a unit, and no mass came from nowhere."""
    for code in codes:
        unit = models.Unit.objects.get(unit_code=code)
        passport = trace_models.Unit.objects.get(pk=code)
        links = list(trace_models.Custody.objects.filter(unit=passport).order_by("seq"))
        assert [link.seq for link in links] == list(range(1, len(links) + 1))
        for before, after in pairwise(links):
            assert (after.from_holder_id, after.from_state, after.prev_at) == (
                before.to_holder_id, before.to_state, before.at,
            )  # fmt: skip
        assert (passport.state, passport.holder_id) == (unit.state, links[-1].to_holder_id)
        ends = models.RunUnit.objects.filter(unit=unit).count()
        ends += models.RenewalSale.objects.filter(unit=unit).count()
        assert ends == (1 if passport.closed_at else 0)
    for run in models.Run.objects.all():
        inside = sum(models.RunUnit.objects.filter(run=run).values_list("mass_g", flat=True))
        out = sum(models.RunMaterial.objects.filter(run=run).values_list("mass_g", flat=True))
        assert run.mass_in_g == inside
        assert run.mass_out_g == out
        assert abs(inside - out) * 10_000 <= inside * run.tolerance_bps


_PRESS = st.tuples(
    st.sampled_from(_VERBS),
    st.lists(st.integers(0, _UNITS - 1), min_size=1, max_size=_UNITS, unique=True),
    st.sampled_from([62_700, 62_000, 125_400, 188_100, 1, 0, -5]),
    st.booleans(),
)


def walked(here, presses):
    units = tuple(given_recycling.answers() for _ in range(_UNITS))
    order = given_recycling.booked(units=units)
    given_recycling.planned(here)
    codes = given_recycling.collected(here, order).unit_codes
    yard = Yard(here, codes)
    for press in presses:
        yard.press(*press)
    with connection.cursor() as cursor:  # what a commit would check
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    check_whole(codes)
    return codes


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(presses=st.lists(_PRESS, max_size=14))
def test_whatever_is_pressed_custody_holds_and_no_mass_is_made(here, presses):
    with transaction.atomic():
        walked(here, presses)
        transaction.set_rollback(True)  # each walk begins in the same yard


def test_the_way_through_reaches_the_end(here):
    every = list(range(_UNITS))
    way = [("weigh", 62_700), ("grade", 1), ("pack", 1), ("ship", 1), ("gate", 62_700),
           ("run", 188_100)]  # fmt: skip
    walked(here, [(verb, every, mass, False) for verb, mass in way])
    assert models.Run.objects.get().unit_count == _UNITS


def test_without_the_balance_rule_mass_would_be_made_and_the_check_sees_it(here, monkeypatch):
    monkeypatch.setattr(rules, "check_balance", lambda balance: None)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE recycling_run DROP CONSTRAINT run_mass_balances")
    every = list(range(_UNITS))
    way = [("weigh", 62_700), ("grade", 1), ("pack", 1), ("ship", 1), ("gate", 62_700),
           ("run", 1)]  # fmt: skip
    with pytest.raises(AssertionError):
        walked(here, [(verb, every, mass, False) for verb, mass in way])
