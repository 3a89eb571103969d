"""The stylesheet keeps its promises: contrast, one palette, no inline style or script."""

import re
from pathlib import Path

import pytest

import huanxin.web

WEB = Path(huanxin.web.__file__).parent
CSS = WEB / "static" / "huanxin"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")


def palette(selector: str) -> dict[str, str]:
    block = TOKENS.split(selector + " {", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", block))


LIGHT = palette(":root")
DARK = LIGHT | palette(':root[data-theme="dark"]')

TEXT_PAIRS = [
    ("text", "ground"), ("text", "surface"), ("quiet", "ground"), ("quiet", "surface"),
    ("primary", "ground"), ("primary", "surface"), ("on-primary", "primary"),
    ("on-primary", "primary-dark"), ("warn", "warn-ground"), ("warn", "surface"),
    ("danger", "danger-ground"), ("danger", "surface"), ("good", "good-ground"),
    ("text", "good-ground"), ("text", "warn-ground"), ("text", "danger-ground"),
    ("quiet", "good-ground"), ("quiet", "danger-ground"), ("quiet", "warn-ground"),
]  # fmt: skip


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT_PAIRS)
def test_every_pair_of_text_and_ground_meets_aa(theme, ink, paper):
    assert contrast(theme[ink], theme[paper]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("paper", ["ground", "surface"])
def test_the_edge_of_a_control_can_be_seen(theme, paper):
    assert contrast(theme["control-line"], theme[paper]) >= 3


def test_the_measure_of_contrast_fails_for_a_pale_pair():
    assert contrast("#999999", "#FFFFFF") < 4.5
    assert round(contrast("#000000", "#FFFFFF"), 1) == 21.0


def test_colours_are_named_in_one_file():
    strays = {
        path.name: found
        for path in sorted(CSS.glob("*.css"))
        if path.name != "tokens.css"
        and (
            found := [
                c
                for c in re.findall(r"#[0-9A-Fa-f]{3,8}\b", path.read_text())
                if c[1:] not in "alerts"
            ]
        )
    }
    assert strays == {}


def test_a_device_that_asks_for_dark_gets_the_walls_palette():
    """Written twice, since no selector can say both; printed pages stay light."""
    asked = TOKENS.split("@media screen and (prefers-color-scheme: dark) {", 1)[1]
    assert asked.lstrip().startswith(":root:not([data-theme]) {")
    wall = TOKENS.split(':root[data-theme="dark"] {', 1)[1].split("}", 1)[0]
    assert asked.split("{", 1)[1].split("}", 1)[0].split() == wall.split()


def test_what_is_scanned_or_signed_is_black_on_white_in_any_theme():
    assert LIGHT["paper"] == DARK["paper"] == "#FFFFFF"
    assert ".qr { background: var(--paper); }" in (CSS / "parts.css").read_text()


def test_stylesheets_stay_small():
    assert all(len(path.read_text().splitlines()) <= 600 for path in CSS.glob("*.css"))


def test_every_variable_used_is_defined():
    defined = set(re.findall(r"--([a-z0-9-]+):", TOKENS))
    for path in CSS.glob("*.css"):
        text = path.read_text(encoding="utf-8")
        used = set(re.findall(r"var\(--([a-z0-9-]+)\)", text))
        used -= set(re.findall(r"--([a-z0-9-]+):", text))
        assert used <= defined, f"{path.name}: {used - defined}"


INLINE = re.compile(r"\sstyle=|\son[a-z]+=|<style|hx-on|javascript:|<script(?![^>]*\bsrc=)", re.I)


@pytest.mark.parametrize(
    "path", sorted(WEB.rglob("templates/**/*.html")), ids=lambda p: p.relative_to(WEB).as_posix()
)
def test_no_template_carries_inline_style_or_script(path):
    assert not INLINE.findall(path.read_text(encoding="utf-8"))


def test_every_icon_that_a_template_names_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z_]+)"', (CSS / "icons.svg").read_text()))
    named = set()
    for path in WEB.rglob("templates/**/*.html"):
        named |= set(re.findall(r'{% icon "([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert named <= drawn


def test_paper_gets_whole_tables_and_nothing_to_press():
    """parts.css comes after huanxin.css: what it shows again must be hidden there."""
    paper = (CSS / "parts.css").read_text(encoding="utf-8").rpartition("@media print {")[2]
    assert ".filters, .button, .tabs, .drop { display: none; }" in paper
    assert ".table-scroll { overflow: visible; max-height: none; }" in paper
    assert "\n@media print" not in paper
