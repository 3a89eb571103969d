"""Many rows in one COPY: the fastest way in, with the constraints' refusals as Django's errors."""

from collections.abc import Iterable
from typing import Any

from django.db import connection


def copy_rows(target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY `target` ("table (column, …)"); defaults fill the columns that are not named."""
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {target} FROM STDIN") as out,
    ):
        for row in rows:
            out.write_row(row)
