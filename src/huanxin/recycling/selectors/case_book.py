"""Cases of difference: reads only."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.recycling import models
from huanxin.recycling.errors import CaseNotFound
from huanxin.recycling.types.cases import CaseCard, CaseKind, CaseState, Outcome


def list_cases(
    scope: Scope,
    *,
    state: CaseState | None = None,
    kind: CaseKind | None = None,
    is_overdue: bool = False,
    page: int = 1,
) -> Page[CaseCard]:
    """Cases of the scope's organisation (as owner or finder) or region, the most urgent first."""
    rows = _cases(scope)
    if state is not None:
        rows = rows.filter(state=state)
    if kind is not None:
        rows = rows.filter(kind=kind)
    if is_overdue:
        rows = rows.filter(deadline_at__lt=clock.now()).exclude(state=CaseState.RESOLVED)
    start = (page - 1) * PAGE_SIZE
    found = rows.order_by("resolved_at", "deadline_at", "pk").values_list("pk", flat=True)
    return Page(case_cards(list(found[start : start + PAGE_SIZE])), page, rows.count())


def count_open_cases(scope: Scope) -> int:
    """How many cases still wait."""
    return _cases(scope).exclude(state=CaseState.RESOLVED).count()


def get_case(case_id: UUID, scope: Scope) -> CaseCard:
    """One case for either side or an officer of its region."""
    if not _cases(scope).filter(pk=case_id).exists():
        raise CaseNotFound(case_id=case_id)
    return case_cards([case_id])[0]


def case_cards(case_ids: Sequence[UUID]) -> list[CaseCard]:
    """Cases in the order asked, for rooms that already hold their ids."""
    rows = models.Case.objects.filter(pk__in=case_ids).select_related("owner", "finder")
    by_id = {row.id: row for row in rows.prefetch_related("notes__organisation")}
    return [_card(by_id[case_id]) for case_id in case_ids]


def _card(row: models.Case) -> CaseCard:
    notes = sorted(row.notes.all(), key=lambda note: note.pk)
    return CaseCard(
        id=row.id,
        number=row.number,
        kind=CaseKind(row.kind),
        state=CaseState(row.state),
        unit_code=row.unit_code,
        class_code=row.class_code,
        lot_id=row.lot_id,
        owner_org_id=row.owner_id,
        owner_name=row.owner.name,
        finder_org_id=row.finder_id,
        finder_name=row.finder.name,
        region_path=row.region_path,
        expected=row.expected,
        found=row.found,
        is_mass=row.kind not in (CaseKind.PARTS, CaseKind.STOCK),
        opened_at=row.opened_at,
        deadline_at=row.deadline_at,
        resolved_at=row.resolved_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        is_overdue=row.state != CaseState.RESOLVED and row.deadline_at < clock.now(),
        words=tuple(note.as_words() for note in notes),
    )


def _cases(scope: Scope) -> QuerySet[models.Case]:
    rows = models.Case.objects.all()
    if scope.person_id is not None:
        return rows.none()
    if scope.org_id is not None:
        return rows.filter(Q(owner_id=scope.org_id) | Q(finder_id=scope.org_id))
    if scope.region_path:
        own = Q(region_path=scope.region_path)
        return rows.filter(own | Q(region_path__startswith=scope.region_path + "/"))
    return rows
