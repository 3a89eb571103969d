import csv
from importlib import resources

import pytest

from huanxin.catalogue import models, selectors, services
from huanxin.catalogue.errors import CategoryUnknown, WasteClassUnknown
from huanxin.catalogue.types import Family
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel.models import AuditEntry
from tests import given, given_catalogue

pytestmark = pytest.mark.django_db

APPLIANCES_OF_2024 = [
    "refrigerator",
    "washing_machine",
    "television",
    "air_conditioner",
    "water_heater",
    "computer",
    "household_stove",
    "range_hood",
]
ADDED_IN_2025 = ["water_purifier", "dishwasher", "rice_cooker", "microwave_oven"]
DIGITAL_OF_2026 = ["phone", "tablet", "smart_watch", "smart_glasses"]


def test_every_category_of_every_vintage_is_there_in_the_order_of_the_lists():
    given_catalogue.reference()

    appliances = selectors.list_categories(family=Family.APPLIANCE)
    digital = selectors.list_categories(family="digital")

    assert [c.code for c in appliances] == APPLIANCES_OF_2024 + ADDED_IN_2025
    assert [c.code for c in digital] == DIGITAL_OF_2026
    assert selectors.get_category("refrigerator").name == "冰箱"
    assert selectors.get_category("refrigerator").waste_class_code == "01"
    assert selectors.get_category("dishwasher").waste_class_code is None
    assert [c.code for c in selectors.list_categories(takes_old_units=True)] == (
        APPLIANCES_OF_2024 + ADDED_IN_2025 + DIGITAL_OF_2026
    )


def test_the_families_of_the_lists_are_rows_and_a_new_one_needs_no_code():
    given_catalogue.reference()
    models.Family.objects.create(
        code="green", position=11, name="绿色建材", takes_old_units=False, source="试"
    )
    models.Category.objects.create(
        code="green_board", position=43, name="绿色板材", family_id="green", source="试"
    )

    assert [family.code for family in selectors.list_families()][:5] == [
        "appliance", "digital", "vehicle", "e_bike", "decoration",
    ]  # fmt: skip
    assert [c.code for c in selectors.list_categories(family="green")] == ["green_board"]


def test_a_sub_type_or_a_name_finds_its_category():
    given_catalogue.reference()

    found = {word: selectors.find_category(word) for word in ("冰吧", " 洗碗机", "phone", "飞机")}

    assert {word: category and category.code for word, category in found.items()} == {
        "冰吧": "refrigerator",
        " 洗碗机": "dishwasher",
        "phone": "phone",
        "飞机": None,
    }


def test_no_word_names_two_categories():
    given_catalogue.reference()
    categories = selectors.list_categories()

    words = [w for c in categories for w in {c.code, c.name, *c.aliases}]

    assert len(words) == len(set(words))


def test_loading_the_reference_twice_changes_nothing():
    first = services.load_reference(actor=given.system())
    audit_lines = AuditEntry.objects.count()

    second = services.load_reference(actor=given.system())

    tables = (models.WasteClass, models.MaterialShare, models.Family, models.Category)
    assert first == sum(table.objects.count() for table in tables)
    assert models.Category.objects.count() == 42
    assert second == 0
    assert AuditEntry.objects.count() == audit_lines


def test_loading_the_reference_again_mends_a_row_that_differs():
    given_catalogue.reference()
    models.WasteClass.objects.filter(pk="01").update(mass_g=1)

    assert services.load_reference(actor=given.system()) == 1
    assert selectors.get_waste_class("01").mass_g == 62_700


def test_only_the_platform_itself_loads_the_reference():
    with pytest.raises(NotAllowed):
        services.load_reference(actor=given.staff(Role.POLICY_OFFICER))
    assert not models.Category.objects.exists()


def test_the_fourteen_regulated_classes_carry_published_weights_and_fund_rates():
    given_catalogue.reference()
    classes = {c.code: c for c in selectors.list_waste_classes()}

    assert {c.regulated_number for c in classes.values()} == set(range(1, 15))
    assert (classes["01"].mass_g, classes["01"].fund_fen) == (62_700, 5_500)
    assert (classes["10"].mass_g, classes["10"].fund_fen) == (19_200, 4_500)
    assert classes["04s"].fund_fen == 2_500
    assert classes["05"].is_assumed
    assert "假定" in classes["05"].source


def test_a_material_profile_accounts_for_the_whole_unit():
    given_catalogue.reference()
    profiles = {c.code: selectors.material_profile(c.code) for c in selectors.list_waste_classes()}

    sums = {code: sum(s.share_bps for s in shares) for code, shares in profiles.items() if shares}

    assert sums == dict.fromkeys(["01", "02", "04", "10", "10c", "10s"], 10_000)
    assert {s.material_code for s in profiles["10c"] if s.is_hazardous} == {"crt_glass"}
    assert [s.share_bps for s in profiles["02"]] == [2850, 670, 1060, 3080, 1450, 0, 890]


def test_every_reference_row_names_its_source():
    folder = resources.files("huanxin.catalogue") / "data"
    for file in folder.iterdir():
        with file.open(encoding="utf-8") as lines:
            assert all(row["source"].strip() for row in csv.DictReader(lines)), file.name


def test_an_unknown_code_is_named_in_the_refusal():
    given_catalogue.reference()

    with pytest.raises(CategoryUnknown, match="hovercraft"):
        selectors.get_category("hovercraft")
    with pytest.raises(WasteClassUnknown, match="99"):
        selectors.get_waste_class("99")
