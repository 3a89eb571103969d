"""The pictures that README shows are those the script makes, and no other is committed."""

import re

from PIL import Image

from tests.pictures import DENSITY, PHONE, PICTURES, ROOT, Picture, small

SHOWN = re.compile(r"docs/images/([a-z-]+\.png)")
MADE = {picture.file(theme) for picture in PICTURES for theme in picture.themes}


def test_what_is_shown_is_made_and_what_is_committed_is_shown():
    pages = [(ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")]
    shown = [set(SHOWN.findall(page)) for page in pages]
    committed = {path.name for path in (ROOT / "docs" / "images").glob("*.png")}
    assert shown[0] == shown[1] == committed == MADE


def test_a_picture_is_small():
    for path in (ROOT / "docs" / "images").glob("*.png"):
        assert path.stat().st_size < 130_000, path.name
        with Image.open(path) as image:
            assert image.mode == "P", path.name


def test_light_and_dark_have_names_of_their_own_and_the_wall_has_one():
    phone = Picture("home", "", "/", PHONE)
    assert [phone.file(theme) for theme in phone.themes] == ["home.png", "home-dark.png"]
    wall = next(one for one in PICTURES if one.name == "screen")
    assert [wall.file(theme) for theme in wall.themes] == ["screen.png"]
    assert set(DENSITY) == {one.size for one in PICTURES}


def test_a_palette_keeps_the_size_and_loses_the_bytes(tmp_path):
    image = Image.new("RGB", (40, 20), "#0B6B4E")
    image.save(tmp_path / "whole.png")
    kept = small((tmp_path / "whole.png").read_bytes(), PHONE)
    assert (kept.size, kept.mode) == ((40, 20), "P")
