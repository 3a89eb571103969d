"""Printed papers: a typst template and its facts make a PDF, without system libraries or network.

Facts reach the template as JSON values, never as markup, so nothing a person typed can change the
paper around it (a test types typst code into a name).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import segno
import typst

FONTS = Path(manimgx_fonts_cjk.__file__).parent


def render(template: Path, facts: Mapping[str, Any], *, at: datetime | None = None) -> bytes:
    """The PDF that a template makes of facts; `at` is the paper's own time, stamped into it.

    A template begins with `#let facts = json(bytes(sys.inputs.facts))` and lies in its room's
    `papers/` folder. The same facts and time
    give the same bytes.
    """
    inputs = {"facts": json.dumps(facts, ensure_ascii=False, default=str)}
    stamp = None if at is None else int(at.astimezone(UTC).timestamp())
    pdf: bytes = typst.compile(
        str(template), root=str(template.parent), font_paths=_fonts(), sys_inputs=inputs,
        format="pdf", timestamp=stamp,
    )  # fmt: skip
    return pdf


def picture(template: Path, facts: Mapping[str, Any], *, at: datetime | None = None) -> bytes:
    """The same as a PNG of its one page: the template lays its page as high as it needs."""
    inputs = {"facts": json.dumps(facts, ensure_ascii=False, default=str)}
    del at  # a picture carries its time in its words
    drawn = typst.compile(
        str(template), root=str(template.parent), font_paths=_fonts(), sys_inputs=inputs,
        format="png", ppi=144,
    )  # fmt: skip
    image: bytes = drawn if isinstance(drawn, bytes) else drawn[0]
    return image


def qr_svg(text: str) -> str:
    """A QR code as SVG text, for `image(bytes(facts.qr), format: "svg")` in a template."""
    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue().decode()


@cache
def _fonts() -> typst.Fonts:
    """The CJK face of the wheel alone: a paper looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
