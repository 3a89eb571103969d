"""What tests start from in policy: the shipped policies published, and cases to decide."""

from datetime import date

from huanxin.policy import services
from huanxin.policy.types import Case, Loaded
from tests import given, given_catalogue


def policies() -> Loaded:
    """Regions, categories and the shipped policies; safe to repeat."""
    regions_and_categories()
    return services.load_reference(actor=given.system())


def regions_and_categories() -> None:
    """What a policy refers to."""
    given.regions()
    given_catalogue.reference()


def case(
    *,
    on: date = date(2026, 7, 1),
    region_code: str = given.COUNTY,
    category_code: str = "refrigerator",
    energy_grade: int | None = 1,
    price_fen: int = 493_900,
) -> Case:
    """A purchase; by default a grade-1 fridge at 4,939.00 in July 2026, worth 740.85."""
    return Case(on, region_code, category_code, energy_grade, price_fen)
