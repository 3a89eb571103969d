"""Public money on its levels: who gives it, what each level has of each fund."""

from uuid import UUID, uuid4

from huanxin.identity.types import Role
from huanxin.kernel.actor import Actor
from huanxin.ledger import selectors as ledger
from huanxin.ledger.types import Leg, budget_code
from huanxin.vouchers import _budget_rules
from huanxin.vouchers.services import budgeting
from tests import given
from tests.given_vouchers import PROGRAMME

PROVINCE, CITY, COUNTY, SIBLING = "370000", "371500", "371502", "371521"
SHARES = {"central": 8_500, "province": 500, "city": 1_000}


def province() -> Actor:
    return given.staff(Role.OPERATOR, region_path=PROVINCE)


def city() -> Actor:
    return given.staff(Role.OPERATOR, region_path=given.CITY_PATH)


def county() -> Actor:
    return given.staff(Role.OPERATOR, region_path=given.COUNTY_PATH)


def money(region_code: str = CITY, **shares_fen: int) -> None:
    """Money of the treasuries in a region's budget."""
    given.regions()
    budgeting.give_budget(
        actor=given.system(),
        programme=PROGRAMME,
        region_code=region_code,
        shares_fen=shares_fen or SHARES,
        request_id=uuid4(),
    )


def allocate(actor: Actor, region_code: str, amount_fen: int, **named: object) -> dict[str, int]:
    asked = {"request_id": uuid4(), "programme": PROGRAMME, **named}
    return budgeting.allocate_budget(
        actor=actor, region_code=region_code, amount_fen=amount_fen, **asked
    )  # type: ignore[arg-type]


def reclaim(actor: Actor, region_code: str, amount_fen: int, **named: object) -> dict[str, int]:
    asked = {"request_id": uuid4(), "programme": PROGRAMME, **named}
    return budgeting.reclaim_budget(
        actor=actor, region_code=region_code, amount_fen=amount_fen, **asked
    )  # type: ignore[arg-type]


def free_fen(region_code: str) -> int:
    balance = ledger.find_balance(budget_code(region_code, PROGRAMME))
    return balance.available_fen if balance else 0


def parts(region_code: str) -> dict[str, int]:
    """What a region's budget has of each fund."""
    code = budget_code(region_code, PROGRAMME)
    return _budget_rules.parts_of(code, ledger.flows([code]))


def legs_of(cause: str, cause_id: UUID) -> list[Leg]:
    return [
        Leg(one.key.cause, one.key.cause_id, one.key.leg, one.debit, one.credit, one.amount_fen)
        for one in ledger.transfers_of(cause, cause_id)
    ]
