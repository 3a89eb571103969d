"""Files of evidence are named by what was received, kept encrypted, and come back as they were."""

import hashlib

import pytest

from huanxin.claims.services import submitting
from huanxin.identity.errors import NotAllowed
from huanxin.identity.types import Role
from huanxin.kernel import filestore
from huanxin.kernel.errors import NotFound
from tests import given

PHOTO = b"\xff\xd8\xff\xe0 not really a photo \x00" * 50


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HUANXIN_FILE_FOLDER = tmp_path
    return tmp_path


def test_a_file_is_named_by_its_digest_and_comes_back_unchanged(folder):
    clerk = given.staff(Role.CASHIER)

    name = submitting.keep_file(actor=clerk, content=PHOTO)

    assert name == hashlib.sha256(PHOTO).hexdigest()
    assert filestore.file_store().get(name) == PHOTO
    [stored] = [path for path in folder.rglob("*") if path.is_file()]
    assert stored.name == name
    assert b"photo" not in stored.read_bytes()


def test_the_same_bytes_are_stored_once(folder):
    clerk = given.staff(Role.CASHIER)

    names = {submitting.keep_file(actor=clerk, content=PHOTO) for _ in range(2)}

    assert len(names) == 1
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_who_may_not_hand_in_papers_leaves_no_file(folder):
    with pytest.raises(NotAllowed):
        submitting.keep_file(actor=given.staff(Role.OBSERVER), content=PHOTO)

    assert list(folder.iterdir()) == []


def test_an_unknown_name_is_not_found():
    with pytest.raises(NotFound):
        filestore.file_store().get("0" * 64)
