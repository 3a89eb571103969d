"""Passports, stories and events: reads, and how trace spells identifiers."""

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from huanxin.identity import selectors as identity
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry, Leaf
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.trace import _gs1, _hash, models, rules
from huanxin.trace.errors import UnitUnknown
from huanxin.trace.types import Passport, Stop, StoredEvent, UnitState

NAMESPACE = "https://ns.huanxin.example/trade-in/"
NAMES = {"hx": NAMESPACE}
CONTEXT: list[object] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    dict(NAMES),
]
_DEMO_PREFIX = "9523715"  # 952 is GS1's range for demonstrations


def company_prefix() -> str:
    """The GS1 company prefix that all our keys stand under (setting HUANXIN_GS1_PREFIX)."""
    return str(getattr(settings, "HUANXIN_GS1_PREFIX", _DEMO_PREFIX))


def digital_link(unit_code: str) -> str:
    """What the QR code on a unit says: its GS1 Digital Link, also its EPC in events."""
    return rules.unit_link(company_prefix(), unit_code)


def container_link(sscc: str) -> str:
    """The Digital Link of a lot's SSCC."""
    return _gs1.link(("00", sscc))


def location_link(gln: str, extension: str = "") -> str:
    """The Digital Link of a place: GLN and, if given, its extension."""
    return _gs1.link(("414", gln), *([("254", extension)] if extension else []))


def party_link(gln: str) -> str:
    """The Digital Link of an organisation as a party."""
    return _gs1.link(("417", gln))


def transaction_uri(gln: str, number: str) -> str:
    """The CBV form of a business transaction: the GLN of its keeper and its number."""
    return f"urn:epcglobal:cbv:bt:{gln}:{number}"


def material_uri(material_code: str) -> str:
    """The class of a recovered material in our own vocabulary."""
    return f"{NAMESPACE}material/{material_code}"


def class_uri(class_code: str) -> str:
    """A waste class in our own vocabulary; a bare "01" is read as a number by some."""
    return f"{NAMESPACE}class/{class_code}"


def read_scanned(text: str) -> str:
    """The unit code inside what a scanner read (Digital Link, GIAI or bare code)."""
    code = rules.unit_code_of(company_prefix(), text)
    return code if code is not None else rules.check_unit_code(text)


def find_passport(unit_code: str) -> Passport | None:
    """A unit's passport by code; holds no personal data."""
    row = models.Unit.objects.filter(pk=unit_code.strip().upper()).first()
    return row.as_passport() if row else None


def get_passport(unit_code: str, scope: Scope) -> Passport:
    """A unit's passport within the scope; UnitUnknown otherwise."""
    return _unit(unit_code, scope).as_passport()


def passports(unit_codes: list[str]) -> dict[str, Passport]:
    """Passports of several units, for rooms that already hold their codes."""
    rows = models.Unit.objects.filter(pk__in=unit_codes)
    return {row.unit_code: row.as_passport() for row in rows}


def story(unit_code: str, scope: Scope) -> list[Stop]:
    """A unit's whole chain, oldest first, with names and whether each event is sealed in the log.

    A region sees what was collected there, an organisation what it ever held. A person's own unit
    is opened through its order, which knows whose it is.
    """
    unit = _unit(unit_code, scope)
    links = list(models.Custody.objects.filter(unit=unit).select_related("event").order_by("seq"))
    sealed = _sealed([link.event.event_id for link in links])
    names = {
        org_id: identity.get_organisation(org_id).name
        for org_id in {link.to_holder_id for link in links}
    }
    return [
        Stop(
            seq=link.seq,
            at=link.at,
            biz_step=link.event.biz_step,
            title=rules.STEP_TITLES.get(link.event.biz_step, link.event.biz_step),
            state=UnitState(link.to_state),
            org_id=link.to_holder_id,
            org_name=names[link.to_holder_id],
            mass_g=link.mass_g,
            event_id=link.event.event_id,
            event=link.event.body,
            entry_id=sealed.get(_hash.digest_of(link.event.event_id)),
        )
        for link in links
    ]


def find_event(event_id: str, scope: Scope) -> StoredEvent | None:
    """One captured event by its id within the scope."""
    row = _events(scope).filter(event_id=event_id).order_by("id").first()
    return row.as_stored() if row else None


def list_events(
    *, scope: Scope, epc: str | None = None, biz_step: str | None = None, page: int = 1
) -> Page[StoredEvent]:
    """Captured events, newest first; `epc` in any form matches every list of an event."""
    rows = _events(scope)
    if epc is not None:
        named = models.EventEpc.objects.filter(event=OuterRef("pk"), epc=_gs1.canonical(epc))
        rows = rows.filter(Exists(named))
    if biz_step is not None:
        rows = rows.filter(biz_step=biz_step)
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("-at", "-id")[start : start + PAGE_SIZE]
    return Page([row.as_stored() for row in found], page, rows.count())


def _unit(unit_code: str, scope: Scope) -> models.Unit:
    rows = models.Unit.objects.filter(pk=unit_code.strip().upper())
    if scope.org_id is not None:
        held = models.Custody.objects.filter(unit=OuterRef("pk"), to_holder_id=scope.org_id)
        rows = rows.filter(Exists(held))
    unit = rows.first()
    may_see = (
        scope.person_id is None
        and unit is not None
        and (scope.org_id is not None or scope.covers(unit.region_path))
    )
    if unit is None or not may_see:
        raise UnitUnknown(unit_code=unit_code)
    return unit


def _events(scope: Scope) -> QuerySet[models.Event]:
    rows = models.Event.objects.all()
    if scope.person_id is not None:
        return rows.none()
    if scope.org_id is not None:
        return rows.filter(organisation_id=scope.org_id)
    if scope.region_path:
        own = rows.filter(region_path=scope.region_path)
        return own | rows.filter(region_path__startswith=scope.region_path + "/")
    return rows


def _sealed(event_ids: list[str]) -> dict[str, int]:
    """The sealed audit entry of each event that has one; kernel.merkle proves it offline."""
    digests = [_hash.digest_of(event_id) for event_id in event_ids]
    entries = AuditEntry.objects.filter(subject_kind="epcis_event", subject_id__in=digests)
    leaves = Leaf.objects.filter(entry_id=OuterRef("pk"))
    return dict(entries.filter(Exists(leaves)).values_list("subject_id", "pk"))
