"""What officers choose from: programmes in force, regions within their reach, categories."""

from huanxin.catalogue import selectors as catalogue
from huanxin.identity import selectors as identity
from huanxin.kernel import clock
from huanxin.kernel.actor import Actor
from huanxin.policy import selectors as policy
from huanxin.vouchers import selectors as vouchers


def programmes(*, in_force: bool = False) -> list[tuple[str, str]]:
    """Published policies that pay, the newest first; admission rules pay nobody."""
    cards = policy.list_policies(on=clock.today() if in_force else None)
    return [(card.policy_id, card.title) for card in reversed(cards) if not card.is_admission]


def regions(actor: Actor) -> list[tuple[str, str]]:
    """The actor's own region and those within it."""
    path = actor.scope.region_path
    own = [identity.get_region(path.rpartition("/")[2])] if path else []
    return [(one.code, one.name) for one in [*own, *identity.list_regions(under=path)]]


def categories_of(programme: str) -> list[tuple[str, str]]:
    """The categories that a programme pays for now."""
    covered = policy.get_policy(programme).categories
    return [(code, name) for code, name in categories() if code in covered]


def categories() -> list[tuple[str, str]]:
    """Every category in the order of the national lists."""
    return [(one.code, one.name) for one in catalogue.list_categories()]


def names(options: list[tuple[str, str]]) -> dict[str, str]:
    """The same as a look-up; an unknown key is its own name."""
    return dict(options)


def first_funded(actor: Actor, programmes: list[tuple[str, str]]) -> str:
    """The newest programme whose budgets within reach ever had money, else the newest."""
    funded = vouchers.funded_programmes(actor.scope, [key for key, _word in programmes])
    keys = [programme for programme, _word in programmes]
    return next((key for key in keys if key in funded), keys[0] if keys else "")
