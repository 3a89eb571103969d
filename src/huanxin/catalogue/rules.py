"""Catalogue decisions: barcodes, grades, price periods. Pure."""

from stdnum import ean

from huanxin.catalogue.errors import GradeInvalid, GtinInvalid, PriceInvalid
from huanxin.catalogue.types import NewModel, NewPrice

GTIN_LENGTHS = (8, 12, 13, 14)
GRADES = range(1, 6)


def normal_gtin(text: str) -> str:
    """The one stored form of a barcode: thirteen digits, or fourteen with a packaging digit.

    EAN-8, UPC-A and a GTIN-14 that begins with 0 are the same number padded or stripped.

    >>> normal_gtin("6901234567892"), normal_gtin("06901234567892")
    ('6901234567892', '6901234567892')
    """
    digits = text.strip().replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in GTIN_LENGTHS:
        raise GtinInvalid(gtin=text, reason="应为 8、12、13 或 14 位数字")
    if not ean.is_valid(digits):
        raise GtinInvalid(gtin=text, reason="最后一位校验码不符")
    padded = digits.zfill(14)
    return padded[1:] if padded[0] == "0" else padded


def check_model(model: NewModel) -> None:
    """Refuse a grade outside 1 to 5; None is a product without a grade."""
    if model.energy_grade is not None and model.energy_grade not in GRADES:
        raise GradeInvalid(gtin=model.gtin, energy_grade=model.energy_grade)


def check_price(price: NewPrice) -> None:
    """Refuse a price of nothing and a period that ends before it begins."""
    if price.price_fen <= 0:
        raise PriceInvalid(reason="价格必须大于零")
    if price.to_on is not None and price.to_on <= price.from_on:
        raise PriceInvalid(reason="截止日期必须晚于起始日期")
