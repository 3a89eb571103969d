"""The bank: takes a payment file, answers later by order number."""

from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class BankChannel(Protocol):
    """Delivers a payment file. The same name twice must be taken as the same file."""

    is_simulated: bool

    def send(self, *, name: str, content: str) -> None: ...


class LocalBankChannel:
    """Simulated: the file is laid in a folder; answers are entered by hand or by the twin."""

    is_simulated = True

    def send(self, *, name: str, content: str) -> None:
        folder = Path(settings.HUANXIN_BANK_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.part"
        part.write_text(content, encoding="utf-8-sig", newline="")
        part.replace(folder / name)


def bank_channel() -> BankChannel:
    """The implementation that HUANXIN_BANK_PORT names, else the simulated one."""
    named = getattr(settings, "HUANXIN_BANK_PORT", None)
    channel: BankChannel = import_string(named)() if named else LocalBankChannel()
    return channel
