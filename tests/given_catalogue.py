"""What tests start from in the catalogue: reference rows, models, prices."""

import itertools
from uuid import UUID

from stdnum import ean

from huanxin.catalogue import services
from huanxin.catalogue.types import NewModel
from tests import given

_serial = itertools.count(1)


def reference() -> None:
    """The shipped categories, waste classes and material profiles; safe to repeat."""
    services.load_reference(actor=given.system())


def gtin() -> str:
    """A fresh EAN-13 under 690, check digit included."""
    first12 = f"690{next(_serial):09d}"
    return str(first12 + ean.calc_check_digit(first12))


def model(
    *,
    category_code: str = "refrigerator",
    energy_grade: int | None = 1,
    maker_id: UUID | None = None,
) -> UUID:
    """A filed model of a category."""
    reference()
    number = next(_serial)
    new = NewModel(
        gtin=gtin(),
        brand="测试牌",
        name=f"测试型号{number}",
        category_code=category_code,
        energy_grade=energy_grade,
        maker_id=maker_id,
    )
    return services.file_models(actor=given.system(), models=[new])[0]
