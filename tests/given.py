"""What tests start from: people, organisations and actors, made through the services."""

import itertools
import time
from datetime import date
from uuid import UUID, uuid4

from django.db import connection
from stdnum.cn import uscc

from huanxin.identity import rules, selectors
from huanxin.identity.services import admitting, registering, restricting
from huanxin.identity.types import (
    Licence,
    NewOrganisation,
    NewPerson,
    NewRestriction,
    OrgKind,
    Penalty,
    PersonCard,
    RestrictionKind,
    Role,
)
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor, Scope, system_actor

COUNTY = "371502"
COUNTY_PATH = "370000/371500/371502"
CITY_PATH = "370000/371500"

_serial = itertools.count(1)


def system() -> Actor:
    return system_actor()


def regions() -> None:
    """The shipped regions; safe to repeat."""
    if not selectors.list_regions(level="province"):
        admitting.load_regions(actor=system())


def document_no(*, born: date = date(1954, 3, 7), serial: int | None = None) -> str:
    """A well-formed resident id under the area code 990000, which is issued to nobody."""
    number = next(_serial) if serial is None else serial
    first17 = f"99{number // 1000 % 10000:04d}{born:%Y%m%d}{number % 1000:03d}"
    return first17 + rules.document_check_digit(first17)


def person(
    *,
    region_code: str = COUNTY,
    is_verified: bool = True,
    name: str = "王测试",
    document: str | None = None,
) -> PersonCard:
    """A registered (and by default verified) resident."""
    regions()
    number = next(_serial)
    person_id = registering.register_person(
        actor=system(),
        person=NewPerson(
            name=name,
            document_no=document or document_no(),
            phone=f"100{number:08d}",
            region_code=region_code,
        ),
    )
    if is_verified:
        registering.verify_real_name(actor=system(), person_ids=[person_id])
    return selectors.get_person(person_id, Scope())


def consumer(who: PersonCard | None = None) -> Actor:
    """A verified resident acting for herself."""
    return selectors.consumer_actor(who or person())


def organisation(kind: OrgKind = OrgKind.RETAILER, *, region_code: str = COUNTY) -> UUID:
    """An admitted organisation with a valid USCC."""
    regions()
    number = next(_serial)
    first17 = f"91990000TEST{number:05d}".translate(str.maketrans("IOSVZ", "12345"))
    return admitting.open_organisation(
        actor=system(),
        organisation=NewOrganisation(
            kind=kind,
            name=f"测试{kind}-{number}",
            short_name=f"测试{number}",
            uscc=first17 + uscc.calc_check_digit(first17),
            region_code=region_code,
            licences=licences(kind),
        ),
    )


def licences(kind: OrgKind) -> tuple[Licence, ...]:
    """The paper that a party to old units must hold."""
    names = {
        OrgKind.RECYCLER: "再生资源回收经营者备案",
        OrgKind.DISMANTLER: "废弃电器电子产品处理资格证书",
    }
    if kind not in names:
        return ()
    return (Licence(names[kind], "TEST-1", date(2020, 1, 1), date(2040, 1, 1)),)


def staff(role: Role, *, org_id: UUID | None = None, region_path: str = COUNTY_PATH) -> Actor:
    """An actor of a role, without a stored account: services only look at the actor."""
    own_only = org_id if role not in {Role.REVIEWER, Role.FINANCE_OFFICER} else None
    return Actor(
        account_id=uuid4(),
        name=f"测试{role}",
        role=role,
        permissions=rules.ROLE_PERMISSIONS[role],
        scope=Scope(region_path=region_path, org_id=own_only),
        org_id=org_id,
    )


def barred(org_id: UUID) -> UUID:
    """A restriction on an organisation, entered by one officer and in force at once."""
    return restricting.impose(
        actor=staff(Role.OPERATOR, region_path=CITY_PATH),
        new=NewRestriction(
            RestrictionKind.ORGANISATION, str(org_id), Penalty.SUSPENSION, "转卖交来的旧机",
            "聊商务罚〔2026〕9号", clock.today(),
        ),
        request_id=uuid4(),
    )  # fmt: skip


def settled_feed(*, seconds: float = 120) -> None:
    """Wait until the feed shows every committed row.

    A transaction that is open anywhere in the cluster, be it another test's, holds the feed back.
    """
    until = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT NOT EXISTS (SELECT FROM kernel_auditentry"
                " WHERE tx >= pg_snapshot_xmin(pg_current_snapshot()))"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("some transaction in the cluster stayed open")
