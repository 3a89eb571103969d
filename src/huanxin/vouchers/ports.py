"""The provincial and UnionPay subsidy platform: asked about a right, told what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class PlatformState(StrEnum):
    """What the other platform knows of a holder's qualification (state names of such platforms)."""

    UNCLAIMED = "UNCLAIMED"
    UNREDEEMED = "UNREDEEMED"
    REDEEMED = "REDEEMED"


@dataclass(frozen=True, slots=True)
class PlatformAnswer:
    """The state and, where it speaks against a use, why."""

    state: PlatformState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlatformMessage:
    """One step of a right, told once under its own id. No personal data: a pseudonym names her."""

    notice_id: int
    channel: str
    verb: str
    right_number: str
    pseudonym: str
    programme: str
    category_code: str


class SubsidyPlatform(Protocol):
    """Asks about qualifications and takes news of them. The same notice id must count once."""

    is_simulated: bool

    def query(
        self, *, channel: str, pseudonym: str, programme: str, category_code: str
    ) -> PlatformAnswer: ...

    def tell(self, message: PlatformMessage) -> None:
        """Raises OSError when it cannot be reached; the notice is then sent again later."""


class LocalSubsidyPlatform:
    """Simulated: knows of no use elsewhere and takes every notice."""

    is_simulated = True

    def query(
        self, *, channel: str, pseudonym: str, programme: str, category_code: str
    ) -> PlatformAnswer:
        del channel, pseudonym, programme, category_code
        return PlatformAnswer(PlatformState.UNCLAIMED)

    def tell(self, message: PlatformMessage) -> None:
        del message


def subsidy_platform() -> SubsidyPlatform:
    """The implementation that HUANXIN_SUBSIDY_PORT names, else the simulated one."""
    named = getattr(settings, "HUANXIN_SUBSIDY_PORT", None)
    platform: SubsidyPlatform = import_string(named)() if named else LocalSubsidyPlatform()
    return platform
