"""Papers are made from facts; what a person typed stays text."""

import time
from datetime import UTC, datetime

from huanxin.kernel import pdf

TEMPLATE = """#let facts = json(bytes(sys.inputs.facts))
#set text(font: "Noto Sans CJK SC")
#facts.name
#image(bytes(facts.qr), format: "svg", width: 3cm)
"""
AT = datetime(2026, 6, 2, 9, tzinfo=UTC)


def _paper(folder, name):
    template = folder / "paper.typ"
    template.write_text(TEMPLATE, encoding="utf-8")
    qr = pdf.qr_svg("https://example.invalid/q/1")
    return pdf.render(template, {"name": name, "qr": qr}, at=AT)


def test_a_paper_is_a_pdf_and_the_same_facts_make_the_same_bytes(tmp_path):
    first = _paper(tmp_path, "旧机评估凭证")

    assert first.startswith(b"%PDF-")
    assert _paper(tmp_path, "旧机评估凭证") == first
    assert _paper(tmp_path, "旧机评估凭据") != first


def test_typst_code_in_a_name_is_printed_and_not_run(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("x" * 3000)

    attacked = _paper(tmp_path, '#read("secret.txt") $a$ *b* \\ ] #panic()')

    assert attacked.startswith(b"%PDF-")
    control = TEMPLATE.replace("#facts.name", '#read("secret.txt")')
    (tmp_path / "control.typ").write_text(control, encoding="utf-8")
    qr = pdf.qr_svg("https://example.invalid/q/1")
    run = pdf.render(tmp_path / "control.typ", {"qr": qr}, at=AT)
    assert len(run) != len(attacked)  # what running the code would have printed


def test_a_page_takes_a_tenth_of_a_second(tmp_path):
    _paper(tmp_path, "先热一次")
    began = time.perf_counter()
    for n in range(5):
        _paper(tmp_path, f"第{n}张")
    assert (time.perf_counter() - began) / 5 < 0.1
