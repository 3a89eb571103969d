"""Mechanics of a sale: what is known about rights, models and prices, and the rows it becomes."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from huanxin.catalogue import selectors as catalogue
from huanxin.catalogue.types import Model
from huanxin.claims import _parties, rules
from huanxin.claims.errors import (
    CategoryDiffers,
    MerchantNotAdmitted,
    ModelUnknown,
    NotEligible,
    NotTheHolder,
    ProgrammeDiffers,
    SoldInFuture,
)
from huanxin.claims.models import Claim, Sale
from huanxin.claims.types import NewSale, SaleAmounts, SaleQuote, SaleReceipt
from huanxin.identity import selectors as identity
from huanxin.identity.types import OrgKind, OrgStatus, RestrictionKind
from huanxin.kernel import audit, clock, ids
from huanxin.kernel.actor import Actor
from huanxin.kernel.audit import Entry
from huanxin.kernel.money import yuan
from huanxin.kernel.sqlfiles import read_sql
from huanxin.policy import selectors as policy
from huanxin.policy.types import Case, Decision, LineCard
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.services import discounting, redeeming
from huanxin.vouchers.types import Bundle, Deduction, Device, Redemption

_PriceKey = tuple[UUID, date, UUID]


@dataclass(frozen=True, slots=True)
class Right:
    """A voucher as a sale needs to know it."""

    id: UUID
    kind: str
    programme: str
    category_code: str
    person_id: UUID
    person_pseudonym: str
    region_path: str
    worth_fen: int
    holder_key: str = ""


@dataclass(frozen=True)
class Plan:
    """One sale decided but not yet written."""

    id: UUID
    sale: NewSale
    right: Right
    model: Model
    serial_norm: str
    imei: str | None
    amounts: SaleAmounts
    decision: Decision
    filed_price_fen: int | None
    deductions: tuple[Deduction, ...] = ()

    @cached_property
    def line(self) -> LineCard:
        """The line that pays: what evidence it wants and how many units one person may have."""
        on = clock.business_day(self.sale.sold_at)
        lines = _lines(self.decision.version_hash, self.decision.policy_id, on)
        return next(line for line in lines if line.line_id == self.decision.line_id)

    @cached_property
    def decision_json(self) -> dict[str, Any]:
        """The decision as it is stored, so that the first answer and a repeat are equal."""
        stored: dict[str, Any] = json.loads(json.dumps(self.decision.as_json(), default=str))
        return stored

    @property
    def quote(self) -> SaleQuote:
        return SaleQuote(
            amounts=self.amounts,
            decision=self.decision_json,
            sentence=sentence(self.amounts, self.decision),
            filed_price_fen=self.filed_price_fen,
            is_eligible=self.decision.is_eligible,
            deductions=self.deductions,
        )


def plan(actor: Actor, sales: Sequence[NewSale]) -> list[Plan]:
    """Decide a batch of sales with a handful of reads; refuses the first that cannot be."""
    rights = find_rights(
        [x for sale in sales for x in (sale.qualification_id, sale.trade_in_voucher_id) if x]
    )
    models = catalogue.find_models({sale.gtin for sale in sales})
    _check_merchants({sale.merchant_id for sale in sales})
    drafts = [_draft(actor, sale, rights, models) for sale in sales]
    _parties.check(
        _parties.Party(one.right.person_id, one.model.brand, one.sale.serial, one.sale.imei)
        for one in drafts
    )
    decisions = _decide(drafts)
    filed = _filed_prices(drafts)
    return [
        _plan_one(actor, draft, decision, filed[draft.price_key])
        for draft, decision in zip(drafts, decisions, strict=True)
    ]


def find_rights(voucher_ids: Sequence[UUID]) -> dict[UUID, Right]:
    """The named vouchers with their holders' pseudonyms; unknown ones are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            read_sql("huanxin.claims.sql", "find_rights").text, {"ids": list(voucher_ids)}
        )
        return {row[0]: Right(*row) for row in cursor.fetchall()}


def check_decision(plan: Plan) -> None:
    """Refuse a sale that the rule in force gives nothing, or that needs another right."""
    if not plan.decision.is_eligible:
        raise NotEligible(
            sentence=plan.decision.sentence,
            reason_code=plan.decision.reason_code,
            clause=plan.decision.clause,
        )
    if plan.decision.policy_id != plan.right.programme:
        raise ProgrammeDiffers(right=plan.right.programme, rule=plan.decision.policy_id)


def redemptions(plan: Plan) -> list[Redemption]:
    """What vouchers is asked to spend: the right, the 焕新券, and consumption vouchers in order."""
    device = Device(plan.model.brand, plan.sale.serial, plan.imei)
    spends = [(plan.sale.qualification_id, plan.amounts.subsidy_fen)]
    if plan.sale.trade_in_voucher_id is not None:
        spends.append((plan.sale.trade_in_voucher_id, plan.amounts.trade_in_fen))
    discounts = [
        _discount(plan, device, place, one) for place, one in enumerate(plan.deductions, start=1)
    ]
    return discounts + [
        Redemption(
            sale_id=plan.id,
            voucher_id=voucher_id,
            person_id=plan.right.person_id,
            org_id=plan.sale.merchant_id,
            amount_fen=amount_fen,
            device=device,
            at=plan.sale.sold_at,
        )
        for voucher_id, amount_fen in spends
    ]


def _discount(plan: Plan, device: Device, place: int, one: Deduction) -> Redemption:
    return Redemption(
        sale_id=plan.id,
        voucher_id=one.voucher_id,
        person_id=plan.right.person_id,
        org_id=plan.sale.merchant_id,
        amount_fen=one.amount_fen,
        device=device,
        at=plan.sale.sold_at,
        place=place,
        price_fen=one.from_fen,
        category_code=plan.model.category_code,
    )


def complete(actor: Actor, plans: Sequence[Plan]) -> list[SaleReceipt]:
    """Spend the vouchers of decided sales and write them, all or none."""
    for one in plans:
        check_decision(one)
    if plans:
        spends = [spend for one in plans for spend in redemptions(one)]
        redeeming.redeem_vouchers(actor=actor, redemptions=spends)
    receipts = write(actor, plans)
    audit.record_many(actor, "claims.sold", [_sold_entry(one) for one in plans])
    return receipts


def write(actor: Actor, plans: Sequence[Plan]) -> list[SaleReceipt]:
    """Write the sales and the claims they open."""
    numbers = _numbers(plans)
    sales = [_sale_row(actor, one, numbers[one.id]) for one in plans]
    Sale.objects.bulk_create(sales)
    Claim.objects.bulk_create(_claim_row(one) for one in plans)
    return [_receipt(one, numbers[one.id]) for one in plans]


def sentence(amounts: SaleAmounts, decision: Decision) -> str:
    """What the till shows: the policy's words, then what is left to pay."""
    if not decision.is_eligible:
        return decision.sentence
    trade_in = f"焕新券已抵 {yuan(amounts.trade_in_fen)}，" if amounts.trade_in_fen else ""
    if amounts.consumption_fen:
        trade_in += f"消费券已先抵 {yuan(amounts.consumption_fen)}，"
    if amounts.tender_fen:
        trade_in += f"消费券再抵 {yuan(amounts.tender_fen)}，"
    return f"{decision.sentence}{trade_in}还需支付 {yuan(amounts.to_pay_fen)}。"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sale with what is known about it, before the rule has spoken."""

    sale: NewSale
    right: Right
    model: Model
    trade_in_fen: int
    case: Case
    bundle: Bundle | None
    lowering: tuple[Deduction, ...]

    @property
    def price_key(self) -> _PriceKey:
        return self.model.id, self.case.on, self.sale.merchant_id

    @property
    def total_key(self) -> tuple[str, str]:
        return self.right.programme, self.right.holder_key

    def case_with(self, household_paid_fen: int) -> Case:
        return replace(self.case, facts=rules.rule_facts(household_paid_fen))


def _draft(
    actor: Actor, sale: NewSale, rights: Mapping[UUID, Right], models: Mapping[str, Model]
) -> _Draft:
    model = models.get(sale.gtin) or catalogue.find_model(sale.gtin)
    if model is None or not model.is_active:
        raise ModelUnknown(gtin=sale.gtin)
    if sale.sold_at > clock.now():
        raise SoldInFuture
    right = _right(sale, rights)
    if right.category_code != model.category_code:
        raise CategoryDiffers(right=right.category_code, model=model.category_code)
    trade_in = rights.get(sale.trade_in_voucher_id) if sale.trade_in_voucher_id else None
    trade_in_fen = trade_in.worth_fen if trade_in else 0
    prices = {
        "list_price_fen": sale.list_price_fen,
        "discount_fen": sale.discount_fen,
        "trade_in_fen": trade_in_fen,
    }
    price_fen = rules.check_discounts(**prices)
    bundle = _bundle(sale, right, model)
    lowering: tuple[Deduction, ...] = ()
    if bundle is not None:
        lowering = discounting.quote_discounts(
            actor=actor, bundle=bundle, price_fen=price_fen, lowers_base=True
        )
        price_fen = rules.check_discounts(**prices, consumption_fen=_sum_fen(lowering))
    case = Case(
        on=clock.business_day(sale.sold_at),
        region_code=right.region_path.rpartition("/")[2],
        category_code=model.category_code,
        energy_grade=model.energy_grade,
        price_fen=price_fen,
    )
    return _Draft(sale, right, model, trade_in_fen, case, bundle, lowering)


def _decide(drafts: Sequence[_Draft]) -> list[Decision]:
    """The rule's answers. A holder's total is what the counter of her sales says, so that a quote
    and the hard limit agree; her next sale of the batch sees what the one before was given.
    """
    used = vouchers.used_of_holders([draft.total_key for draft in drafts])
    decisions: dict[int, Decision] = {}
    for turn in _turns(drafts):
        cases = [drafts[at].case_with(used[drafts[at].total_key]) for at in turn]
        for at, decision in zip(turn, policy.quote_many(cases), strict=True):
            decisions[at] = decision
            used[drafts[at].total_key] += decision.amount_fen if decision.is_eligible else 0
    return [decisions[at] for at in range(len(drafts))]


def _turns(drafts: Sequence[_Draft]) -> list[list[int]]:
    """The positions of a batch in turns in which each holder comes once; nearly always one."""
    seen: Counter[tuple[str, str]] = Counter()
    turns: list[list[int]] = []
    for at, draft in enumerate(drafts):
        nth = seen[draft.total_key]
        seen[draft.total_key] += 1
        if nth == len(turns):
            turns.append([])
        turns[nth].append(at)
    return turns


def _bundle(sale: NewSale, right: Right, model: Model) -> Bundle | None:
    if not sale.consumption_voucher_ids:
        return None
    return Bundle(
        org_id=sale.merchant_id,
        person_id=right.person_id,
        category_code=model.category_code,
        voucher_ids=sale.consumption_voucher_ids,
        has_right=True,
        has_huanxin=sale.trade_in_voucher_id is not None,
    )


def _sum_fen(deductions: Sequence[Deduction]) -> int:
    return sum(one.amount_fen for one in deductions)


def _plan_one(actor: Actor, draft: _Draft, decision: Decision, filed_price_fen: int | None) -> Plan:
    sale = draft.sale
    tender: tuple[Deduction, ...] = ()
    if draft.bundle is not None and decision.is_eligible:
        tender = discounting.quote_discounts(
            actor=actor,
            bundle=draft.bundle,
            price_fen=draft.case.price_fen - decision.amount_fen,
            lowers_base=False,
        )
    return Plan(
        id=ids.new_id(),
        sale=sale,
        right=draft.right,
        model=draft.model,
        serial_norm=rules.check_serial(sale.serial),
        imei=rules.check_imei(sale.imei),
        amounts=rules.amounts(
            list_price_fen=sale.list_price_fen,
            discount_fen=sale.discount_fen,
            trade_in_fen=draft.trade_in_fen,
            subsidy_fen=decision.amount_fen,
            consumption_fen=_sum_fen(draft.lowering),
            tender_fen=_sum_fen(tender),
        ),
        decision=decision,
        filed_price_fen=filed_price_fen,
        deductions=draft.lowering + tender,
    )


def _filed_prices(drafts: Sequence[_Draft]) -> dict[_PriceKey, int | None]:
    return {
        (model_id, on, org_id): catalogue.filed_price_fen(model_id, on, org_id=org_id)
        for model_id, on, org_id in {draft.price_key for draft in drafts}
    }


def _right(sale: NewSale, rights: Mapping[UUID, Right]) -> Right:
    right = rights.get(sale.qualification_id)
    if right is None or right.kind != "qualification":
        raise NotTheHolder(voucher_id=sale.qualification_id)
    if sale.person_id not in {None, right.person_id}:
        raise NotTheHolder(voucher_id=sale.qualification_id)
    if sale.trade_in_voucher_id is not None:
        trade_in = rights.get(sale.trade_in_voucher_id)
        if trade_in is None or trade_in.kind != "huanxin" or trade_in.person_id != right.person_id:
            raise NotTheHolder(voucher_id=sale.trade_in_voucher_id)
    return right


@lru_cache(maxsize=1024)
def _lines(version_hash: str, policy_id: str, on: date) -> tuple[LineCard, ...]:
    """A version never changes, so its lines are read once for a day of a process."""
    card = policy.get_policy(policy_id, on=on)
    assert card.version_hash == version_hash, "the version that decided is the one in force"
    return card.lines


def _check_merchants(merchant_ids: set[UUID]) -> None:
    today = clock.today()
    keys = [str(merchant_id) for merchant_id in merchant_ids]
    restricted = identity.restricted_keys(RestrictionKind.ORGANISATION, keys, today)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id FROM mart_identity_organisation"
            " WHERE kind = %s AND status = %s AND org_id = ANY(%s)",
            [OrgKind.RETAILER, OrgStatus.ADMITTED, list(merchant_ids)],
        )
        admitted = {row[0] for row in cursor.fetchall()}
    for merchant_id in sorted(merchant_ids):
        if merchant_id not in admitted or str(merchant_id) in restricted:
            raise MerchantNotAdmitted(merchant_id=merchant_id)


def _numbers(plans: Sequence[Plan]) -> dict[UUID, str]:
    groups: dict[tuple[date, str], list[UUID]] = defaultdict(list)
    for one in plans:
        region_code = one.right.region_path.rpartition("/")[2]
        groups[clock.business_day(one.sale.sold_at), region_code].append(one.id)
    numbers: dict[UUID, str] = {}
    for (on, region_code), sale_ids in groups.items():
        new = ids.new_numbers("XS", len(sale_ids), on=on, region_code=region_code)
        numbers.update(zip(sale_ids, new, strict=True))
    return numbers


def _sale_row(actor: Actor, plan: Plan, number: str) -> Sale:
    sale, amounts, decision = plan.sale, plan.amounts, plan.decision
    return Sale(
        id=plan.id,
        number=number,
        merchant_id=sale.merchant_id,
        till_id=sale.till_id,
        merchant_order_no=sale.merchant_order_no,
        channel=sale.channel,
        pay_type=sale.pay_type,
        old_unit_order_no=sale.old_unit_order_no,
        old_unit_price_fen=sale.old_unit_price_fen,
        platform_name=sale.platform_name[:60],
        outlet_code=sale.outlet_code[:40],
        person_id=plan.right.person_id,
        person_pseudonym=plan.right.person_pseudonym,
        qualification_id=sale.qualification_id,
        trade_in_voucher_id=sale.trade_in_voucher_id,
        model_id=plan.model.id,
        gtin=plan.model.gtin,
        category_code=plan.model.category_code,
        energy_grade=plan.model.energy_grade,
        manufacturer=plan.model.brand,
        serial=sale.serial,
        serial_norm=plan.serial_norm,
        imei=plan.imei,
        imei2=rules.check_imei(sale.imei2),
        list_price_fen=amounts.list_price_fen,
        discount_fen=amounts.discount_fen,
        trade_in_fen=amounts.trade_in_fen,
        consumption_fen=amounts.consumption_fen,
        tender_fen=amounts.tender_fen,
        discount_count=len(plan.deductions),
        price_fen=amounts.price_fen,
        subsidy_fen=amounts.subsidy_fen,
        to_pay_fen=amounts.to_pay_fen,
        policy_amount_fen=decision.amount_fen,
        filed_price_fen=plan.filed_price_fen,
        right_limit=plan.line.limits[plan.model.category_code].count,
        programme=decision.policy_id,
        version_hash=decision.version_hash,
        line_id=decision.line_id or "",
        decision=plan.decision_json,
        region_path=plan.right.region_path,
        sold_at=sale.sold_at,
        sold_on=clock.business_day(sale.sold_at),
        sold_epoch=int(sale.sold_at.timestamp()),
        recorded_at=clock.now(),
        account_id=actor.account_id,
    )


def _claim_row(plan: Plan) -> Claim:
    return Claim(
        id=ids.new_id(),
        sale_id=plan.id,
        qualification_id=plan.sale.qualification_id,
        device_key=f"{rules.normal_serial(plan.model.brand)}|{plan.serial_norm}",
        wanted=",".join(plan.line.evidence),
        price_fen=plan.amounts.price_fen,
        subsidy_fen=plan.amounts.subsidy_fen,
        to_pay_fen=plan.amounts.to_pay_fen,
    )


def _receipt(plan: Plan, number: str) -> SaleReceipt:
    return SaleReceipt(
        sale_id=plan.id,
        number=number,
        price_fen=plan.amounts.price_fen,
        trade_in_fen=plan.amounts.trade_in_fen,
        subsidy_fen=plan.amounts.subsidy_fen,
        to_pay_fen=plan.amounts.to_pay_fen,
        decision=plan.decision_json,
        sentence=sentence(plan.amounts, plan.decision),
        consumption_fen=plan.amounts.consumption_fen,
        tender_fen=plan.amounts.tender_fen,
    )


def _sold_entry(plan: Plan) -> Entry:
    facts = {
        "programme": plan.decision.policy_id,
        "category_code": plan.model.category_code,
        "price_fen": plan.amounts.price_fen,
        "subsidy_fen": plan.amounts.subsidy_fen,
        "trade_in_fen": plan.amounts.trade_in_fen,
        "consumption_fen": plan.amounts.consumption_fen + plan.amounts.tender_fen,
        "version_hash": plan.decision.version_hash,
    }
    return Entry("sale", plan.id, plan.right.region_path, plan.sale.merchant_id, facts)
