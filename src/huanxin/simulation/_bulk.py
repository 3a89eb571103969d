"""The fast path: a whole trade through the public services, in sets, on a standing clock.

Twice a day the city's tills and offices send what has gathered; rights are claimed at nine,
reviewers work at three, settlement comes once a month. Everything that a fraud may be refused for
goes alone, everything else in batches.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from huanxin.catalogue import services as catalogue
from huanxin.catalogue.types import NewModel, NewPrice
from huanxin.claims.services import deciding, deriving, returning, selling, submitting
from huanxin.claims.types import Channel, NewSale, SaleRequest, Submission
from huanxin.claims.types.refunds import PaidSale
from huanxin.identity.services import admitting, registering
from huanxin.identity.types import NewOrganisation, NewPerson, OrgKind
from huanxin.kernel import clock, ids
from huanxin.kernel.actor import system_actor
from huanxin.kernel.errors import DomainError
from huanxin.policy import services as policy
from huanxin.simulation import rules, shown
from huanxin.simulation._review import Desk, mend_or_repeat
from huanxin.simulation.deals import Deal
from huanxin.simulation.trade import Market
from huanxin.simulation.types import Look, OrgPlan, Pattern, Resident
from huanxin.vouchers.services import budgeting, claiming, lapsing, releasing
from huanxin.vouchers.types import Claim, ClaimOutcome, NewPool

CITY_PATH = "370000/371500"
LAID_AT = clock.moment(date(2024, 8, 20), 8)
SLOTS = (13, 21)  # o'clock: when the day's business is sent
TURN = timedelta(minutes=12)  # a station's clerk serves one after the other
TICK_SECONDS = 2  # the worker of a running city looks every second or two
PLATFORM = system_actor("测量")
_LAPSE_HOURS = 72
_PER_RIGHT_FEN = 200_000
_BATCH = 1000
_AT_A_COUNTER = frozenset({Look.STATION_TABLET, Look.SHOP_TABLET})
_MAY_BE_REFUSED = frozenset({Look.PRICE_SLIP, Look.OFFLINE_TILL})

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Passage:
    """How one deal fared, as far as whoever hands it in gets to know."""

    deal: Deal
    person_id: UUID
    voucher_id: UUID | None = None
    sale_id: UUID | None = None
    price_fen: int = 0
    subsidy_fen: int = 0
    to_pay_fen: int = 0
    refused_by: str = ""  # the gate's outcome or the till's code
    decided_after_s: list[float] = field(default_factory=list)
    reached_person: bool = False
    hand_ins: int = 0


class Bulk:
    """One trade on its way through the platform."""

    def __init__(self, market: Market, deals: Sequence[Deal]) -> None:
        self.market, self.seed = market, market.plan.seed
        self.passages = [
            Passage(deal, rules.fixed_id(LAID_AT, self.seed, "person", deal.holder.key))
            for deal in deals
        ]
        self.by_sale: dict[UUID, Passage] = {}
        self.org_ids: dict[str, UUID] = {}
        self.model_ids: dict[str, UUID] = {}
        self.spent_s: dict[str, float] = defaultdict(float)
        self._handed_in: set[UUID] = set()
        self.looked_again = 0
        self._sales: dict[datetime, list[Passage]] = defaultdict(list)
        self._papers: dict[datetime, list[Passage]] = defaultdict(list)
        self._returns: dict[date, list[Passage]] = defaultdict(list)
        self._claims: dict[date, list[Passage]] = defaultdict(list)
        self._known: set[UUID] = set()
        self._pools: dict[tuple[str, str, date], UUID] = {}
        self._coming: Counter[tuple[str, str, date]] = Counter()
        self.desk = Desk(self)

    # --- before the first day ---

    def lay(self) -> None:
        """Rules, shops, models and filed prices."""
        ids.seed(self.seed)
        with clock.standing_at(LAID_AT):
            admitting.load_regions(actor=PLATFORM)
            catalogue.load_reference(actor=PLATFORM)
            policy.load_reference(actor=PLATFORM)
            self._lay_models()
            for shop in self.market.shops.values():
                if shop.opens_on is None:
                    self._open_shop(shop)
            self.desk.lay()

    def _lay_models(self) -> None:
        models = self.market.plan.models
        model_ids = catalogue.file_models(
            actor=PLATFORM,
            models=[
                NewModel(m.gtin, m.brand, m.name, m.category_code, m.energy_grade) for m in models
            ],
        )
        self.model_ids = {m.gtin: key for m, key in zip(models, model_ids, strict=True)}
        prices = [NewPrice(self.model_ids[m.gtin], m.price_fen, clock.today()) for m in models]
        catalogue.file_prices(actor=PLATFORM, prices=prices)

    def _open_shop(self, shop: OrgPlan) -> None:
        number = int(shop.key.rpartition("-")[2])
        self.org_ids[shop.key] = admitting.open_organisation(
            actor=PLATFORM,
            organisation=NewOrganisation(
                kind=OrgKind.RETAILER, name=shop.name, short_name=shop.short_name, uscc=shop.uscc,
                region_code=shop.region_code, address=shop.address or f"演示街{number}号",
                phone=shop.phone or rules.phone_no(80_000_000 + number), lat_e6=shop.lat_e6,
                lon_e6=shop.lon_e6,
                org_id=rules.fixed_id(LAID_AT, self.seed, "organisation", shop.key),
            ),
        )  # fmt: skip

    # --- the days ---

    def play(self, progress: Progress) -> None:
        """Every day from the first right claimed to the last payment."""
        self._plan()
        days = self._days()
        try:
            for number, on in enumerate(days):
                progress(number, len(days), f"{on:%Y年%m月%d日}")
                with transaction.atomic():
                    self._day(on)
            progress(len(days), len(days), "完成")
        finally:
            ids.seed(None)

    def _plan(self) -> None:
        for passage in self.passages:
            deal = passage.deal
            if deal.claimed_at.year < deal.sold_at.astimezone(clock.SHANGHAI).year:
                deal.claimed_at = clock.moment(clock.business_day(deal.sold_at), 9)
            on = clock.business_day(deal.claimed_at)
            self._claims[on].append(passage)
            self._coming[self._county_of(passage), deal.programme, on.replace(day=1)] += 1
            self._sales[slot_after(deal.recorded_at)].append(passage)

    def _days(self) -> list[date]:
        first, last = min(self._claims), max(self._sales).date() + timedelta(days=75)
        return [first + timedelta(days=i) for i in range((last - first).days + 1)]

    def _day(self, on: date) -> None:
        for shop in self.market.shops.values():
            if shop.opens_on is not None and shop.key not in self.org_ids and shop.opens_on <= on:
                with clock.standing_at(clock.moment(on, 8)):
                    self._open_shop(shop)
        self._at(on, 9, "claim", lambda: self._claim(on))
        for hour in SLOTS:
            self._slot(on, hour)
        self._at(on, 15, "review", lambda: self.desk.review(on))
        self._at(on, 23, "return", lambda: self._return(self._returns.pop(on, [])))
        self._at(on, 23, "timers", lambda: self._timers(on))

    def _slot(self, on: date, hour: int) -> None:
        at = clock.moment(on, hour)
        if at in self._sales:
            self._at(on, hour, "sell", partial(self._sell_due, at))
            self._at(on, hour, "derive", self._derive)
        if at in self._papers:
            self._at(on, hour, "submit", partial(self._submit_due, at))
            with clock.standing_at(at + timedelta(seconds=TICK_SECONDS)):
                self._timed("decide", self._decide)

    def _at(self, on: date, hour: int, what: str, play: Callable[[], None]) -> None:
        with clock.standing_at(clock.moment(on, hour)):
            self._timed(what, play)

    def _timed(self, what: str, play: Callable[[], None]) -> None:
        began = time.perf_counter()
        play()
        self.spent_s[what] += time.perf_counter() - began

    # --- rights ---

    def _claim(self, on: date) -> None:
        """At nine the day's people claim; scripts are the quickest (domain.md C3, 12)."""
        asking = sorted(self._claims.pop(on, []), key=lambda p: (not p.deal.is_fraud, p.deal.key))
        if not asking:
            return
        self._file_prices(asking, on)
        self._register(asking)
        self._open_pools(asking, on)
        for turn, some in enumerate(in_turns(asking, clock.now())):
            with clock.standing_at(clock.now() + turn * TURN):
                self._claim_batch(some, on)

    def _claim_batch(self, asking: Sequence[Passage], on: date) -> None:
        claims = [
            Claim(
                request_id=rules.request_id(self.seed, "claim", p.deal.key),
                pool_id=self._pool_of(p, on),
                person_id=p.person_id,
                category_code=p.deal.category_code,
                device_key=p.deal.device,
            )
            for p in asking
        ]
        answers = claiming.claim_vouchers(actor=PLATFORM, claims=claims)
        for passage, answer in zip(asking, answers, strict=True):
            if answer.outcome is ClaimOutcome.WON:
                passage.voucher_id = answer.voucher_id
            else:
                passage.refused_by = f"claim:{answer.outcome}"

    def _register(self, passages: Iterable[Passage]) -> None:
        new: dict[UUID, Resident] = {
            p.person_id: p.deal.holder for p in passages if p.person_id not in self._known
        }
        if new:
            registering.register_people(
                actor=PLATFORM,
                people=[
                    NewPerson(who.name, who.document_no, who.phone, who.county, person_id=key)
                    for key, who in new.items()
                ],
            )
            registering.verify_real_name(actor=PLATFORM, person_ids=list(new))
            self._known |= set(new)

    def _open_pools(self, passages: Iterable[Passage], on: date) -> None:
        """A pool a county, programme and month, with money for everybody who is going to come."""
        month = on.replace(day=1)
        end = clock.moment((month + timedelta(days=32)).replace(day=1), 8)
        for p in passages:
            key = (self._county_of(p), p.deal.programme, month)
            if key not in self._pools:
                self._pools[key] = self._open_pool(*key[:2], on, end, self._coming[key])

    def _open_pool(
        self, county: str, programme: str, on: date, end: datetime, quantity: int
    ) -> UUID:
        fen = quantity * _PER_RIGHT_FEN
        shares = {"central": fen * 85 // 100, "province": fen * 75 // 1000}
        shares["city"] = fen - sum(shares.values())
        budgeting.give_budget(
            actor=PLATFORM, programme=programme, region_code=county, shares_fen=shares,
            request_id=rules.request_id(self.seed, "budget", programme, county, on),
        )  # fmt: skip
        categories = {q.deal.category_code for q in self.passages if q.deal.programme == programme}
        pool = NewPool(
            title=f"{county} {programme} {on:%m%d}", programme=programme, region_code=county,
            categories=tuple(sorted(categories)), quantity=quantity, budget_fen=fen,
            opens_at=clock.moment(on, 9), closes_at=end, lapse_hours=_LAPSE_HOURS,
        )  # fmt: skip
        with clock.standing_at(clock.moment(on, 8)):
            return releasing.open_pool(
                actor=PLATFORM, pool=pool,
                request_id=rules.request_id(self.seed, "pool", programme, county, on),
            )  # fmt: skip

    def _pool_of(self, passage: Passage, on: date) -> UUID:
        return self._pools[self._county_of(passage), passage.deal.programme, on.replace(day=1)]

    def _county_of(self, passage: Passage) -> str:
        return self.market.shops[passage.deal.shop].region_code

    def _file_prices(self, passages: Iterable[Passage], on: date) -> None:
        for p in passages:
            if (price_fen := p.deal.files_price_fen) is None:
                continue
            new = NewPrice(
                self.model_ids[p.deal.gtin], price_fen, on, org_id=self.org_ids[p.deal.shop]
            )
            try:
                catalogue.file_prices(actor=PLATFORM, prices=[new])
            except DomainError:
                continue  # it filed one before: that one stands

    # --- the till ---

    def _sell_due(self, at: datetime) -> None:
        ready = [p for p in self._sales.pop(at, []) if p.voucher_id is not None]
        doubtful = [p for p in ready if p.deal.is_fraud or p.deal.look in _MAY_BE_REFUSED]
        plain = [p for p in ready if p not in doubtful]
        for batch in _batches(plain):
            try:
                self._sell_batch(batch)
            except DomainError:
                doubtful += batch
        for one in sorted(doubtful, key=lambda p: (p.deal.sold_at, p.deal.key)):
            self._sell_one(one)

    def _sell_one(self, passage: Passage) -> None:
        """A refused cheat types another serial number once; everybody else goes home."""
        deal = passage.deal
        for _ in range(2):
            try:
                self._sell_batch([passage])
            except DomainError as refusal:
                passage.refused_by = refusal.code
                if deal.pattern is not Pattern.SERIAL_REUSE or "device" not in refusal.code:
                    return
                deal.serial = f"{deal.serial[:-1]}{'ABCDEFGH'[len(deal.key) % 8]}"
            else:
                passage.refused_by = ""
                return

    def _sell_batch(self, passages: Sequence[Passage]) -> None:
        requests = [
            SaleRequest(
                self._sale(p), rules.request_id(self.seed, "sell", p.deal.key, p.deal.serial)
            )
            for p in passages
        ]
        receipts = selling.sell_many(actor=PLATFORM, sales=requests)
        for passage, receipt in zip(passages, receipts, strict=True):
            passage.sale_id = receipt.sale_id
            passage.price_fen, passage.to_pay_fen = receipt.price_fen, receipt.to_pay_fen
            passage.subsidy_fen = receipt.subsidy_fen
            self.by_sale[receipt.sale_id] = passage
            self.hand_in(passage, passage.deal.submit_at)
            days = passage.deal.returns_after_days
            if days is not None:
                self._returns[clock.today() + timedelta(days=days)].append(passage)

    def _sale(self, passage: Passage) -> NewSale:
        deal = passage.deal
        assert passage.voucher_id is not None, "nobody sells without a right"
        return NewSale(
            merchant_id=self.org_ids[deal.shop], till_id=deal.till,
            qualification_id=passage.voucher_id, gtin=deal.gtin, serial=deal.serial,
            list_price_fen=deal.list_price_fen, sold_at=deal.sold_at,
            person_id=passage.person_id, imei=deal.imei, discount_fen=deal.discount_fen,
            channel=Channel(deal.channel), pay_type="演示支付", merchant_order_no="",
        )  # fmt: skip

    # --- papers ---

    def hand_in(self, passage: Passage, at: datetime) -> None:
        """The papers go with the next that are sent."""
        self._papers[slot_after(max(at, clock.now() + timedelta(minutes=1)))].append(passage)

    def _submit_due(self, at: datetime) -> None:
        for batch in _batches(self._papers.pop(at, [])):
            submissions = [self._submission(passage) for passage in batch]
            try:
                self._submit(submissions)
            except DomainError:
                for one in submissions:
                    self._submit_one(one)

    def _submit(self, submissions: Sequence[Submission]) -> None:
        submitting.submit_many(actor=PLATFORM, submissions=submissions)
        self._handed_in |= {one.sale_id for one in submissions}

    def _submit_one(self, submission: Submission) -> None:
        """Whose goods came back meanwhile, or whose claim is closed, hands in nothing."""
        try:
            self._submit([submission])
        except DomainError as refusal:
            self.by_sale[submission.sale_id].refused_by = refusal.code

    def _submission(self, passage: Passage) -> Submission:
        deal = passage.deal
        evidence = shown.papers(
            self.seed, deal, self.market.shops[deal.shop], price_fen=passage.price_fen,
            to_pay_fen=passage.to_pay_fen, at=clock.now(),
        )  # fmt: skip
        if passage.hand_ins == 0 and deal.left_out:
            evidence = [one for one in evidence if one.kind not in deal.left_out]
            self.hand_in(passage, clock.now() + timedelta(days=deal.later_days))
        elif passage.hand_ins == 1 and deal.left_out:
            evidence = [one for one in evidence if one.kind in deal.left_out]
            deal.left_out = set()
        passage.hand_ins += 1
        assert passage.sale_id is not None, "papers belong to a sale"
        request_id = rules.request_id(self.seed, "papers", deal.key, passage.hand_ins)
        return Submission(passage.sale_id, tuple(evidence), request_id)

    def _derive(self) -> None:
        """What the worker keeps for the checks: who shares what with whom."""
        while deriving.keep_ties(actor=PLATFORM):
            pass

    def _decide(self) -> None:
        """The worker's loop; a claim's wait is the tick and the real time until its commit."""
        began = time.perf_counter()
        handed_in, self._handed_in = self._handed_in, set()
        waiting = self._waiting(handed_in)
        while waiting and deciding.decide_due(actor=PLATFORM):
            passed_s = TICK_SECONDS + time.perf_counter() - began
            left = self._waiting(waiting)
            for sale_id in waiting - left:
                self.by_sale[sale_id].decided_after_s.append(passed_s)
            waiting = left
        self._take_back(handed_in)

    def _take_back(self, sale_ids: set[UUID]) -> None:
        """What the machine gave back: the shop reads why and hands in again the next day."""
        for sale_id in self._in_state(sale_ids, "mending"):
            passage = self.by_sale[sale_id]
            mend_or_repeat(self.seed, passage.deal)
            self.hand_in(passage, clock.now() + timedelta(days=1))

    def given_back(self, *, sales: Sequence[PaidSale]) -> Mapping[UUID, int]:
        """The payment channel: what went back to the buyers by now."""
        found = {}
        for sale in sales:
            deal = self.by_sale[sale.sale_id].deal
            if deal.refunded_at is not None and deal.refunded_at <= clock.now():
                found[sale.sale_id] = min(deal.refund_fen, sale.paid_fen)
        return found

    def look_again(self) -> None:
        """What the platform does before money leaves: check what passed in the light of today."""
        began = time.perf_counter()
        deciding.ask_refunds(actor=PLATFORM, channel=self, limit=50_000)
        self.looked_again += deciding.look_again(actor=PLATFORM, limit=50_000)
        self.spent_s["look again"] += time.perf_counter() - began

    def _waiting(self, sale_ids: set[UUID]) -> set[UUID]:
        return set(self._in_state(sale_ids, "waiting"))

    def _in_state(self, sale_ids: set[UUID], verify_status: str) -> list[UUID]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sale_id FROM mart_claims_claim WHERE sale_id = ANY(%s)"
                " AND verify_status = %s AND submitted_epoch IS NOT NULL"
                " AND NOT is_returned ORDER BY sale_id",
                [list(sale_ids), verify_status],
            )
            return [row[0] for row in cursor.fetchall()]

    # --- after ---

    def _return(self, passages: Sequence[Passage]) -> None:
        for passage in passages:
            assert passage.sale_id is not None, "only what was sold comes back"
            try:
                returning.return_sale(
                    actor=PLATFORM, sale_id=passage.sale_id, reason="七日无理由退货",
                    request_id=rules.request_id(self.seed, "return", passage.deal.key),
                )  # fmt: skip
            except DomainError as refusal:
                passage.refused_by = refusal.code

    def _timers(self, on: date) -> None:
        if on.weekday() == 0:
            deriving.keep_serial_forms(actor=PLATFORM)
            deciding.close_refused(actor=PLATFORM)
            lapsing.lapse_due(actor=PLATFORM, limit=5000)
        if on.day == 10:
            self.desk.settle(on)


def slot_after(at: datetime) -> datetime:
    """The next time of day at which business is sent."""
    on = clock.business_day(at)
    for hour in SLOTS:
        if (slot := clock.moment(on, hour)) >= at:
            return slot
    return clock.moment(on + timedelta(days=1), SLOTS[0])


def in_turns(asking: Sequence[Passage], at: datetime) -> list[list[Passage]]:
    """Who claims at once and who waits for the tablet: the n-th at a counter in the n-th turn."""
    turns: list[list[Passage]] = [[]]
    waiting: Counter[str] = Counter()
    for passage in asking:
        deal = passage.deal
        nth = waiting[deal.device] if deal.look in _AT_A_COUNTER else 0
        waiting[deal.device] += 1
        if deal.sold_at <= at + nth * TURN:  # she buys before that: she was there first
            nth = 0
        turns += [[] for _ in range(nth + 1 - len(turns))]
        turns[nth].append(passage)
    return turns


def _batches(passages: Sequence[Passage]) -> Iterable[list[Passage]]:
    for start in range(0, len(passages), _BATCH):
        yield list(passages[start : start + _BATCH])
