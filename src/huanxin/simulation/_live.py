"""After the season: a little business every few seconds, at the running clock.

Everything is asked of the platform itself, so a restart of this process or of the database loses
only what was about to happen. Demo visitors keep some of the city to themselves: the first depot's
route, the last places of a pool, the review desk, the payments.
"""

import heapq
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connection

from huanxin.claims.services import selling, submitting
from huanxin.claims.types import NewSale
from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope
from huanxin.kernel.errors import DomainError
from huanxin.recycling.selectors import route_book
from huanxin.recycling.services import booking, quoting, visiting
from huanxin.recycling.types import Choice as RecyclingChoice
from huanxin.recycling.types import OrderState, Slot
from huanxin.recycling.types.door import CollectedUnit, Pickup
from huanxin.recycling.types.orders import NewOrder
from huanxin.recycling.types.routes import JobCard
from huanxin.simulation import _pickups, _release, city, papers, rules
from huanxin.simulation._build import CITY_PATH, region_path
from huanxin.simulation._journal import WishState
from huanxin.simulation._shopping import sold_of
from huanxin.simulation._stage import Stage
from huanxin.simulation.demand import CityDemand
from huanxin.simulation.residents import Residents
from huanxin.simulation.types import Wish
from huanxin.vouchers import selectors as vouchers_reads
from huanxin.vouchers.services import claiming, till_codes
from huanxin.vouchers.types import Claim, ClaimOutcome, ReleaseMode

log = logging.getLogger("huanxin.twin")

PAUSE_SECONDS = 5.0
_KEPT_PLACES = 3  # of every pool, for visitors
_VISITORS_DEPOT = "depot-000"
_HOURLY = 3600.0
_LIVE_ORDER = 500_001  # where the trickle's residents begin to be numbered
_PEOPLE_A_DAY = 1_000
_RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)


def run(stop: Callable[[], bool], set_stage: Callable[[], Stage]) -> None:
    """Do one thing every few seconds until told to stop; a lost database is waited for."""
    trickle: Trickle | None = None
    failures = 0
    while not stop():
        try:
            trickle = trickle or Trickle(set_stage())
            trickle.step()
            failures = 0
        except DatabaseError as error:
            connection.close()
            failures += 1
            log.warning("database away (%s), trying again", type(error).__name__)
            _wait(stop, _RETRY_SECONDS[min(failures, len(_RETRY_SECONDS)) - 1])
        except DomainError as refusal:
            log.info("refused: %s", refusal.code)
        _wait(stop, PAUSE_SECONDS)
    connection.close()


def _wait(stop: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not stop() and time.monotonic() < until:
        time.sleep(0.2)


class Trickle:
    """New wishes one at a time, each followed by its next steps a little later."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._wishes = self._new_wishes()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._planned_at = float("-inf")

    def step(self) -> None:
        """The next thing that is due, else a door to visit, else a new wish."""
        if time.monotonic() - self._planned_at > _HOURLY:
            self._planned_at = time.monotonic()
            _release.keep_pools_open(self._stage, clock.today())
            _pickups.plan_tomorrow(self._stage)
        if self._later and self._later[0][0] <= time.monotonic():
            heapq.heappop(self._later)[2]()
            return
        self._count += 1
        if self._count % 3 == 0 and (job := self._next_job()):
            self._collect(job)
        else:
            self._begin(next(self._wishes))

    def _new_wishes(self) -> Iterator[Wish]:
        """Wishes of the days to come, by people whom the platform does not know yet."""
        season, on = self._stage.season, clock.today()
        taken = {wish.resident.document_no for wish in season.wishes}
        order = _LIVE_ORDER + _PEOPLE_A_DAY * (on - season.last_on).days
        demand = CityDemand(season.city, Residents(season.city, first_order=order, taken=taken))
        while True:
            wishes = [_renamed(wish, on) for wish in demand.wishes_of_day(on)]
            known = identity.cards(self._stage.person_id(wish) for wish in wishes)
            yield from (wish for wish in wishes if self._stage.person_id(wish) not in known)
            on += timedelta(days=1)

    def _soon(self, seconds: float, do: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._later, (time.monotonic() + seconds, self._count, do))

    def _begin(self, wish: Wish) -> None:
        self._stage.wishes[wish.key] = wish
        self._stage.welcome([wish])
        if wish.pick_up is not None:
            self._book(wish)
        if wish.purchase is not None:
            self._claim(wish)

    def _actor_of(self, wish: Wish) -> Actor:
        """She herself, or the clerk of her station if she has no phone for it."""
        if not wish.resident.uses_station:
            return self._stage.consumer(wish)
        stations = self._stage.season.city.stations
        near = next((s for s in stations if s.region_code == wish.resident.county), stations[0])
        return self._stage.actor(f"{near.key}-clerk")

    def _book(self, wish: Wish) -> None:
        plan, actor = wish.pick_up, self._actor_of(wish)
        assert plan is not None
        person_id = self._stage.person_id(wish)
        quote = quoting.quote_old_unit(
            actor=actor, person_id=person_id, answers=_pickups.answers_of(plan.unit)
        )
        who = wish.resident
        booking.book_order(
            actor=actor,
            order=NewOrder(
                person_id=person_id,
                quote_ids=(quote.quote_id,),
                address=who.address,
                region_code=who.county,
                lat_e6=who.lat_e6,
                lon_e6=who.lon_e6,
                slot_on=clock.today() + timedelta(days=plan.slot_days),
                slot=Slot(plan.slot),
                choice=RecyclingChoice.CASH,
            ),
            request_id=self._stage.request("live", "book", wish.key),
        )

    def _claim(self, wish: Wish) -> None:
        """Claim where places are left beyond those kept for visitors; then go to the shop."""
        county = region_path(wish.resident.county)
        pool = next(
            (
                pool
                for pool in vouchers_reads.list_open_pools(now=clock.now(), region_path=county)
                if pool.programme == city.programme(wish.category_code)
                and pool.opens_at <= clock.now()
                and pool.mode is ReleaseMode.TIMED
                and pool.places_open_at(clock.now()) > _KEPT_PLACES
            ),
            None,
        )
        if pool is None:
            return
        answer = claiming.claim_vouchers(
            actor=self._actor_of(wish),
            claims=[
                Claim(
                    request_id=self._stage.request("live", "claim", wish.key),
                    pool_id=pool.id,
                    person_id=self._stage.person_id(wish),
                    category_code=wish.category_code,
                )
            ],
        )[0]
        if answer.outcome is ClaimOutcome.WON and answer.voucher_id:
            voucher_id = answer.voucher_id
            self._soon(20, lambda: self._sell(wish, voucher_id))

    def _sell(self, wish: Wish, voucher_id: UUID) -> None:
        """The till scans her code, the model and the serial."""
        stage, purchase = self._stage, self._stage.purchase(wish)
        till = stage.actor(f"{purchase.shop}-till")
        shown = till_codes.till_code(actor=self._actor_of(wish), voucher_ids=[voucher_id])
        scanned = till_codes.take_till_code(actor=till, code=shown.code)
        sale = NewSale(
            merchant_id=stage.org(purchase.shop),
            till_id="1",
            qualification_id=scanned[0].id,
            gtin=purchase.gtin,
            serial=papers.serial_of(stage.seed, wish),
            imei=papers.imei_of(stage.seed, wish),
            list_price_fen=purchase.list_price_fen,
            discount_fen=purchase.discount_fen,
            sold_at=clock.now(),
            person_id=stage.person_id(wish),
            pay_type="演示支付",
        )
        receipt = selling.sell(
            actor=till, sale=sale, request_id=stage.request("live", "sell", wish.key)
        )
        stage.journal.wishes[wish.key] = WishState(
            sale_id=str(receipt.sale_id),
            serial=sale.serial,
            sold_at=sale.sold_at.isoformat(),
            price_fen=receipt.price_fen,
            to_pay_fen=receipt.to_pay_fen,
        )
        self._soon(40, lambda: self._submit(wish))

    def _submit(self, wish: Wish) -> None:
        stage, purchase = self._stage, self._stage.purchase(wish)
        at_the_shop = replace(wish, purchase=replace(purchase, channel="shop"))
        stage.wishes[wish.key] = at_the_shop
        sold = sold_of(stage, at_the_shop, other_document="")
        submitting.submit_evidence(
            actor=stage.actor(f"{purchase.shop}-till"),
            sale_id=UUID(stage.state(wish.key).sale_id),
            evidence=papers.papers_of(stage.seed, sold),
            request_id=stage.request("live", "papers", wish.key),
        )
        del stage.journal.wishes[wish.key], stage.wishes[wish.key]

    def _next_job(self) -> JobCard | None:
        """The earliest stop of today that is not the visitors' own."""
        kept = {
            van.id
            for van in route_book.list_vans(Scope())
            if van.org_id == self._stage.org(_VISITORS_DEPOT)
        }
        jobs = [
            job
            for job in route_book.list_jobs(Scope(region_path=CITY_PATH), on=clock.today())
            if job.state is OrderState.ASSIGNED and job.van_id not in kept
        ]
        return min(jobs, key=lambda job: job.arrive_at, default=None)

    def _collect(self, job: JobCard) -> None:
        stage = self._stage
        units = tuple(
            CollectedUnit(unit.id, (rules.token(stage.seed, "old", unit.id),)) for unit in job.units
        )
        visiting.collect_unit(
            actor=stage.actor(f"{_pickups.depot_of(stage, job.region_code)}-van"),
            pickup=Pickup(job.order_id, units, job.lat_e6, job.lon_e6),
            request_id=stage.request("live", "collect", job.order_id),
        )


def _renamed(wish: Wish, on: date) -> Wish:
    """A wish of the trickle: told apart from the season's by its keys."""
    resident = replace(wish.resident, key=f"live-{wish.resident.key}")
    return replace(wish, key=f"live-{on:%y}-{wish.key}", resident=resident)
