"""Public money on its way to people: budgets, releases, claims."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from huanxin.kernel import clock, money
from huanxin.kernel.actor import Actor, system_actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger import types as ledger_types
from huanxin.simulation import _campaigns, _care, _neighbours, _showcase, assumptions, city, rules
from huanxin.simulation._agenda import Agenda
from huanxin.simulation._build import CITY_PATH
from huanxin.simulation._stage import Stage
from huanxin.simulation.types import Wish
from huanxin.vouchers import selectors as vouchers_reads
from huanxin.vouchers.services import budgeting, claiming, funding, releasing
from huanxin.vouchers.types import Claim, ClaimAnswer, ClaimOutcome, NewPool

PROGRAMMES = {"appliances-2026": "家电", "digital-2026": "数码"}
_OPEN_DAYS = 14  # at 1:100 a county's week pays for two or three rights; two weeks for a handful
_RELEASED_BPS = 7_000  # of a month's money after the season
_LAST_VISIT = 20  # o'clock: nobody buys later
GATEWAY = system_actor("抢券网关（演示）")


def plan_day(stage: Stage, agenda: Agenda) -> None:
    """Budgets on the first of a month, releases on each county's days, claims at the opening."""
    on = agenda.on
    if on == stage.season.first_on or on.day == 1:
        agenda.at(8, 0, "budgets", lambda: give_budgets(stage, on))
    agenda.at(8, 30, "welcome", lambda: stage.welcome(stage.by_day.get(on, [])))
    for county, _ in stage.season.city.populations:
        if on == stage.season.first_on or city.is_release_day(stage.season.city, county, on):
            agenda.at(8, 40, f"release/{county}", partial(release, stage, county, on))
    agenda.at(9, 5, "claims", lambda: claim(stage, agenda))
    if on == stage.season.last_on:
        agenda.at(22, 30, "next-month", lambda: keep_pools_open(stage, on + timedelta(days=1)))
        agenda.at(22, 40, "showcase", lambda: _showcase.show(stage, on))
        agenda.at(22, 55, "campaigns", lambda: _campaigns.show(stage, on))
        agenda.at(22, 57, "care", lambda: _care.show(stage, on))
        agenda.at(22, 59, "neighbours", lambda: _neighbours.show(stage, on))


def keep_pools_open(stage: Stage, on: date) -> None:
    """After the season: a month's money and one release a county to the month's end.

    Safe to repeat: a month is given once, and a county that has its release is left alone. A part
    of each budget stays for releases that visitors open by hand.
    """
    month = on.replace(day=1)
    end = clock.moment((month + timedelta(days=32)).replace(day=1))
    give_budgets(stage, month)
    opened = {
        (pool.region_code, pool.programme)
        for pool in vouchers_reads.list_open_pools(now=clock.now(), region_path=CITY_PATH)
        if pool.closes_at == end
    }
    for programme in PROGRAMMES:
        for county, _ in stage.season.city.populations:
            budget = ledger.get_balance(ledger_types.budget_code(county, programme))
            if (county, programme) not in opened and budget.available_fen > 0:
                pool = _pool(county, programme, on, budget.available_fen * _RELEASED_BPS // 10_000)
                releasing.open_pool(
                    actor=stage.actor("operate-1"),
                    pool=replace(pool, closes_at=end),
                    request_id=stage.request("month", programme, county, month),
                )


def season_fen(programme: str, people: int) -> int:
    """What the city's own shops may spend on a programme in the season, for that many people.

    One national tranche by population, the local share added, the programme's share taken, and of
    that the part of purchases made in the city's shops: the national platforms draw on the same
    money. The assumptions are in data/assumptions.csv.
    """
    numbers = assumptions.numbers()
    central_fen = numbers["tranche_fen"] * people // numbers["national_population"]
    whole_fen = central_fen * 10_000 // numbers["central_share_bps"]
    programme_fen = whole_fen * numbers[f"{_kind(programme)}_money_bps"] // 10_000
    local = "digital_participating_bps" if _kind(programme) == "digital" else "participating_bps"
    return programme_fen * numbers[local] // 10_000


def give_budgets(stage: Stage, on: date) -> None:
    """A month's money for every county, by people, from the three treasuries; and for 焕新券."""
    fund_vouchers(stage, on)
    plan, numbers = stage.season.city, assumptions.numbers()
    central, province = numbers["central_share_bps"], numbers["province_share_bps"]
    weights = [central, province, 10_000 - central - province]
    for programme in PROGRAMMES:
        for county, _ in plan.populations:
            share_fen = month_fen(stage, programme, county)
            parts = money.split_fen(share_fen, weights)
            budgeting.give_budget(
                actor=stage.actor("operate-1"),
                programme=programme,
                region_code=county,
                shares_fen=dict(zip(("central", "province", "city"), parts, strict=True)),
                request_id=stage.request("budget", programme, county, on.replace(day=1)),
            )


def fund_vouchers(stage: Stage, on: date) -> None:
    """The city pays in what its 焕新券 may cost this month, before any is issued; once a month."""
    per_person = assumptions.numbers()["huanxin_month_fen"]
    funding.fund_funder(
        actor=stage.actor("finance-1"),
        owner="city",
        amount_fen=per_person * stage.season.city.people_count,
        reference=f"演示-焕新券{on:%Y%m}",
        request_id=stage.request("funder", "city", on.replace(day=1)),
    )


def month_fen(stage: Stage, programme: str, county: str) -> int:
    """One county's money for one month: the season's evenly over its months and its people."""
    plan = stage.season.city
    months = len(_months(stage.season.first_on, stage.season.last_on))
    month = season_fen(programme, plan.people_count) // months
    counties = [code for code, _ in plan.populations]
    shares = money.split_fen(month, [count for _, count in plan.populations])
    return shares[counties.index(county)]


def release(stage: Stage, county: str, on: date) -> None:
    """One county's release: the last pools close, what they did not spend is in the new ones."""
    for programme in PROGRAMMES:
        for pool_id in stage.taken(f"pool/{county}/{programme}"):
            releasing.close_pool(
                actor=stage.actor("operate-1"), pool_id=UUID(pool_id), reason="本期结束"
            )
        if (budget_fen := _share_fen(county, programme, on)) > 0:
            opened = releasing.open_pool(
                actor=stage.actor("operate-1"),
                pool=_pool(county, programme, on, budget_fen),
                request_id=stage.request("pool", programme, county, on),
            )
            stage.put(f"pool/{county}/{programme}", str(opened))


def _pool(county: str, programme: str, on: date, budget_fen: int) -> NewPool:
    numbers = assumptions.numbers()
    office = assumptions.counties()[county].office
    return NewPool(
        title=f"{office}{PROGRAMMES[programme]}补贴资格（{on:%m月%d日}起）",
        programme=programme,
        region_code=county,
        categories=categories(programme),
        quantity=max(1, budget_fen // numbers[f"{_kind(programme)}_mean_fen"]),
        budget_fen=budget_fen,
        opens_at=clock.moment(on, 9),
        closes_at=clock.moment(on + timedelta(days=_OPEN_DAYS), 8, 30),
        lapse_hours=numbers["lapse_hours"],
        reserve_bps=numbers["reserve_bps"],
    )


def _share_fen(county: str, programme: str, on: date) -> int:
    """An even share of the budget for what is left of the month (商办流通函〔2025〕469号)."""
    code = ledger_types.budget_code(county, programme)
    following = (on.replace(day=1) + timedelta(days=32)).replace(day=1)
    return ledger.get_balance(code).available_fen // -(-(following - on).days // _OPEN_DAYS)


def _months(first_on: date, last_on: date) -> list[date]:
    found = [first_on.replace(day=1)]
    while (following := (found[-1] + timedelta(days=32)).replace(day=1)) <= last_on:
        found.append(following)
    return found


def _kind(programme: str) -> str:
    return "digital" if programme.startswith("digital") else "appliance"


def categories(programme: str) -> tuple[str, ...]:
    """What the twin's people may want under a programme."""
    return tuple(
        demand.category_code
        for demand in assumptions.demands()
        if city.programme(demand.category_code) == programme
    )


def claim(stage: Stage, agenda: Agenda) -> None:
    """Everyone who still wants a right tries once today, all at the gateway, quick ones first.

    Shops that mean to cheat use scripts and are quicker than anyone (domain.md C3, 12).
    """
    for wish in stage.by_day.get(agenda.on, []):
        if wish.purchase is not None:
            stage.put("claiming", wish.key)
    asking = [stage.wishes[key] for key in stage.listed("claiming")]
    asking.sort(key=lambda wish: _quickness(stage, agenda.on, wish))
    stage.welcome(asking)
    claim_batch(stage, agenda, GATEWAY, asking)


def _quickness(stage: Stage, on: date, wish: Wish) -> tuple[bool, str]:
    is_honest = stage.purchase(wish).pattern is None
    return is_honest, rules.token(stage.seed, "quick", on, wish.key)


def claim_batch(stage: Stage, agenda: Agenda, actor: Actor, wishes: list[Wish]) -> None:
    """One batch to the vouchers' flash claim, every answer remembered."""
    pools = {wish.key: _pool_of(stage, wish) for wish in wishes}
    asking = [wish for wish in wishes if pools[wish.key]]
    claims = [
        Claim(
            request_id=stage.request("claim", wish.key, stage.state(wish.key).tries),
            pool_id=UUID(pools[wish.key]),
            person_id=stage.person_id(wish),
            category_code=wish.category_code,
            device_key=f"demo-{rules.token(stage.seed, 'device', wish.resident.key)[:16]}",
        )
        for wish in asking
    ]
    answers = claiming.claim_vouchers(actor=actor, claims=claims)
    for wish, answer in zip(asking, answers, strict=True):
        _take_answer(stage, agenda, wish, answer)


def _pool_of(stage: Stage, wish: Wish) -> str:
    """The pool that is open for her now; empty if none is."""
    county, programme = wish.resident.county, city.programme(wish.category_code)
    return next(iter(stage.listed(f"pool/{county}/{programme}")), "")


def _take_answer(stage: Stage, agenda: Agenda, wish: Wish, answer: ClaimAnswer) -> None:
    state = stage.state(wish.key)
    stage.journal.count(f"claim:{answer.outcome}")
    state.tries += 1
    if answer.outcome is ClaimOutcome.WON:
        stage.take("claiming", wish.key)
        state.voucher_id = str(answer.voucher_id)
        _plan_purchase(stage, agenda, wish)
    elif answer.outcome is not ClaimOutcome.SOLD_OUT or state.tries >= wish.tries:
        stage.take("claiming", wish.key)
        state.refusals.append(f"claim:{answer.outcome}")


def _plan_purchase(stage: Stage, agenda: Agenda, wish: Wish) -> None:
    """When she goes to the shop with her new right; some let it lapse."""
    state, purchase = stage.state(wish.key), stage.purchase(wish)
    hours = assumptions.numbers()["lapse_hours"]
    state.expires_at = (clock.now() + timedelta(hours=hours)).isoformat()
    if purchase.delay_days is None:
        return
    visit = agenda.on + timedelta(days=purchase.delay_days)
    if purchase.ring:  # a ring gathers rights for three days and cashes them in on one
        visit = max(agenda.on, wish.on + timedelta(days=2))
    latest = datetime.fromisoformat(state.expires_at)
    if clock.moment(visit, _LAST_VISIT) > latest:
        visit -= timedelta(days=1)
    state.buy_on = visit.isoformat()
    stage.put("holding", wish.key)
