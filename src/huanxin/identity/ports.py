"""The outside world that identity asks: who stands behind a name and a document number."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class RealNameCheck(Protocol):
    """Compares a name with a document number at the authority that issued it."""

    is_simulated: bool

    def matches(self, *, name: str, document_no: str) -> bool: ...


class LocalRealNameCheck:
    """Simulated: every well-formed pair matches, except names that contain 不符."""

    is_simulated = True

    def matches(self, *, name: str, document_no: str) -> bool:
        return bool(document_no) and "不符" not in name


class SmsSender(Protocol):
    """Delivers a short text to a phone; raises identity.errors.SmsFailed if it was not taken."""

    is_simulated: bool

    def send(self, *, phone: str, text: str) -> None: ...


class LocalSmsSender:
    """Simulated: nothing leaves the machine; pages show the text with a mark."""

    is_simulated = True

    def send(self, *, phone: str, text: str) -> None:
        del phone, text


def real_name_check() -> RealNameCheck:
    """The implementation that HUANXIN_REAL_NAME_PORT names, else the simulated one."""
    named = getattr(settings, "HUANXIN_REAL_NAME_PORT", None)
    check: RealNameCheck = import_string(named)() if named else LocalRealNameCheck()
    return check


def sms_sender() -> SmsSender:
    """The implementation that HUANXIN_SMS_PORT names, else the simulated one."""
    named = getattr(settings, "HUANXIN_SMS_PORT", None)
    sender: SmsSender = import_string(named)() if named else LocalSmsSender()
    return sender
