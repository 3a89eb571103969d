"""Answer files of the bank, and the differences somebody must explain."""

from uuid import UUID

from django.db.models import Q, QuerySet

from huanxin.kernel.actor import Scope
from huanxin.kernel.paging import PAGE_SIZE, Page
from huanxin.settlement import _differences
from huanxin.settlement.errors import DifferenceNotFound
from huanxin.settlement.models import AnswerFile, AnswerLine, Difference
from huanxin.settlement.types import (
    AnswerFileCard,
    AnswerLineCard,
    DifferenceCard,
    LineOutcome,
)


def list_answer_files(*, limit: int = 30) -> list[AnswerFileCard]:
    """The latest answer files, newest first, without their lines."""
    return [file_card(row, with_lines=False) for row in AnswerFile.objects.order_by("-imported_at")[
        :limit
    ]]  # fmt: skip


def get_answer_file(file_id: UUID) -> AnswerFileCard:
    """One answer file with every line and what became of it."""
    row = AnswerFile.objects.filter(pk=file_id).first()
    if row is None:
        raise DifferenceNotFound
    return file_card(row)


def file_card(
    row: AnswerFile, *, is_repeat: bool = False, with_lines: bool = True
) -> AnswerFileCard:
    """A file of the bank as its list or its page shows it, with its lines in order if asked."""
    lines = tuple(map(_line, row.lines.order_by("line"))) if with_lines else ()
    return AnswerFileCard(
        row.pk, row.name, row.sha256, row.line_count, row.booked_count, row.difference_count,
        row.imported_at, is_repeat, lines,
    )  # fmt: skip


def lines_about(number: str) -> list[AnswerLineCard]:
    """Everything the bank's files ever said about an order, oldest first."""
    rows = AnswerLine.objects.filter(number=number).order_by("file__imported_at", "line")
    return [_line(row) for row in rows]


def list_differences(scope: Scope, *, is_open: bool = True, page: int = 1) -> Page[DifferenceCard]:
    """Differences of the scope's region: open ones oldest first, settled ones newest first."""
    rows = _visible(scope).filter(settled_at__isnull=is_open)
    ordered = rows.order_by("found_at", "pk") if is_open else rows.order_by("-settled_at", "-pk")
    chosen = ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Page([_differences.card(row) for row in chosen], page, rows.count())


def get_difference(difference_id: UUID, scope: Scope) -> DifferenceCard:
    """One difference; outside the scope it is DifferenceNotFound."""
    row = _visible(scope).filter(pk=difference_id).first()
    if row is None:
        raise DifferenceNotFound
    return _differences.card(row)


def _visible(scope: Scope) -> "QuerySet[Difference]":
    rows = Difference.objects.all()
    if scope.org_id is not None or scope.person_id is not None:
        return rows.none()
    if scope.region_path:
        path = scope.region_path
        rows = rows.filter(Q(region_path=path) | Q(region_path__startswith=path + "/"))
    return rows


def _line(row: AnswerLine) -> AnswerLineCard:
    return AnswerLineCard(
        row.line, row.number, row.answer, row.amount_fen, row.reference, row.note,
        LineOutcome(row.outcome),
    )  # fmt: skip
