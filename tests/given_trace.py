"""What tests of trace start from: units at some stage of their last journey."""

from datetime import date, datetime, timedelta
from uuid import UUID

from huanxin.identity.types import OrgKind
from huanxin.kernel import clock, ids
from huanxin.trace import _gs1, selectors, services
from huanxin.trace.types import Action, Capture, Event, EventType, Move, NewUnit, UnitState
from tests import given

START = clock.moment(date(2026, 6, 1), 9)
STEPS = {
    UnitState.IN_DEPOT: ("receiving", "in_progress"),
    UnitState.IN_LOT: ("packing", "in_progress"),
    UnitState.SHIPPED: ("shipping", "in_transit"),
    UnitState.AT_DISMANTLER: ("receiving", "in_progress"),
    UnitState.DISMANTLED: ("disassembling", "in_progress"),
}


def recycler() -> UUID:
    return given.organisation(OrgKind.RECYCLER)


def dismantler() -> UUID:
    return given.organisation(OrgKind.DISMANTLER)


def unit(org_id: UUID, *, at: datetime = START) -> str:
    """A unit taken over at the door by an organisation."""
    code = services.issue_unit_codes(count=1, on=at.date(), region_code=given.COUNTY)[0]
    services.commission_units(
        units=[
            NewUnit(
                unit_code=code,
                class_code="refrigerator",
                order_id=ids.new_id(),
                order_number="HS260601-1502-0000042-9",
                org_id=org_id,
                region_code=given.COUNTY,
                region_path=given.COUNTY_PATH,
                at=at,
            )
        ]
    )
    return code


def moved(
    code: str, state: UnitState, *, giver: UUID, taker: UUID | None = None, at: datetime
) -> Capture:
    """A capture that moves one unit on."""
    biz_step, disposition = STEPS[state]
    holder = taker or giver
    certificate = "CJ260601-1502-0000001-0" if state == UnitState.DISMANTLED else None
    event = (
        packing(code, at=at)
        if state == UnitState.IN_LOT
        else Event(
            type=EventType.OBJECT,
            at=at,
            biz_step=biz_step,
            disposition=disposition,
            action=Action.OBSERVE,
            epc_list=(selectors.digital_link(code),),
        )
    )
    move = Move(code, giver, holder, state, certificate_no=certificate)
    return Capture(event, holder, given.COUNTY_PATH, (move,))


def box(code: str) -> str:
    """The container that `packing` puts a unit into."""
    return selectors.container_link(_gs1.sscc("9523715", int(code[8:15])))


def packing(
    code: str, *, at: datetime, action: Action = Action.ADD, container: str | None = None
) -> Event:
    """A unit packed into a container, or taken out of it."""
    return Event(
        type=EventType.AGGREGATION,
        at=at,
        biz_step="packing" if action == Action.ADD else "unpacking",
        disposition="in_progress",
        action=action,
        parent_id=container or box(code),
        child_epcs=(selectors.digital_link(code),),
    )


def journey(code: str, *, giver: UUID, taker: UUID, until: UnitState) -> None:
    """Walk a unit through every stage up to and including `until`."""
    at = START
    for state in STEPS:
        at += timedelta(hours=1)
        is_there = state in {UnitState.AT_DISMANTLER, UnitState.DISMANTLED}
        services.capture_events(
            events=[
                moved(
                    code,
                    state,
                    giver=taker if state == UnitState.DISMANTLED else giver,
                    taker=taker if is_there else None,
                    at=at,
                )
            ]
        )
        if state == until:
            return


def stays(code: str, org_id: UUID, state: UnitState) -> Move:
    """A unit that stays in the same hands."""
    return Move(code, org_id, org_id, state)
