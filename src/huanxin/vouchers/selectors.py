"""What is on offer, who holds what, and which unit carries which sale."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Case, Model, Q, QuerySet, When

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from huanxin.kernel.models import AuditEntry
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import BudgetNode, FunderCard, funder_code, pool_code
from huanxin.vouchers import (
    _budgets,
    _campaigns,
    _draw,
    _outlook,
    _plans,
    _purchase_reads,
    _reads,
    _tickets,
    _tree,
    models,
    rules,
)
from huanxin.vouchers.types import (
    BurnPoint,
    CampaignUse,
    Claim,
    ConsumptionTerms,
    DrawAudit,
    LotteryCard,
    NewPlan,
    PlanCard,
    PlannedPool,
    PoolCard,
    PoolFilter,
    PurchaseCard,
    RegistrationCard,
    VoucherCard,
    VoucherKind,
    VoucherMoment,
    VoucherState,
)
from huanxin.vouchers.types.budgets import BudgetRequestCard
from huanxin.vouchers.types.outlook import Outlook

_LIST_LIMIT = 200
M = TypeVar("M", bound=Model)


def get_pool(pool_id: UUID) -> PoolCard:
    """One pool; releases are public. Unknown raises NotFound."""
    row = _whole_pools().filter(pk=pool_id).first()
    if row is None:
        raise NotFound(model="Pool", id=pool_id)
    return _pool_cards([row])[0]


def list_open_pools(*, now: datetime, region_path: str | None = None) -> list[PoolCard]:
    """Pools that have not ended, those yet to open included, soonest first.

    With `region_path` those of that region, of what it lies in and of what lies in it.
    """
    rows = _whole_pools().filter(closes_at__gt=now)
    if region_path is not None:
        codes = region_path.split("/")
        above = ["/".join(codes[: depth + 1]) for depth in range(len(codes))]
        rows = rows.filter(Q(region_path__in=above) | Q(region_path__startswith=region_path + "/"))
    return _pool_cards(list(rows.order_by("opens_at", "id")[:_LIST_LIMIT]))


def list_pools(
    scope: Scope,
    *,
    wanted: PoolFilter | None = None,
    limit: int = _LIST_LIMIT,
    page: int = 1,
) -> list[PoolCard]:
    """Every pool of the scope's region that the filter asks for, newest first, `limit` a page."""
    rows = _within(scope, _whole_pools())
    rows = _reads.filtered(rows, wanted) if wanted else rows
    return _pool_cards(list(rows.order_by("-opens_at", "id")[(page - 1) * limit : page * limit]))


def count_pools(scope: Scope, *, wanted: PoolFilter | None = None) -> int:
    """How many pools of the scope's region the filter asks for."""
    rows = _within(scope, _whole_pools())
    return (_reads.filtered(rows, wanted) if wanted else rows).count()


def list_plans(scope: Scope) -> list[PlanCard]:
    """The release plans of the scope's region, newest first, at most 200."""
    rows = _within(scope, models.ReleasePlan.objects.order_by("-opened_at", "-id"))
    return _reads.plan_cards(list(rows[:_LIST_LIMIT]))


def get_plan(plan_id: UUID) -> PlanCard:
    """One release plan; what is announced is public. Unknown raises NotFound."""
    row = models.ReleasePlan.objects.filter(pk=plan_id).first()
    if row is None:
        raise NotFound(model="ReleasePlan", id=plan_id)
    return _reads.plan_cards([row])[0]


def preview_plan(plan: NewPlan) -> list[PlannedPool]:
    """The pools a plan would open, soonest first; a plan that cannot be kept raises PlanInvalid."""
    _plans.check_plan(plan, clock.now())
    return _plans.pools_of(plan)


def first_short_slot(planned: Sequence[PlannedPool], available_fen: int) -> PlannedPool | None:
    """The first of one region's planned pools that its budget would not reach for."""
    return _plans.first_short(planned, available_fen)


def find_lottery(pool_id: UUID) -> LotteryCard | None:
    """How a pool is drawn, if it is; everything in it is public."""
    return lotteries_of([pool_id]).get(pool_id)


def lotteries_of(pool_ids: Iterable[UUID]) -> dict[UUID, LotteryCard]:
    """How each of the pools is drawn; pools that are not drawn are left out."""
    wanted = list(pool_ids)
    if not wanted:
        return {}
    counts = _reads.registered_counts(wanted)
    rows = models.Lottery.objects.filter(pk__in=wanted)
    return {row.pool_id: row.as_card(counts.get(row.pool_id, 0)) for row in rows}


def list_lotteries(*, limit: int = 20) -> list[tuple[PoolCard, LotteryCard]]:
    """The newest lotteries with their pools, drawn or not."""
    rows = models.Lottery.objects.order_by("-draws_at", "pk")[:limit]
    counts = _reads.registered_counts([row.pool_id for row in rows])
    pools = _whole_pools()
    found = _pool_cards(list(pools.filter(pk__in=[row.pool_id for row in rows])))
    cards = {card.id: card for card in found}
    return [(cards[row.pool_id], row.as_card(counts.get(row.pool_id, 0))) for row in rows]


def list_registrations(pool_id: UUID, person_id: UUID, scope: Scope) -> list[RegistrationCard]:
    """A person's own registrations for a lottery, newest first, as far as the scope reaches."""
    if scope.person_id not in {None, person_id}:
        return []
    rows = models.Registration.objects.select_related("pool").order_by("-registered_at", "-id")
    now = clock.now()
    found = rows.filter(pool_id=pool_id, person_id=person_id)[:_LIST_LIMIT]
    return [_reads.registration_card(row, now) for row in found]


def lottery_results(pool_id: UUID) -> dict[UUID, bool]:
    """Whether each registered person won in a drawn pool, in any category; for telling them."""
    rows = models.Registration.objects.filter(pool_id=pool_id, withdrawn_at=None)
    results: dict[UUID, bool] = {}
    for person_id, outcome in rows.values_list("person_id", "outcome"):
        results[person_id] = results.get(person_id, False) or outcome == "won"
    return results


def lottery_list(pool_id: UUID) -> str:
    """The published list of a lottery, a hash a line; before it is public, DrawNotDue."""
    return _reads.list_text(pool_id)


def draw_document(pool_id: UUID) -> dict[str, Any]:
    """Everything needed to draw a lottery once more, for anyone; before the draw, DrawNotDue."""
    row = models.Lottery.objects.select_related("pool").filter(pk=pool_id).first()
    if row is None:
        raise NotFound(model="Lottery", id=pool_id)
    return _reads.document(row)


def audit_draw(
    document: Mapping[str, Any], *, noted: Sequence[str] = (), public_key: str = ""
) -> DrawAudit:
    """Recompute a published draw from its document alone; reads no table.

    `noted` are hashes written down before the draw, `public_key` the log's; see _draw.audit.
    """
    return _draw.audit(document, noted, public_key)


def burn_down(pool_id: UUID, *, now: datetime) -> list[BurnPoint]:
    """What a pool has given, used and got back, at the end of each step of its time so far."""
    pool = models.Pool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise NotFound(model="Pool", id=pool_id)
    return _reads.burn_points(pool, now)


def outlook_of(card: PoolCard, *, now: datetime) -> Outlook:
    """When a pool's places run out at its recent pace; see _outlook.outlook for how."""
    window = _outlook.window_of(card.opens_at, now)
    taken = _reads.recent_taken(card.id, now - window)
    return _outlook.outlook(
        left=card.remaining, taken=taken, window=window, now=now, closes_at=card.closes_at
    )


def list_campaigns(scope: Scope, *, limit: int = _LIST_LIMIT) -> list[PoolCard]:
    """Consumption pools, newest first: an organisation's scope shows those it pays for."""
    rows = _whole_pools().filter(kind=VoucherKind.CONSUMPTION).order_by("-opens_at", "id")
    if scope.org_id is not None:
        return _pool_cards(list(rows.filter(funder_code=funder_code(scope.org_id))[:limit]))
    return _pool_cards(list(_within(scope, rows)[:limit]))


def get_campaign(pool_id: UUID, scope: Scope) -> PoolCard:
    """One consumption pool of the scope's region, or that the scope's organisation pays for."""
    card = next(iter(_pool_cards(list(_whole_pools().filter(pk=pool_id)))), None)
    terms = card.consumption if card else None
    if card is None or terms is None:
        raise NotFound(model="Pool", id=pool_id)
    own = scope.org_id is None or terms.funder_code == funder_code(scope.org_id)
    if not own or (scope.org_id is None and not scope.covers(card.region_path)):
        raise NotFound(model="Pool", id=pool_id)
    return card


def find_pool_of(voucher_id: UUID) -> PoolCard | None:
    """The pool a voucher was claimed from, if it was; pools are public."""
    found = models.Voucher.objects.filter(pk=voucher_id).values_list("pool_id", flat=True).first()
    return get_pool(found) if found else None


def campaign_use(pool_id: UUID) -> CampaignUse:
    """How far a consumption pool has come, in vouchers and money."""
    return _purchase_reads.use_of(pool_id)


def list_terms(pool_ids: Iterable[UUID]) -> dict[UUID, ConsumptionTerms]:
    """The terms of several consumption pools; other pools are left out."""
    return _campaigns.terms_of(pool_ids)


def terms_in_words(terms: ConsumptionTerms, region_code: str) -> tuple[str, ...]:
    """What a consumption voucher promises, in short lines of plain Chinese, the amount first."""
    return _purchase_reads.words_of(terms, region_code)


def get_purchase(purchase_id: UUID, scope: Scope) -> PurchaseCard:
    """One purchase of the scope's organisation, person or region; else PurchaseUnknown."""
    return _purchase_reads.get(purchase_id, scope)


def list_purchases(scope: Scope, *, limit: int = _LIST_LIMIT) -> list[PurchaseCard]:
    """Purchases of the scope's organisation, person or region, newest first."""
    return _purchase_reads.visible(scope, limit)


def get_voucher(voucher_id: UUID, scope: Scope) -> VoucherCard:
    """One voucher, if the scope's person or region is its own."""
    row = models.Voucher.objects.filter(pk=voucher_id).first()
    if row is None or not _sees(scope, row):
        raise NotFound(model="Voucher", id=voucher_id)
    return row.as_card()


def list_vouchers(person_id: UUID, scope: Scope) -> list[VoucherCard]:
    """A person's vouchers, newest first, as far as the scope reaches."""
    rows = models.Voucher.objects.filter(person_id=person_id).order_by("-issued_at", "-id")
    return [row.as_card() for row in rows[:_LIST_LIMIT] if _sees(scope, row)]


def find_order_of_voucher(number: str, scope: Scope) -> UUID | None:
    """The old-unit order behind a 焕新券's number, for whoever may see that voucher."""
    rows = models.Voucher.objects.filter(number=number.strip().upper(), order_id__isnull=False)
    row = rows.first()
    return row.order_id if row and _sees(scope, row) else None


def find_trade_in_voucher(order_id: UUID) -> VoucherCard | None:
    """The 焕新券 of a recycling order: its live one, else the last that was voided, if any."""
    is_void = Case(When(state=VoucherState.VOID, then=1), default=0)
    rows = models.Voucher.objects.filter(order_id=order_id)
    row = rows.order_by(is_void, "-issued_at", "-id").first()
    return row.as_card() if row else None


def list_moments(voucher_id: UUID, scope: Scope) -> list[VoucherMoment]:
    """A voucher's history, oldest first, from the audit trail of its own steps."""
    card = get_voucher(voucher_id, scope)
    rows = AuditEntry.objects.filter(subject_kind="voucher", subject_id=str(card.id))
    return [
        moment
        for row in rows.order_by("id")[:_LIST_LIMIT]
        if (moment := rules.moment(row.action, row.at, row.facts)) is not None
    ]


def list_steps() -> tuple[rules.VoucherStep, ...]:
    """The one state table, for the page that explains it."""
    return rules.STEPS


def used_of_holder_fen(programme: str, holder_key: str) -> int:
    """What a household's or dwelling's sales under a programme come to: `household_paid_fen`."""
    rows = models.HolderTotal.objects.filter(programme=programme, holder_key=holder_key)
    return rows.values_list("used_fen", flat=True).first() or 0


def used_of_holders(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """What each (programme, holder key) has had so far; 0 where no total is counted."""
    used = dict.fromkeys(keys, 0)
    rows = models.HolderTotal.objects.filter(holder_key__in={holder for _, holder in used})
    for programme, holder, used_fen in rows.values_list("programme", "holder_key", "used_fen"):
        if (programme, holder) in used:
            used[programme, holder] = used_fen
    return used


def used_of_right_fen(voucher_id: UUID) -> int:
    """What the sales of a right's holder under its programme come to, its own included."""
    row = models.Voucher.objects.filter(pk=voucher_id).values_list("programme", "holder_key").get()
    return used_of_holder_fen(*row)


def count_waiting_notices() -> int:
    """How many notices other channels have not taken yet; a worker's and operator's question."""
    return models.PlatformNotice.objects.filter(sent_at=None).count()


def find_device_sale(manufacturer: str, serial: str) -> UUID | None:
    """The sale that a unit carries a subsidy for, if it carries one."""
    rows = models.DeviceLock.objects.filter(
        manufacturer=rules.normalise(manufacturer),
        serial_norm=rules.normalise(serial),
        freed_at=None,
    )
    return rows.values_list("sale_id", flat=True).first()


def get_claim_of_token(token: str, *, now: datetime) -> Claim:
    """The claim a token stands for; a forged one raises TokenInvalid, an old one ClaimTokenExpired.

    Reads no table. A token shown before the release is answered by the claim itself: not open.
    """
    return _tickets.read(token, now)


def _pool_cards(rows: Sequence[models.Pool]) -> list[PoolCard]:
    balances = ledger.balances(pool_code(row.id) for row in rows)
    cards = []
    for row in rows:
        lines = tuple(line.as_line() for line in sorted(row.lines.all(), key=lambda x: x.pk))
        money_fen = balances[pool_code(row.id)].available_fen
        reserves = [line.reserve_fen for line in lines]
        places = rules.places_with_money(row.remaining, money_fen, reserves)
        cards.append(row.as_card(remaining=places, lines=lines))
    return cards


def _whole_pools() -> QuerySet[models.Pool]:
    """Pools with everything a card shows."""
    return models.Pool.objects.prefetch_related("lines", "stages", "tiers").select_related("terms")


def _within(scope: Scope, rows: QuerySet[M]) -> QuerySet[M]:
    """Rows whose region lies in the scope's."""
    if not scope.region_path:
        return rows
    path = scope.region_path
    return rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))


def _sees(scope: Scope, row: models.Voucher) -> bool:
    if scope.person_id is not None:
        return scope.person_id == row.person_id
    return scope.covers(row.region_path)


def list_budgets(scope: Scope, *, programme: str) -> list[BudgetNode]:
    """The allocation tree of a programme within the scope: province, city, counties by path.

    Every figure is a sum of the ledger's transfers: allocated = given down + in pools + unused.
    """
    return _tree.nodes(scope, [programme])[programme]


def budgets_by_programme(scope: Scope, programmes: Iterable[str]) -> dict[str, list[BudgetNode]]:
    """list_budgets of several programmes in one read."""
    return _tree.nodes(scope, programmes)


def funded_programmes(scope: Scope, programmes: Iterable[str]) -> set[str]:
    """Those of the programmes whose budgets within the scope ever had money."""
    return _tree.funded(scope, programmes)


def get_budget(scope: Scope, *, programme: str, region_code: str) -> BudgetNode:
    """One region's budget of a programme; one out of scope or without money is NotFound."""
    for node in list_budgets(scope, programme=programme):
        if node.region_code == region_code:
            return node
    raise NotFound(model="Budget", region_code=region_code, programme=programme)


def list_funders(scope: Scope) -> list[FunderCard]:
    """Who pays for 焕新券 and consumption vouchers, the city's own first."""
    return _tree.funders(scope)


def get_funder(owner: str, scope: Scope) -> FunderCard:
    """One funder's money; another organisation's is NotFound."""
    return _tree.funder(owner, scope)


def split_of_budget(
    *, programme: str, region_code: str, amount_fen: int, fund: str = ""
) -> dict[str, int]:
    """Which funds an amount out of a budget would be made of now; refuses what it has not."""
    return _budgets.split(programme, region_code, amount_fen, fund)


def list_budget_requests(scope: Scope, *, limit: int = 50) -> list[BudgetRequestCard]:
    """Large moves of public money in the scope: those that wait first, then the newest."""
    rows = _within(scope, models.BudgetRequest.objects.all())
    rows = rows.order_by("-proposed_at")
    waiting, decided = rows.filter(is_approved=None), rows.exclude(is_approved=None)
    return [row.as_card() for row in [*waiting[:limit], *decided[:limit]]][:limit]


def count_budget_requests(scope: Scope) -> int:
    """How many large moves wait for a second officer."""
    return _within(scope, models.BudgetRequest.objects.filter(is_approved=None)).count()


def is_public_funder(funder_code: str) -> bool:
    """Whether a funder's account is public money, which officers spend, and not an enterprise's."""
    return _campaigns.owner_of(funder_code) is None
