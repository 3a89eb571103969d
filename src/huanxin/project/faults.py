"""Turns what the machine throws at us into a Chinese sentence with a way out."""

import errno
import re

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import Error as DjangoDatabaseError

from huanxin.kernel.errors import DomainError
from huanxin.project.errors import (
    DatabaseUnreachable,
    DiskFilledUp,
    SchemaBehind,
    SettingsWrong,
    StateUnwritable,
)

# What the command line may meet without it being a mistake in our code.
EXPECTED = (DomainError, ImproperlyConfigured, DjangoDatabaseError, psycopg.Error, OSError)

_OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT}
_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}
_SECRET = re.compile(r"(://[^:/@\s]+:)[^@\s]+@")


def refusal_of(error: BaseException) -> DomainError | None:
    """The refusal to show for an operational fault; None if it is a mistake in our code."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, ImproperlyConfigured):
        return SettingsWrong(reason=str(error).rstrip("。"))
    if isinstance(error, OSError):
        return _of_files(error)
    if isinstance(error, (DjangoDatabaseError, psycopg.Error)):
        return _of_database(error)
    return None


def _of_files(error: OSError) -> DomainError | None:
    if error.errno in _OUT_OF_SPACE:
        return DiskFilledUp()
    if error.errno in _UNWRITABLE and error.filename:
        return StateUnwritable(path=error.filename, reason=error.strerror)
    return None


def _of_database(error: BaseException) -> DomainError | None:
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state == "53100":
        return DiskFilledUp()
    if state == "42P01":
        return SchemaBehind(missing="部分数据表")
    if isinstance(cause, psycopg.OperationalError):
        lines = _SECRET.sub(r"\1***@", str(cause)).strip().splitlines() or [""]
        return DatabaseUnreachable(reason=lines[-1].strip().rstrip("."))
    return None
