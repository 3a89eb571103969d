"""Mechanics of grading: what was answered is kept with the standard that decided."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from huanxin.kernel import ids
from huanxin.recycling import models, work_rules
from huanxin.recycling.types.depot import GradeResult, Inspection


def store_inspections(
    org_id: UUID,
    standard: work_rules.GradingStandard,
    inspections: Sequence[Inspection],
    pairs: Sequence[tuple[models.Unit, GradeResult]],
    now: datetime,
) -> None:
    models.Inspection.objects.bulk_create(
        models.Inspection(
            id=ids.new_id(),
            unit=unit,
            standard_id=standard.version,
            organisation_id=org_id,
            answers=dict(one.answers),
            grade=result.grade,
            next_step=result.next_step,
            reason=result.reason,
            inspected_at=now,
        )
        for one, (unit, result) in zip(inspections, pairs, strict=True)
    )
