"""A paper is read once, what is read surely goes before what was typed, and both stay visible."""

import io
import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image, ImageFilter

from huanxin.claims import _reader, selectors
from huanxin.claims._reading_tables import Scan
from huanxin.claims.models import Evidence, Reading
from huanxin.claims.reading import reader
from huanxin.claims.services import submitting
from huanxin.claims.types import EvidenceKind, NewEvidence, VerifyStatus
from huanxin.claims.types.reading import ScanState, Source
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.simulation import _documents
from tests import given_claims, given_papers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HUANXIN_FILE_FOLDER = tmp_path


@pytest.fixture
def sold():
    at = given_claims.till(serial="HX2607AB12CD34")
    return at, at.sell()


def invoice_of(at, receipt, **changes):
    """The honest invoice of a sale, as data stands on it."""
    return given_papers.invoice_facts(
        invoice_total_fen=receipt.price_fen,
        invoiced_on=clock.business_day(at.sale.sold_at),
        buyer_document_no=at.document_no,
        **changes,
    )


def hand_in(at, receipt, contents, typed=None):
    """Keep the files and hand them in six hours after the sale."""
    with clock.standing_at(at.sale.sold_at + timedelta(hours=6)):
        papers = [
            NewEvidence(kind, submitting.keep_file(actor=at.manager, content=content),
                        (typed or {}).get(kind, {}))
            for kind, content in contents.items()
        ]  # fmt: skip
        return submitting.submit_evidence(
            actor=at.manager, sale_id=receipt.sale_id, evidence=papers, request_id=uuid4()
        )


def read():
    with clock.standing_at(given_claims.SOLD_AT + timedelta(hours=6, seconds=5)):
        return given_papers.read()


def readings_of(receipt):
    claim_id = given_claims.claim_of(receipt.sale_id).card.claim_id
    return {one.kind: one for one in selectors.list_readings(claim_id, Scope())}


def test_an_xml_invoice_is_read_as_it_arrives(sold):
    at, receipt = sold
    facts = invoice_of(at, receipt)

    answer = hand_in(at, receipt, {EvidenceKind.INVOICE: _documents.invoice_xml(facts)})

    assert not answer.is_reading
    row = Reading.objects.get(sale_id=receipt.sale_id)
    assert row.invoice_key == facts["invoice_number"]
    assert row.invoice_total_fen == receipt.price_fen
    assert row.buyer_pseudonym == given_claims.pseudonym(at.document_no)
    stored = str(Scan.objects.get().fields)
    assert at.document_no not in stored
    assert read() == 0


def test_a_claim_waits_until_its_photos_are_read_and_is_decided_by_what_they_show(sold):
    at, receipt = sold
    facts = invoice_of(at, receipt)
    papers = {
        EvidenceKind.INVOICE: given_papers.photo(EvidenceKind.INVOICE, facts),
        EvidenceKind.LABEL: given_papers.label_photo(),
        EvidenceKind.DELIVERY: _documents.invoice_pdf(facts),  # nothing of a delivery on it
    }
    signed = {"signed_at": at.sale.sold_at + timedelta(hours=5), "shipped_at": at.sale.sold_at,
              "receiver_document_no": at.document_no}  # fmt: skip

    answer = hand_in(at, receipt, papers, {EvidenceKind.DELIVERY: signed})
    assert (answer.is_due, answer.is_reading, answer.missing) == (False, True, ())
    assert given_claims.decide() == 0  # nothing to decide yet

    assert read() == 3
    row = Reading.objects.get(sale_id=receipt.sale_id)
    assert (row.serial_read, row.grade_read) == ("HX2607AB12CD34", 1)
    assert (row.gtin_read, row.model_read) == (given_papers.label_facts()["gtin_read"], "BCD-260WX")
    assert (row.label_lat_e6, row.label_lon_e6) == (36_456_789, 115_980_123)
    assert row.invoice_total_fen == receipt.price_fen
    assert row.signed_at == signed["signed_at"]  # typed, for want of better
    label = Evidence.objects.get(kind="label")
    assert label.facts == {}  # nobody typed anything
    assert len(label.photo_hash) == 16
    assert given_claims.decide() == 1
    assert given_claims.claim_of(receipt.sale_id).card.verify_status is not VerifyStatus.WAITING
    assert read() == 0  # read once


def test_what_is_read_surely_goes_before_what_was_typed_and_the_difference_is_seen(sold):
    at, receipt = sold
    typed = {EvidenceKind.LABEL: {"serial_read": "HX0000000000", "grade_read": 1}}

    hand_in(at, receipt, {EvidenceKind.LABEL: given_papers.label_photo()}, typed)
    assert Reading.objects.get().serial_read == "HX0000000000"  # until it is read
    read()

    assert Reading.objects.get().serial_read == "HX2607AB12CD34"
    seen = readings_of(receipt)[EvidenceKind.LABEL]
    assert seen.state is ScanState.READ
    assert seen.differs == ("serial_read",)
    assert seen.typed["serial_read"] == "HX0000000000"
    serial = next(one for one in seen.fields if one.fact == "serial_read")
    assert (serial.source, serial.is_sure) == (Source.BARCODE, True)
    assert serial.place is not None
    assert all(0 <= part <= 10_000 for part in serial.place)


def test_an_unreadable_photo_keeps_what_was_typed(sold):
    at, receipt = sold
    photo = Image.open(io.BytesIO(given_papers.label_photo()))
    blurred, out = photo.resize((200, 130)).filter(ImageFilter.GaussianBlur(4)), io.BytesIO()
    blurred.save(out, "JPEG", quality=20)
    typed = {EvidenceKind.LABEL: {"serial_read": "HX2607AB12CD34", "grade_read": 1}}

    hand_in(at, receipt, {EvidenceKind.LABEL: out.getvalue()}, typed)
    read()

    seen = readings_of(receipt)[EvidenceKind.LABEL]
    assert seen.state is ScanState.READ
    assert not [one for one in seen.fields if one.is_sure and one.source is not Source.CAMERA]
    assert Reading.objects.get().serial_read == "HX2607AB12CD34"


def test_without_the_extra_the_page_says_so_and_typed_facts_decide(sold, monkeypatch):
    at, receipt = sold
    monkeypatch.setattr(reader, "is_installed", lambda: False)
    typed = {EvidenceKind.LABEL: {"serial_read": "HX2607AB12CD34"}}

    answer = hand_in(at, receipt, {EvidenceKind.LABEL: given_papers.label_photo()}, typed)

    assert not answer.is_reading
    seen = readings_of(receipt)[EvidenceKind.LABEL]
    assert seen.state is ScanState.NOT_INSTALLED
    assert "未安装" in seen.say
    assert "requirements/reading.txt" in seen.do
    row = Reading.objects.get()
    assert (row.serial_read, row.label_lat_e6) == ("HX2607AB12CD34", 36_456_789)
    assert read() == 0


def test_the_same_bytes_are_read_once_whoever_hands_them_in(sold):
    at, receipt = sold
    hand_in(at, receipt, {EvidenceKind.LABEL: given_papers.label_photo()})
    read()
    again = hand_in(at, receipt, {EvidenceKind.LABEL: given_papers.label_photo()})
    assert not again.is_reading
    assert Scan.objects.count() == 1
    assert Evidence.objects.filter(kind="label").count() == 2


def test_a_file_that_ends_the_reading_process_is_given_up_and_the_next_is_read(sold, monkeypatch):
    at, receipt = sold
    hand_in(at, receipt, {EvidenceKind.LABEL: given_papers.label_photo(),
                          EvidenceKind.OLD_UNIT: given_papers.picture()})  # fmt: skip
    broken = _reader.Reader()
    broken._child = dead()
    monkeypatch.setattr(_reader, "reader", lambda: broken)

    assert read() == 1
    seen = readings_of(receipt)[EvidenceKind.LABEL]
    assert seen.state is ScanState.UNREADABLE
    assert seen.do.startswith("请")
    monkeypatch.undo()
    assert _reader.reader().read(given_papers.label_photo(), "jpeg", EvidenceKind.LABEL)


def dead() -> subprocess.Popen[bytes]:
    """A child that ends over the first file, as one does that a file kills."""
    command = [sys.executable, "-c", "import sys; sys.stdin.buffer.readline()"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_reading_that_takes_too_long_ends_the_process():
    slow = _reader.Reader(seconds=0.01)
    with pytest.raises(_reader.CannotRead, match="无法自动识别"):
        slow.read(given_papers.label_photo(), "jpeg", EvidenceKind.LABEL)
    assert slow._child is None
    slow.close()
