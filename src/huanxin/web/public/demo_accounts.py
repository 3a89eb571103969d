"""The ready accounts of a demonstration. Whoever fills the demo names them: HUANXIN_DEMO."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from django.conf import settings

from huanxin.identity import selectors as identity
from huanxin.identity.types import Role

ICONS: dict[str, str] = {
    Role.CONSUMER: "user",
    Role.STATION_CLERK: "station",
    Role.COLLECTOR: "truck",
    Role.RECYCLER_MANAGER: "recycle",
    Role.CASHIER: "shop",
    Role.MERCHANT_MANAGER: "shop",
    Role.DISMANTLER_CLERK: "factory",
    Role.MAKER_CLERK: "box",
    Role.REVIEWER: "scan",
    Role.FINANCE_OFFICER: "bank",
    Role.OPERATOR: "voucher",
    Role.POLICY_OFFICER: "rules",
    Role.OBSERVER: "screen",
    Role.ADMIN: "government",
}


class ReadyAccount(Protocol):
    """What the demo's maker tells about one login."""

    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def role_title(self) -> str: ...
    @property
    def try_first(self) -> str: ...


@dataclass(frozen=True, slots=True)
class DemoCard:
    account: ReadyAccount
    icon: str


def demo_cards() -> list[DemoCard]:
    """The ready accounts that this database has; none in production."""
    accounts, _ = _demo()
    return [DemoCard(a, ICONS[a.role]) for a in accounts if identity.find_account(a.login)]


def password_of(login: str) -> str | None:
    """The published password of a ready account, or None if the login is not one."""
    accounts, password = _demo()
    return password if any(account.login == login for account in accounts) else None


def _demo() -> tuple[Iterable[ReadyAccount], str]:
    named = getattr(settings, "HUANXIN_DEMO", None)
    if settings.PRODUCTION or not named:
        return (), ""
    demo = import_module(named)
    return demo.demo_accounts(), demo.DEMO_PASSWORD
