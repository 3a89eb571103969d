"""The measured city's desk: reviewers who see the world, and settlement once a month."""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from huanxin.claims import selectors as claims_reads
from huanxin.claims.services import reviewing
from huanxin.claims.types import ReviewVerdict
from huanxin.identity import selectors as identity
from huanxin.identity.services import staffing
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope, system_actor
from huanxin.kernel.errors import DomainError
from huanxin.settlement.errors import NothingToSettle
from huanxin.settlement.services import batching, paying
from huanxin.simulation import rules
from huanxin.simulation.deals import ACTIVATION, Deal
from huanxin.simulation.types import Look

if TYPE_CHECKING:
    from huanxin.simulation._bulk import Bulk, Passage

_CITY_PATH = "370000/371500"
_PLATFORM = system_actor("测量")
_DAYS_PUBLIC = 5
_MENDABLE = frozenset({Look.DEFECT, Look.TYPO, Look.PHOTO_SLIP, Look.LATE_PAPERS})


class Desk:
    """Who looks at what the machine held, and who pays."""

    def __init__(self, bulk: "Bulk") -> None:
        self._bulk = bulk
        self._reviewers: list[Actor] = []
        self._published: list[UUID] = []
        self.verdicts: dict[str, int] = {}

    def lay(self) -> None:
        roles = (Role.REVIEWER, Role.REVIEWER, Role.REVIEWER, Role.OPERATOR, Role.FINANCE_OFFICER)
        logins = [
            staffing.open_account(
                actor=_PLATFORM, login=f"measure-{n}", display_name="演示科室", password=None,
                role=role, region_path=_CITY_PATH,
            ).id
            for n, role in enumerate(roles)
        ]  # fmt: skip
        actors = identity.actors_for(logins)
        *self._reviewers, self._operator, self._finance = [actors[login] for login in logins]

    def review(self, on: date) -> None:
        """Everything that waits, riskiest first."""
        seen: set[UUID] = set()
        while True:
            cards = [c for c in claims_reads.queue(Scope()).items if c.claim_id not in seen]
            if not cards:
                return
            for number, card in enumerate(cards):
                seen.add(card.claim_id)
                if (passage := self._bulk.by_sale.get(card.sale_id)) is not None:
                    self._review(on, passage, card.claim_id, self._reviewers[number % 3])

    def _review(self, on: date, passage: "Passage", claim_id: UUID, reviewer: Actor) -> None:
        passage.reached_person = True
        verdict, reason_code = self._verdict(passage)
        try:
            reviewing.review_claim(
                actor=reviewer, claim_id=claim_id, verdict=verdict, reason_code=reason_code,
                note="对照材料并电话核实", request_id=rules.request_id(
                    self._bulk.seed, "review", passage.deal.key, on),
            )  # fmt: skip
        except DomainError as refusal:
            self._count(refusal.code)
            return
        self._count(verdict)
        if verdict is ReviewVerdict.CORRECT:
            mend(passage.deal)
            self._bulk.hand_in(passage, clock.now() + timedelta(days=1))

    def _verdict(self, passage: "Passage") -> tuple[ReviewVerdict, str]:
        """What a person finds out: nine frauds in ten (assumed); honest people explain."""
        deal = passage.deal
        rng = rules.stream(self._bulk.seed, "verdict", deal.key)
        if deal.is_fraud:
            if rules.picks(rng, self._bulk.market.bps("review_finds")):
                return ReviewVerdict.REFUSE, "R411"
            return ReviewVerdict.PASS, "R402"
        if deal.look in _MENDABLE and passage.hand_ins < 3:
            return ReviewVerdict.CORRECT, "R421"
        return ReviewVerdict.PASS, "R402"

    def settle(self, on: date) -> None:
        """Batches of every county and programme: last month's paid, this month's published.

        The machine looks at everything once more before money is promised and before it leaves.
        """
        self._bulk.look_again()
        for batch_id in self._published:
            try:
                paying.pay_batch(
                    actor=self._finance, batch_id=batch_id,
                    request_id=rules.request_id(self._bulk.seed, "pay", batch_id),
                )  # fmt: skip
            except NothingToSettle:
                continue
        self._published.clear()
        programmes = {p.deal.programme for p in self._bulk.by_sale.values()}
        for programme in sorted(programmes):
            for county in self._bulk.market.counties:
                self._open(programme, county, on)

    def _open(self, programme: str, county: str, on: date) -> None:
        try:
            batch = batching.open_batch(
                actor=self._operator, programme=programme, region_code=county,
                request_id=rules.request_id(self._bulk.seed, "batch", programme, county, on),
            )  # fmt: skip
        except NothingToSettle:
            return
        batching.publish_batch(actor=self._operator, batch_id=batch.batch_id, days=_DAYS_PUBLIC)
        self._published.append(batch.batch_id)

    def _count(self, what: str) -> None:
        self.verdicts[what] = self.verdicts.get(what, 0) + 1


def mend_or_repeat(seed: int, deal: Deal) -> None:
    """New pictures of what there is. Honest shops mend what they are told; a crooked one makes
    it up where it takes the trouble, as with every other trait, and else shows the same again.
    """
    deal.retake += 1
    rng = rules.stream(seed, "mend", deal.key)  # it takes the trouble with a trait or does not
    if deal.is_fraud and not rules.picks(rng, deal.hidden_bps):
        return
    mend(deal)
    deal.buyer = deal.holder  # the invoice is issued anew, a relative is declared
    deal.payer_relation = "其他家人" if deal.payer.key != deal.holder.key else None
    deal.receiver_relation = "其他家人" if deal.receiver.key != deal.holder.key else None
    if deal.second_photo == ACTIVATION and deal.activated_at is None:
        deal.activated_at = deal.sold_at + timedelta(minutes=20)


def mend(deal: Deal) -> None:
    """The papers as they should have been: what an honest shop takes again when it is asked to."""
    deal.label_serial = deal.label_serial or deal.serial
    for kind, place in deal.places.items():
        if place is None:
            deal.places[kind] = deal.address_at
    if deal.look is Look.PHOTO_SLIP:
        deal.photos = {kind: rules.token(0, deal.key, kind, "again")[:16] for kind in deal.photos}
