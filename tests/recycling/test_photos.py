"""A photo added to a proof is read, turned, freed of where it was taken, and kept sealed."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from huanxin.kernel.errors import NotAllowed, NotFound
from huanxin.recycling import models
from huanxin.recycling.errors import PhotoRefused
from huanxin.recycling.selectors import quote_book
from huanxin.recycling.services import quoting
from tests import given, given_papers, given_recycling

pytestmark = pytest.mark.django_db
PLACE = b"secret-place-36.45"


@pytest.fixture(autouse=True)
def folder(settings: object, tmp_path: Path) -> Path:
    settings.HUANXIN_FILE_FOLDER = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def _picture(kind: str = "JPEG", colour: str = "red") -> bytes:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()  # ImageDescription
    exif[0x0112] = 6  # turned a quarter
    options = {} if kind == "PNG" else {"exif": exif}
    Image.new("RGB", (40, 20), colour).save(out, kind, **options)
    return out.getvalue()


def _quote() -> tuple[given.Actor, object]:
    given_recycling.city()
    who = given.person()
    quote = quoting.quote_old_unit(
        actor=given.consumer(who), person_id=who.id, answers=given_recycling.answers()
    )
    return given.consumer(who), quote.quote_id


def test_the_copy_that_is_shown_is_upright_and_says_nothing_of_its_place(folder: Path) -> None:
    owner, quote_id = _quote()
    original = _picture()
    assert PLACE in original

    card = quoting.add_quote_photo(actor=owner, quote_id=quote_id, content=original)  # type: ignore[arg-type]
    again = quoting.add_quote_photo(actor=owner, quote_id=quote_id, content=original)  # type: ignore[arg-type]

    shown = quote_book.find_quote_photo(quote_id, card.shown_sha256, owner.scope)  # type: ignore[arg-type]
    assert again == card
    assert shown is not None
    assert PLACE not in shown
    assert Image.open(BytesIO(shown)).size == (20, 40)
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(PLACE in content or content.startswith(b"\xff\xd8") for content in kept)


def test_what_an_iphone_saves_is_taken_and_shown_as_any_browser_can() -> None:
    owner, quote_id = _quote()
    card = quoting.add_quote_photo(actor=owner, quote_id=quote_id, content=given_papers.HEIC)  # type: ignore[arg-type]
    shown = quote_book.find_quote_photo(quote_id, card.shown_sha256, owner.scope)  # type: ignore[arg-type]
    assert shown is not None
    assert Image.open(BytesIO(shown)).format == "JPEG"


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<script>", b"\xff\xd8\xff" + b"0" * 50, b"x" * 8_000_001]
)
def test_what_is_no_photo_is_refused_and_nothing_is_kept(folder: Path, content: bytes) -> None:
    owner, quote_id = _quote()

    with pytest.raises(PhotoRefused):
        quoting.add_quote_photo(actor=owner, quote_id=quote_id, content=content)  # type: ignore[arg-type]

    assert not models.QuotePhoto.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_only_the_owner_adds_and_sees_them() -> None:
    owner, quote_id = _quote()
    stranger = given.consumer()
    with pytest.raises(NotAllowed):
        quoting.add_quote_photo(actor=stranger, quote_id=quote_id, content=_picture())  # type: ignore[arg-type]
    card = quoting.add_quote_photo(actor=owner, quote_id=quote_id, content=_picture("PNG"))  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        quote_book.find_quote_photo(quote_id, card.shown_sha256, stranger.scope)  # type: ignore[arg-type]
    for colour in ("blue", "green", "black", "white", "grey"):
        quoting.add_quote_photo(actor=owner, quote_id=quote_id, content=_picture(colour=colour))  # type: ignore[arg-type]
    with pytest.raises(PhotoRefused):
        quoting.add_quote_photo(actor=owner, quote_id=quote_id, content=_picture(colour="pink"))  # type: ignore[arg-type]
