"""Papers are read: codes first, numbers held against their check digits, what is unsure said so."""

from datetime import UTC, datetime

import pytest

from huanxin.claims.reading import codes, invoice_qr, numbers, printed, reader, sniff, texts
from huanxin.claims.reading.found import Line, Read, best, fact
from huanxin.claims.types import EvidenceKind
from huanxin.claims.types.reading import Source
from huanxin.simulation import _camera, _documents, rules
from tests import given_papers

INVOICE, LABEL = given_papers.invoice_facts(), given_papers.label_facts()
AT = datetime(2026, 7, 15, 3, 20, tzinfo=UTC)


def read(content: bytes, kind: EvidenceKind) -> Read:
    return reader.read(content, sniff.media_of(content), kind)


def sure(what: Read) -> dict[str, object]:
    return {one.fact: one.value for one in what.fields if one.is_sure}


@pytest.mark.parametrize("form", ["xml", "ofd", "pdf"])
def test_a_digital_invoice_is_read_whole(form):
    content = getattr(_documents, f"invoice_{form}")(INVOICE)
    found = read(content, EvidenceKind.INVOICE)
    assert sure(found) == INVOICE
    checked = {one.fact for one in found.fields if one.is_checked}
    assert checked >= {"invoice_number", "buyer_document_no", "seller_uscc"}
    assert not found.used_print


def test_an_invoice_photo_is_read_by_its_code_and_the_print_below_it(monkeypatch):
    looked_at, of_picture = [], printed.of_picture

    def spied(image):
        looked_at.append(image.height * 2 < image.width)
        return of_picture(image)

    monkeypatch.setattr(printed, "of_picture", spied)
    found = read(given_papers.invoice_photo(), EvidenceKind.INVOICE)
    assert sure(found) == INVOICE
    by = {one.fact: one.source for one in found.fields}
    assert by["invoice_number"] == by["invoice_total_fen"] == by["invoiced_on"] == Source.QR
    assert by["seller_uscc"] == by["buyer_document_no"] == Source.PRINT
    x, y, width, _ = next(one.place for one in found.fields if one.fact == "seller_uscc")
    assert 4_500 < x < x + width < 10_000  # on the picture, not on the band
    assert 2_500 < y < 4_500
    assert looked_at == [True]  # the band below the code alone, never the whole page


def test_a_nameplate_is_read_by_its_barcodes_first():
    found = read(given_papers.label_photo(), EvidenceKind.LABEL)
    assert sure(found) == LABEL
    by = {one.fact: one.source for one in found.fields}
    assert by["serial_read"] == by["gtin_read"] == Source.BARCODE
    assert by["grade_read"] == Source.PRINT


def test_slips_and_screens_are_read():
    slip = {
        "waybill": "YS012345678901", "carrier": "测试物流", "shipped_at": AT, "signed_at": AT,
        "address": "山东省聊城市东昌府区测试路88号2单元301",
    }  # fmt: skip
    phone = {"imei_read": rules.imei_code(42), "activated_at": AT}
    paid = {"paid_fen": 419_815, "paid_at": AT}
    assert (
        sure(read(given_papers.photo(EvidenceKind.DELIVERY, slip), EvidenceKind.DELIVERY)) == slip
    )
    screen = _camera.screenshot(_documents.activation_screen(phone))
    assert sure(read(screen, EvidenceKind.ACTIVATION)) == phone
    bill = _camera.screenshot(_documents.payment_screen(paid))
    assert sure(read(bill, EvidenceKind.PAYMENT)) == paid


def test_a_number_that_fails_its_check_digit_is_never_sure():
    page = texts.page_of([Line("IMEI: 490154203237519", 9_990, (0, 0, 100, 10))])
    [found] = texts.imei_facts(page)
    assert (found.value, found.is_checked, found.is_sure) == ("490154203237519", False, False)
    right = texts.page_of([Line("IMEI: 490154203237518", 9_990, (0, 0, 100, 10))])
    assert texts.imei_facts(right)[0].is_sure  # the control


def test_low_confidence_is_said_and_not_guessed():
    for sure_bps, is_sure in ((8_999, False), (9_990, True)):
        page = texts.page_of([Line("SN: HX2607AB12CD34", sure_bps, (0, 0, 100, 10))])
        [found] = texts.label_facts(page)
        assert (found.sure_bps, found.is_sure) == (sure_bps, is_sure)


def test_a_resident_number_that_fits_a_firms_check_character_is_no_firm():
    both = "991502198803023748"
    assert numbers.is_resident(both)
    assert numbers.is_uscc(both)  # the control: the check character alone does not tell
    page = texts.page_of([Line(f"纳税人识别号：{both}", 9_990, (0, 0, 9, 9))])
    found = {one.fact: one.value for one in texts.invoice_facts(page, Source.PRINT)}
    assert found == {"buyer_document_no": both}


def test_an_amount_in_figures_is_held_against_its_words():
    def total(figures: str) -> tuple[object, bool | None]:
        lines = [Line(f"价税合计（大写）肆仟玖佰叁拾玖圆整（小写）¥{figures}", 9_990, (0, 0, 9, 9))]
        [found] = texts.invoice_facts(texts.page_of(lines), Source.PRINT)
        return found.is_checked, found.is_sure

    assert total("4939.00") == (True, True)
    assert total("4989.00") == (False, False)


def test_two_sure_sources_that_disagree_are_unsure():
    one = fact("serial_read", "A1234567", Source.BARCODE)
    other = fact("serial_read", "B1234567", Source.PRINT, sure_bps=9_900)
    assert [f.is_sure for f in best([one, other])] == [False]
    assert [f.is_sure for f in best([one, fact("serial_read", "A1234567", Source.TEXT)])] == [True]


@pytest.mark.parametrize(
    ("text", "total_fen"),
    [
        ("01,32,,26372000000012345678,4939.00,20260715,,8A2F", 493_900),
        ("01,31,,26372000000012345678,0.01,20260715,,", 1),
        ("01，32，，26372000000012345678，4939.00，20260715，，8A2F", 493_900),  # full width
    ],
)
def test_an_invoice_code_of_the_digital_kinds_carries_the_total(text, total_fen):
    found = invoice_qr.parsed(text)
    assert found is not None
    assert (found.total_fen, found.net_fen, found.code) == (total_fen, None, "")


@pytest.mark.parametrize(
    "text",
    [
        "", "01", "https://example.cn", "02,32,,26372000000012345678,1.00,20260715",
        "01,32,,2637200000001234567,1.00,20260715",  # nineteen digits
        "01,32,3700201130,26372000000012345678,1.00,20260715",  # a digital one has no code
        "01,32,,26372000000012345678,1.0,20260715", "01,32,,26372000000012345678,1.00,20261332",
        "01,99,,26372000000012345678,1.00,20260715", "01,04,,12345678,1.00,20260715",
    ],
)  # fmt: skip
def test_what_is_no_invoice_code_is_none(text):
    assert invoice_qr.parsed(text) is None


def test_an_older_invoice_code_has_no_total():
    found = invoice_qr.parsed("01,04,3700201130,12345678,4370.80,20200715,66302829809915100140,")
    assert found is not None
    assert (found.total_fen, found.net_fen) == (None, 437_080)
    assert found.check_code == "66302829809915100140"


def test_words_and_figures_are_one_amount_for_every_amount():
    for fen in (1, 10, 105, 100_000, 200_010, 1_000_503, 493_900, 99_999_999, 10_000_000):
        if fen >= 100:
            assert numbers.fen_in_words(_documents.in_words(fen)) == fen, fen


def test_two_different_serials_on_one_photo_are_no_serial():
    found = reader._code_facts(
        [codes.Code("HX11111111", is_qr=False), codes.Code("HX22222222", is_qr=False)],
        EvidenceKind.LABEL,
    )
    assert [(one.value, one.is_sure) for one in found] == [("HX11111111", False)]
