"""Evidence is named by the bytes received and kept encrypted; what is shown carries nothing."""

import hashlib
import io

import pytest
from PIL import Image

from huanxin.claims import selectors
from huanxin.claims._reading_tables import PaperFile
from huanxin.claims.reading import images
from huanxin.claims.services import submitting
from huanxin.claims.types import EvidenceKind, NewEvidence
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import filestore
from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotFound
from tests import given, given_claims, given_papers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    return tmp_path


def test_a_file_is_named_by_its_digest_and_comes_back_unchanged(folder):
    photo = given_papers.label_photo()

    name = submitting.keep_file(actor=given.staff(Role.CASHIER), content=photo)

    assert name == hashlib.sha256(photo).hexdigest()
    assert filestore.file_store().get(name) == photo
    kept = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    row = PaperFile.objects.get(pk=name)
    assert kept.keys() == {name, row.shown_sha256}
    assert all(b"JFIF" not in stored and b"Exif" not in stored for stored in kept.values())


def test_the_same_bytes_are_stored_once(folder):
    clerk, photo = given.staff(Role.CASHIER), given_papers.picture()

    names = {submitting.keep_file(actor=clerk, content=photo) for _ in range(2)}

    assert len(names) == 1
    assert PaperFile.objects.count() == 1
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 2  # with its shown copy


def test_who_may_not_hand_in_papers_leaves_no_file(folder):
    with pytest.raises(NotAllowed):
        submitting.keep_file(actor=given.staff(Role.OBSERVER), content=given_papers.picture())

    assert list(folder.iterdir()) == []
    assert not PaperFile.objects.exists()


def test_an_unknown_name_is_not_found():
    with pytest.raises(NotFound):
        filestore.file_store().get("0" * 64)


def test_what_is_shown_has_neither_place_nor_time_and_what_is_kept_has_both():
    till = given_claims.till()
    sale_id = till.sell().sale_id
    name = submitting.keep_file(actor=till.manager, content=given_papers.label_photo())
    submitting.submit_evidence(
        actor=till.manager, sale_id=sale_id, request_id=sale_id,
        evidence=[NewEvidence(EvidenceKind.OLD_UNIT, name)],
    )  # fmt: skip

    claim_id = given_claims.claim_of(sale_id).card.claim_id
    shown = selectors.find_file(claim_id, name, Scope())

    row = PaperFile.objects.get(pk=name)
    assert (row.lat_e6, row.lon_e6) == (36_456_789, 115_980_123)
    assert row.taken_at == given_papers.TAKEN_AT
    assert shown is not None
    assert dict(Image.open(io.BytesIO(shown)).getexif()) == {}
    original = Image.open(io.BytesIO(filestore.file_store().get(name)))
    assert original.getexif().get_ifd(0x8825)  # the control: the bytes received do have a place


def test_a_turned_photo_is_shown_upright():
    lying = Image.new("RGB", (400, 100), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    out = io.BytesIO()
    lying.save(out, "JPEG", exif=exif)

    picture = images.opened(out.getvalue())

    assert (picture.width, picture.height) == (100, 400)
    assert picture.image.size == (100, 400)


def test_the_fingerprint_follows_the_picture_and_not_its_bytes():
    facts = given_papers.label_facts()
    paper = given_papers.photo(EvidenceKind.LABEL, facts)
    again = io.BytesIO()
    Image.open(io.BytesIO(paper)).resize((640, 400)).save(again, "JPEG", quality=60)
    other = given_papers.photo(EvidenceKind.OLD_UNIT, {"n": 1})

    first, second, third = (
        int(images.fingerprint(images.opened(content).image), 16)
        for content in (paper, again.getvalue(), other)
    )

    assert (first ^ second).bit_count() <= 4
    assert (first ^ third).bit_count() >= 16


def test_a_photo_of_a_phone_is_taken_as_it_comes():
    name = submitting.keep_file(actor=given.staff(Role.CASHIER), content=given_papers.HEIC)

    row = PaperFile.objects.get(pk=name)
    assert (row.media, row.width, row.height) == ("heic", 64, 48)
    shown = Image.open(io.BytesIO(filestore.file_store().get(row.shown_sha256)))
    assert shown.format == "JPEG"
    assert shown.getpixel((30, 20))[1] > shown.getpixel((30, 20))[0]  # it is green
