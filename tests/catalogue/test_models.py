from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.catalogue import models as tables
from huanxin.catalogue import rules, selectors, services
from huanxin.catalogue.errors import (
    CategoryUnknown,
    GradeInvalid,
    GtinInvalid,
    ModelAlreadyFiled,
)
from huanxin.catalogue.types import NewModel
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.kernel.models import AuditEntry
from tests import given, given_catalogue

pytestmark = pytest.mark.django_db


def new_model(**changes) -> NewModel:
    facts = {
        "gtin": "6901234567892",
        "brand": "测试牌",
        "name": "BCD-500",
        "category_code": "refrigerator",
        "energy_grade": 1,
    }
    return NewModel(**(facts | changes))


def file(*new: NewModel, actor=None):
    given_catalogue.reference()
    return services.file_models(actor=actor or given.system(), models=new)


def test_a_filed_model_is_found_by_its_barcode_in_every_form():
    [model_id] = file(new_model())

    found = [
        selectors.find_model(g) for g in ("6901234567892", "06901234567892", "69-0123 4567892")
    ]

    assert [model.id for model in found] == [model_id] * 3
    assert (found[0].gtin, found[0].energy_grade) == ("6901234567892", 1)
    assert selectors.find_model("6901234567893") is None  # a misread digit finds nothing
    assert selectors.find_model("6901234567000") is None


@pytest.mark.parametrize(
    "gtin",
    ["6901234567893", "690123456789", "69012345678921234", "69O1234567892", "", "²901234567892"],
)
def test_a_misread_barcode_is_refused_and_nothing_is_filed(gtin):
    with pytest.raises(GtinInvalid):
        file(new_model(), new_model(gtin=gtin))
    assert not tables.Model.objects.exists()


def test_the_same_barcode_in_two_forms_is_one_model():
    ids = file(new_model(), new_model(gtin="06901234567892"))

    assert ids[0] == ids[1]
    assert tables.Model.objects.count() == 1


def test_filing_the_same_model_again_changes_nothing():
    first = file(new_model())
    lines = AuditEntry.objects.count()

    assert file(new_model()) == first
    assert AuditEntry.objects.count() == lines


def test_a_barcode_cannot_be_filed_again_with_another_grade():
    file(new_model(energy_grade=2))

    with pytest.raises(ModelAlreadyFiled) as refusal:
        file(new_model(energy_grade=1))

    assert refusal.value.facts["differs"] == "能效等级"
    assert selectors.find_model("6901234567892").energy_grade == 2


@pytest.mark.parametrize("grade", [0, 6, -1])
def test_a_grade_outside_one_to_five_is_refused(grade):
    with pytest.raises(GradeInvalid):
        file(new_model(energy_grade=grade))
    assert not tables.Model.objects.exists()


def test_an_unknown_category_is_refused_and_nothing_is_filed():
    with pytest.raises(CategoryUnknown):
        file(new_model(), new_model(gtin=given_catalogue.gtin(), category_code="hovercraft"))
    assert not tables.Model.objects.exists()


def test_a_maker_files_its_own_models_only():
    mine, other = given.organisation(OrgKind.MAKER), given.organisation(OrgKind.MAKER)
    clerk = given.staff(Role.MAKER_CLERK, org_id=mine)

    file(new_model(maker_id=mine), actor=clerk)
    with pytest.raises(NotAllowed):
        file(new_model(gtin=given_catalogue.gtin(), maker_id=other), actor=clerk)

    assert [m.maker_id for m in selectors.list_models()] == [mine]


def test_a_cashier_files_nothing():
    with pytest.raises(NotAllowed):
        file(new_model(), actor=given.staff(Role.CASHIER, org_id=uuid4()))
    assert not tables.Model.objects.exists()


def test_a_list_may_be_kept_to_one_category():
    fridge, phone = given_catalogue.model(), given_catalogue.model(category_code="phone")

    assert {m.id for m in selectors.list_models()} == {fridge, phone}
    assert [m.id for m in selectors.list_models(category_code="phone")] == [phone]


def insert(gtin: str) -> None:
    tables.Model.objects.create(
        id=uuid4(), gtin=gtin, brand="x", name="x", category_id="phone", filed_at=clock.now()
    )


def test_the_database_itself_refuses_a_second_model_under_one_barcode():
    given_catalogue.reference()
    insert("6901234567892")

    with pytest.raises(IntegrityError, match="model_gtin_unique"), transaction.atomic():
        insert("6901234567892")

    with connection.cursor() as cursor:  # control: without the constraint it goes in
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE catalogue_model DROP CONSTRAINT model_gtin_unique")
    insert("6901234567892")
    assert tables.Model.objects.count() == 2


def test_the_database_itself_refuses_a_barcode_that_is_not_in_its_stored_form():
    given_catalogue.reference()
    for gtin in ("06901234567892", "690123456789"):
        with pytest.raises(IntegrityError, match="model_gtin_is_normal"), transaction.atomic():
            insert(gtin)


def test_short_barcodes_are_padded_to_thirteen_digits():
    assert rules.normal_gtin("96385074") == "0000096385074"
    assert rules.normal_gtin("036000291452") == "0036000291452"
    assert rules.normal_gtin("16901234567899") == "16901234567899"
